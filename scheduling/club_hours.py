"""When a club meets: the `nth` slot of an afternoon that has a part of its kind, in the timetable of each of its grades.

Pure. A term has seasons (timetables that begin later): hours are asked for each of them, and what a child is taken for is kept
by season, weekday and period, so that two clubs clash only where they do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from scheduling.hours import Stretch, hours_on, periods_of

Span = tuple[time, time]
Key = tuple[int, int]
SEASON = 100  # more than an afternoon ever has periods


@dataclass(frozen=True)
class Line:
    """One slot of an afternoon with the kinds of what happens in it."""

    starts_at: time
    ends_at: time
    kinds: frozenset[str]


@dataclass(frozen=True)
class Afternoon:
    """A timetable as far as clubs go: its slots in order of the day."""

    id: int
    weekdays: str
    valid_from: date | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Wanted:
    """A club as far as its hours go."""

    grades: frozenset[int]
    kind: str
    nth: int
    weekdays: str


@dataclass(frozen=True)
class Seasons:
    """All that hours are made of: the afternoons of each grade, when each season begins, and the periods of the day."""

    tables: Mapping[int, Sequence[Afternoon]]
    starts: tuple[date, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Trouble:
    """Why a club can't meet: on that weekday, from that date on, these grades have no slot of its kind, or different ones."""

    weekday: int
    day: date
    missing: tuple[int, ...]
    spans: tuple[tuple[int, Span], ...]


def seasons_of(tables: Mapping[int, Sequence[Afternoon]], first: date, last: date) -> tuple[date, ...]:
    """Return the days on which a season of the term begins, the first day of the term among them."""
    later = {t.valid_from for rows in tables.values() for t in rows if t.valid_from and first < t.valid_from <= last}
    return (first, *sorted(later))


def slot_of(table: Afternoon | None, *, kind: str, nth: int) -> Span | None:
    """Return the hours of the nth slot with a part of this kind; none where the afternoon has fewer."""
    fitting = [line for line in table.lines if kind in line.kinds] if table else []
    return (fitting[nth - 1].starts_at, fitting[nth - 1].ends_at) if len(fitting) >= nth else None


def spans_on(seasons: Seasons, wanted: Wanted, *, weekday: int, day: date) -> dict[int, Span | None]:
    """Return the hours by grade on one weekday of the season that holds on `day`."""
    return {
        grade: slot_of(
            hours_on(seasons.tables.get(grade, ()), weekday=weekday, day=day), kind=wanted.kind, nth=wanted.nth
        )
        for grade in sorted(wanted.grades)
    }


def span_on(seasons: Seasons, wanted: Wanted, *, weekday: int, day: date) -> Span | None:
    """Return the one span in which all grades of a club can meet; none where one has no slot, or they differ."""
    spans = set(spans_on(seasons, wanted, weekday=weekday, day=day).values())
    return spans.pop() if len(spans) == 1 else None


def troubles(seasons: Seasons, wanted: Wanted) -> list[Trouble]:
    """Return every weekday and season on which this club can't meet, in order."""
    found = []
    for day in seasons.starts:
        for weekday in map(int, wanted.weekdays):
            spans = spans_on(seasons, wanted, weekday=weekday, day=day)
            missing = tuple(grade for grade, span in spans.items() if span is None)
            kept = tuple((grade, span) for grade, span in spans.items() if span is not None)
            if missing or len({span for _, span in kept}) > 1:
                found.append(Trouble(weekday, day, missing, kept))
    return found


def keys_of(seasons: Seasons, wanted: Wanted) -> frozenset[Key]:
    """Return what a club takes of the weeks of a term: (weekday, season and period as one number)."""
    return frozenset(
        (weekday, number * SEASON + period)
        for number, day in enumerate(seasons.starts)
        for weekday in map(int, wanted.weekdays)
        if (span := span_on(seasons, wanted, weekday=weekday, day=day))
        for period in periods_of(seasons.stretches, starts_at=span[0], ends_at=span[1])
    )


def weekday_of(keys: Iterable[Key]) -> int:
    """Return the first weekday of these keys, to name a clash by."""
    return min(weekday for weekday, _ in keys)
