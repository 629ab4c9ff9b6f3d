"""Typing in a roll that was called on paper."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.roll_papers import enter_paper
from attendance.enums import MarkState
from attendance.queries.roll_calls import session_of
from attendance.queries.roll_page import RollPage, roll_page
from attendance.roll_forms import CALLED, PaperForm, paper_marks
from attendance.views.roll_calls import CALLERS


def _roll(request: PortalRequest, pk: int) -> RollPage:
    roll = roll_page(session_of(request.actor, pk), request.actor)
    if not roll.may_call:
        raise PermissionDenied
    return roll


def _page(
    request: PortalRequest, roll: RollPage, form: PaperForm, chosen: dict[int, MarkState], **more: bool
) -> HttpResponse:
    lines = [
        (row, row.state if row.state != MarkState.NOT_CALLED else chosen.get(row.student_id, "")) for row in roll.rows
    ]
    context = {"roll": roll, "session": roll.session, "form": form, "states": CALLED, "lines": lines}
    return render(request, "attendance/roll_paper.html", context | more)


@allow(*CALLERS)
@require_GET
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the sheet to type in, in the order of the paper."""
    roll = _roll(request, pk)
    if roll.roll_call is not None and roll.roll_call.closed_at:
        messages.warning(request, "这一场的点名已经完成；要改，请点姓名。")
        return redirect("attendance:roll-call", pk)
    late = roll.session.date < clock.today()
    teacher = getattr(roll.session, "duty_teacher_id", None)
    return _page(request, roll, PaperForm(session=roll.session, late=late, initial={"teacher": teacher}), {})


@allow(*CALLERS)
@require_POST
def enter(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the paper in; what was typed stays when something is missing."""
    roll = _roll(request, pk)
    form = PaperForm(request.POST, session=roll.session, late=roll.session.date < clock.today())
    marks = paper_marks(request.POST)
    if form.is_valid():
        try:
            enter_paper(session=roll.session, marks=marks, by=request.actor, **form.values())
            messages.success(request, "纸质点名册已录入，点名完成。")
            return redirect("attendance:roll-call", pk)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    shown = {pk: state for pk, state in marks.items() if f"m-{pk}" in request.POST}
    return _page(request, roll, form, shown, rest="rest" in request.POST)
