"""What stands in a person's calendar, and the whole of it for one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby

from afterschool.calendars import family, office, staff
from afterschool.calendars.values import Entry, Span
from afterschool.school.access import Actor
from afterschool.school.models import Term


@dataclass(frozen=True)
class DayEntries:
    """One date with what is on."""

    date: date
    entries: list[Entry]


def entries_of(actor: Actor, term: Term, first: date, last: date) -> list[Entry]:
    """Return everything in a person's calendar from the first to the last day, in order: a fixed number of queries."""
    span = Span(term, first, last)
    found: list[Entry] = []
    if actor.guardian is not None:
        found += family.entries(actor.guardian, span)
    if actor.teacher is not None and actor.is_staff:
        found += staff.entries(actor.teacher, span)
    if actor.is_office:
        found += office.entries(span)
    return sorted(found, key=lambda entry: (entry.date, entry.starts_at or time.min, entry.key))


def by_day(entries: Iterable[Entry]) -> list[DayEntries]:
    """Return the entries date by date."""
    return [DayEntries(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: entry.date)]
