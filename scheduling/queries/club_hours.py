"""Hours of the clubs of a term: what the pure rule in `scheduling.club_hours` is given."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from afterschool.school.models import Term
from scheduling.club_hours import Afternoon, Key, Line, Seasons, Wanted, keys_of, seasons_of
from scheduling.enums import ClubState
from scheduling.hours import Stretch
from scheduling.models import Club, ClubShare, Period, Slot, Timetable


def seasons(term: Term) -> Seasons:
    """Return the afternoons of each grade, the term's seasons and its periods: four queries."""
    slots = Prefetch("slots", Slot.objects.order_by("starts_at").prefetch_related("parts"))
    tables: dict[int, list[Afternoon]] = {}
    for row in Timetable.objects.filter(band__term=term).select_related("band").prefetch_related(slots):
        lines = [
            Line(slot.starts_at, slot.ends_at, frozenset(part.kind for part in slot.parts.all()))
            for slot in row.slots.all()
        ]
        afternoon = Afternoon(row.pk, row.weekdays, row.valid_from, tuple(lines))
        for grade in row.band.grades:
            tables.setdefault(grade, []).append(afternoon)
    stretches = [Stretch(p.number, p.starts_at, p.ends_at) for p in Period.objects.filter(term=term).order_by("number")]
    return Seasons(tables, seasons_of(tables, term.starts_on, term.ends_on), tuple(stretches))


def grades_of(shares: Iterable[ClubShare]) -> frozenset[int]:
    """Return the grades a club takes: those named, and those of the classes named (loaded with the rows)."""
    found = set()
    for share in shares:
        if share.grade is not None:
            found.add(share.grade)
        elif share.school_class is not None:
            found.add(share.school_class.grade)
    return frozenset(found)


def wanted_of(club: Club) -> Wanted:
    """Return a club as the rule of hours sees it; its shares come with it where they were prefetched."""
    return Wanted(grades_of(club.shares.all()), club.kind, club.nth, club.weekdays)


def with_shares() -> "Prefetch[str, QuerySet[ClubShare], str]":
    """Return what to prefetch so that hours and places of clubs ask nothing more: one query."""
    return Prefetch("shares", ClubShare.objects.select_related("school_class").order_by("grade", "school_class"))


def club_keys(term: Term, clubs: Iterable[Club]) -> dict[int, frozenset[Key]]:
    """Return what each of these clubs takes of the weeks of the term: two clubs that share a key are at one time."""
    given = seasons(term)
    return {club.pk: keys_of(given, wanted_of(club)) for club in clubs}


def open_clubs(term: Term) -> "QuerySet[Club]":
    """Return the clubs of a term that meet: approved, with their group and shares."""
    rows = Club.objects.filter(term=term, state=ClubState.APPROVED, group__isnull=False)
    return rows.select_related("group").prefetch_related(with_shares())
