"""A calendar month of a term, and a whole term, as sheets and reports are kept by them."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from evaluation.enums import Occasion


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month."""

    occasion: ClassVar[Occasion] = Occasion.MONTH
    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月"

    @property
    def code(self) -> str:
        """The month in an address: 2026-09."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)


@dataclass(frozen=True)
class WholeTerm:
    """A whole term, where a month may stand too."""

    occasion: ClassVar[Occasion] = Occasion.TERM
    code: ClassVar[str] = "term"
    first: date
    last: date

    def __str__(self) -> str:
        return "本学期"


Period = Month | WholeTerm


def month_of(day: date) -> Month:
    """Return the month of a date."""
    return Month(day.year, day.month)


def read_month(code: str | None) -> Month | None:
    """Return the month of "2026-09", or nothing for anything else."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", code or "")
    return Month(int(found[1]), int(found[2])) if found else None


def months_between(first: date, last: date) -> Iterator[Month]:
    """Yield the months from one date to another, both included."""
    month = month_of(first)
    while month <= month_of(last):
        yield month
        month = month.next
