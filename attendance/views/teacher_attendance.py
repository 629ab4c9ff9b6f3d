"""我的考勤, and the office's day: who signed in when, and entries where the portal saw nothing."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role, SessionState
from afterschool.school.http import PortalRequest
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import sign_ins, unrecorded
from attendance.discipline_forms import EntryForm, UnrecordedForm
from attendance.models import AttendanceRule
from attendance.queries.breaches import breaches_for
from attendance.queries.discipline import turns
from attendance.queries.flags import flag_lines, flags_for
from attendance.queries.teacher_attendance import lines_of

SHOWN = 60


@allow(*STAFF)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show a teacher the own turns with sign-in times, the flags and what was decided, and the rules that count."""
    term, teacher = request.term, request.actor.teacher
    if term is None or teacher is None:
        return render(request, "attendance/teachers_no_term.html")
    own = flags_for(request.actor, term).filter(teacher=teacher)
    context = {
        "lines": lines_of(term, [teacher.pk])[:SHOWN],
        "flags": flag_lines(own),
        "breaches": breaches_for(request.actor, term).filter(teacher=teacher),
        "rules": AttendanceRule.objects.filter(term=term, active=True),
        "today": clock.today(),
    }
    return render(request, "attendance/my_attendance.html", context)


def _day(request: PortalRequest) -> date:
    chosen = clock.read_day(request.GET.get("day", ""))
    return min(chosen, clock.today()) if chosen else clock.today()


@allow(Role.ADMINISTRATOR, Role.LEADING_GROUP)
@require_GET
def day(request: PortalRequest) -> HttpResponse:
    """Show all turns of one day: when each teacher signed in and what that shows."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    chosen = _day(request)
    lines = lines_of(request.term, day=chosen)
    tones = [tone for line in lines for tone, _ in line.states]
    figures = {
        "all": len(lines),
        "late": tones.count("late"),
        "absent": tones.count("refused"),
        "open": sum(not line.held for line in lines),
    }
    return render(request, "attendance/teacher_day.html", {"lines": lines, "day": chosen, "figures": figures})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def enter(request: PortalRequest, pk: int) -> HttpResponse:
    """Enter that a teacher was there (补记)."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    rows = turns(request.term).select_related("teacher", "session__group", "session__term")
    duty = get_object_or_404(rows, pk=pk)
    form = EntryForm(request.POST or None, initial={"time": duty.session.starts_at})
    if request.method == "POST" and form.is_valid():
        try:
            moment = form.moment(duty.session)
            sign_ins.enter(duty=duty, at=moment, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{duty.teacher.name} {moment:%H:%M} 到岗，已补记。")
            return redirect(f"{reverse('attendance:teacher-day')}?day={duty.session.date.isoformat()}")
    return render(request, "attendance/sign_in_enter.html", {"duty": duty, "form": form})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def settle(request: PortalRequest, pk: int) -> HttpResponse:
    """Write down what the office was told of a session that nobody recorded."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    open_ones = Session.objects.filter(term=request.term, state=SessionState.PLANNED, date__lte=clock.today())
    session = get_object_or_404(open_ones.select_related("group", "room", "term"), pk=pk)
    duty = get_object_or_404(turns(request.term).select_related("teacher"), session=session)
    teachers = Teacher.objects.filter(active=True).exclude(pk=duty.teacher_id).order_by("pinyin", "staff_number")
    form = UnrecordedForm(request.POST or None, teachers=teachers)
    if request.method == "POST" and form.is_valid():
        said, values = form.cleaned_data["what"], {"reason": form.cleaned_data["reason"], "by": request.actor}
        try:
            if said == form.ABSENT:
                unrecorded.say_absent(session=session, held_by=form.cleaned_data["held_by"], **values)
            else:
                unrecorded.say_not_held(session=session, **values)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{session.group.name} {'缺席已记下' if said == form.ABSENT else '已取消'}。")
            return redirect("attendance:teacher-flags")
    return render(request, "attendance/unrecorded.html", {"session": session, "duty": duty, "form": form})
