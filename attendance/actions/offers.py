"""A whole list handed over in one act (交接单): offered by the giver, accepted by the receiver, exceptions named.

The giver answers until the receiver has accepted: an offer moves nobody. Accepting makes the receiver's moves (6-8).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, Role
from afterschool.school.events import record
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import custody
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.offer_news import tell_giver_not_received, tell_giver_of_objection, tell_receiver
from attendance.custody import State
from attendance.enums import OfferState
from attendance.models import ChildDay, HandoverOffer, OfferChild
from attendance.queries.roll_calls import placements_of
from scheduling.models import Duty

GIVABLE = (State.GROUP, State.CLUB, State.STAFF)
NAMES_SHOWN = 8


@dataclass(frozen=True)
class Accepted:
    """What came of accepting a list: how many were received, who did not come, and who had left the giver meanwhile."""

    taken: int
    not_received: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def target_of(to_session: Session | None) -> State:
    """Return where children of an offer go: a club, a group, or a named member of staff."""
    if to_session is None:
        return State.STAFF
    return State.CLUB if to_session.group.kind == GroupKind.CLUB else State.GROUP


@transaction.atomic
def offer(
    children: Sequence[ChildDay],
    *,
    to_session: Session | None = None,
    receiver: Teacher | None = None,
    place: str = "",
    reason: str = "",
    by: Actor,
) -> HandoverOffer:
    """Offer children, as the giver saw them, to a session or to a named member of staff at a named place.

    The office or a duty leader may offer another's children, with a reason: a child moved to another group (8).
    Refused: nobody_chosen, somebody_was_faster, not_yours, no_such_move, not_due, no_reason, no_place, offered_already.
    """
    if not children:
        raise Refused("nobody_chosen", "请先选孩子。")
    seen = {child.pk: child.links for child in children}
    locked = ChildDay.objects.select_for_update(of=("self",)).filter(pk__in=seen).order_by("pk")
    rows = list(locked.select_related("student", "term", "session", "holder"))
    for row in rows:
        if row.links != seen[row.pk]:
            raise Refused("somebody_was_faster", f"{row.student.name}刚才已有人处理过，请看最新的名单。")
    if by.user is None:
        raise Refused("not_yours", "孩子现在由别的老师负责，要由那位老师来交。")
    giver = _giver(rows, by, reason)
    if to_session is not None:
        duty = Duty.objects.filter(session=to_session, active=True).select_related("teacher").first()
        receiver = duty.teacher if duty else None
    if receiver == giver or (to_session is None and receiver is None):
        raise Refused("nobody_chosen", "请选交给哪位老师。")
    _check_ways(rows, to_session, place.strip(), reason.strip())
    made = HandoverOffer.objects.create(
        term=rows[0].term,
        date=rows[0].date,
        giver=giver,
        receiver=receiver,
        to_session=to_session,
        place=place.strip()[:40],
        reason=reason.strip()[:100],
        offered_by=by.user,
        offered_at=clock.now(),
    )
    try:
        with transaction.atomic():
            OfferChild.objects.bulk_create(OfferChild(offer=made, child_day=row, links=row.links) for row in rows)
    except IntegrityError:
        raise Refused("offered_already", "有孩子已在等别人接收，请先收回那一份。") from None
    record("offer.made", subject=made, by=by, term_id=made.term_id, data={"children": len(rows)})
    tell_receiver(made, len(rows), by=by)
    return made


def _giver(rows: list[ChildDay], by: Actor, reason: str) -> Teacher:
    """Return who answers for all of these children now, if this person may give them away."""
    giver = rows[0].holder if rows and len({row.holder_id for row in rows}) == 1 else None
    if giver is None or any(row.state not in GIVABLE for row in rows):
        raise Refused("not_yours", "有孩子现在不由同一位老师负责，请看最新的名单。")
    if giver == by.teacher:
        return giver
    if not by.has(Role.ADMINISTRATOR, Role.DUTY_LEADER):
        raise Refused("not_yours", "孩子现在由别的老师负责，要由那位老师来交。")
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么换到别的班。")
    return giver


def _check_ways(rows: list[ChildDay], to_session: Session | None, place: str, reason: str) -> None:
    """Refuse a list that its receiver could not accept."""
    to = target_of(to_session)
    if to == State.STAFF and not place:
        raise Refused("no_place", "请写明在哪里，例如医务室。")
    if to == State.STAFF and not reason:
        raise Refused("no_reason", "请写明原因。")
    if any(custody.move_for(row.state, to) is None for row in rows):
        raise Refused("no_such_move", "不能这样交接：有孩子现在的状态不允许这一步。")
    if to_session is None:
        return
    if to_session.date != rows[0].date:
        raise Refused("no_such_move", "只能交给当天的班。")
    due = set(placements_of(to_session).values_list("student_id", flat=True))
    for row in rows:
        own = to_session.pk in (row.session_id, row.at_session_id)
        if own or row.student_id in due:
            continue
        if State.CLUB in (to, row.state):
            raise Refused("not_due", f"{row.student.name}今天不在{to_session.group.name}的名单上。")
        if not reason:
            raise Refused("no_reason", f"{row.student.name}不是这个班的，请写明为什么换过去。")


def may_answer(made: HandoverOffer, by: Actor) -> bool:
    """Tell whether this person receives the list: who is on duty there now; else the named person; nobody: a leader."""
    if by.teacher is None or by.teacher.pk == made.giver_id:
        return False
    mine = by.teacher.pk
    if made.to_session_id is None:
        return made.receiver_id == mine
    duty = Duty.objects.filter(session=made.to_session_id, active=True).values_list("teacher_id", flat=True).first()
    if duty is not None:
        return duty == mine
    return by.has(Role.ADMINISTRATOR, Role.DUTY_LEADER)


@transaction.atomic
def accept(made: HandoverOffer, *, not_received: Collection[int] = (), by: Actor) -> Accepted:
    """Receive a list, but for those who did not come (rows of the day): they stay with the giver, who is told at once.

    A child that has left the giver meanwhile is not on the list any more. Refused: not_yours, nobody_received,
    somebody_was_faster, and whatever the chain of custody refuses.
    """
    if not may_answer(made, by):
        raise Refused("not_yours", "这份名单不是交给您的。")
    waiting = _waiting(made)
    _answer(made, OfferState.ACCEPTED, by)
    still = {row.pk: row.child_day for row in waiting if _with_giver(row, made)}
    here = {pk: day for pk, day in still.items() if day.pk not in set(not_received)}
    if not here:
        raise Refused("nobody_received", "一个也没接到的，请写明原因，不接收这份名单。")
    moves = [
        MoveRequest(
            day,
            target_of(made.to_session),
            holder=by.teacher,
            at_session=made.to_session,
            place=made.place,
            reason="handover",
            note=made.reason,
        )
        for day in here.values()
    ]
    move_many(moves, by=by)
    OfferChild.objects.filter(pk__in=here).update(taken=True)
    OfferChild.objects.filter(offer=made, taken=None).update(taken=False)
    absent = [day for pk, day in still.items() if pk not in here]
    if absent:
        tell_giver_not_received(made, absent, by=by)
    gone = [row.child_day.student.name for row in waiting if row.pk not in still]
    record("offer.accepted", subject=made, by=by, term_id=made.term_id, data={"children": len(here)})
    return Accepted(len(here), [day.student.name for day in absent], gone)


def _waiting(made: HandoverOffer) -> list[OfferChild]:
    """Return who still waits on the list; locks the children before the list, as every move does."""
    children = ChildDay.objects.filter(offers__offer=made, offers__taken=None)
    list(ChildDay.objects.select_for_update(of=("self",)).filter(pk__in=children.values("pk")).order_by("pk"))
    rows = OfferChild.objects.filter(offer=made, taken=None).order_by("child_day__student__school_class", "pk")
    return list(rows.select_related("child_day__student", "child_day__term", "child_day__session"))


def _with_giver(row: OfferChild, made: HandoverOffer) -> bool:
    return row.child_day.state in GIVABLE and row.child_day.holder_id == made.giver_id


def _answer(made: HandoverOffer, state: OfferState, by: Actor, objection: str = "") -> None:
    """Compare and set: an offer is answered once."""
    changed = HandoverOffer.objects.filter(pk=made.pk, state=OfferState.WAITING).update(
        state=state, answered_by=by.user, answered_at=clock.now(), objection=objection
    )
    if changed != 1:
        raise no_longer_waits(made)
    made.refresh_from_db(fields=["state", "answered_by", "answered_at", "objection"])


def no_longer_waits(made: HandoverOffer) -> Refused:
    """Return the refusal of an answer that comes second, with what is true now."""
    now = HandoverOffer.objects.select_related("answered_by").get(pk=made.pk)
    who = f"{now.answered_by.name} " if now.answered_by else ""
    at = f"{now.answered_at.astimezone(clock.SHANGHAI):%H:%M} " if now.answered_at else ""
    return Refused("somebody_was_faster", f"刚才已有人处理过：这份名单{who}{at}“{now.get_state_display()}”。")


@transaction.atomic
def object_to(made: HandoverOffer, *, objection: str, by: Actor) -> HandoverOffer:
    """Refuse a whole list with a reason: all children stay with the giver, who is told. Refused: not_yours, no_reason."""
    if not may_answer(made, by):
        raise Refused("not_yours", "这份名单不是交给您的。")
    if not objection.strip():
        raise Refused("no_reason", "请写明为什么不接收。")
    _close(made, OfferState.OBJECTED, by, objection.strip()[:100])
    tell_giver_of_objection(made, by=by)
    return made


@transaction.atomic
def withdraw(made: HandoverOffer, *, by: Actor) -> HandoverOffer:
    """Take a list back that nobody has answered. Refused: not_yours, somebody_was_faster."""
    if by.user is None or by.user.pk not in (made.offered_by_id, made.giver.user_id):
        raise Refused("not_yours", "由交的老师来收回。")
    _close(made, OfferState.WITHDRAWN, by)
    return made


def _close(made: HandoverOffer, state: OfferState, by: Actor, objection: str = "") -> None:
    _waiting(made)
    _answer(made, state, by, objection)
    OfferChild.objects.filter(offer=made, taken=None).update(taken=False)
    record(f"offer.{state.value}", subject=made, by=by, term_id=made.term_id)
