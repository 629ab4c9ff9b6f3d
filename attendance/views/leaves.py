"""Leave, early and late pick-up: a family's own, and recorded for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import access
from attendance.actions import leaves as actions
from attendance.forms import LeaveForm, PickupChangeForm
from attendance.queries import leaves as queries

SPEAKERS = (Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
RECORDERS = (Role.HEAD_TEACHER, Role.ADMINISTRATOR)


@allow(*RECORDERS)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show today's and coming leaves and changed pick-ups of the own classes, or of the school."""
    lines = queries.lines(request.actor, request.term, clock.today()) if request.term else []
    today = clock.today()
    context = {
        "today_lines": [line for line in lines if line.first_day <= today],
        "coming": [line for line in lines if line.first_day > today],
    }
    return render(request, "attendance/leave_list.html", context)


@allow(*RECORDERS)
@require_GET
def choose(request: PortalRequest) -> HttpResponse:
    """Choose the child to record leave for: by name over the scope, or the own class at a glance."""
    words = request.GET.get("q", "")[:20].strip().lower()
    children = queries.find(request.actor, words)
    return render(request, "attendance/leave_choose.html", {"words": words, "children": children})


def _child(request: PortalRequest, pk: int) -> Student:
    children = queries.children_of(request.actor).select_related("school_class__head_teacher")
    return get_object_or_404(children, pk=pk)


def _done(request: PortalRequest, student: Student) -> HttpResponse:
    if access.acts_for(request.actor, student):
        return redirect("attendance:leave-new", student.pk)
    return redirect("attendance:leave-list")


@allow(*SPEAKERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for leave."""
    student = _child(request, pk)
    family = access.acts_for(request.actor, student)
    if request.term is None:
        return render(request, "attendance/no_term.html")
    initial = {"first_day": clock.today()}
    form = LeaveForm(request.POST or None, for_family=family, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            leave = actions.ask_leave(term=request.term, student=student, by=request.actor, **form.values())
            messages.success(
                request, f"{student.name}的请假已登记（{leave.first_day.month}月{leave.first_day.day}日起）。"
            )
            return _done(request, student)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "attendance/leave_new.html", _context(request, request.term, student, form))


@allow(*SPEAKERS)
@require_http_methods(["GET", "POST"])
def new_change(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell an early or late pick-up."""
    student = _child(request, pk)
    family = access.acts_for(request.actor, student)
    if request.term is None:
        return render(request, "attendance/no_term.html")
    grade = student.school_class.grade if student.school_class else 0
    form = PickupChangeForm(
        request.POST or None,
        for_family=family,
        may_go_alone=grade >= request.term.alone_from_grade,
        initial={"date": clock.today()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.ask_pickup_change(
                term=request.term, student=student, wish=form.wish(), source=form.word(), by=request.actor
            )
            messages.success(request, f"{student.name} {change.get_kind_display()} {change.time:%H:%M} 已登记。")
            return _done(request, student)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "attendance/pickup_change_new.html", _context(request, request.term, student, form))


def _context(request: PortalRequest, term: Term, student: Student, form: object) -> dict[str, object]:
    return {
        "student": student,
        "form": form,
        "family": access.acts_for(request.actor, student),
        "session": queries.next_session_of(student, term, clock.today()),
        "lines": queries.lines(request.actor, term, clock.today(), student=student),
    }


@allow(*SPEAKERS)
@require_POST
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a leave back."""
    leave = get_object_or_404(queries.leaves_for(request.actor, request.term).select_related(*queries.PARTIES), pk=pk)
    try:
        actions.cancel_leave(leave=leave, by=request.actor)
        messages.success(request, f"{leave.student.name}的请假已撤销。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return _done(request, leave.student)


@allow(*SPEAKERS)
@require_POST
def cancel_change(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an early or late pick-up back."""
    change = get_object_or_404(queries.changes_for(request.actor, request.term).select_related(*queries.PARTIES), pk=pk)
    try:
        actions.cancel_pickup_change(change=change, by=request.actor)
        messages.success(request, f"{change.student.name}的{change.get_kind_display()}已撤销。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return _done(request, change.student)
