"""Which groups meet on which dates, when and where. Pure; made of the calendar, the groups and the timetables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from scheduling.club_hours import Seasons, Wanted, span_on
from scheduling.hours import Hours, hours_on


@dataclass(frozen=True)
class ServiceDay:
    """A date with service, and the weekday whose timetable it runs (a moved working day runs another's)."""

    date: date
    weekday: int


@dataclass(frozen=True)
class Span:
    """That at least one child comes on these weekdays, from one date to another (none: open)."""

    weekdays: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Gathering:
    """A group as far as its meetings go."""

    id: int
    grade: int
    room_id: int | None
    starts_on: date
    ends_on: date | None
    spans: frozenset[Span]


@dataclass(frozen=True)
class Meeting:
    """One group on one date."""

    group_id: int
    date: date
    weekday: int
    starts_at: time
    ends_at: time
    room_id: int | None


def meets(group: Gathering, day: ServiceDay) -> bool:
    """Tell whether the group stands on that date and at least one of its children comes on that weekday."""
    if day.date < group.starts_on or (group.ends_on is not None and day.date > group.ends_on):
        return False
    return any(
        str(day.weekday) in span.weekdays
        and span.starts_on <= day.date
        and (span.ends_on is None or day.date <= span.ends_on)
        for span in group.spans
    )


def meetings(
    *,
    days: Iterable[ServiceDay],
    groups: Sequence[Gathering],
    hours: Mapping[int, Sequence[Hours]],
    service_weekdays: str,
) -> list[Meeting]:
    """Return every meeting of the term, by date and group. A grade without a timetable for the weekday doesn't meet."""
    found = []
    for day in days:
        if str(day.weekday) not in service_weekdays:
            continue
        by_grade = {g: hours_on(tables, weekday=day.weekday, day=day.date) for g, tables in hours.items()}
        for group in groups:
            table = by_grade.get(group.grade)
            if table is not None and meets(group, day):
                found.append(Meeting(group.id, day.date, day.weekday, table.starts_at, table.dismissal, group.room_id))
    return found


def club_meetings(
    *,
    days: Iterable[ServiceDay],
    clubs: Sequence[tuple[Gathering, Wanted]],
    seasons: Seasons,
    service_weekdays: str,
) -> list[Meeting]:
    """Return every meeting of the clubs: on its weekdays, in the slot that all its grades have, while a child comes."""
    found = []
    for day in days:
        if str(day.weekday) not in service_weekdays:
            continue
        for group, wanted in clubs:
            if str(day.weekday) not in wanted.weekdays or not meets(group, day):
                continue
            span = span_on(seasons, wanted, weekday=day.weekday, day=day.date)
            if span is not None:
                found.append(Meeting(group.id, day.date, day.weekday, *span, group.room_id))
    return found
