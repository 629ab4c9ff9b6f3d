"""Setting marks: one by one from the script, all at once from the form, and mending after the roll call is finished."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls as actions
from attendance.actions.roll_all_day import stay_away as stay_away_today
from attendance.actions.roll_sends import conflict
from attendance.actions.roll_sends import send as send_batch
from attendance.enums import HERE, MarkState
from attendance.forms import MarkForm, MarksForm
from attendance.models import RollCall
from attendance.queries import roll_calls as queries
from attendance.queries.mark_history import history_of
from attendance.queries.roll_later import later_sessions
from attendance.queries.roll_page import roll_page
from attendance.roll_forms import BatchForm
from attendance.views.roll_calls import CALLERS, is_stranger


def roll_call_of(request: PortalRequest, pk: int) -> RollCall:
    """Return the roll call of a session in the person's scope, or 404."""
    sessions = queries.sessions_for(request.actor).filter(roll_call__isnull=False)
    session = get_object_or_404(sessions, pk=pk)
    roll_call: RollCall = session.roll_call
    roll_call.session = session
    return roll_call


@allow(*CALLERS)
@require_POST
def send(request: PortalRequest, pk: int) -> JsonResponse:
    """Take in a batch of marks and say what is true now; 409 where somebody else has logged in on this device since."""
    roll_call, form = roll_call_of(request, pk), BatchForm(request.POST)
    if is_stranger(request):
        return JsonResponse({"code": "other_user"}, status=409)
    batch = form.batch()
    if batch is None:
        return JsonResponse({"code": "unreadable", "sentence": "送来的记录不完整，请刷新页面。"}, status=400)
    try:
        answers = send_batch(roll_call=roll_call, batch=batch, by=request.actor)
    except Refused as refused:
        return JsonResponse({"code": refused.code, "sentence": refused.sentence}, status=422)
    absent = [sent.student_id for sent in batch.marks if sent.state == MarkState.ABSENT]
    later = later_sessions(roll_call.session, absent)
    rows = [
        {
            "child": answer.student_id,
            "state": answer.state,
            "sentence": answer.sentence,
            "apart": answer.apart,
            "later": [f"{other.starts_at:%H:%M} {other.group.name}" for other in later.get(answer.student_id, [])],
        }
        for answer in answers
    ]
    return JsonResponse({"answers": rows, "closed": roll_call.closed_at is not None})


@allow(*CALLERS)
@require_GET
def marks(request: PortalRequest, pk: int) -> JsonResponse:
    """Say what all marks are now, with what others changed: the page asks from time to time."""
    roll = roll_page(queries.session_of(request.actor, pk), request.actor)
    if roll.roll_call is None:
        return JsonResponse({"user": request.user.pk, "marks": {}, "closed": False})
    rows = {
        row.student_id: [row.state, row.state.tone, row.state.label, row.news, row.apart, row.note if row.apart else ""]
        for row in roll.rows
    }
    return JsonResponse({"user": request.user.pk, "marks": rows, "closed": bool(roll.roll_call.closed_at)})


@allow(*CALLERS)
@require_POST
def save(request: PortalRequest, pk: int) -> HttpResponse:
    """Save all marks of the page that changed; then the rest as present, or finish, as the button said."""
    if is_stranger(request):
        return JsonResponse({"code": "other_user"}, status=409)
    roll_call = roll_call_of(request, pk)
    form = MarksForm(request.POST)
    sentence = ""
    try:
        outcome = actions.mark(roll_call=roll_call, wishes=form.wishes(), by=request.actor, device=form.device())
        sentence = " ".join(conflict(row) for row in outcome.conflicts)
        if form.wants("rest"):
            actions.rest_present(roll_call=roll_call, by=request.actor, device=form.device())
        elif form.wants("close") and not outcome.conflicts:
            actions.close(roll_call=roll_call, by=request.actor)
    except Refused as refused:
        sentence = refused.sentence
        roll_call.refresh_from_db(fields=["closed_at"])
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"sentence": sentence, "closed": roll_call.closed_at is not None})
    if sentence:
        messages.error(request, sentence)
    return redirect("attendance:roll-call", pk)


@allow(*CALLERS)
@require_GET
def child(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Show one child's mark with what it was before, to mend it."""
    roll_call = roll_call_of(request, pk)
    row = get_object_or_404(roll_call.marks.select_related("student__school_class", "marked_by"), student=student_pk)
    roll = roll_page(roll_call.session, request.actor)
    context = {
        "session": roll_call.session,
        "mark": row,
        "state": MarkState(row.state),
        "may_call": roll.may_call,
        "choices": [state for state in MarkState if state != MarkState.NOT_CALLED],
        "history": history_of(roll_call, row.student_id),
        "later": later_sessions(roll_call.session, [student_pk]).get(student_pk, []),
        "may_mend": roll.may_call and (roll_call.session.date >= clock.today() or request.actor.is_office),
        "needs_reason": queries.needs_reason(roll_call),
    }
    return render(request, "attendance/roll_call_child.html", context)


@allow(*CALLERS)
@require_POST
def mend(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Mend one mark; old and new value are kept."""
    roll_call = roll_call_of(request, pk)
    form = MarkForm({**request.POST.dict(), "child": student_pk})
    if not form.is_valid():
        messages.error(request, "请先选一个。")
        return redirect("attendance:roll-call-child", pk, student_pk)
    try:
        outcome = actions.mark(
            roll_call=roll_call,
            wishes=[form.wish()],
            by=request.actor,
            device=form.device(),
            note=request.POST.get("note", "").strip()[:100],
        )
        if outcome.conflicts:
            messages.error(request, conflict(outcome.conflicts[0]))
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


@allow(*CALLERS)
@require_POST
def stay_away(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Say of an absent child that it won't come today at all."""
    roll_call = roll_call_of(request, pk)
    row = get_object_or_404(roll_call.marks.select_related("student"), student=student_pk)
    done, sentence = False, ""
    try:
        later = stay_away_today(roll_call=roll_call, student_id=student_pk, by=request.actor)
        names = "、".join(f"{other.starts_at:%H:%M} {other.group.name}" for other in later)
        done, sentence = True, f"{row.student.name}今天都不来：{names}也记“未到”。"
    except Refused as refused:
        sentence = refused.sentence
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"sentence": sentence}, status=200 if done else 422)
    (messages.success if done else messages.error)(request, sentence)
    return redirect("attendance:roll-call-child", pk, student_pk)
