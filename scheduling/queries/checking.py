"""What the term's check looks at, as plain values."""

from datetime import date

from django.db.models import Prefetch, Q

from afterschool.school.enums import SERVICE_GROUPS, DayKind, DaySource
from afterschool.school.models import Group, SchoolClass, SchoolDay, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.calendar import UNDECIDED
from scheduling.checking import AREAS, Band, Club, Dates, Day, Finding, Line, Place, Plan, Post, Table, check
from scheduling.enums import ClubState, WorkRule
from scheduling.models import Club as ClubRow
from scheduling.models import PatrolTurn, Slot, Timetable, WorkItem
from scheduling.queries.club_hours import grades_of, with_shares

COUNT = "applications_decided"  # the work list's line that counts who takes part


def findings_of(term: Term, *areas: str) -> list[Finding]:
    """Return what disagrees in a term, of these areas or all."""
    return [finding for finding in check(plan_of(term)) if finding.area in (areas or AREAS)]


def plan_of(term: Term) -> Plan:
    """Return a term's settings as the check takes them: eleven queries, whatever the number of rows."""
    today = clock.today()
    return Plan(
        dates=_dates(term),
        today=today,
        grades=frozenset(SchoolClass.objects.filter(school_year=term.school_year).values_list("grade", flat=True)),
        bands=[
            Band(b.pk, str(b), tuple(b.grades), b.served_from, b.served_until)
            for b in term.bands.order_by("first_grade")
        ],
        tables=table_values(term),
        days=_days(term),
        clubs=_clubs(term),
        posts=[
            Post(turn.weekday, turn.get_post_display(), turn.teacher_id is not None)
            for turn in PatrolTurn.objects.filter(term=term).order_by("weekday", "-post", "number")
        ],
        places=_places(term, today),
    )


def _dates(term: Term) -> Dates:
    opens, closes = (d.astimezone(SHANGHAI).date() for d in (term.applications_open_at, term.applications_close_at))
    count = WorkItem.objects.filter(term=term, active=True, when=WorkRule.ON_DATE, fact=COUNT)
    return Dates(
        id=term.pk,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        service_from=term.service_starts_on,
        opens=opens,
        closes=closes,
        weekdays=term.service_weekdays,
        cap=term.cap,
        smallest=term.smallest_size,
        counted_on=count.order_by("date").values_list("date", flat=True).first(),
    )


def table_values(term: Term) -> list[Table]:
    """Return a term's timetables as values: three queries."""
    slots = Prefetch("slots", Slot.objects.order_by("starts_at").prefetch_related("parts"))
    rows = Timetable.objects.filter(band__term=term).prefetch_related(slots).order_by("valid_from", "weekdays", "pk")
    return [
        Table(
            row.pk,
            row.band_id,
            row.weekdays,
            row.valid_from,
            row.dismissal,
            tuple(
                Line(slot.starts_at, slot.ends_at, frozenset(part.kind for part in slot.parts.all()))
                for slot in row.slots.all()
            ),
        )
        for row in rows
    ]


def _days(term: Term) -> list[Day]:
    rows = SchoolDay.objects.filter(term=term).order_by("date")
    return [
        Day(
            date=row.date,
            service=row.kind == DayKind.SERVICE,
            weekday=row.runs_weekday,
            known=row.source != DaySource.PROVISIONAL,
            waiting=row.source == DaySource.CALENDAR and row.kind == DayKind.OFF and row.note == UNDECIDED,
        )
        for row in rows
    ]


def _clubs(term: Term) -> list[Club]:
    rows = ClubRow.objects.filter(term=term, state__in=[ClubState.PROPOSED, ClubState.APPROVED])
    return [
        Club(club.pk, club.name, club.kind, tuple(sorted(grades_of(club.shares.all()))), club.weekdays, club.nth)
        for club in rows.prefetch_related(with_shares())
    ]


def _places(term: Term, today: date) -> list[Place]:
    standing = Group.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), term=term)
    rows = standing.filter(kind__in=SERVICE_GROUPS).order_by("grade", "order", "pk")
    return [Place(group.pk, group.name, group.room_id is not None) for group in rows]
