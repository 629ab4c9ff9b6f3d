"""A family's calendar: per child the days, hours, group and club, cancelled days, own leave, early and late pick-up.

The feed goes through foreign servers: it says when, and nothing of a child. Two children are told apart by a number.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Q

from afterschool.calendars.values import Entry, Span
from afterschool.school.enums import PlacementKind, SessionState, StudentState
from afterschool.school.models import Guardian, Placement, Session, Student
from attendance.enums import ChangeKind
from attendance.models import LeaveRequest, PickupChange
from attendance.queries.fetchers import by_banned
from scheduling.models import VolunteerTurn

WORDS = {PlacementKind.SERVICE: "课后服务", PlacementKind.CLUB: "社团"}


def entries(guardian: Guardian, span: Span) -> list[Entry]:
    """Return what a family's children have on, and where the guardian helps: seven queries, however many children."""
    children = children_of(guardian)
    return [*_sessions(children, span), *_helping(guardian, span)]


def children_of(guardian: Guardian) -> list[Student]:
    """Return the children a guardian acts for, in the order of the register; the feed numbers them so."""
    rows = Student.objects.filter(links__guardian=guardian, links__acts=True, state=StudentState.ENROLLED)
    order = ("school_class__grade", "school_class__number", "number", "pk")
    return list(rows.select_related("school_class").order_by(*order).distinct())


def _sessions(children: Sequence[Student], span: Span) -> Iterator[Entry]:
    by_id = {child.pk: child for child in children}
    numbers = {child.pk: str(n) if len(children) > 1 else "" for n, child in enumerate(children, 1)}
    places: dict[int, list[Placement]] = {}
    placed = Placement.objects.filter(term=span.term, student__in=children, starts_on__lte=span.last)
    for place in placed.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=span.first)):
        places.setdefault(place.group_id, []).append(place)
    days = span.days()
    away = _leaves(children, span)
    changes = _changes(children, span)
    rows = Session.objects.filter(group__in=places, date__range=(span.first, span.last)).select_related("group", "room")
    for session in rows.order_by("date", "starts_at", "pk"):
        runs = str(days[session.date].runs_weekday if session.date in days else session.date.isoweekday())
        for place in places[session.group_id]:
            if _covers(place, session.date, runs):
                leave = any(a <= session.date <= b for a, b in away.get(place.student_id, ()))
                change = changes.get((place.student_id, session.date))
                yield _entry(session, place, by_id[place.student_id], numbers[place.student_id], change, leave=leave)


def _covers(place: Placement, day: date, runs: str) -> bool:
    return runs in place.weekdays and place.starts_on <= day and (place.ends_on is None or day <= place.ends_on)


def _entry(
    session: Session, place: Placement, child: Student, number: str, change: PickupChange | None, *, leave: bool
) -> Entry:
    service = place.kind == PlacementKind.SERVICE
    ends_at, note, state, tone = session.ends_at, "", "", "none"
    if session.state == SessionState.CANCELLED:
        note, state, tone = session.cancel_reason, "停办", "refused"
    elif leave:
        state, tone = "已请假", "leave"
    elif change is not None:
        note = f"{change.get_kind_display()} {change.time:%H:%M}"
        state, tone = change.get_kind_display(), "moved"
        if change.kind == ChangeKind.LATE and service:
            ends_at = max(ends_at, change.time)
        elif change.kind == ChangeKind.EARLY and session.starts_at < change.time:
            ends_at = min(ends_at, change.time)
    missed = leave or _fetched_before(session, change)
    word = WORDS[PlacementKind(place.kind)]
    return Entry(
        key=f"session-{session.pk}-{child.pk}",
        date=session.date,
        title=session.group.name if service else f"社团：{session.group.name}",
        outside=f"{word}{f'（孩子{number}）' if number else ''}",
        starts_at=session.starts_at,
        ends_at=ends_at,
        place=str(session.room or ""),
        note=note,
        state=state,
        tone=tone,
        cancelled=session.state == SessionState.CANCELLED or missed,
        child=child,
    )


def _fetched_before(session: Session, change: PickupChange | None) -> bool:
    return change is not None and change.kind == ChangeKind.EARLY and change.time <= session.starts_at


def _leaves(children: Sequence[Student], span: Span) -> dict[int, list[tuple[date, date]]]:
    rows = LeaveRequest.objects.filter(
        student__in=children, cancelled_at__isnull=True, first_day__lte=span.last, last_day__gte=span.first
    )
    found: dict[int, list[tuple[date, date]]] = {}
    for student_id, first, last in rows.values_list("student_id", "first_day", "last_day"):
        found.setdefault(student_id, []).append((first, last))
    return found


def _changes(children: Sequence[Student], span: Span) -> dict[tuple[int, date], PickupChange]:
    rows = PickupChange.objects.filter(
        student__in=children, cancelled_at__isnull=True, date__range=(span.first, span.last)
    ).exclude(by_banned())
    return {(row.student_id, row.date): row for row in rows}


def _helping(guardian: Guardian, span: Span) -> Iterator[Entry]:
    turns = VolunteerTurn.objects.filter(
        volunteer__guardian=guardian, volunteer__term=span.term, session__date__range=(span.first, span.last)
    )
    for turn in turns.select_related("session__group", "session__room"):
        session = turn.session
        cancelled = session.state == SessionState.CANCELLED
        yield Entry(
            key=f"volunteer-{turn.pk}",
            date=session.date,
            title=f"志愿者：{session.group.name}",
            outside="课后服务志愿者",
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            place=str(session.room or ""),
            state="停办" if cancelled else "",
            tone="refused",
            cancelled=cancelled,
        )
