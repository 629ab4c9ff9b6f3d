"""The head teacher's page of a class, one application, and paper recorded for a family."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.http import PortalRequest
from afterschool.school.looks import as_what
from afterschool.school.models import SchoolClass, Term
from afterschool.support import clock
from enrollment import actions
from enrollment.access import (
    own_applications,
    reviewed_applications,
    reviewed_class,
    reviewed_classes,
    reviewed_students,
    reviews_class,
    who_is,
)
from enrollment.actions import window_of
from enrollment.actions.agreements import newest_signature, receive_paper
from enrollment.enums import ApplicationState as S
from enrollment.enums import Move, Source
from enrollment.forms import ApplyForm, Applying
from enrollment.history import kinds, story
from enrollment.models import Application
from enrollment.queries import class_rows, family_children, known_fetchers, priority_ids
from enrollment.signing import read_strokes, svg_path
from enrollment.views.applying import form_context
from enrollment.views.common import seen_at, told, with_term
from enrollment.workflow import Who, moves

FILTERS: dict[str, tuple[str, set[str] | None]] = {
    "wait": ("待审核", {S.SUBMITTED}),
    "done": ("已通过", {S.CLASS_APPROVED, S.SCHOOL_APPROVED}),
    "back": ("退回", {S.RETURNED, S.DECLINED}),
    "none": ("未申请", {"none", S.WITHDRAWN}),
    "all": ("全班", None),
}


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def class_review(request: PortalRequest, term: Term) -> HttpResponse:
    """Show the own class; who has several, or all, chooses."""
    own = request.actor.class_ids
    if len(own) == 1:
        return _class_page(request, term, reviewed_class(request.actor, next(iter(own))))
    classes = reviewed_classes(request.actor).order_by("grade", "number")
    return render(request, "enrollment/class_choose.html", {"classes": classes})


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def class_review_of(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    return _class_page(request, term, reviewed_class(request.actor, pk))


def _class_page(
    request: PortalRequest, term: Term, school_class: SchoolClass, kept: set[int] | None = None
) -> HttpResponse:
    """Show the class. After a refusal with the ticks and the reason as they were, or a second try would take in all."""
    rows = class_rows(term, school_class)
    chosen = request.GET.get("show", "wait")
    if chosen not in FILTERS:
        raise Http404
    wanted = FILTERS[chosen][1]
    taking = sum(row.shown in {S.SUBMITTED, S.CLASS_APPROVED, S.SCHOOL_APPROVED, S.RETURNED} for row in rows)
    opened = request.GET.get("return", "")
    context = {
        "school_class": school_class,
        "rows": [row for row in rows if wanted is None or row.shown in wanted],
        "size": len(rows),
        "filters": [(key, word) for key, (word, _) in FILTERS.items()],
        "chosen": chosen,
        "waiting": sum(row.shown == S.SUBMITTED for row in rows),
        "passed": sum(row.shown in {S.CLASS_APPROVED, S.SCHOOL_APPROVED} for row in rows),
        "missing": sum(row.shown in {"none", S.WITHDRAWN} for row in rows),
        "percent": round(100 * taking / len(rows)) if rows else 0,
        "alone": len(rows) > 0 and taking * term.own_share_den >= term.own_share_num * len(rows),
        "opened": int(opened) if opened.isdecimal() else None,
        "own": reviews_class(request.actor, school_class.pk),
        "window": window_of(term),
        "seen": clock.now().isoformat(),
        "kept": kept,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "enrollment/class_review.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def class_approve(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    school_class = reviewed_class(request.actor, pk)
    ids = {int(value) for value in request.POST.getlist("application") if value.isdecimal()}
    done = told(
        request,
        lambda: actions.class_approve_many(
            term=term, school_class=school_class, application_ids=ids, by=request.actor, seen_at=seen_at(request)
        ),
        "{} 份申请已通过班级审核，等学校批准。",
    )
    return redirect("enrollment:class-review-of", pk) if done else _class_page(request, term, school_class, ids)


def _reviewed(request: PortalRequest, term: Term, pk: int) -> Application:
    return get_object_or_404(reviewed_applications(request.actor, term), pk=pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def return_one(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    return _decide(request, _reviewed(request, term, pk), Move.RETURN)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def decline(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    return _decide(request, _reviewed(request, term, pk), Move.DECLINE)


def _decide(request: PortalRequest, application: Application, move: Move) -> HttpResponse:
    act, word = (actions.return_one, "已退回给家长") if move == Move.RETURN else (actions.decline, "已记为未通过")
    reason = request.POST.get("reason", "")
    done = told(
        request,
        lambda: act(application=application, reason=reason, by=request.actor, seen_at=seen_at(request)),
        f"{application.student.name}的申请{word}，家长能看到原因。",
    )
    if done and request.POST.get("from") == "class":
        return redirect("enrollment:class-review-of", application.student.school_class_id)
    return redirect("enrollment:application", application.pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def approve(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Pass one application: the head teacher for the class."""
    application = _reviewed(request, term, pk)
    school_class = application.student.school_class
    if school_class is None:
        raise Http404
    told(
        request,
        lambda: actions.class_approve_many(
            term=term, school_class=school_class, application_ids=[pk], by=request.actor, seen_at=seen_at(request)
        ),
        f"{application.student.name}的申请已通过班级审核。",
    )
    return redirect("enrollment:application", pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def review_again(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    application = _reviewed(request, term, pk)
    told(request, lambda: actions.review_again(application=application, by=request.actor), "已转回班级重新审核。")
    return redirect("enrollment:application", pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def uphold(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Answer a parent who asked for another look: it stands."""
    application, reason = _reviewed(request, term, pk), request.POST.get("reason", "")
    said = "已答复家长：维持原来的决定。"
    told(request, lambda: actions.uphold(application=application, reason=reason, by=request.actor), said)
    return redirect("enrollment:application", pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def class_return(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Send the ticked applications back for one reason."""
    school_class = reviewed_class(request.actor, pk)
    ids = {int(value) for value in request.POST.getlist("application") if value.isdecimal()}
    reason, seen = request.POST.get("reason", ""), seen_at(request)
    done = told(
        request,
        lambda: actions.return_many(
            term=term, school_class=school_class, application_ids=ids, reason=reason, by=request.actor, seen_at=seen
        ),
        "{} 份申请已退回，家长能看到原因。",
    )
    return redirect("enrollment:class-review-of", pk) if done else _class_page(request, term, school_class, ids)


@allow(Role.HEAD_TEACHER)
@require_POST
@with_term
def paper_withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take back what came on paper, for a family that has no phone."""
    application = _reviewed(request, term, pk)
    student = application.student
    told(request, lambda: actions.withdraw(term=term, student=student, by=request.actor), "已按家长的意思撤回。")
    return redirect("enrollment:application", pk)


@allow(Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def application(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """One application with its history: for who reviews it, and for the family itself."""
    found = reviewed_applications(request.actor, term).filter(pk=pk).first()
    reviewing = found is not None
    if found is None:
        found = get_object_or_404(own_applications(request.actor, term), pk=pk)
    who = who_is(request.actor, found.student)
    if reviewing:
        data = {"role": as_what(request.actor, found.student)}
        record(
            "application.looked",
            subject=found,
            by=request.actor,
            student_id=found.student_id,
            term_id=found.term_id,
            data=data,
        )
    can = moves(found.status, who - {Who.PARENT}, window_open=window_of(term, found.student_id).is_open)
    if Move.WITHDRAW in can and found.source != Source.PAPER:
        can.remove(Move.WITHDRAW)
    signature = newest_signature(found)
    context = {
        "application": found,
        "signature": signature,
        "strokes": svg_path(read_strokes(signature.strokes)) if signature and signature.strokes else "",
        "receives": reviewing and signature is not None and signature.awaits_paper,
        "wishes": kinds(found.interests),
        "student": found.student,
        "persons": found.pickups.order_by("pk"),
        "reviewing": reviewing,
        "first": reviewing and bool(priority_ids(term, [found.student_id])),
        "moves": can,
        "story": story(found),
        "seen": clock.now().isoformat(),
    }
    return render(request, "enrollment/application.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def paper_received(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take in the sheet that the family signed by hand."""
    found = _reviewed(request, term, pk)
    signature = newest_signature(found)
    if signature is None:
        raise Http404
    said = f"已记下：收到{found.student.name}的纸质签名。"
    told(request, lambda: receive_paper(signature=signature, by=request.actor), said)
    return redirect("enrollment:application", pk)


@allow(Role.HEAD_TEACHER)
@require_http_methods(["GET", "POST"])
@with_term
def record_paper(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Copy the paper of a family without a phone."""
    students = reviewed_students(request.actor).filter(school_class_id__in=request.actor.class_ids)
    student = get_object_or_404(students, pk=pk)
    child = family_children(term, [student], whole=True)[0]
    found, window = child.application, child.window
    can = moves(found.status if found else None, {Who.HEAD}, window_open=window.is_open)
    if Move.SUBMIT not in can:
        messages.warning(request, window.sentence if not window.is_open else "这份申请现在不能改录。")
        return redirect("enrollment:class-review-of", student.school_class_id)
    applying = Applying(student, found, known_fetchers([pk])[pk])
    form = ApplyForm(request.POST or None, term=term, children=[applying], paper=True)
    if request.method == "POST" and form.is_valid():
        details = form.rows[0][1]
        if told(
            request,
            lambda: actions.record_on_paper(term=term, student=student, details=details, by=request.actor),
            f"{student.name}的纸质申请已录入，请和其他申请一起审核。",
        ):
            return redirect("enrollment:class-review-of", student.school_class_id)
    context = form_context(term, form) | {"window": window, "paper": True}
    return render(request, "enrollment/apply.html", context)
