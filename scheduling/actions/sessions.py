"""Sessions of the term, made of the calendar, the groups and the timetables, each with what it takes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import DayKind, PlacementKind, SessionState
from afterschool.school.events import record
from afterschool.school.models import Placement, SchoolDay, Session, Term
from afterschool.support import clock
from scheduling.actions.duties import fill_duties
from scheduling.actions.occupancy import occupy, rebuild, release
from scheduling.meetings import Gathering, Meeting, ServiceDay, Span, club_meetings, meetings
from scheduling.models import Club
from scheduling.queries.club_hours import open_clubs, seasons, wanted_of
from scheduling.queries.sessions import hours_of_term, service_groups

BATCH = 1000


@dataclass(frozen=True)
class Made:
    """How many sessions were made, changed to new hours or room, taken up again, and cancelled."""

    made: int = 0
    changed: int = 0
    cancelled: int = 0


def wanted(term: Term, first: date, last: date | None = None, groups: Collection[int] | None = None) -> list[Meeting]:
    """Return every meeting from `first` on that calendar, groups, clubs and timetables ask for: ten queries.

    `groups`: of these groups alone.
    """
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__gte=first)
    if last is not None:
        days = days.filter(date__lte=last)
    calendar = [ServiceDay(d.date, d.runs_weekday) for d in days]
    placements, service, clubs = Placement.objects.filter(term=term), service_groups(term), open_clubs(term)
    if groups is not None:
        placements = placements.filter(group__in=groups)
        service, clubs = service.filter(pk__in=groups), clubs.filter(group__in=groups)
    spans: dict[int, set[Span]] = defaultdict(set)
    rows = placements.order_by().values_list("group_id", "weekdays", "starts_on", "ends_on").distinct()
    for group_id, weekdays, starts_on, ends_on in rows:
        spans[group_id].add(Span(weekdays, starts_on, ends_on))
    gatherings = [
        Gathering(g.pk, g.grade or 0, g.room_id, g.starts_on, g.ends_on, frozenset(spans[g.pk])) for g in service
    ]
    found = meetings(
        days=calendar, groups=gatherings, hours=hours_of_term(term), service_weekdays=term.service_weekdays
    )
    return found + _of_clubs(term, calendar, list(clubs), spans)


def _of_clubs(
    term: Term, calendar: list[ServiceDay], clubs: list[Club], spans: Mapping[int, set[Span]]
) -> list[Meeting]:
    gathered = [
        (
            Gathering(g.pk, 0, club.room_id, g.starts_on, g.ends_on, frozenset(spans[g.pk])),
            wanted_of(club),
        )
        for club in clubs
        if (g := club.group) is not None and spans.get(g.pk)
    ]
    if not gathered:
        return []
    return club_meetings(days=calendar, clubs=gathered, seasons=seasons(term), service_weekdays=term.service_weekdays)


@transaction.atomic
def make_sessions(*, term: Term, by: Actor) -> Made:
    """Make the sessions of groups and clubs that are missing from today on, with what they take and who has the turn (D8).

    What has begun is never touched. Sessions to come whose group or day is gone are cancelled, whose hours or room
    changed follow. A second run changes nothing. Refused with `taken_twice` where two groups are given one room.
    """
    need_office(by)
    made = _sync(term, today_or_later())
    record(
        "sessions.made",
        subject=term,
        by=by,
        term_id=term.pk,
        data={"made": made.made, "changed": made.changed, "cancelled": made.cancelled},
    )
    return made


def hours_changed(term: Term) -> None:
    """Let sessions to come follow the timetables, and write anew what they take. Called by who changed the timetables."""
    today = clock.today()
    if Session.objects.filter(term=term, date__gt=today).exists():
        _sync(term, today, fresh=True)


def follow_places(places: Sequence[Placement]) -> None:
    """Make the sessions that new places need: a child may be its group's first on a weekday. Two queries where none is missing.

    Registered with `school.actions.placements`. Where no sessions of a service group are made yet there is nothing to
    follow; a club has its first with its first child, once the term has any.
    """
    met: dict[int, set[date]] = defaultdict(set)
    first = min(place.starts_on for place in places)
    sessions = Session.objects.filter(group__in={p.group_id for p in places}, state=SessionState.PLANNED)
    for group_id, day in sessions.filter(date__gte=first).order_by().values_list("group_id", "date"):
        met[group_id].add(day)
    term = places[0].term
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__gte=first).values_list(
        "date", "runs_weekday"
    )
    calendar = list(days)
    short: set[int] = set()
    for place in places:
        due = {d for d, runs in calendar if d >= place.starts_on and str(runs) in place.weekdays}
        due = {d for d in due if place.ends_on is None or d <= place.ends_on}
        if due - met[place.group_id] and (met[place.group_id] or place.kind == PlacementKind.CLUB):
            short.add(place.group_id)
    if short and (any(met[pk] for pk in short) or Session.objects.filter(term=term).exists()):
        _sync(term, max(first, today_or_later()), groups=short)


def today_or_later(now: datetime | None = None) -> date:
    """Return the first date whose sessions may still be made: today."""
    return (now or clock.now()).date()


def sync_groups(term: Term, groups: Collection[int]) -> Made:
    """Bring the sessions to come of these groups in line with what is wanted, once the term has any."""
    if not groups or not Session.objects.filter(term=term).exists():
        return Made()
    return _sync(term, today_or_later(), groups=groups)


def _sync(
    term: Term,
    first: date,
    *,
    last: date | None = None,
    fresh: bool = False,
    groups: Collection[int] | None = None,
) -> Made:
    """Bring the sessions in line with what is wanted; those of today that stand already are left alone."""
    today = clock.today()
    meetings_by_key = {(m.group_id, m.date): m for m in wanted(term, first, last, groups)}
    rows = Session.objects.filter(term=term, date__gte=first)
    if last is not None:
        rows = rows.filter(date__lte=last)
    if groups is not None:
        rows = rows.filter(group__in=groups)
    standing = rows.filter(state=SessionState.PLANNED)
    cancelled = rows.filter(state=SessionState.CANCELLED)
    have = {(s.group_id, s.date): s for s in standing}
    gone = [s for key, s in have.items() if key not in meetings_by_key and s.date > today]
    moved = [_follow(s, m) for key, m in meetings_by_key.items() if (s := have.get(key)) and _differs(s, m, today)]
    again = [_follow(s, m) for s in cancelled if (m := meetings_by_key.get((s.group_id, s.date))) and s.date >= today]
    present = have.keys() | {(s.group_id, s.date) for s in again}
    new = [
        Session(
            term=term, group_id=m.group_id, date=m.date, starts_at=m.starts_at, ends_at=m.ends_at, room_id=m.room_id
        )
        for key, m in meetings_by_key.items()
        if key not in present
    ]
    _cancel(gone, "安排已调整")
    release([s.pk for s in moved])
    Session.objects.bulk_update(
        [*moved, *again], ["starts_at", "ends_at", "room", "state", "cancel_reason"], batch_size=BATCH
    )
    new = Session.objects.bulk_create(new, batch_size=BATCH)
    if fresh:
        rebuild(term, today)
        fresh_today = [s for s in [*new, *again] if s.date <= today]
        occupy(term, fresh_today)
    else:
        occupy(term, [*new, *again, *moved])
        _retake_teachers(term, [*again, *moved])
    fill_duties(term, first, groups=groups)
    return Made(len(new) + len(again), len(moved), len(gone))


def _retake_teachers(term: Term, sessions: Sequence[Session]) -> None:
    from scheduling.models import Duty

    duties = Duty.objects.filter(session__in=sessions, active=True).values_list("session_id", "teacher_id")
    occupy(term, sessions, teachers=dict(duties))


def _differs(session: Session, meeting: Meeting, today: date) -> bool:
    same = (session.starts_at, session.ends_at, session.room_id) == (
        meeting.starts_at,
        meeting.ends_at,
        meeting.room_id,
    )
    return session.date > today and not same


def _follow(session: Session, meeting: Meeting) -> Session:
    session.starts_at, session.ends_at = meeting.starts_at, meeting.ends_at
    session.room_id = meeting.room_id
    session.state, session.cancel_reason = SessionState.PLANNED, ""
    return session


def _cancel(sessions: Sequence[Session], reason: str) -> None:
    ids = [s.pk for s in sessions]
    Session.objects.filter(pk__in=ids).update(state=SessionState.CANCELLED, cancel_reason=reason)
    release(ids)


def cancel_past(session: Session, reason: str) -> bool:
    """Cancel one session that is over and did not take place; False when somebody was faster. Who may and why: the caller."""
    changed = Session.objects.filter(pk=session.pk, state=SessionState.PLANNED, date__lte=clock.today()).update(
        state=SessionState.CANCELLED, cancel_reason=reason[:100]
    )
    release([session.pk])
    return changed == 1


def cancel_day(term: Term, day: date, reason: str) -> tuple[list[int], set[int]]:
    """Cancel all standing sessions of a date; return the groups and the teachers' accounts that must hear of it."""
    from scheduling.models import Duty

    sessions = list(Session.objects.filter(term=term, date=day, state=SessionState.PLANNED))
    duties = Duty.objects.filter(session__in=sessions, active=True, teacher__user__isnull=False)
    accounts = {pk for pk in duties.values_list("teacher__user_id", flat=True) if pk is not None}
    _cancel(sessions, reason[:100])
    return [s.group_id for s in sessions], accounts


def take_up_day(term: Term, day: date) -> Made:
    """Make or take up again the sessions of one date."""
    return _sync(term, day, last=day)


def placed_on(group_ids: list[int], *, weekday: int, day: date) -> list[int]:
    """Return the children who were to come to these groups on that date."""
    rows = Placement.objects.filter(group__in=group_ids, weekdays__contains=str(weekday), starts_on__lte=day)
    return list(rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)).values_list("student_id", flat=True))
