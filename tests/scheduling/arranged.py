"""A small school whose term is set up and whose groups stand: for tests of sessions and rota."""

from datetime import date, datetime

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, Role, StudentState
from afterschool.school.models import Group, Placement, Student
from afterschool.support.clock import SHANGHAI
from scheduling.actions.calendar import fill_calendar
from scheduling.defaults import install_timetables
from tests.cast import Cast, make_teacher

BEFORE = datetime(2026, 9, 5, 10, 0, tzinfo=SHANGHAI)


def add_group(cast: Cast, number: int, *, weekdays: str = "12345") -> Group:
    """Put one class into its own group."""
    school_class = cast.classes[number]
    group = Group.objects.create(
        term=cast.term,
        kind=GroupKind.STANDALONE,
        grade=school_class.grade,
        order=number,
        name=f"{school_class}服务班",
        room=school_class.room,
        starts_on=cast.term.service_starts_on,
    )
    for student in Student.objects.filter(school_class=school_class, state=StudentState.ENROLLED):
        Placement.objects.create(
            term=cast.term, student=student, group=group, weekdays=weekdays, starts_on=date(2026, 9, 7)
        )
    return group


def arrange(cast: Cast) -> list[Group]:
    """Timetables, calendar, three groups in two grades; two more teachers in grade 2."""
    office: Actor = cast.actor("office")
    install_timetables(cast.term, by=office)
    fill_calendar(term=cast.term, by=office)
    make_teacher(21, "叶甲", Role.TEACHER, grade=2)
    make_teacher(22, "叶乙", Role.TEACHER, grade=2)
    return [add_group(cast, n) for n in range(3)]
