"""Dated duties made from the weekly rota. A change ends one row and begins another, so that both stay on record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from afterschool.school.enums import Resource, SessionState
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from scheduling.actions.occupancy import occupy, release
from scheduling.enums import ClubState, DutySource, RotaState
from scheduling.models import Club, Duty, RotaTurn

BATCH = 1000
OF_THE_ROTA = (DutySource.ROTA, DutySource.HAND)


@dataclass(frozen=True)
class Named:
    """Who has a group or club on a weekday, with the reason of one put there by hand; nobody is an open turn."""

    teacher_id: int | None
    reason: str = ""


def fill_duties(term: Term, first: date, *, groups: Collection[int] | None = None) -> int:
    """Give the standing sessions from `first` on to whom the accepted rota names; return how many duties were written.

    A club that the rota doesn't name is its own teacher's. Confirmed stand-ins and swaps stay; so does what has begun. A turn
    that has no person leaves the session open. `groups`: of these groups alone.
    """
    now = clock.now()
    turns, clubs = _turns(term), _club_teachers(term)
    if not turns and not clubs:
        return 0
    weekdays = dict(SchoolDay.objects.filter(term=term, date__gte=first).values_list("date", "runs_weekday"))
    rows = Session.objects.filter(term=term, date__gte=max(first, now.date()), state=SessionState.PLANNED)
    if groups is not None:
        rows = rows.filter(group__in=groups)
    sessions = [s for s in rows if s.date > now.date() or now.time() < s.starts_at]
    active = {
        d.session_id: d
        for d in Duty.objects.filter(
            session__term=term, session__date__gte=first, session__state=SessionState.PLANNED, active=True
        )
    }
    ended, begun = _changes(sessions, active, turns, clubs, weekdays)
    _write(term, sessions, ended, begun)
    return len(begun)


def _turns(term: Term) -> dict[tuple[int, int], Named]:
    rows = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, group__isnull=False)
    return {(row.group_id or 0, row.weekday): Named(row.teacher_id, row.reason) for row in rows}


def _club_teachers(term: Term) -> dict[int, Named]:
    rows = Club.objects.filter(term=term, state=ClubState.APPROVED, group__isnull=False)
    found = rows.values_list("group_id", "teacher_id", "teacher__active")
    return {group_id: Named(teacher_id if active else None) for group_id, teacher_id, active in found if group_id}


def _changes(
    sessions: Sequence[Session],
    active: dict[int, Duty],
    turns: dict[tuple[int, int], Named],
    clubs: dict[int, Named],
    weekdays: dict[date, int],
) -> tuple[list[Duty], list[Duty]]:
    ended, begun = [], []
    for session in sessions:
        weekday = weekdays.get(session.date, session.date.isoweekday())
        named = turns.get((session.group_id, weekday)) or clubs.get(session.group_id) or Named(None)
        old = active.get(session.pk)
        if old is not None and (old.source not in OF_THE_ROTA or old.teacher_id == named.teacher_id):
            continue
        if old is not None:
            ended.append(old)
        if named.teacher_id is not None:
            source = DutySource.HAND if named.reason else DutySource.ROTA
            begun.append(
                Duty(
                    session_id=session.pk,
                    teacher_id=named.teacher_id,
                    source=source,
                    replaces=old,
                    reason=named.reason,
                )
            )
    return ended, begun


def _write(term: Term, sessions: Sequence[Session], ended: list[Duty], begun: list[Duty]) -> None:
    Duty.objects.filter(pk__in=[d.pk for d in ended]).update(active=False)
    release([d.session_id for d in ended], Resource.TEACHER)
    Duty.objects.bulk_create(begun, batch_size=BATCH)
    taken = {d.session_id: d.teacher_id for d in begun}
    occupy(term, [s for s in sessions if s.pk in taken], teachers=taken)
