"""Children who are absent, and the other sessions they are due in today."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from afterschool.school.enums import SessionState
from afterschool.school.models import Placement, SchoolDay, Session
from attendance.enums import CustodyState, MarkState
from attendance.models import ChildDay, Mark


def absent_all_day(session: Session, students: Collection[int]) -> dict[int, Mark]:
    """Return the earlier mark of each of these children of whom a teacher said that they won't come today at all.

    Only while they are still absent there, and nobody has found them since.
    """
    if not students:
        return {}
    gone = ChildDay.objects.filter(date=session.date, state__in=[CustodyState.MISSING, CustodyState.AWAY])
    marks = (
        Mark.objects.filter(
            roll_call__session__date=session.date,
            state=MarkState.ABSENT,
            all_day_at__isnull=False,
            student__in=gone.values("student"),
        )
        .exclude(roll_call__session=session)
        .select_related("marked_by")
    )
    return {row.student_id: row for row in marks if row.student_id in students}


def later_sessions(session: Session, students: Collection[int]) -> dict[int, list[Session]]:
    """Return the other sessions of the day, from this one's start on, in which each of these children is due."""
    if not students:
        return {}
    runs = SchoolDay.objects.filter(date=session.date).values_list("runs_weekday", flat=True).first()
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=session.date),
        student__in=students,
        starts_on__lte=session.date,
        weekdays__contains=str(runs or session.date.isoweekday()),
    ).exclude(group=session.group_id)
    due = list(places.values_list("student_id", "group_id"))
    if not due:
        return {}
    sessions = (
        Session.objects.filter(
            group__in={group for _, group in due},
            date=session.date,
            state=SessionState.PLANNED,
            ends_at__gt=session.starts_at,
        )
        .select_related("group")
        .order_by("starts_at", "pk")
    )
    found: dict[int, list[Session]] = defaultdict(list)
    for other in sessions:
        for student, group in due:
            if group == other.group_id:
                found[student].append(other)
    return dict(found)
