"""A club of today and children in the group: what handing over needs."""

from datetime import time

from afterschool.school.enums import GroupKind, PlacementKind, Role
from afterschool.school.models import Group, Placement, Session, Student, Teacher
from attendance.actions.custody import MoveRequest, move_many
from attendance.custody import State
from attendance.models import ChildDay
from scheduling.models import Duty
from tests.cast import TODAY, Cast, make_teacher


def club_today(
    cast: Cast, *students: Student, name: str = "围棋社", teacher: Teacher | None = None, begins: time = time(16, 10)
) -> Session:
    """Make a club that meets this afternoon, with `other_teacher` in charge unless told otherwise."""
    begun = cast.term.service_starts_on
    group = Group.objects.create(term=cast.term, kind=GroupKind.CLUB, name=name, starts_on=begun)
    Placement.objects.bulk_create(
        Placement(term=cast.term, student=one, group=group, kind=PlacementKind.CLUB, weekdays="12345", starts_on=begun)
        for one in students
    )
    session = Session.objects.create(term=cast.term, group=group, date=TODAY, starts_at=begins, ends_at=time(17, 10))
    Duty.objects.create(session=session, teacher=teacher or cast.other_teacher)
    return session


def second_group(cast: Cast) -> tuple[Session, Teacher]:
    """Make another group of the grade that meets today, with its own teacher."""
    teacher = make_teacher(31, "许文静", Role.TEACHER, grade=1)
    group = Group.objects.create(
        term=cast.term,
        kind=GroupKind.MIXED,
        grade=1,
        order=1,
        name="一年级混合班",
        starts_on=cast.term.service_starts_on,
    )
    session = Session.objects.create(
        term=cast.term, group=group, date=TODAY, starts_at=time(15, 15), ends_at=time(17, 30)
    )
    Duty.objects.create(session=session, teacher=teacher)
    return session, teacher


def child(cast: Cast, number: int) -> ChildDay:
    """Return the day of one child, as a page would show it now."""
    rows = ChildDay.objects.select_related("term", "student", "session", "holder")
    return rows.get(student=cast.students[number], date=TODAY)


def called(cast: Cast, *numbers: int) -> list[ChildDay]:
    """Let the group's teacher receive these children; return their days."""
    move_many([MoveRequest(child(cast, n), State.GROUP) for n in numbers], by=cast.actor("teacher"))
    return [child(cast, n) for n in numbers]
