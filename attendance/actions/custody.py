"""Moving children along the chain of custody: many at once, judged one by one, written together or not at all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import event as unsaved_event
from afterschool.school.events import record_many
from afterschool.school.models import Guardian, Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import custody
from attendance.actions import facts
from attendance.actions.offer_follow import follow_offers
from attendance.actions.told import tell_of_moves
from attendance.custody import State
from attendance.enums import CustodyState
from attendance.models import ChildDay, ClosedDay, DayFetcher, Handover, HandoverNote


@dataclass(frozen=True)
class MoveRequest:
    """One move as it was asked for. `child_day` carries the state and the link number that the person saw.

    `released_to` is an adult of the child's list, `day_fetcher` somebody whom a guardian named for the day.
    `reason` is a code (`decision` for a named decision with `decided_by`), `note` the words beside it.
    A move out of an end state is a correction (14) and needs a reason.
    """

    child_day: ChildDay
    to: str
    holder: Teacher | None = None
    at_session: Session | None = None
    place: str = ""
    released_to: Guardian | None = None
    day_fetcher: DayFetcher | None = None
    reason: str = ""
    note: str = ""
    decided_by: Teacher | None = None


@dataclass
class _After:
    """What a move makes of a child's row."""

    move: MoveRequest
    to: str
    holder_id: int | None
    session_id: int | None
    place: str
    undoes: Handover | None = None
    seen: tuple[str, int] = field(default=("", 0))

    @property
    def key(self) -> tuple[object, ...]:
        return (*self.seen, self.to, self.holder_id, self.session_id, self.place)


@transaction.atomic
def move_many(moves: Sequence[MoveRequest], *, by: Actor, device_at: datetime | None = None) -> list[Handover]:
    """Move these children (of one day), each by the rules of section 7, all or none; return the links appended.

    Raises Refused with the verdict's code and the child's name; `somebody_was_faster` with what is true now when a
    child is no longer where the person saw it.
    """
    if not moves:
        return []
    wanted = list(moves)
    if len({move.child_day.pk for move in wanted}) != len(wanted):
        raise Refused("child_twice", "同一个孩子一次只能交接一步。")
    if len({move.child_day.date for move in wanted}) != 1:
        raise Refused("two_days", "一次只能交接同一天的孩子。")
    now = clock.now()
    wanted = [_completed(move, by) for move in wanted]
    records = facts.read(wanted, by)
    for move in wanted:
        _refuse_if_changed(move, records)
        verdict = custody.judge(move.child_day.state, move.to, facts.gather(move, records, by, now))
        if not verdict.ok:
            raise Refused(verdict.code, f"{records.rows[move.child_day.pk]['student__name']}：{verdict.sentence}")
    after = [_after(move, records, by) for move in wanted]
    _write_rows(after, now)
    links = _write_links(after, by, now, device_at)
    follow_offers(links, by=by, now=now)
    _reopen_if_closed(wanted, by)
    tell_of_moves(list(zip(wanted, links, strict=True)), records, by=by)
    return links


def _completed(move: MoveRequest, by: Actor) -> MoveRequest:
    """Fill in what the state itself says: a child goes to its own session unless another is named."""
    if move.to in (State.GROUP, State.MISSING) and move.at_session is None:
        session = move.child_day.session if move.to == State.GROUP else move.child_day.at_session
        move = replace(move, at_session=session or move.child_day.session)
    if move.to == State.STAFF and move.holder is None:
        move = replace(move, holder=by.teacher)
    return move


def _refuse_if_changed(move: MoveRequest, records: facts.Records) -> None:
    row = records.rows.get(move.child_day.pk)
    if row is None or (row["state"], row["links"]) != (move.child_day.state, move.child_day.links):
        raise no_longer_true(move.child_day)


def no_longer_true(child_day: ChildDay) -> Refused:
    """Return the refusal of a move from a state that is no longer true, with what is true now."""
    now = ChildDay.objects.select_related("student", "holder").filter(pk=child_day.pk).first()
    if now is None:
        return Refused("somebody_was_faster", "这个孩子今天不在名单上。")
    who = f"，{now.holder.name}负责" if now.holder else ""
    since = now.since.astimezone(clock.SHANGHAI)
    return Refused(
        "somebody_was_faster",
        f"刚才已有人处理过：{now.student.name}现在是“{now.get_state_display()}”{who}（{since:%H:%M}起）。",
    )


