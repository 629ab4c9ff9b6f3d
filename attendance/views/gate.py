"""The gate: who is still here, who may fetch them; found by name, by class or by the code that a parent shows."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Session
from afterschool.support import clock
from attendance import gate_code
from attendance.custody import State
from attendance.custody_forms import ANSWERS
from attendance.queries import custody as queries
from attendance.queries import gate as at_gate
from attendance.queries import gate_codes
from attendance.queries.late_care import is_reached

AT_THE_GATE = (
    Role.GATEKEEPER,
    Role.TEACHER,
    Role.HEAD_TEACHER,
    Role.DUTY_LEADER,
    Role.SERVICE_CENTRE,
    Role.ADMINISTRATOR,
)
ALL_SEEING = (Role.GATEKEEPER, Role.DUTY_LEADER, Role.SERVICE_CENTRE, Role.ADMINISTRATOR)


ChildView = Callable[[PortalRequest, int], HttpResponse]


def or_where(view: ChildView) -> ChildView:
    """Let a page of a child whom somebody else let go or took over meanwhile say so, where it would be a 404."""

    @wraps(view)
    def wrapped(request: PortalRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            left = at_gate.left_meanwhile(request.actor, [pk])
            if not left:
                raise
        if request.method == "POST":
            return redirect("attendance:gate-child", pk)
        return render(request, "attendance/gate_gone.html", {"child": left[0], "last": at_gate.last_link(left[0])})

    return wrapped


@allow(*AT_THE_GATE)
@require_GET
def gate(request: PortalRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return released(request)
    if code := gate_code.typed(request.GET.get("q", "")):
        return by_code(request, code)
    if request.actor.has(*ALL_SEEING):
        return whole_school(request)
    sessions = at_gate.own_sessions(request.actor, clock.today())
    session = next((one for one in sessions if str(one.pk) == request.GET.get("session")), None)
    return own_group(request, sessions, session or (sessions[0] if sessions else None))


def released(request: PortalRequest) -> HttpResponse:
    """Answer the part of the page that asks every few seconds whom somebody let go."""
    links = at_gate.released_of_mine(request.actor, clock.today())
    mark = f'"{"-".join(str(link.pk) for link in links)}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified(headers={"ETag": mark})
    answer = render(request, "attendance/parts/released.html", {"released": links})
    answer["ETag"] = mark
    return answer


def picked(request: PortalRequest, rows: list[at_gate.Release]) -> list[at_gate.Release]:
    """Put back what was tapped and not sent: the page came back because of a call, or a refusal."""
    said = dict(one.split(":", 1) for one in request.GET.getlist("picked") if ":" in one)
    for row in rows:
        row.child.picked = said.get(str(row.child.pk), "")  # type: ignore[attr-defined]
    return rows


def own_group(request: PortalRequest, sessions: list[Session], session: Session | None) -> HttpResponse:
    """Show a teacher the own children: one tap on who came for each, one for all of them."""
    now, grace = clock.now(), timedelta(minutes=request.term.late_grace_minutes if request.term else 0)
    children = at_gate.children_to_release(session) if session else []
    mine = request.actor.teacher.pk if request.actor.teacher else None
    here = [child for child in children if child.state in queries.IN_CARE]
    rows = at_gate.releases(request.actor, [child for child in here if child.holder_id == mine], now)
    rows = picked(request, rows)
    context = {
        "sessions": sessions,
        "session": session,
        "rows": rows,
        "with_others": [c for c in here if c.holder_id != mine and c.state != State.LATE],
        "in_late_care": [c for c in here if c.holder_id != mine and c.state == State.LATE],
        "unsettled": [child for child in children if child.state in (State.EXPECTED, State.MISSING)],
        "all": bool(children) or is_called(session),  # a club's children are back in their groups at its end
        "waited": session is not None and now >= clock.at(session.date, session.ends_at) + grace,
        "reached": {row.child.pk for row in rows if is_reached(row.child, row.child.reached_at)},  # type: ignore[attr-defined]
        "answers": ANSWERS,
        "released": at_gate.released_of_mine(request.actor, clock.today()),
    }
    return render(request, "attendance/gate_class.html", context)


def is_called(session: Session | None) -> bool:
    """Tell whether the roll call of a session is finished."""
    roll_call = getattr(session, "roll_call", None)
    return roll_call is not None and roll_call.closed_at is not None


def whole_school(request: PortalRequest) -> HttpResponse:
    """Show everybody who is still here, or the classes while they are many; one class as a list to release from."""
    day, now = clock.today(), clock.now()
    words = request.GET.get("q", "").strip()
    classes = at_gate.class_counts(request.actor)
    total = sum(one.children for one in classes)
    few = bool(words) or total <= at_gate.LIST_UP_TO
    listed, elsewhere = at_gate.listed(request.actor, day, words) if few else ([], [])
    one_class = bool(listed) and bool(queries.CLASS_WORDS.match(words))
    if words and len(listed) == 1 and not elsewhere and not one_class:
        return redirect("attendance:gate-child", listed[0].pk)
    context = {
        "total": total,
        "words": words,
        "classes": classes,
        "elsewhere": elsewhere,
        "one_class": one_class,
        "rows": picked(request, at_gate.releases(request.actor, listed, now))
        if one_class
        else [at_gate.release_of(child, now, []) for child in listed],
        "released": at_gate.just_released(request.actor, day),
    }
    return render(request, "attendance/gate.html", context)


def by_code(request: PortalRequest, typed: str) -> HttpResponse:
    """Open the page of the guardian whose code of the day was typed."""
    day = clock.today()
    found = gate_codes.guardian_of(typed, day)
    if found is None:
        return render(request, "attendance/gate_code.html", {"problem": "unknown", "typed": typed}, status=404)
    return redirect("attendance:gate-code", gate_code.token(found, day))


@allow(*AT_THE_GATE)
@require_GET
def code(request: PortalRequest, token: str) -> HttpResponse:
    """Show whose children a parent's code asks for, and who may fetch them; nobody is released by opening it."""
    said, today = gate_code.read(token), clock.today()
    if said is None:
        return render(request, "attendance/gate_code.html", {"problem": "forged"}, status=404)
    if said.day != today:
        return render(request, "attendance/gate_code.html", {"problem": "other_day", "day": said.day}, status=410)
    family = gate_codes.family(request.actor, said.guardian_id, today)
    rows = picked(request, at_gate.releases(request.actor, family.here, clock.now()))
    return render(request, "attendance/gate_code.html", {"family": family, "rows": rows})


@allow(*AT_THE_GATE)
@require_GET
@or_where
def child(request: PortalRequest, pk: int) -> HttpResponse:
    row = at_gate.child_of(request.actor, pk)
    in_care = row.state in queries.IN_CARE
    context = {
        "release": at_gate.releases(request.actor, [row], clock.now())[0],
        "child": row,
        "siblings": [at_gate.release_of(one, clock.now(), []) for one in at_gate.siblings(row, request.actor)]
        if in_care
        else [],
        "gone": row.state in queries.GONE,
        "in_care": in_care,
        "last": at_gate.last_link(row) if row.state in queries.GONE else None,
    }
    return render(request, "attendance/gate_child.html", context)
