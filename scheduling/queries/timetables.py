"""Timetables and days, as the pages show them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import GradeBand, SchoolDay, Student, Term
from afterschool.support import clock
from scheduling.calendar import UNDECIDED
from scheduling.models import Slot, SlotPart, Timetable


@dataclass(frozen=True)
class BandTables:
    """A grade band with its timetables. `mine`: the band of one of the asker's children."""

    band: GradeBand
    tables: list[Timetable]
    mine: bool = False


def tables_of_term(term: Term, actor: Actor) -> list[BandTables]:
    """Return the timetables by band, those of the asker's own children first: five queries."""
    parts = Prefetch("parts", SlotPart.objects.order_by("position"))
    slots = Prefetch("slots", Slot.objects.order_by("number").prefetch_related(parts))
    rows = Timetable.objects.filter(band__term=term).prefetch_related(slots).order_by("valid_from", "weekdays")
    own = grades_of_children(actor)
    found = []
    tables = list(rows)
    for band in term.bands.order_by("first_grade"):
        mine = any(grade in band.grades for grade in own)
        found.append(BandTables(band, [t for t in tables if t.band_id == band.pk], mine))
    return sorted(found, key=lambda b: not b.mine)


def grades_of_children(actor: Actor) -> set[int]:
    """Return the grades of a guardian's own children."""
    if actor.guardian is None:
        return set()
    rows = Student.objects.filter(links__guardian=actor.guardian, links__acts=True, school_class__isnull=False)
    return set(rows.values_list("school_class__grade", flat=True))


def timetables_of(term: Term) -> QuerySet[Timetable]:
    """Return all timetables of a term with their band."""
    return Timetable.objects.filter(band__term=term).select_related("band", "band__term")


@dataclass(frozen=True)
class Month:
    """One month of the term's calendar."""

    first: date
    days: list[SchoolDay]

    @property
    def served(self) -> int:
        return sum(day.kind == DayKind.SERVICE for day in self.days)


def months_of(term: Term) -> list[Month]:
    """Return the term's days month by month: one query."""
    found: list[Month] = []
    for day in SchoolDay.objects.filter(term=term).order_by("date"):
        first = day.date.replace(day=1)
        if not found or found[-1].first != first:
            found.append(Month(first, []))
        found[-1].days.append(day)
    return found


def undecided(term: Term) -> list[SchoolDay]:
    """Return the moved working days from today on that wait for the office's word; what is past can't be decided."""
    days = SchoolDay.objects.filter(
        term=term, source=DaySource.CALENDAR, kind=DayKind.OFF, note=UNDECIDED, date__gte=clock.today()
    )
    return list(days.order_by("date"))
