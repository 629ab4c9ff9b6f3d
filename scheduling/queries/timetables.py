"""Timetables and days, as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from django.db.models import Prefetch, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind
from afterschool.school.models import GradeBand, SchoolDay, Student, Term
from afterschool.support import clock
from scheduling.hours import Hours, hours_on
from scheduling.models import Slot, SlotPart, Timetable
from scheduling.seasons import Season, idle, seasons


@dataclass(frozen=True)
class SeasonView:
    """A stretch of the term and, by weekday, the hours of the timetable that runs; empty: a gap."""

    first: date
    last: date
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class BandTables:
    """A grade band with its timetables. `mine`: the band of one of the asker's children; `today`: the one that runs today."""

    band: GradeBand
    tables: list[Timetable]
    mine: bool = False
    today: Timetable | None = None
    now: int | None = None
    seasons: list[SeasonView] = field(default_factory=list)
    over: frozenset[int] = frozenset()

    @property
    def shown(self) -> list[Timetable]:
        """What families need: the timetables that run today or later, today's first."""
        ahead = [t for t in self.tables if t.pk not in self.over]
        return sorted(ahead, key=lambda t: t != self.today)

    @property
    def differs(self) -> bool:
        """Tell whether it takes a table to say which timetable runs when."""
        return len(self.shown) > 1 or any(not span for season in self.seasons for _, span in season.cells)


def tables_of_term(term: Term, actor: Actor) -> list[BandTables]:
    """Return the timetables by band with what runs when, those of the asker's own children first: six queries."""
    parts = Prefetch("parts", SlotPart.objects.order_by("position"))
    slots = Prefetch("slots", Slot.objects.order_by("number").prefetch_related(parts))
    rows = Timetable.objects.filter(band__term=term).prefetch_related(slots).order_by("valid_from", "weekdays", "pk")
    own = grades_of_children(actor)
    day = today_of(term)
    tables = list(rows)
    found = []
    for band in term.bands.order_by("first_grade"):
        mine = any(grade in band.grades for grade in own)
        found.append(_band_tables(band, [t for t in tables if t.band_id == band.pk], term, day, mine=mine))
    return sorted(found, key=lambda b: not b.mine)


def today_of(term: Term) -> SchoolDay | None:
    """Return what today is to the service."""
    return SchoolDay.objects.filter(term=term, date=clock.today()).first()


def _hours(table: Timetable) -> Hours:
    first = min((slot.starts_at for slot in table.slots.all()), default=table.dismissal)
    return Hours(table.pk, table.weekdays, table.valid_from, first, table.dismissal)


def _band_tables(
    band: GradeBand, tables: list[Timetable], term: Term, day: SchoolDay | None, *, mine: bool
) -> BandTables:
    by_id = {table.pk: table for table in tables}
    hours = [_hours(table) for table in tables]
    today = clock.today()
    first = max(term.starts_on, term.service_starts_on)
    span = {"first": first, "last": max(term.ends_on, first)}
    ahead = [s for s in seasons(hours, weekdays=term.service_weekdays, **span) if s.last >= today]
    running = None
    if day is not None and day.kind == DayKind.SERVICE:
        fits = hours_on(hours, weekday=day.runs_weekday, day=today)
        running = by_id[fits.id] if fits else None
    used = {table for season in ahead for _, table in season.tables} | {running.pk if running else None}
    unused = set(idle(hours, weekdays=term.service_weekdays, **span))
    return BandTables(
        band,
        tables,
        mine,
        running,
        _slot_now(running, clock.now().time()),
        [_season_view(season, {h.id: f"{h.starts_at:%H:%M}—{h.dismissal:%H:%M}" for h in hours}) for season in ahead],
        frozenset(pk for pk in by_id if pk not in used and pk not in unused),
    )


def _season_view(season: Season, spans: dict[int, str]) -> SeasonView:
    return SeasonView(season.first, season.last, [(w, spans.get(pk or 0, "")) for w, pk in season.tables])


def _slot_now(table: Timetable | None, moment: time) -> int | None:
    slots: Sequence[Slot] = table.slots.all() if table else ()  # type: ignore[assignment]
    return next((slot.pk for slot in slots if slot.starts_at <= moment < slot.ends_at), None)


def models_for(term: Term) -> QuerySet[Timetable]:
    """Return the timetables that another may start from: this term's, then those of the terms before it, newest first."""
    rows = Timetable.objects.filter(band__term__starts_on__lte=term.starts_on).select_related("band__term")
    return rows.order_by("-band__term__starts_on", "band__first_grade", "valid_from", "weekdays", "pk")


def grades_of_children(actor: Actor) -> set[int]:
    """Return the grades of a guardian's own children."""
    if actor.guardian is None:
        return set()
    rows = Student.objects.filter(links__guardian=actor.guardian, links__acts=True, school_class__isnull=False)
    return set(rows.values_list("school_class__grade", flat=True))


def timetables_of(term: Term) -> QuerySet[Timetable]:
    """Return all timetables of a term with their band."""
    return Timetable.objects.filter(band__term=term).select_related("band", "band__term")
