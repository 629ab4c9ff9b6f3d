"""How many came, day by day of a week and week by week of a term: bars as the monthly report draws them, and a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from afterschool.overview.ask import TERM, TODAY, WEEK, Ask, Span
from afterschool.overview.sources.children import marks
from afterschool.overview.sources.lines import day_word
from attendance.enums import MarkState
from evaluation.reporting import BAR_STEP, Attendance, Bar, DayLine, bars


@dataclass(frozen=True)
class Point:
    """One week of a term, or one day of a week, with where its own numbers stand."""

    label: str
    days: str
    marks: Attendance
    url: str
    bar: Bar


@dataclass(frozen=True)
class Trend:
    """The picture and its table."""

    points: list[Point]
    by_week: bool

    @property
    def width(self) -> int:
        return BAR_STEP * len(self.points) + 10


def attendance_by_day(ask: Ask) -> list[DayLine]:
    """Return what the closed roll calls say of each day: one query."""
    found = (
        marks(ask)
        .order_by()
        .values("roll_call__session__date")
        .annotate(
            present=Count("pk", filter=Q(state=MarkState.PRESENT)),
            late=Count("pk", filter=Q(state=MarkState.LATE)),
            leave=Count("pk", filter=Q(state=MarkState.LEAVE)),
            absent=Count("pk", filter=Q(state=MarkState.ABSENT)),
        )
    )
    lines = [
        DayLine(row["roll_call__session__date"], Attendance(row["present"], row["late"], row["leave"], row["absent"]))
        for row in found
    ]
    return sorted(lines, key=lambda line: line.day)


def by_week(days: Iterable[DayLine]) -> list[DayLine]:
    """Add days up by their week; a week's line carries its Monday."""
    sums: dict[date, Attendance] = {}
    for line in days:
        monday = line.day - timedelta(days=line.day.weekday())
        sums[monday] = sums.get(monday, Attendance()) + line.marks
    return [DayLine(monday, found) for monday, found in sorted(sums.items())]


def trend_of(ask: Ask) -> Trend | None:
    """Return the trend of a week or a term; nothing for a day, and nothing where no roll call is closed."""
    if ask.span.code == TODAY:
        return None
    weekly = ask.span.code == TERM
    lines = by_week(attendance_by_day(ask)) if weekly else attendance_by_day(ask)
    points = [_point(ask, line, bar, weekly=weekly) for line, bar in zip(lines, bars(lines), strict=True)]
    return Trend(points, weekly) if points else None


def _point(ask: Ask, line: DayLine, bar: Bar, *, weekly: bool) -> Point:
    last = line.day + timedelta(days=6)
    span = Span(WEEK, line.day, last, line.day) if weekly else Span(TODAY, line.day, line.day, line.day)
    label = f"{line.day.month}/{line.day.day}"
    days = f"{line.day.month}月{line.day.day}日—{last.month}月{last.day}日" if weekly else day_word(line.day)
    return Point(label, days, line.marks, Ask(ask.actor, ask.term, ask.scope, span).url, bar)
