"""The rolls of today by slot, those of the last days that were never finished, and the paper for when the network fails."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from attendance.queries import roll_board
from attendance.queries import roll_calls as queries
from attendance.queries.checks import closed_rooms
from attendance.queries.clubs_back import clubs_over
from attendance.views.roll_calls import CALLERS, LEADERS


@allow(*LEADERS)
@require_GET
def today(request: PortalRequest) -> HttpResponse:
    """Show the day's sessions by slot, those not called yet first."""
    slots = roll_board.sessions_of_day(request.actor, clock.today(), request.term)
    lines = [line for slot in slots for line in slot.lines]
    tones = [line.tone for line in lines]
    figures = {
        "waiting": tones.count("act") + tones.count("wait"),
        "open": tones.count("now"),
        "closed": tones.count("done"),
        "late": tones.count("act"),
        "absent": sum(line.absent for line in lines),
    }
    context = {
        "slots": slots,
        "figures": figures,
        "closed": closed_rooms(),
        "over": clubs_over(clock.today()) if not request.actor.grades or request.actor.is_office else [],
        "today": clock.today(),
    }
    return render(request, "attendance/sessions_today.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def not_finished(request: PortalRequest) -> HttpResponse:
    """Show the sessions of the last 14 days whose roll was never taken or never finished."""
    sessions = roll_board.not_finished(request.term, clock.today()) if request.term else []
    return render(request, "attendance/sessions_not_finished.html", {"sessions": sessions})


@allow(*CALLERS)
@require_POST
def print_session(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the sheet of one session."""
    session = queries.session_of(request.actor, pk)
    title = f"点名册 {session.group.name} {session.date.month}月{session.date.day}日"
    paper = papers.request_paper("roll-sheets", title=title, params={"session": session.pk}, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(*LEADERS)
@require_POST
def print_day(request: PortalRequest) -> HttpResponse:
    """Ask for the sheets of a whole day in one file."""
    day = clock.read_day(request.POST.get("day", "")) or clock.today()
    title = f"点名册 {day.month}月{day.day}日 全部"
    paper = papers.request_paper("roll-sheets", title=title, params={"day": day.isoformat()}, by=request.actor)
    return redirect("school:paper", paper.pk)
