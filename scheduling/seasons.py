"""Which timetable runs when: seasons that differ, weekdays that differ, gaps and overlaps (requirement A4).

Pure. The rule of who wins is `hours.hours_on`: the newest season that has begun, of two the one with fewer weekdays. Here it
is played over a whole term, so that the office sees what its timetables come to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.hours import Hours, hours_on


@dataclass(frozen=True)
class Season:
    """A stretch of the term in which nothing changes: for each ISO weekday with service the timetable, or none (a gap)."""

    first: date
    last: date
    tables: tuple[tuple[str, int | None], ...]

    @property
    def gaps(self) -> str:
        """The weekdays without a timetable."""
        return "".join(weekday for weekday, table in self.tables if table is None)

    def table_on(self, weekday: int | str) -> int | None:
        """Return the timetable of a weekday, by its id."""
        return dict(self.tables).get(str(weekday))


@dataclass(frozen=True)
class Clash:
    """Two timetables for one weekday of one season: `runs` is taken, `loses` is not, and nobody may have meant that."""

    weekday: str
    since: date
    runs: int
    loses: int


def seasons(tables: Sequence[Hours], *, weekdays: str, first: date, last: date) -> list[Season]:
    """Return the seasons of a term for one grade band, in order, without a gap between them. Equal neighbours are one."""
    cuts = sorted({first, *(t.valid_from for t in tables if t.valid_from and first < t.valid_from <= last)})
    ends = [*(cut - timedelta(days=1) for cut in cuts[1:]), last]
    found: list[Season] = []
    for begin, end in zip(cuts, ends, strict=True):
        runs = tuple((w, _id(hours_on(tables, weekday=int(w), day=begin))) for w in weekdays)
        if found and found[-1].tables == runs:
            found[-1] = Season(found[-1].first, end, runs)
        else:
            found.append(Season(begin, end, runs))
    return found


def _id(hours: Hours | None) -> int | None:
    return hours.id if hours else None


def clashes(tables: Sequence[Hours], *, weekdays: str, first: date, last: date) -> list[Clash]:
    """Return where two timetables meet and the choice between them may surprise.

    Either both belong to one season and name as many weekdays (nobody can tell which is meant), or a newer one for more
    weekdays ends an older one for fewer (Friday's own hours are gone from 1 October on). A timetable for fewer weekdays beside
    one for more in the same season is the usual exception and no clash.
    """
    found = []
    for season in seasons(tables, weekdays=weekdays, first=first, last=last):
        for weekday, running in season.tables:
            winner = next((t for t in tables if t.id == running), None)
            for other in tables:
                if winner is not None and _surprises(winner, other, weekday, season.first):
                    found.append(Clash(weekday, max(season.first, winner.valid_from or first), winner.id, other.id))
    return list(dict.fromkeys(found))


def _surprises(winner: Hours, other: Hours, weekday: str, day: date) -> bool:
    if other.id == winner.id or weekday not in other.weekdays or (other.valid_from or date.min) > day:
        return False
    if other.valid_from == winner.valid_from:
        return len(other.weekdays) == len(winner.weekdays)
    return len(other.weekdays) < len(winner.weekdays)


def idle(tables: Sequence[Hours], *, weekdays: str, first: date, last: date) -> list[int]:
    """Return the timetables that never run in this term."""
    used = {
        table for season in seasons(tables, weekdays=weekdays, first=first, last=last) for _, table in season.tables
    }
    return [t.id for t in tables if t.id not in used]