def _after(move: MoveRequest, records: facts.Records, by: Actor) -> _After:
    row = records.rows[move.child_day.pk]
    seen = (row["state"], row["links"])
    if custody.undoes(row["state"], move.to, is_pass=row["is_pass"]):
        last = records.links[row["pk"], row["links"]]
        earlier = records.links.get((row["pk"], row["links"] - 1))
        session = earlier.at_session_id if earlier else row["session_id"]
        place = earlier.place if earlier else ""
        return _After(move, last.from_state, last.from_holder_id, session, place, last, seen)
    session_id = move.at_session.pk if move.at_session else None
    if move.to in custody.ENDS:
        return _After(move, move.to, None, None, "", None, seen)
    if move.to in (State.STAFF, State.LATE):
        session_id = None
    return _After(
        move, move.to, _holder(move, row["session_id"], records, by), session_id, _place(move, records), None, seen
    )


def _holder(move: MoveRequest, session_id: int | None, records: facts.Records, by: Actor) -> int | None:
    """Return who answers after the move. Receivers receive for themselves; nobody is made to answer from afar."""
    mine = by.teacher.pk if by.teacher else None
    on_duty = records.teacher_on_duty(move.at_session.pk if move.at_session else session_id)
    if move.to == State.MISSING:
        if move.child_day.state == State.MISSING:
            return mine
        if move.child_day.state in custody.HELD:
            return move.child_day.holder_id  # who had the child looks for it, whoever did not find it
        return on_duty or mine
    if move.to == State.LATE and move.holder is not None:
        return move.holder.pk
    if move.to in (State.GROUP, State.CLUB) and move.holder is not None and move.holder.pk == on_duty:
        return on_duty  # signed in on the roll call: what a leader mends there stays with the teacher
    return mine


def _place(move: MoveRequest, records: facts.Records) -> str:
    if move.place or move.at_session is None:
        return move.place
    session = records.sessions.get(move.at_session.pk)
    return session.room.name if session and session.room else ""


def _write_rows(after: list[_After], now: datetime) -> None:
    """Compare and set: each child must still stand where it was seen."""
    alike: dict[tuple[object, ...], list[_After]] = defaultdict(list)
    for one in after:
        alike[one.key].append(one)
    for same in alike.values():
        first = same[0]
        state, links = first.seen
        changed = ChildDay.objects.filter(
            pk__in=[one.move.child_day.pk for one in same], state=state, links=links
        ).update(
            state=first.to,
            holder=first.holder_id,
            at_session=first.session_id,
            place=first.place,
            links=links + 1,
            since=now,
        )
        if changed != len(same):
            raise no_longer_true(same[0].move.child_day)


def _write_links(after: list[_After], by: Actor, now: datetime, device_at: datetime | None) -> list[Handover]:
    links = [
        Handover(
            child_day=one.move.child_day,
            number=one.seen[1] + 1,
            from_state=one.seen[0],
            to_state=one.to,
            from_holder_id=one.move.child_day.holder_id,
            to_holder_id=one.holder_id,
            at_session_id=one.session_id,
            place=one.place,
            released_to=one.move.released_to if one.to == State.FETCHED else None,
            released_to_other=one.move.day_fetcher if one.to == State.FETCHED else None,
            reason=one.move.reason,
            by=by.user,
            at=now,
            device_at=device_at,
            undoes=one.undoes,
        )
        for one in after
    ]
    try:
        with transaction.atomic():
            Handover.objects.bulk_create(links, batch_size=500)
    except IntegrityError:
        raise no_longer_true(after[0].move.child_day) from None
    noted = [(link, one.move.note) for link, one in zip(links, after, strict=True) if one.move.note]
    HandoverNote.objects.bulk_create(HandoverNote(handover=link, text=text[:200]) for link, text in noted)
    decided = [one for one in after if one.move.decided_by]
    record_many(
        unsaved_event(
            "custody.decided",
            subject=one.move.child_day,
            by=by,
            student_id=one.move.child_day.student_id,
            term_id=one.move.child_day.term_id,
            data={"decided_by": one.move.decided_by.pk},
        )
        for one in decided
        if one.move.decided_by
    )
    for one in after:
        _refresh(one, now)
    return links


def _refresh(one: _After, now: datetime) -> None:
    """Let the row in hand say what is now true, so that a caller can make the next move."""
    day = one.move.child_day
    day.state = CustodyState(one.to)
    day.holder_id = one.holder_id
    day.at_session_id = one.session_id
    day.place, day.links, day.since = one.place, one.seen[1] + 1, now


def _reopen_if_closed(moves: list[MoveRequest], by: Actor) -> None:
    """A correction that opens a child again opens its day again."""
    if all(move.child_day.state in custody.ENDS for move in moves):
        return
    closed = ClosedDay.objects.filter(date=moves[0].child_day.date)
    record_many([unsaved_event("day.reopened", subject=row, by=by, term_id=row.term_id) for row in closed])
    closed.delete()
