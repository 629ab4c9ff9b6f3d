"""What each date of a term is to the service (plan section 5: service on school days only; requirement D8).

Pure. The nation's word comes in as a table; a year it doesn't know is taken by weekday and marked provisional. A moved
working day (调休) is a school day whose weekday nobody can guess, so it stays without service until the office decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

UNDECIDED = "调休上班日，请确定按周几上课"
BEFORE_START = "课后服务尚未开始"
NO_SERVICE_WEEKDAY = "这一天不安排服务"


class Kind(Enum):
    """What a date is, before the school has its say."""

    SERVICE = "service"
    OFF = "off"


@dataclass(frozen=True)
class National:
    """What the nation says of a date: whether people work, and the holiday's name, if it is one or makes up for one."""

    works: bool
    holiday: str = ""


@dataclass(frozen=True)
class DayPlan:
    """One date of the term as the portal takes it. `known` is false where only the weekday was at hand."""

    date: date
    kind: Kind
    runs_weekday: int
    known: bool
    note: str = ""


def dates(first: date, last: date) -> Iterator[date]:
    """Give every date from `first` to `last`, both counted."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def is_moved(day: date, word: National) -> bool:
    """Tell whether people work on a date that is a Saturday or Sunday."""
    return word.works and day.isoweekday() > 5


def plan_day(
    day: date, *, service_from: date, service_weekdays: str, nation: Callable[[date], National | None]
) -> DayPlan:
    """Return what one date is. `nation` gives none for a date it doesn't know."""
    weekday = day.isoweekday()
    word = nation(day)
    known = word is not None
    word = word or National(works=weekday <= 5)

    def result(kind: Kind, note: str = "") -> DayPlan:
        return DayPlan(day, kind, weekday, known, note)

    if not word.works:
        return result(Kind.OFF, word.holiday if weekday <= 5 or word.holiday else "")
    if day < service_from:
        return result(Kind.OFF, BEFORE_START)
    if is_moved(day, word):
        return result(Kind.OFF, UNDECIDED)
    if str(weekday) not in service_weekdays:
        return result(Kind.OFF, NO_SERVICE_WEEKDAY)
    return result(Kind.SERVICE)


def plan_term(
    *,
    first: date,
    last: date,
    service_from: date,
    service_weekdays: str,
    nation: Callable[[date], National | None],
) -> list[DayPlan]:
    """Return what each date of a term is, in order, none left out."""
    return [
        plan_day(day, service_from=service_from, service_weekdays=service_weekdays, nation=nation)
        for day in dates(first, last)
    ]
