"""The records of a month, asked for in sums so that a whole school's month is a handful of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.school.models import ClassMembership, Group, SchoolClass, Session, Term
from afterschool.support import clock
from attendance.enums import ChangeKind, CustodyState, MarkState
from attendance.models import Handover, Mark, PickupChange
from attendance.queries.custody import standing
from evaluation.access import REPORT_READERS
from evaluation.month import Month, months_between
from evaluation.reporting import Attendance, Fact, Incidents, Place, Report, Turns, report
from scheduling.enums import DutySource
from scheduling.models import Duty


@dataclass(frozen=True)
class MonthLine:
    """A month of the term as the list shows it: sessions held, sessions still to be closed, days with a session held."""

    month: Month
    held: int
    still_open: int
    days: int


@dataclass(frozen=True)
class Search:
    """A child that was missing once, for the office alone."""

    day: date
    school_class: SchoolClass | None
    name: str
    since: str
    ended: CustodyState


def may_read(actor: Actor) -> bool:
    """Tell whether this person may read the month's figures: the office and the leading group."""
    return actor.has(*REPORT_READERS)


def months(actor: Actor, term: Term) -> list[MonthLine]:
    """Return the months of the term from the first of the service up to now, newest first: one query."""
    if not may_read(actor):
        return []
    held = Q(roll_call__closed_at__isnull=False)
    totals = (
        _sessions(term, term.service_starts_on, clock.today())
        .order_by()
        .values("date__year", "date__month")
        .annotate(held=Count("pk", filter=held), all=Count("pk"), days=Count("date", filter=held, distinct=True))
    )
    found = {(row["date__year"], row["date__month"]): row for row in totals}
    until = min(clock.today(), term.ends_on)
    lines = []
    for month in months_between(term.service_starts_on, until):
        row = found.get((month.year, month.month), {"held": 0, "all": 0, "days": 0})
        lines.append(MonthLine(month, row["held"], row["all"] - row["held"], row["days"]))
    return lines[::-1]


def _sessions(term: Term, first: date, last: date) -> QuerySet[Session]:
    return Session.objects.filter(
        term=term, state=SessionState.PLANNED, date__range=(first, last), group__kind__in=SERVICE_GROUPS
    )


def monthly(term: Term, month: Month) -> Report:
    """Return the report of a month as of now: seven queries, whatever the number of children.

    Roll calls of service groups count (clubs take their own); a class is the one a child was in on that date.
    """
    today = clock.today()
    sessions = _sessions(term, month.first, month.last)
    counts = sessions.aggregate(
        held=Count("pk", filter=Q(roll_call__closed_at__isnull=False)),
        still_open=Count("pk", filter=Q(roll_call__closed_at__isnull=True, date__lte=today)),
    )
    facts = _facts(sessions)
    seen_classes = {fact.school_class for fact in facts}
    classes = SchoolClass.objects.filter(Q(school_year=term.school_year) | Q(pk__in=seen_classes))
    groups = Group.objects.filter(Exists(sessions.filter(group=OuterRef("pk"))))
    return report(
        facts=facts,
        classes=[Place(c.pk, str(c), c.grade, (c.school_year, c.number)) for c in classes],
        groups=[Place(g.pk, g.name, g.grade or 0, (g.order,)) for g in groups],
        turns=_turns(sessions),
        incidents=_incidents(term, month),
        held=counts["held"],
        still_open=counts["still_open"],
    )


def _class_on(child: str, day: str) -> Coalesce:
    """The class a child was in on a date; where no membership is on record, the class of today."""
    then = (
        ClassMembership.objects.filter(student=OuterRef(child), starts_on__lte=OuterRef(day))
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef(day)))
        .order_by("-starts_on")
    )
    return Coalesce(
        Subquery(then.values("school_class")[:1]), F(f"{child}__school_class"), output_field=BigIntegerField()
    )


