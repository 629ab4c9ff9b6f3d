"""What the sessions to come take: group, room and teacher, for each period of the day, nobody and nothing twice."""

from collections.abc import Iterable, Sequence
from datetime import date, time

from afterschool.school.enums import Resource, SessionState
from afterschool.school.models import Occupancy, Session, Term
from afterschool.support.refusal import Refused
from scheduling.hours import Stretch, periods_of
from scheduling.models import Duty, Period

Key = tuple[date, int, str, int]
BATCH = 5000


def stretches_of(term: Term) -> list[Stretch]:
    """Return the periods of a term, in order."""
    return [Stretch(p.number, p.starts_at, p.ends_at) for p in Period.objects.filter(term=term).order_by("number")]


def occupy(term: Term, sessions: Sequence[Session], *, teachers: dict[int, int] | None = None) -> None:
    """Write what these sessions take; `teachers` (session id -> teacher id) writes teachers only.

    Refused with `taken_twice` when a room or a person is already taken then.
    """
    if not sessions:
        return
    stretches = stretches_of(term)
    periods: dict[tuple[time, time], list[int]] = {}
    first, last = min(s.date for s in sessions), max(s.date for s in sessions)
    kinds = [Resource.TEACHER] if teachers is not None else [Resource.GROUP, Resource.ROOM]
    standing = Occupancy.objects.filter(date__range=(first, last), kind__in=kinds)
    taken: set[Key] = set(standing.order_by().values_list("date", "period", "kind", "resource_id"))
    rows = []
    for session in sessions:
        span = (session.starts_at, session.ends_at)
        if span not in periods:
            periods[span] = periods_of(stretches, starts_at=span[0], ends_at=span[1])
        for kind, pk in _resources(session, teachers):
            for period in periods[span]:
                key = (session.date, period, kind, pk)
                if key in taken:
                    raise _twice(kind, session)
                taken.add(key)
                rows.append(
                    Occupancy(session_id=session.pk, date=session.date, period=period, kind=kind, resource_id=pk)
                )
    Occupancy.objects.bulk_create(rows, batch_size=BATCH)


def release(sessions: Iterable[int], *kinds: Resource) -> None:
    """Free what these sessions take (of these kinds, else all)."""
    rows = Occupancy.objects.filter(session_id__in=list(sessions))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    rows.delete()


def rebuild(term: Term, after: date) -> None:
    """Write anew what all standing sessions after a date take: the periods of the term have changed."""
    Occupancy.objects.filter(session__term=term, date__gt=after).delete()
    sessions = list(Session.objects.filter(term=term, date__gt=after, state=SessionState.PLANNED))
    occupy(term, sessions)
    duties = Duty.objects.filter(session__term=term, session__date__gt=after, active=True).values_list(
        "session_id", "teacher_id"
    )
    occupy(term, sessions, teachers=dict(duties))


def _resources(session: Session, teachers: dict[int, int] | None) -> list[tuple[str, int]]:
    if teachers is not None:
        return [(Resource.TEACHER.value, teachers[session.pk])] if session.pk in teachers else []
    found = [(Resource.GROUP.value, session.group_id)]
    if session.room_id is not None:
        found.append((Resource.ROOM.value, session.room_id))
    return found


def _twice(kind: str, session: Session) -> Refused:
    day = f"{session.date.month}月{session.date.day}日"
    what = {Resource.ROOM: f"场地“{session.room}”", Resource.GROUP: "这个服务班"}.get(Resource(kind), "这位教师")
    return Refused("taken_twice", f"{day} {what}在同一时间已被占用，请先改“{session.group}”的安排。")
