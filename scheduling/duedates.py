"""When a piece of the work list is due (the plan's 课后服务工作一览表; requirement D10).

Pure. A school day is a day with service. Days drawn by lot come from a kept seed: the draw can be repeated, and a day added
to the calendar or taken from it changes at most one pick of its month.
"""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from scheduling.enums import WorkRule

AUTUMN = (8, 9)  # months in which the plan's school year begins
LONGEST_WAIT = 31  # days; a day due may move back at most this far


@dataclass(frozen=True)
class When:
    """When one item comes: only what its rule needs is looked at."""

    rule: WorkRule
    on: date | None = None
    days: tuple[int, ...] = ()
    per_month: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Calendar:
    """The term from `first` to `last` with its school days in order."""

    first: date
    last: date
    days: tuple[date, ...]


def fixed_date(month: int, day: int, starts_on: date) -> date:
    """Return a date that the plan prints for a term that begins on 1 September, for a term that begins on `starts_on`.

    In autumn it is the printed date of that year; in another term it stands as many days from the start as the printed one
    from 1 September.
    """
    printed = date(starts_on.year, month, day)
    if starts_on.month in AUTUMN:
        return printed
    return starts_on + (printed - date(starts_on.year, 9, 1))


def day_in_month(year: int, month: int, day: int) -> date:
    """Return that day of a month. Where the month is too short, 30 and 31 are its last day, and 29 the eve of "30"."""
    last = monthrange(year, month)[1]
    if day == 29 and last < 30:
        return date(year, month, last - 1)
    return date(year, month, min(day, last))


def back_to_school(day: date, days: Sequence[date]) -> date | None:
    """Return the day itself if it is a school day, else the school day before; none if there was none yet."""
    at = bisect_right(days, day)
    return days[at - 1] if at and (day - days[at - 1]).days <= LONGEST_WAIT else None


def monthly(days: Sequence[int], calendar: Calendar) -> list[date]:
    """Return the dates of these days of each month of the term, each moved back to a school day."""
    found: set[date] = set()
    month = calendar.first.replace(day=1)
    while month <= calendar.last:
        for number in days:
            printed = day_in_month(month.year, month.month, number)
            if calendar.first <= printed <= calendar.last and (due := back_to_school(printed, calendar.days)):
                found.add(due)
        month = (month + timedelta(days=31)).replace(day=1)
    return sorted(found)


def drawn(seed: int, per_month: int, days: Sequence[date]) -> list[date]:
    """Return the days drawn by lot: in each month those whose lots are lowest. The same seed gives the same days."""
    months: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in days:
        months[day.year, day.month].append(day)
    return sorted(
        day for of_month in months.values() for day in sorted(of_month, key=lambda d: lot(seed, d))[:per_month]
    )


def lot(seed: int, day: date) -> str:
    """Return the lot of one day."""
    return sha256(f"{seed} {day.isoformat()}".encode()).hexdigest()


def due_dates(when: When, calendar: Calendar) -> list[date]:
    """Return every date of the term on which an item is due, in order.

    A fixed date stands as it is written, also before the term. The start of term (期初) is the first school day, the day on
    which the service begins. Every workday is every school day.
    """
    match when.rule:
        case WorkRule.ON_DATE:
            return [when.on] if when.on else []
        case WorkRule.TERM_START:
            return list(calendar.days[:1])
        case WorkRule.WORKDAYS:
            return list(calendar.days)
        case WorkRule.MONTHLY:
            return monthly(when.days, calendar)
        case WorkRule.AT_RANDOM:
            return drawn(when.seed, when.per_month, calendar.days)


def parse_days(text: str) -> tuple[int, ...]:
    """Return the days of a month written as "15、30"; `ValueError` where one is no day of a month."""
    for sign in "、，日号 ":
        text = text.replace(sign, ",")
    days = sorted({int(part) for part in text.split(",") if part})
    if not days or days[0] < 1 or days[-1] > 31:
        raise ValueError(text)
    return tuple(days)