def _facts(sessions: QuerySet[Session]) -> list[Fact]:
    marks = (
        Mark.objects.filter(roll_call__session__in=sessions.order_by(), roll_call__closed_at__isnull=False)
        .annotate(of_class=_class_on("student", "roll_call__session__date"))
        .order_by()
        .values("of_class", "roll_call__session__date", "roll_call__session__group")
        .annotate(
            present=Count("pk", filter=Q(state=MarkState.PRESENT)),
            late=Count("pk", filter=Q(state=MarkState.LATE)),
            leave=Count("pk", filter=Q(state=MarkState.LEAVE)),
            absent=Count("pk", filter=Q(state=MarkState.ABSENT)),
        )
    )
    return [
        Fact(
            row["roll_call__session__date"],
            row["of_class"],
            row["roll_call__session__group"],
            Attendance(row["present"], row["late"], row["leave"], row["absent"]),
        )
        for row in marks
        if row["of_class"] is not None
    ]


def _turns(sessions: QuerySet[Session]) -> list[Turns]:
    stood_in = Q(source__in=[DutySource.STAND_IN, DutySource.SWAP])
    turns = (
        Duty.objects.filter(active=True, session__in=sessions.order_by(), session__roll_call__closed_at__isnull=False)
        .order_by()
        .values("teacher__staff_number", "teacher__name")
        .annotate(
            turns=Count("pk"),
            stood_in=Count("pk", filter=stood_in),
            days=Count("session__date", distinct=True),
        )
    )
    return [
        Turns(row["teacher__staff_number"], row["teacher__name"], row["turns"], row["stood_in"], row["days"])
        for row in turns
    ]


def _standing(term: Term, month: Month) -> QuerySet[Handover]:
    """The links of the month's chains that still stand."""
    return standing(Handover.objects.filter(child_day__term=term, child_day__date__range=(month.first, month.last)))


def _incidents(term: Term, month: Month) -> dict[int, Incidents]:
    late = CustodyState.LATE
    links = (
        _standing(term, month)
        .annotate(of_class=_class_on("child_day__student", "child_day__date"))
        .order_by()
        .values("of_class")
        .annotate(
            missing=Count("pk", filter=Q(to_state=CustodyState.MISSING) & ~Q(from_state=CustodyState.MISSING)),
            late_care=Count("pk", filter=Q(to_state=late) & ~Q(from_state=late)),
            fetched=Count("pk", filter=Q(to_state=CustodyState.FETCHED)),
            alone=Count("pk", filter=Q(to_state=CustodyState.ALONE)),
        )
    )
    asked = (
        PickupChange.objects.filter(
            term=term, kind=ChangeKind.LATE, date__range=(month.first, month.last), cancelled_at__isnull=True
        )
        .annotate(of_class=_class_on("student", "date"))
        .order_by()
        .values("of_class")
        .annotate(late_asked=Count("pk"))
    )
    numbers: dict[int, Incidents] = defaultdict(Incidents)
    grade = dict(SchoolClass.objects.order_by().values_list("pk", "grade"))
    for row in links:
        if row["of_class"] is not None:
            numbers[grade[row["of_class"]]] += Incidents(
                missing=row["missing"], late_care=row["late_care"], fetched=row["fetched"], alone=row["alone"]
            )
    for of_class, late_asked in asked.values_list("of_class", "late_asked"):
        if of_class is not None:
            numbers[grade[of_class]] += Incidents(late_asked=late_asked)
    return dict(numbers)


def searches(term: Term, month: Month) -> list[Search]:
    """Return who was missing in the month, by date and class: names, so for the office's own copy only."""
    links = (
        _standing(term, month)
        .filter(to_state=CustodyState.MISSING)
        .exclude(from_state=CustodyState.MISSING)
        .select_related("child_day__student__school_class")
        .order_by(
            "child_day__date",
            "child_day__student__school_class__grade",
            "child_day__student__school_class__number",
            "child_day__student__number",
            "number",
        )
    )
    return [
        Search(
            link.child_day.date,
            link.child_day.student.school_class,
            link.child_day.student.name,
            link.at.astimezone(clock.SHANGHAI).strftime("%H:%M"),
            CustodyState(link.child_day.state),
        )
        for link in links
    ]
