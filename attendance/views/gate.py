"""The gate: who is still here, who may fetch them, each released to a named person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Guardian
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.release import correct, release_by_decision
from attendance.custody import State
from attendance.custody_forms import ALONE, DecideForm, seen, ticked
from attendance.models import ChildDay
from attendance.queries import custody as queries
from attendance.queries import gate as at_gate

AT_THE_GATE = (
    Role.GATEKEEPER,
    Role.TEACHER,
    Role.HEAD_TEACHER,
    Role.DUTY_LEADER,
    Role.SERVICE_CENTRE,
    Role.ADMINISTRATOR,
)
ALL_SEEING = (Role.GATEKEEPER, Role.DUTY_LEADER, Role.SERVICE_CENTRE, Role.ADMINISTRATOR)


@allow(*AT_THE_GATE)
@require_GET
def gate(request: PortalRequest) -> HttpResponse:
    if request.actor.has(*ALL_SEEING):
        return whole_school(request)
    day, now = clock.today(), clock.now()
    sessions = at_gate.own_sessions(request.actor, day)
    session = next((one for one in sessions if str(one.pk) == request.GET.get("session")), None)
    session = session or (sessions[0] if sessions else None)
    children = at_gate.children_to_release(session) if session else []
    mine = request.actor.teacher.pk if request.actor.teacher else None
    here = [child for child in children if child.state in queries.IN_CARE]
    context = {
        "sessions": sessions,
        "session": session,
        "rows": [at_gate.release_of(child, now) for child in here if child.holder_id == mine],
        "with_others": [child for child in here if child.holder_id != mine],
        "unsettled": [child for child in children if child.state in (State.EXPECTED, State.MISSING)],
        "all": children,
        "released": at_gate.just_released(request.actor, day),
    }
    return render(request, "attendance/gate_class.html", context)


def whole_school(request: PortalRequest) -> HttpResponse:
    """Show everybody who is still here, or the classes while they are many."""
    day, now = clock.today(), clock.now()
    words = request.GET.get("q", "").strip()
    classes = at_gate.class_counts(request.actor)
    total = sum(one.children for one in classes)
    few = bool(words) or total <= at_gate.LIST_UP_TO
    listed, elsewhere = at_gate.listed(request.actor, day, words) if few else ([], [])
    context = {
        "total": total,
        "words": words,
        "classes": classes,
        "elsewhere": elsewhere,
        "rows": [at_gate.release_of(child, now, links=[]) for child in listed],
        "released": at_gate.just_released(request.actor, day),
    }
    return render(request, "attendance/gate.html", context)


def own_child(request: PortalRequest, pk: int) -> ChildDay:
    """Return a child this person may see, with adults and words, or 404."""
    rows = at_gate.with_words(queries.with_people(queries.children(request.actor)))
    return get_object_or_404(rows, pk=pk)


@allow(*AT_THE_GATE)
@require_GET
def child(request: PortalRequest, pk: int) -> HttpResponse:
    row, adults = at_gate.child_of(request.actor, pk)
    release = at_gate.release_of(row, clock.now(), links=adults)
    context = {
        "release": release,
        "child": row,
        "siblings": queries.siblings(row, request.actor) if row.state in queries.IN_CARE else [],
        "gone": row.state in queries.GONE,
        "in_care": row.state in queries.IN_CARE,
        "last": at_gate.last_link(row) if row.state in queries.GONE else None,
    }
    return render(request, "attendance/gate_child.html", context)


@allow(*AT_THE_GATE)
@require_POST
def release(request: PortalRequest, pk: int) -> HttpResponse:
    row = seen(own_child(request, pk), request.POST.get("links"))
    to, guardian = State.FETCHED, None
    if request.POST.get("by") == ALONE:
        to = State.ALONE
    elif request.POST.get("by", "").isdecimal():
        guardian = get_object_or_404(Guardian, pk=request.POST["by"], links__student=row.student_id)
    moves = [MoveRequest(row, to, released_to=guardian)]
    if guardian is not None:
        also = ticked(request.POST, "also")
        others = queries.siblings(row, request.actor) if also else []
        moves += [MoveRequest(seen(one, also[one.pk]), to, released_to=guardian) for one in others if one.pk in also]
    names = "、".join(move.child_day.student.name for move in moves)
    try:
        move_many(moves, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:gate-child", pk)
    messages.success(request, f"{names}，{f'交给{guardian.name}' if guardian else '自行离校'}。")
    return redirect("attendance:gate")


@allow(*AT_THE_GATE)
@require_POST
def release_class(request: PortalRequest) -> HttpResponse:
    chosen = ticked(request.POST)
    rows = queries.still_here(request.actor, clock.today()).filter(pk__in=chosen)
    adults = {pk: request.POST.get(f"by-{pk}", "") for pk in chosen}
    guardians = Guardian.objects.in_bulk([int(value) for value in adults.values() if value.isdecimal()])
    moves = [
        MoveRequest(
            seen(row, chosen[row.pk]),
            State.ALONE if adults[row.pk] == ALONE else State.FETCHED,
            released_to=guardians.get(int(adults[row.pk])) if adults[row.pk].isdecimal() else None,
        )
        for row in rows
    ]
    try:
        if len(moves) < len(chosen):
            raise Refused("somebody_was_faster", "有孩子刚才已经离开，请看最新的名单，再勾一次。")
        done = len(move_many(moves, by=request.actor))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        if done:
            messages.success(request, f"{done} 人已放行，家长会收到消息。")
        else:
            messages.error(request, "请先勾选有人来接的孩子。")
    return redirect("attendance:gate")


@allow(*AT_THE_GATE)
@require_http_methods(["GET", "POST"])
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    form = DecideForm(request.POST or None, child=row)
    if request.method == "POST" and form.is_valid():
        try:
            release_by_decision(seen(row, request.POST.get("links")), by=request.actor, **form.cleaned_data)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, f"{row.student.name}，交给{form.cleaned_data['who_came']}。")
            return redirect("attendance:gate")
    return render(request, "attendance/gate_decide.html", {"child": row, "form": form})


@allow(*AT_THE_GATE)
@require_POST
def correct_release(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    try:
        correct(row, note=request.POST.get("note", "")[:200], by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{row.student.name}的放行已更正，孩子仍在校。")
    return redirect("attendance:gate-child", pk)
