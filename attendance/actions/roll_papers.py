"""A roll that was called on paper, typed in afterwards."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.events import record
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.roll_calls import Wish, check_may_call, close, duty_of, fill, mark
from attendance.devices import Device
from attendance.enums import MarkState
from attendance.models import RollCall
from attendance.queries.roll_calls import opens_at

PAPER = "paper"  # in the place of a device


@transaction.atomic
def enter_paper(
    *,
    session: Session,
    marks: Mapping[int, MarkState],
    at: datetime,
    called_by: Teacher,
    by: Actor,
    reason: str = "",
) -> RollCall:
    """Type in the roll of a session as it was called on paper, at that time by that teacher, and finish it.

    What was called on the page already stands; the paper fills in the others. On the day itself its teacher, or who leads
    that grade or the day; later the office alone, with a reason that is kept.
    Refused: not_yours, too_late, no_reason, cancelled, not_yet, bad_time, no_account, already_closed, not_all_called.
    """
    duty = duty_of(session)
    check_may_call(session, duty, by)
    _check(session, at, by, reason)
    if called_by.user is None:
        raise Refused("no_account", f"{called_by.name}还没有账号，请选实际点名的教师。")
    roll_call, new = RollCall.objects.get_or_create(
        session=session, defaults={"opened_by": called_by.user, "opened_at": at, "from_paper": True}
    )
    roll_call.session = session
    if roll_call.closed_at is not None:
        raise Refused("already_closed", "这一场的点名已经完成；要改，请在点名册上改。")
    if not new:
        RollCall.objects.filter(pk=roll_call.pk).update(from_paper=True)
    fill(roll_call, session, duty, by)
    waiting = set(roll_call.marks.filter(state=MarkState.NOT_CALLED).values_list("student_id", flat=True))
    wishes = [Wish(pk, MarkState.NOT_CALLED, marks[pk]) for pk in sorted(waiting & marks.keys())]
    mark(roll_call=roll_call, wishes=wishes, by=by, device=Device(PAPER, at), reason="roll_call", note=reason)
    record(
        "roll_call.paper",
        subject=roll_call,
        by=by,
        term_id=session.term_id,
        data={"teacher": called_by.pk, "at": at.isoformat()},
        note=reason,
    )
    return close(roll_call=roll_call, by=by)


def _check(session: Session, at: datetime, by: Actor, reason: str) -> None:
    today = clock.today()
    if session.state == SessionState.CANCELLED:
        raise Refused("cancelled", "这一场已经取消，不用点名。")
    if session.date > today:
        raise Refused("not_yet", "还没到这一天。")
    if session.date < today and not by.is_office:
        raise Refused("too_late", "过了当天，由课程教学中心补录。")
    if session.date < today and not reason.strip():
        raise Refused("no_reason", "隔天补录，请写明原因。")
    if not opens_at(session) <= at <= clock.now() or at.astimezone(clock.SHANGHAI).date() != session.date:
        raise Refused("bad_time", "点名时间要在这一场开始前一小时以后、现在以前。")
