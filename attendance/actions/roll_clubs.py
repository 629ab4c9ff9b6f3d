"""The way back from clubs, all at once: who has the group says which children have come back."""

from collections.abc import Collection

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind
from afterschool.support.refusal import Refused
from attendance.actions.roll_calls import Wish, check_may_call, duty_of, mark
from attendance.actions.roll_walk import walk
from attendance.devices import NO_DEVICE, Device
from attendance.enums import HERE, CustodyState, MarkState
from attendance.models import ChildDay, RollCall


@transaction.atomic
def back_from_clubs(
    *, roll_call: RollCall, students: Collection[int], by: Actor, device: Device = NO_DEVICE
) -> list[int]:
    """Take these children of a group back from their clubs; return who was in one, in one act or none at all.

    A child whom the group's roll had not called is present from then on, one who was absent there came late.
    Refused: not_yours, a_club (clubs take in by their own roll), nobody.
    """
    session = roll_call.session
    duty = duty_of(session)
    check_may_call(session, duty, by)
    if session.group.kind == GroupKind.CLUB:
        raise Refused("a_club", "社团的孩子在社团点名时接收。")
    days = {
        day.student_id: day
        for day in ChildDay.objects.filter(student__in=students, date=session.date, state=CustodyState.CLUB)
        .select_related("term")
        .order_by("student")
    }
    marks = dict(roll_call.marks.filter(student__in=days).values_list("student_id", "state"))
    here = [days[pk] for pk, state in marks.items() if state in HERE]
    others = [(pk, MarkState(state)) for pk, state in sorted(marks.items()) if state not in HERE]
    if not here and not others:
        raise Refused("nobody", "没有选中还在社团的孩子。")
    back = [(day, MarkState.NOT_CALLED, MarkState.PRESENT) for day in here]
    walk(session, back, duty, by, reason="roll_call", device_at=device.at)
    wishes = [
        Wish(pk, state, MarkState.LATE if state == MarkState.ABSENT else MarkState.PRESENT) for pk, state in others
    ]
    mark(roll_call=roll_call, wishes=wishes, by=by, device=device)
    return sorted(marks)
