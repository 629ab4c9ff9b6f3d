"""The parent's pages: where each child's application stands, and the form."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Placement, Student, Term
from enrollment import actions
from enrollment.access import own_applications, own_children
from enrollment.actions import window_of
from enrollment.enums import Move
from enrollment.forms import ApplyForm
from enrollment.models import Amendment, Application, LatePermit
from enrollment.queries import dismissal_of, known_fetchers, of_children
from enrollment.stages import Stage, stages
from enrollment.views.common import told, with_term
from enrollment.workflow import Who, Window, moves


@dataclass
class Child:
    """One child on the family's page."""

    student: Student
    application: Application | None
    window: Window
    moves: list[Move]
    stages: list[Stage]
    amendment: Amendment | None = None


def _application(term: Term, student: Student) -> Application | None:
    found = Application.objects.filter(term=term, student=student).select_related("needs")
    return found.prefetch_related("pickups").first()


@allow(Role.PARENT)
@require_GET
@with_term
def my_applications(request: PortalRequest, term: Term) -> HttpResponse:
    children = list(own_children(request.actor))
    ids = [child.pk for child in children]
    places = Placement.objects.filter(term=term, student=OuterRef("student"), ends_on=None)
    asked = Application.objects.filter(term=term, student_id__in=ids).annotate(placed=Exists(places))
    held = {a.student_id: a for a in asked}
    general = window_of(term)
    late: set[int] = set()
    if not general.is_open:
        late = set(LatePermit.objects.filter(term=term, student_id__in=ids).values_list("student_id", flat=True))
    changes = of_children(term, ids) if ids else {}
    rows = []
    for child in children:
        application = held.get(child.pk)
        window = window_of(term, child.pk, permitted=child.pk in late)
        state = application.status if application else None
        can = moves(state, {Who.PARENT}, window_open=window.is_open)
        rows.append(
            Child(
                child,
                application,
                window,
                can,
                stages(state or "", placed=getattr(application, "placed", False)),
                changes.get(child.pk),
            )
        )
    return render(request, "enrollment/my_applications.html", {"children": rows, "window": general})


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
@with_term
def apply(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    application = _application(term, student)
    window = window_of(term, student.pk)
    can = moves(application.status if application else None, {Who.PARENT}, window_open=window.is_open)
    context: dict[str, Any] = {"student": student, "application": application, "window": window, "moves": can}
    if Move.SUBMIT not in can:
        return render(request, "enrollment/apply_closed.html", context)
    draft = "draft" in request.POST and Move.SAVE in can
    form = ApplyForm(
        request.POST or None,
        term=term,
        student=student,
        links=known_fetchers(student),
        application=application,
        signer=request.actor.guardian.name if request.actor.guardian else "",
        draft=draft,
    )
    if request.method == "POST" and form.is_valid():
        act = actions.save_draft if draft else actions.submit
        said = "草稿已存，提交后班主任才看得到。" if draft else f"{student.name}的申请已提交，等班主任审核。"
        if told(request, lambda: act(term=term, student=student, details=form.details, by=request.actor), said):
            return redirect("enrollment:my-applications")
    context |= {"form": form, "band": dismissal_of(term, form.limits.grade)}
    return render(request, "enrollment/apply.html", context)


@allow(Role.PARENT)
@require_POST
@with_term
def withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    again = "申请时间内可以重新申请。" if window_of(term, student.pk).is_open else "要再参加，请联系班主任。"
    said = f"已记下：{student.name}本学期不参加课后服务。{again}"
    told(request, lambda: actions.withdraw(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def reopen(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    said = "原来填的都在，请核对后提交。"
    if told(request, lambda: actions.reopen(term=term, student=student, by=request.actor), said):
        return redirect("enrollment:apply", student.pk)
    return redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def ask_again(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Ask the school to look once more at what it declined."""
    application = get_object_or_404(own_applications(request.actor, term), student=pk)
    words = request.POST.get("words", "")
    said = "已请学校再看一次，有答复会告诉您。"
    told(request, lambda: actions.ask_again(application=application, words=words, by=request.actor), said)
    return redirect("enrollment:my-applications")
