"""Leave: a family's own, and the lists of what families said."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student
from afterschool.school.templatetags.school import day as day_word
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import access
from attendance.actions import leaves as actions
from attendance.leave_forms import LeaveForm
from attendance.models import LeaveRequest
from attendance.queries import leaves as queries
from attendance.queries import words
from attendance.queries.family import cards
from attendance.queries.word_page import page_of

SPEAKERS = (Role.PARENT, Role.HEAD_TEACHER, Role.TEACHER, Role.ADMINISTRATOR)
RECORDERS = (Role.HEAD_TEACHER, Role.TEACHER, Role.ADMINISTRATOR)


@allow(*RECORDERS)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show what families said for today and later: of the own classes, of the groups on duty today, or of the school."""
    today = clock.today()
    lines = words.lines(request.actor, request.term, today) if request.term else []
    context = {
        "children": words.by_child(line for line in lines if line.first_day <= today),
        "coming": [line for line in lines if line.first_day > today],
    }
    return render(request, "attendance/leave_list.html", context)


@allow(Role.PARENT)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show what stands for each of the own children."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    return render(request, "attendance/leave_mine.html", {"cards": cards(request.actor, request.term)})


def child_of(request: PortalRequest, pk: int) -> Student:
    """Return a child this person may speak for, or 404."""
    children = queries.children_of(request.actor).select_related("school_class__head_teacher")
    return get_object_or_404(children, pk=pk)


def done(request: PortalRequest, student: Student) -> HttpResponse:
    """Lead a family to the overview of its children, the school to its list."""
    return redirect("attendance:leave-mine" if access.acts_for(request.actor, student) else "attendance:leave-list")


@allow(*SPEAKERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for leave."""
    student = child_of(request, pk)
    if request.term is None:
        return render(request, "attendance/no_term.html")
    page = page_of(request.actor, request.term, student, "leave")
    form = LeaveForm(request.POST or None, for_family=page.family, days=page.days)
    if request.method == "POST" and form.is_valid():
        try:
            leave = actions.ask_leave(term=request.term, student=student, by=request.actor, **form.values())
            messages.success(request, f"{student.name}的请假已登记：{_span(leave.first_day, leave.last_day)}。")
            return done(request, student)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "attendance/leave_new.html", {"form": form, "student": student, "page": page})


@allow(*SPEAKERS)
@require_POST
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a leave back."""
    leave = get_object_or_404(queries.leaves_for(request.actor, request.term).select_related(*queries.PARTIES), pk=pk)
    try:
        actions.cancel_leave(leave=leave, by=request.actor)
        messages.success(request, _taken_back(leave))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return done(request, leave.student)


def _taken_back(leave: LeaveRequest) -> str:
    if leave.first_day <= leave.last_day == clock.today():
        return f"{leave.student.name}从明天起不请假了；今天已经点过名，照旧。"
    return f"{leave.student.name}的请假已撤销。"


def _span(first: date, last: date) -> str:
    return day_word(first) if first == last else f"{day_word(first)} 至 {day_word(last)}"
