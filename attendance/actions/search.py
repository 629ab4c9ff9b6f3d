"""The end of a search: a missing child is found, or a guardian says it doesn't come."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.support import clock
from attendance.actions.custody import MoveRequest, move_many
from attendance.custody import State
from attendance.enums import MarkState
from attendance.models import ChildDay, Mark

# With another teacher the child still isn't in its group: that mark stays until the group's teacher has the child.
# A guardian's word afterwards makes no leave asked for beforehand: the month's report keeps the absence.
MARKS = {State.GROUP: MarkState.LATE, State.CLUB: MarkState.LATE}


@transaction.atomic
def settle(*, child_day: ChildDay, to: State, by: Actor, place: str = "") -> None:
    """End the search for a missing child (moves 4 and 5) and mend the roll on which it was marked absent.

    Refused as the chain of custody refuses: not_yours, no_place, no_guardian_word, somebody_was_faster.
    """
    session_id = child_day.at_session_id or child_day.session_id
    reason = "guardian_word" if to == State.AWAY else "found"
    move_many([MoveRequest(child_day, to, place=place, reason=reason)], by=by)
    wanted = MARKS.get(to)
    mark = Mark.objects.filter(roll_call__session=session_id, student=child_day.student_id, state=MarkState.ABSENT)
    row = mark.select_related("roll_call").first()
    if wanted is None or row is None:
        return
    changed = mark.filter(pk=row.pk).update(
        state=wanted, marked_by=by.user, marked_at=clock.now(), device_id="", device_at=None
    )
    if changed:
        record(
            "roll_call.mended" if row.roll_call.closed_at else "roll_call.marked",
            subject=row.roll_call,
            by=by,
            student_id=child_day.student_id,
            term_id=child_day.term_id,
            data={"from": MarkState.ABSENT.value, "to": wanted.value},
        )
