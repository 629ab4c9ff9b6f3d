"""After a first absence: not for the rest of the day either."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import event, record_many
from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.actions.roll_calls import check_day, check_may_call, duty_of
from attendance.enums import MarkState
from attendance.models import Mark, RollCall
from attendance.queries.roll_later import later_sessions


@transaction.atomic
def stay_away(*, roll_call: RollCall, student_id: int, by: Actor) -> list[Session]:
    """Say of an absent child that it won't come today at all; return the later sessions in which it is absent too.

    A later roll call that is open already gets the mark where nobody has called the child; one that opens later starts so.
    The child stays missing until somebody writes what became of it. Refused: not_yours, not_listed, not_absent, no_other.
    """
    session = roll_call.session
    check_may_call(session, duty_of(session), by)
    check_day(roll_call, by, "")
    row = roll_call.marks.select_related("student").filter(student=student_id).first()
    if row is None:
        raise Refused("not_listed", "这个孩子不在这张点名册上，请刷新页面。")
    if row.state != MarkState.ABSENT:
        raise Refused("not_absent", f"{row.student.name}现在记的是“{row.get_state_display()}”，先改成“未到”。")
    later = later_sessions(session, [student_id]).get(student_id, [])
    if not later:
        raise Refused("no_other", f"{row.student.name}今天没有别的场次。")
    if row.all_day_at is not None:
        return later
    now = clock.now()
    if Mark.objects.filter(pk=row.pk, state=MarkState.ABSENT, all_day_at=None).update(all_day_at=now) != 1:
        raise somebody_was_faster()
    open_ones = Mark.objects.filter(roll_call__session__in=later, student=student_id, state=MarkState.NOT_CALLED)
    open_ones.update(state=MarkState.ABSENT, marked_by=by.user, marked_at=now, carried_from=roll_call)
    record_many(
        event(
            "roll_call.all_day",
            subject=roll_call,
            by=by,
            student_id=student_id,
            term_id=session.term_id,
            data={"session": other.pk},
        )
        for other in later
    )
    return later
