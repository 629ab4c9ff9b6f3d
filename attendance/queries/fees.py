"""Attendance for the fees: who was there, who had asked to be away, and which rolls were never closed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.school.models import Session, Term
from afterschool.support import clock
from attendance.enums import HERE
from attendance.models import LeaveRequest, Mark
from enrollment.facts import Attendance


def attendance_of(term: Term, first: date, last: date, student_ids: Collection[int] | None) -> Attendance:
    """Return the attendance of these children, or of all: three queries.

    There is who was marked present or late by a closed roll call, of a group or a club; leave is what a guardian asked for and
    didn't take back.
    """
    marks = Mark.objects.filter(
        state__in=HERE,
        roll_call__closed_at__isnull=False,
        roll_call__session__term=term,
        roll_call__session__state=SessionState.PLANNED,
        roll_call__session__date__range=(first, last),
    )
    leaves = LeaveRequest.objects.filter(term=term, cancelled_at__isnull=True, first_day__lte=last, last_day__gte=first)
    if student_ids is not None:
        marks, leaves = marks.filter(student_id__in=student_ids), leaves.filter(student_id__in=student_ids)
    attended: dict[int, set[date]] = defaultdict(set)
    for student_id, day in marks.order_by().values_list("student_id", "roll_call__session__date"):
        attended[student_id].add(day)
    on_leave: dict[int, set[date]] = defaultdict(set)
    for student_id, asked, until in leaves.order_by().values_list("student_id", "first_day", "last_day"):
        begins, ends = max(asked, first), min(until, last)
        on_leave[student_id].update(begins + timedelta(days=n) for n in range((ends - begins).days + 1))
    unclosed = Session.objects.filter(
        term=term,
        state=SessionState.PLANNED,
        group__kind__in=SERVICE_GROUPS,
        date__range=(first, min(last, clock.today() - timedelta(days=1))),
        roll_call__closed_at__isnull=True,
    )
    return Attendance(
        {pk: frozenset(days) for pk, days in attended.items()},
        {pk: frozenset(days) for pk, days in on_leave.items()},
        unclosed.count(),
    )
