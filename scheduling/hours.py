"""Hours of an afternoon: which timetable holds on a date, and the periods that all timetables cut the day into.

Pure. Periods are the grain of Occupancy: bands and schools differ, so the day is cut at every boundary of any timetable
(design, "Rules of the data").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Anything that holds on some weekdays, from a date on."""

    @property
    def id(self) -> int: ...
    @property
    def weekdays(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...


Table = TypeVar("Table", bound=Dated)


@dataclass(frozen=True)
class Hours:
    """A timetable as far as hours go: from when to when, on which ISO weekdays, from which date on (none: always)."""

    id: int
    weekdays: str
    valid_from: date | None
    starts_at: time
    dismissal: time
    boundaries: tuple[time, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """One period of the day, numbered from 1."""

    number: int
    starts_at: time
    ends_at: time


def hours_on(tables: Iterable[Table], *, weekday: int, day: date) -> Table | None:
    """Return the timetable of this weekday on this date: the newest season that has begun; none if no table names it."""
    fitting = [t for t in tables if str(weekday) in t.weekdays and (t.valid_from is None or t.valid_from <= day)]
    return max(fitting, key=lambda t: (t.valid_from or date.min, -len(t.weekdays), t.id), default=None)


def cut(tables: Iterable[Hours]) -> list[Stretch]:
    """Return the periods between all boundaries of these timetables, in order of the day."""
    edges = sorted({edge for t in tables for edge in (t.starts_at, *t.boundaries, t.dismissal)})
    return [Stretch(n, a, b) for n, (a, b) in enumerate(pairwise(edges), 1)]


def periods_of(stretches: Sequence[Stretch], *, starts_at: time, ends_at: time) -> list[int]:
    """Return the numbers of the periods that a meeting from `starts_at` to `ends_at` takes."""
    return [s.number for s in stretches if s.starts_at < ends_at and starts_at < s.ends_at]
