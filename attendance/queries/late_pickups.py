"""Who is fetched late again and again, for the office and for the head teacher of the own class; never in order of count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from afterschool.school.access import Actor
from afterschool.school.models import Session, Student, Term
from afterschool.support import clock
from attendance.enums import ChangeKind
from attendance.lateness import Leaving, frequent, minutes_late
from attendance.models import CallNote, ChildDay, PickupChange
from attendance.queries.custody import GONE, REGISTER
from attendance.queries.settings import afternoon


@dataclass(frozen=True)
class LateDay:
    """One late day of a child: minutes past dismissal, and what the guardians said on the telephone."""

    day: date
    dismissal: time
    left: datetime
    minutes: int
    calls: list[CallNote]


@dataclass(frozen=True)
class OftenLate:
    """A child whose family should be talked to."""

    student: Student
    days: list[LateDay]


@dataclass(frozen=True)
class LatePickups:
    """The children listed, and by which settings."""

    children: list[OftenLate]
    times: int
    in_days: int
    grace: int


def _own(actor: Actor) -> Q:
    return Q() if actor.is_office else Q(student__school_class__in=actor.class_ids)


def _late(actor: Actor, term: Term, days: Iterable[date]) -> list[ChildDay]:
    """Return who left after dismissal and grace on these days: the moment of each dismissal is asked for by itself."""
    dismissals = (
        Session.objects.filter(term=term, date__in=list(days)).order_by().values_list("date", "ends_at").distinct()
    )
    grace = timedelta(minutes=term.late_grace_minutes)
    after = [Q(date=day, session__ends_at=ends, since__gt=clock.at(day, ends) + grace) for day, ends in dismissals]
    if not after:
        return []
    asked = PickupChange.objects.filter(
        student=OuterRef("student"), date=OuterRef("date"), kind=ChangeKind.LATE, cancelled_at=None
    )
    rows = ChildDay.objects.filter(_own(actor), reduce(or_, after), term=term, state__in=GONE)
    return list(
        rows.annotate(asked=Exists(asked))
        .select_related("student__school_class", "session")
        .order_by(*REGISTER, "date")
    )


def late_pickups(actor: Actor, term: Term) -> LatePickups:
    """Return the children fetched late often enough to talk about, by class and number: four queries."""
    settings, today = afternoon(term), clock.today()
    times, in_days, grace = settings.late_pickup_count, settings.late_pickup_days, term.late_grace_minutes
    span = [today - timedelta(days=ago) for ago in range(in_days)]
    rows = {(row.student_id, row.date): row for row in _late(actor, term, span)}
    leavings = [
        Leaving(row.student_id, row.date, clock.at(row.date, row.session.ends_at), row.since, bool(row.asked))  # type: ignore[attr-defined]
        for row in rows.values()
        if row.session
    ]
    found = frequent(leavings, grace=grace, times=times, days=in_days, today=today)
    shown = [rows[late.student, late.day] for days in found.values() for late in days]
    calls: dict[int, list[CallNote]] = {}
    for call in (
        CallNote.objects.filter(child_day__in=shown).select_related("guardian", "child_day__session").order_by("at")
    ):
        if call.child_day.session and call.at >= clock.at(call.child_day.date, call.child_day.session.ends_at):
            calls.setdefault(call.child_day_id, []).append(call)
    often = [
        OftenLate(rows[student, late[0].day].student, [_day(one, rows[student, one.day], calls) for one in late])
        for student, late in found.items()
    ]
    return LatePickups(often, times, in_days, grace)


def _day(late: Leaving, row: ChildDay, calls: dict[int, list[CallNote]]) -> LateDay:
    return LateDay(
        late.day, late.dismissal.timetz(), late.left, minutes_late(late.dismissal, late.left, 0), calls.get(row.pk, [])
    )
