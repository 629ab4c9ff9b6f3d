"""The turns that teachers and staff did, from held sessions, the patrol, late care and the gate (G4, G5)."""

from collections import defaultdict
from datetime import date, datetime, time
from typing import Any

from django.db.models import F, Max, Min

from afterschool.school.enums import GroupKind, Role, SessionState
from afterschool.school.models import Session, StaffRole, Teacher, Term
from afterschool.support import clock
from attendance.enums import CustodyState
from attendance.models import Handover
from attendance.queries.custody import GONE, standing
from evaluation.allowance import Turn
from evaluation.enums import PayKind
from scheduling.enums import DutySource
from scheduling.models import Duty
from scheduling.queries.patrol import patrols_between


def turns_between(term: Term, first: date, last: date, teacher: Teacher | None = None) -> list[Turn]:
    """Return every turn done in a span, both days included; of one teacher where asked. Six questions.

    A session counts when its roll call is closed, for who was on duty at last. A leader's patrol counts on days with a
    session held; late care, for whoever received a child there, once a day; the gate, for gatekeepers who let a child out,
    once a day. What was a slip and undone is no work.
    """
    held = Session.objects.filter(
        term=term, state=SessionState.PLANNED, roll_call__closed_at__isnull=False, date__range=(first, last)
    )
    found = [*_sessions(held, teacher), *_patrols(term, held, teacher)]
    found += _late_care(term, first, last, teacher)
    found += _gate(term, first, last, teacher)
    return sorted(found)


def sessions_still_open(term: Term, first: date, last: date) -> int:
    """Return how many sessions of a span, today included, have a roll call that is not closed: their turns are in no figure."""
    rows = Session.objects.filter(term=term, state=SessionState.PLANNED, roll_call__closed_at__isnull=True)
    return rows.filter(date__range=(first, min(last, clock.today()))).count()


def _sessions(held: Any, teacher: Teacher | None) -> list[Turn]:
    rows = Duty.objects.filter(active=True, session__in=held.order_by()).order_by()
    if teacher is not None:
        rows = rows.filter(teacher=teacher)
    values = rows.values_list(
        "teacher", "source", "session__group__kind", "session__date", "session__starts_at", "session__ends_at"
    )
    return [
        Turn(who, _kind(source, group), day, _minutes(starts, ends)) for who, source, group, day, starts, ends in values
    ]


def _kind(source: str, group: str) -> str:
    if source == DutySource.STAND_IN:
        return PayKind.STAND_IN.value
    return (PayKind.CLUB if group == GroupKind.CLUB else PayKind.GROUP).value


def _minutes(starts: time, ends: time) -> int:
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute


def _patrols(term: Term, held: Any, teacher: Teacher | None) -> list[Turn]:
    hours = {
        row["date"]: (row["begins"], row["ends"])
        for row in held.order_by().values("date").annotate(begins=Min("starts_at"), ends=Max("ends_at"))
    }
    return [
        Turn(who, PayKind.DUTY_LEADER.value, day, _minutes(*hours[day]))
        for who, day in patrols_between(term.pk, sorted(hours))
        if teacher is None or who == teacher.pk
    ]


def _late_care(term: Term, first: date, last: date, teacher: Teacher | None) -> list[Turn]:
    """Return a turn for each day on which a person had children in late care, from the first received to the last gone."""
    links = standing(Handover.objects.filter(child_day__term=term, child_day__date__range=(first, last)))
    taken = links.filter(to_state=CustodyState.LATE, to_holder__isnull=False)
    left = links.filter(from_state=CustodyState.LATE, from_holder__isnull=False)
    if teacher is not None:
        taken, left = taken.filter(to_holder=teacher), left.filter(from_holder=teacher)
    begun: dict[tuple[int, date], list[datetime]] = defaultdict(list)
    for who, day, at in taken.values_list("to_holder", "child_day__date", "at"):
        begun[who, day].append(at)
    over: dict[tuple[int, date], list[datetime]] = defaultdict(list)
    for who, day, at in left.values_list("from_holder", "child_day__date", "at"):
        over[who, day].append(at)
    return [
        Turn(who, PayKind.LATE_CARE.value, day, _between(min(times), max(over.get((who, day), times))))
        for (who, day), times in begun.items()
    ]


def _gate(term: Term, first: date, last: date, teacher: Teacher | None) -> list[Turn]:
    keepers = dict(
        StaffRole.objects.filter(role=Role.GATEKEEPER, teacher__user__isnull=False).values_list(
            "teacher__user", "teacher"
        )
    )
    if teacher is not None:
        keepers = {user: who for user, who in keepers.items() if who == teacher.pk}
    rows = (
        standing(Handover.objects.filter(child_day__term=term, child_day__date__range=(first, last)))
        .filter(by__in=keepers, to_state__in=GONE)
        .order_by()
        .values("by", day=F("child_day__date"))
        .annotate(begins=Min("at"), ends=Max("at"))
    )
    return [
        Turn(keepers[row["by"]], PayKind.GATE.value, row["day"], _between(row["begins"], row["ends"])) for row in rows
    ]


def _between(first: datetime, last: datetime) -> int:
    """Return the minutes between two moments of a day, at least one."""
    return max(1, int((last - first).total_seconds() // 60))


def month_is_over(month_last: date) -> bool:
    """Tell whether a month's turns can still grow."""
    return clock.today() > month_last
