"""The roll call's pages: mine now, one session, the day's sessions, a child who is not listed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Student
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls as actions
from attendance.queries import roll_calls as queries
from attendance.queries.roll_page import roll_page
from attendance.queries.teacher_attendance import is_unsigned
from attendance.views.standing import standing

CALLERS = (Role.TEACHER, Role.HEAD_TEACHER, Role.GRADE_LEADER, Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)
BLANK_TILE = {"child": "CHILD"}  # what the script draws a tile from
LEADERS = (Role.GRADE_LEADER, Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)


def is_stranger(request: PortalRequest) -> bool:
    """Tell whether a script posts what another person did: on a shared PC somebody else may have logged in since."""
    return request.POST.get("user", str(request.user.pk)) != str(request.user.pk)


@allow(*CALLERS)
@require_GET
def now(request: PortalRequest) -> HttpResponse:
    """Open this teacher's session of now; choose among several; with none say when the next one is."""
    sessions = queries.own_sessions(request.actor, clock.today())
    current = queries.session_now(sessions, clock.now()) or (sessions[0] if len(sessions) == 1 else None)
    if current is not None:
        return redirect("attendance:roll-call", current.pk)
    if not sessions and request.actor.has(*LEADERS):
        return redirect("attendance:sessions-today")
    upcoming = None if sessions else queries.next_session(request.actor, clock.today())
    return render(request, "attendance/roll_call_now.html", {"sessions": sessions, "upcoming": upcoming})


@allow(*CALLERS)
@require_GET
def page(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one roll call: not begun, open, or closed."""
    session = queries.session_of(request.actor, pk)
    roll = roll_page(session, request.actor)
    context = {"roll": roll, "session": session, "counts": roll.counts, "blank": BLANK_TILE}
    if roll.roll_call is None:
        auto = roll.is_mine and session.date == clock.today() and queries.opens_by_itself(session, clock.now())
        when = {"today": clock.today(), "opens": queries.opens_at(session), "ends": queries.ends_at(session)}
        return render(request, "attendance/roll_call_begin.html", context | when | {"auto": auto})
    context["unsigned"] = roll.is_mine and is_unsigned(session, roll.roll_call, request.actor)
    if roll.roll_call.closed_at or not roll.may_call:
        return render(request, "attendance/roll_call_closed.html", context)
    return render(request, "attendance/roll_call.html", context)


@allow(*CALLERS)
@require_POST
def begin(request: PortalRequest, pk: int) -> HttpResponse:
    """Begin the roll call: the teacher's sign-in, on the spot or sent later by a device that was without the network."""
    if is_stranger(request):
        return JsonResponse({"code": "other_user"}, status=409)
    session = get_object_or_404(queries.sessions_for(request.actor), pk=pk)
    sentence = ""
    try:
        actions.begin(session=session, by=request.actor, device=standing(request))
    except Refused as refused:
        sentence = refused.sentence
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"sentence": sentence}, status=422 if sentence else 200)
    if sentence:
        messages.error(request, sentence)
    return redirect("attendance:roll-call", pk)


@allow(*CALLERS)
@require_GET
def unlisted(request: PortalRequest, pk: int) -> HttpResponse:
    """Find a child who turned up and isn't on the list."""
    session = queries.session_of(request.actor, pk)
    roll = roll_page(session, request.actor)
    if not roll.may_call or roll.roll_call is None:
        raise PermissionDenied
    words = request.GET.get("q", "")[:20]
    context = {"session": session, "words": words, "found": queries.unlisted(session, words)}
    return render(request, "attendance/roll_call_unlisted.html", context)


@allow(*CALLERS)
@require_GET
def nearby(request: PortalRequest, pk: int) -> JsonResponse:
    """Name the children who may turn up unlisted, so that the page itself finds them, with and without the network."""
    session = queries.session_of(request.actor, pk)
    roll = roll_page(session, request.actor)
    if not roll.may_call:
        raise PermissionDenied
    return JsonResponse({"children": queries.nearby(session)})


@allow(*CALLERS)
@require_POST
def take_in(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an unlisted child in."""
    session = get_object_or_404(queries.sessions_for(request.actor).filter(roll_call__isnull=False), pk=pk)
    student = get_object_or_404(
        Student.objects.select_related("school_class__head_teacher"),
        pk=request.POST.get("student", "0"),
        state="enrolled",
    )
    told(
        request,
        lambda: actions.take_in(roll_call=session.roll_call, student=student, by=request.actor),
        f"{student.name}已在班里（临时加入），班主任会知道。",
    )
    return redirect("attendance:roll-call", pk)
