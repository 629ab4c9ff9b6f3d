"""Late care: children received by those who keep a place, one or a whole list in one act (rules, section 7, moves 12 and 13)."""

from collections.abc import Sequence

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.custody import MoveRequest, move_many
from attendance.custody import State
from attendance.lateness import is_open
from attendance.models import ChildDay, Handover, LateCarePlace

ORDERED = "order"


@transaction.atomic
def receive(
    children: Sequence[ChildDay], *, place: LateCarePlace, keeper: Teacher | None = None, by: Actor
) -> list[Handover]:
    """Receive children into a place, all or none: for oneself, or by the duty leader's order for `keeper`.

    Also moves children on from a place that has closed (13). Refused: nobody, place_closed, not_yours (somebody else keeps
    that place), already_there, and with the codes of the moves.
    """
    if not children:
        raise Refused("nobody", "请先勾选已经到了的孩子。")
    if not is_open(place.opens_at, place.closes_at, clock.now().time()):
        hours = "—".join(f"{one:%H:%M}" for one in (place.opens_at, place.closes_at) if one)
        raise Refused("place_closed", f"{place.name}现在不开（{hours}），请由开着的地点接收。")
    if keeper is None and not by.has(Role(place.role)):
        raise Refused("not_yours", f"{place.name}由{Role(place.role).label}负责，请他来接收。")
    answers = keeper.pk if keeper else by.teacher.pk if by.teacher else None
    if there := [
        child for child in children if (child.state, child.place, child.holder_id) == (State.LATE, place.name, answers)
    ]:
        raise Refused("already_there", f"{there[0].student.name}已在{place.name}。")
    reason = ORDERED if keeper else ""
    moves = [MoveRequest(child, State.LATE, place=place.name, holder=keeper, reason=reason) for child in children]
    return move_many(moves, by=by)
