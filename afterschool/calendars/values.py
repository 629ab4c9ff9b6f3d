"""What the calendars are made of."""

from dataclasses import dataclass
from datetime import date, time

from afterschool.school.models import SchoolDay, Student, Term


@dataclass(frozen=True)
class Span:
    """The days that are asked for, of one term."""

    term: Term
    first: date
    last: date

    def days(self) -> dict[date, SchoolDay]:
        """Return what the school's calendar says of them: one query."""
        rows = SchoolDay.objects.filter(term=self.term, date__range=(self.first, self.last))
        return {row.date: row for row in rows.order_by("date")}


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar. The page shows `title`, `place`, `note`; the feed shows `outside` and `outside_place` alone.

    key: what it is, the same for ever; tone: of its state's badge; cancelled: it does not take place for this person.
    """

    key: str
    date: date
    title: str
    outside: str
    starts_at: time | None = None
    ends_at: time | None = None
    place: str = ""
    outside_place: str = ""
    note: str = ""
    state: str = ""
    tone: str = "none"
    cancelled: bool = False
    tentative: bool = False
    child: Student | None = None
