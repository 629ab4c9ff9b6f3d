"""Changes of what the school has approved: asked by the family or recorded for it, decided by the class or the office."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student, Term
from enrollment import actions
from enrollment.access import own_children, reviewed_students
from enrollment.enums import ApplicationState
from enrollment.forms import AmendForm
from enrollment.models import Amendment, Application
from enrollment.queries import amendments_of, known_fetchers, latest_amendments, open_amendments
from enrollment.views.common import told, with_term


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
@with_term
def amend(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """The family asks for a change."""
    student = get_object_or_404(own_children(request.actor), pk=pk)
    return _amend(request, term, student, paper=False)


@allow(Role.HEAD_TEACHER)
@require_http_methods(["GET", "POST"])
@with_term
def amend_paper(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """The head teacher records the change of a family that asks on paper; it holds with that."""
    students = reviewed_students(request.actor).filter(school_class_id__in=request.actor.class_ids)
    return _amend(request, term, get_object_or_404(students, pk=pk), paper=True)


def _amend(request: PortalRequest, term: Term, student: Student, *, paper: bool) -> HttpResponse:
    approved = Application.objects.filter(term=term, student=student, state=ApplicationState.SCHOOL_APPROVED)
    application = get_object_or_404(approved.prefetch_related("pickups"))
    held = actions.held_by(application)
    span = actions.span_for(term, application)
    form = AmendForm(
        request.POST or None,
        term=term,
        student=student,
        links=known_fetchers([student.pk])[student.pk],
        held=held,
        span=span,
    )
    back = "enrollment:amendments" if paper else "enrollment:my-applications"
    if request.method == "POST" and form.is_valid():
        act = actions.record_amendment if paper else actions.ask_amendment
        said = f"{student.name}的变更已录入。" if paper else f"{student.name}的变更已提出，班主任处理后会告诉您。"
        wish, starts = form.wish, form.starts
        if told(request, lambda: act(term=term, student=student, wish=wish, starts_on=starts, by=request.actor), said):
            return redirect(back)
    waiting = application.amendments.filter(state="asked").exists()
    context = {"student": student, "form": form, "held": held, "span": span, "paper": paper, "back": back}
    return render(request, "enrollment/amend.html", context | {"waiting": waiting})


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def amendments(request: PortalRequest, term: Term) -> HttpResponse:
    """What waits, old and new value side by side; below it what was decided."""
    waiting = open_amendments(request.actor, term)
    context = {"waiting": waiting, "decided": latest_amendments(request.actor, term)}
    if request.actor.class_ids:
        own = Application.objects.filter(term=term, state=ApplicationState.SCHOOL_APPROVED)
        own = own.filter(student__school_class_id__in=request.actor.class_ids).select_related("student__school_class")
        children = list(own.order_by("student__school_class", "student__number"))
        return render(request, "enrollment/amendments.html", context | {"own": children})
    return render(request, "enrollment/amendments.html", context)


def _one(request: PortalRequest, term: Term, pk: int) -> Amendment:
    return get_object_or_404(amendments_of(request.actor, term), pk=pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def accept(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    one = _one(request, term, pk)
    said = f"已同意{one.application.student.name}的变更，家长已收到消息。"
    told(request, lambda: actions.accept_amendment(amendment=one, by=request.actor), said)
    return redirect("enrollment:amendments")


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def decline(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    one = _one(request, term, pk)
    reason = request.POST.get("reason", "")
    said = f"没有同意{one.application.student.name}的变更，家长能看到原因。"
    if not told(request, lambda: actions.decline_amendment(amendment=one, reason=reason, by=request.actor), said):
        context = {"waiting": open_amendments(request.actor, term), "kept": reason, "kept_for": one.pk}
        return render(request, "enrollment/amendments.html", context)
    return redirect("enrollment:amendments")


@allow(Role.PARENT)
@require_POST
@with_term
def withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    mine = Amendment.objects.filter(application__term=term, application__student__in=own_children(request.actor))
    one = get_object_or_404(mine.select_related("application__student"), pk=pk)
    said = "变更已撤回，仍按原来的安排。"
    told(request, lambda: actions.withdraw_amendment(amendment=one, by=request.actor), said)
    return redirect("enrollment:my-applications")
