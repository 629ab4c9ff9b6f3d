"""Taking children back from their clubs, all at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from attendance import access
from attendance.actions.roll_clubs import back_from_clubs
from attendance.queries.clubs_back import in_clubs
from attendance.queries.roll_calls import session_of
from attendance.views.roll_calls import CALLERS
from attendance.views.roll_marks import roll_call_of


@allow(*CALLERS)
@require_GET
def clubs(request: PortalRequest, pk: int) -> HttpResponse:
    """Show who of the group is in a club: those whose club is over are ticked."""
    session = session_of(request.actor, pk)
    if not access.may_call_roll(request.actor, session, getattr(session, "duty_teacher_id", None)):
        raise PermissionDenied
    return render(request, "attendance/roll_call_clubs.html", {"session": session, "children": in_clubs(session)})


@allow(*CALLERS)
@require_POST
def back(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back who is ticked."""
    roll_call = roll_call_of(request, pk)
    students = [int(value) for value in request.POST.getlist("child") if value.isdecimal()]
    try:
        taken = back_from_clubs(roll_call=roll_call, students=students, by=request.actor)
        messages.success(request, f"{len(taken)} 人从社团回来了，现在由本班负责。")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:roll-call-clubs", pk)
    return redirect("attendance:roll-call", pk)
