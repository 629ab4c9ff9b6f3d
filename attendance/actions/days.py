"""The children of a day: who is due this afternoon, with the first link of each chain."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, PlacementKind, Role, SessionState, StudentState
from afterschool.school.events import record
from afterschool.school.models import Placement, SchoolDay, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.enums import OPEN, CustodyState, PassState
from attendance.models import ChildDay, ClosedDay, Handover, Pass


@transaction.atomic
def ensure_day(term: Term, date: date, by: Actor) -> None:
    """Put each child of the day on record, waiting to be called, with the head teacher answering.

    A child of the day has a place in a service group on that weekday's timetable, and the group meets (rules, section
    7). Safe to call again and again: who is on record already is left alone; a child placed later is added.
    """
    day = SchoolDay.objects.filter(term=term, date=date, kind=DayKind.SERVICE).first()
    if day is None or ClosedDay.objects.filter(date=date).exists():
        return
    missing = list(_placements_without_day(term, day))
    if not missing:
        return
    sessions = {
        session.group_id: session
        for session in Session.objects.filter(term=term, date=date, state=SessionState.PLANNED).order_by("-starts_at")
    }
    now = clock.now()
    rows = [
        ChildDay(
            term=term,
            student_id=placement.student_id,
            date=date,
            placement=placement,
            session=sessions[placement.group_id],
            state=CustodyState.EXPECTED,
            holder_id=_head_teacher(placement),
            at_session=sessions[placement.group_id],
            links=1,
            since=now,
        )
        for placement in missing
        if placement.group_id in sessions
    ]
    # Two people may open the day at the same moment: the second finds the rows there and adds no link.
    ChildDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    begin_chains(term, date, by)


def begin_chains(term: Term, day: date, by: Actor) -> None:
    """Write the first link of each child of the day that has none."""
    now = clock.now()
    bare = ChildDay.objects.filter(term=term, date=day, links=1, state=CustodyState.EXPECTED, handovers__isnull=True)
    Handover.objects.bulk_create(
        (
            Handover(
                child_day_id=pk,
                number=1,
                from_state=CustodyState.EXPECTED,
                to_state=CustodyState.EXPECTED,
                to_holder_id=holder,
                at_session_id=session,
                by=by.user,
                at=now,
            )
            for pk, holder, session in bare.order_by("pk").values_list("pk", "holder_id", "at_session_id")
        ),
        ignore_conflicts=True,
        batch_size=500,
    )


def _placements_without_day(term: Term, day: SchoolDay) -> Iterable[Placement]:
    """Return the service places of the day whose children are not on record yet."""
    there = ChildDay.objects.filter(date=day.date).values("student_id")
    return (
        Placement.objects.filter(
            term=term,
            kind=PlacementKind.SERVICE,
            weekdays__contains=str(day.runs_weekday),
            starts_on__lte=day.date,
            student__state=StudentState.ENROLLED,
        )
        .exclude(ends_on__lt=day.date)
        .exclude(student_id__in=there)
        .filter(group__sessions__date=day.date, group__sessions__state=SessionState.PLANNED)
        .select_related("student__school_class")
        .order_by("pk")
        .distinct()
    )


def _head_teacher(placement: Placement) -> int | None:
    school_class = placement.student.school_class
    return school_class.head_teacher_id if school_class else None


@transaction.atomic
def close_day(term: Term, date: date, *, by: Actor) -> ClosedDay:
    """Close a day; refused with the names while a child is not at an end or a pass unanswered.

    The duty leader's act. Refused: not_yours, closed_already, children_open, passes_waiting, no_such_day.
    """
    if not by.has(Role.DUTY_LEADER) or by.user is None:
        raise Refused("not_yours", "由值班行政来关闭这一天。")
    if ClosedDay.objects.filter(date=date).exists():
        raise Refused("closed_already", "这一天已经关闭。")
    children = ChildDay.objects.filter(term=term, date=date)
    still_open = children.filter(state__in=OPEN)
    names = list(still_open.values_list("student__name", flat=True).order_by("student__school_class", "pk")[:12])
    if names:
        number = still_open.count()
        more = "等" if number > len(names) else ""
        raise Refused("children_open", f"还有 {number} 个孩子没有去向：{'、'.join(names)}{more}。")
    waiting = Pass.objects.filter(child_day__in=children, state=PassState.WAITING)
    unanswered = list(waiting.order_by("at").values_list("child_day__student__name", flat=True))
    if unanswered:
        raise Refused("passes_waiting", f"还有临时加入的孩子没有答复收不收：{'、'.join(unanswered)}。")
    if not children.exists():
        raise Refused("no_such_day", "这一天没有孩子，不用关闭。")
    closed = ClosedDay.objects.create(term=term, date=date, closed_by=by.user, closed_at=clock.now())
    record("day.closed", subject=closed, by=by, term_id=term.pk)
    return closed
