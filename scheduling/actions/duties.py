"""Dated duties made from the weekly rota. A change ends one row and begins another, so that both stay on record."""

from collections.abc import Sequence
from datetime import date

from afterschool.school.enums import Resource, SessionState
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from scheduling.actions.occupancy import occupy, release
from scheduling.enums import DutySource, RotaState
from scheduling.models import Duty, RotaTurn

BATCH = 1000
OF_THE_ROTA = (DutySource.ROTA, DutySource.HAND)


def fill_duties(term: Term, first: date) -> int:
    """Give the standing sessions from `first` on to whom the accepted rota names; return how many duties were written.

    Confirmed stand-ins and swaps stay; so does what has begun. A turn that has no person leaves the session open.
    """
    now = clock.now()
    turns = _turns(term)
    if not turns:
        return 0
    weekdays = dict(SchoolDay.objects.filter(term=term, date__gte=first).values_list("date", "runs_weekday"))
    sessions = [
        s
        for s in Session.objects.filter(term=term, date__gte=max(first, now.date()), state=SessionState.PLANNED)
        if s.date > now.date() or now.time() < s.starts_at
    ]
    active = {
        d.session_id: d
        for d in Duty.objects.filter(
            session__term=term, session__date__gte=first, session__state=SessionState.PLANNED, active=True
        )
    }
    ended, begun = _changes(sessions, active, turns, weekdays)
    _write(term, sessions, ended, begun)
    return len(begun)


def _turns(term: Term) -> dict[tuple[int, int], RotaTurn]:
    rows = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, group__isnull=False)
    return {(row.group_id or 0, row.weekday): row for row in rows}


def _changes(
    sessions: Sequence[Session],
    active: dict[int, Duty],
    turns: dict[tuple[int, int], RotaTurn],
    weekdays: dict[date, int],
) -> tuple[list[Duty], list[Duty]]:
    ended, begun = [], []
    for session in sessions:
        turn = turns.get((session.group_id, weekdays.get(session.date, session.date.isoweekday())))
        old = active.get(session.pk)
        teacher_id = turn.teacher_id if turn else None
        if old is not None and (old.source not in OF_THE_ROTA or old.teacher_id == teacher_id):
            continue
        if old is not None:
            ended.append(old)
        if turn is not None and teacher_id is not None:
            source = DutySource.HAND if turn.reason else DutySource.ROTA
            begun.append(
                Duty(session_id=session.pk, teacher_id=teacher_id, source=source, replaces=old, reason=turn.reason)
            )
    return ended, begun


def _write(term: Term, sessions: Sequence[Session], ended: list[Duty], begun: list[Duty]) -> None:
    Duty.objects.filter(pk__in=[d.pk for d in ended]).update(active=False)
    release([d.session_id for d in ended], Resource.TEACHER)
    Duty.objects.bulk_create(begun, batch_size=BATCH)
    taken = {d.session_id: d.teacher_id for d in begun}
    occupy(term, [s for s in sessions if s.pk in taken], teachers=taken)
