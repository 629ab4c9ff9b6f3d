"""Setting marks: one by one from the script, all at once from the form, and mending after the roll call is finished."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls as actions
from attendance.enums import HERE, MarkState
from attendance.forms import MarkForm, MarksForm
from attendance.models import Mark, RollCall
from attendance.queries import roll_calls as queries
from attendance.queries.mark_history import history_of
from attendance.queries.roll_page import roll_page
from attendance.views.roll_calls import CALLERS


def _roll_call(request: PortalRequest, pk: int) -> RollCall:
    sessions = queries.sessions_for(request.actor).filter(roll_call__isnull=False)
    session = get_object_or_404(sessions, pk=pk)
    roll_call: RollCall = session.roll_call
    roll_call.session = session
    return roll_call


def _conflict(mark: Mark) -> str:
    who = mark.marked_by.name if mark.marked_by else "系统"
    return f"{mark.student.name}刚才已由{who}记为“{mark.get_state_display()}”，请看一看再改。"


def _answer(row: Mark, *, status: int = 200, sentence: str = "") -> JsonResponse:
    state = MarkState(row.state)
    values = {"child": row.student_id, "state": state, "tone": state.tone, "word": state.label, "sentence": sentence}
    return JsonResponse(values, status=status)


@allow(*CALLERS)
@require_POST
def mark(request: PortalRequest, pk: int) -> JsonResponse:
    """Save one mark and say what is true now: 200 saved, 409 somebody else was there, 422 refused."""
    roll_call = _roll_call(request, pk)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"sentence": "送来的记录不完整，请刷新页面。"}, status=400)
    wish = form.wish()
    try:
        outcome = actions.mark(roll_call=roll_call, wishes=[wish], by=request.actor, device=form.device())
    except Refused as refused:
        row = get_object_or_404(roll_call.marks, student=wish.student_id)
        return _answer(row, status=422, sentence=refused.sentence)
    if outcome.conflicts:
        return _answer(outcome.conflicts[0], status=409, sentence=_conflict(outcome.conflicts[0]))
    return _answer(outcome.applied[0])


@allow(*CALLERS)
@require_GET
def marks(request: PortalRequest, pk: int) -> JsonResponse:
    """Say what all marks are now, with what others changed: the page asks from time to time."""
    roll = roll_page(queries.session_of(request.actor, pk), request.actor)
    if roll.roll_call is None:
        raise Http404
    rows = {row.student_id: [row.state, row.state.tone, row.state.label, row.news] for row in roll.rows}
    return JsonResponse({"marks": rows, "closed": bool(roll.roll_call.closed_at)})


@allow(*CALLERS)
@require_POST
def save(request: PortalRequest, pk: int) -> HttpResponse:
    """Save all marks of the page that changed; then the rest as present, or finish, as the button said."""
    roll_call = _roll_call(request, pk)
    form = MarksForm(request.POST)
    sentence = ""
    try:
        outcome = actions.mark(roll_call=roll_call, wishes=form.wishes(), by=request.actor, device=form.device())
        sentence = " ".join(_conflict(row) for row in outcome.conflicts)
        if form.wants("rest"):
            actions.rest_present(roll_call=roll_call, by=request.actor, device=form.device())
        elif form.wants("close") and not outcome.conflicts:
            actions.close(roll_call=roll_call, by=request.actor)
    except Refused as refused:
        sentence = refused.sentence
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"sentence": sentence, "closed": roll_call.closed_at is not None})
    if sentence:
        messages.error(request, sentence)
    return redirect("attendance:roll-call", pk)


@allow(*CALLERS)
@require_GET
def child(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Show one child's mark with what it was before, to mend it."""
    roll_call = _roll_call(request, pk)
    row = get_object_or_404(roll_call.marks.select_related("student__school_class", "marked_by"), student=student_pk)
    roll = roll_page(roll_call.session, request.actor)
    context = {
        "session": roll_call.session,
        "mark": row,
        "state": MarkState(row.state),
        "may_call": roll.may_call,
        "choices": [state for state in MarkState if state != MarkState.NOT_CALLED],
        "history": history_of(roll_call, row.student_id),
    }
    return render(request, "attendance/roll_call_child.html", context)


@allow(*CALLERS)
@require_POST
def mend(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Mend one mark; old and new value are kept."""
    roll_call = _roll_call(request, pk)
    form = MarkForm({**request.POST.dict(), "child": student_pk})
    if not form.is_valid():
        messages.error(request, "请先选一个。")
        return redirect("attendance:roll-call-child", pk, student_pk)
    try:
        outcome = actions.mark(roll_call=roll_call, wishes=[form.wish()], by=request.actor, device=form.device())
        if outcome.conflicts:
            messages.error(request, _conflict(outcome.conflicts[0]))
            return redirect("attendance:roll-call-child", pk, student_pk)
        wish, name = form.wish(), outcome.applied[0].student.name
        back = wish.state in HERE and wish.state == wish.seen
        if back and actions.back_from_club(roll_call=roll_call, student_id=student_pk, by=request.actor):
            messages.success(request, f"{name}从社团回到这里。")
        else:
            messages.success(request, f"{name}改为“{wish.state.label}”。")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:roll-call-child", pk, student_pk)
    return redirect("attendance:roll-call", pk)
