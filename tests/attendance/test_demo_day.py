"""The demo's afternoon ends like any other: nobody is left, and the day is closed."""

import random
from datetime import time

import pytest

from afterschool.demo.play.custody import People, finish_day
from afterschool.school.models import Group, Guardianship, Placement, Session, Student
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.custody import State
from attendance.enums import ENDS
from attendance.models import ChildDay, ClosedDay, RollCall
from scheduling.models import Duty
from tests.cast import NOW, TODAY, Cast, make_guardian, make_teacher

pytestmark = pytest.mark.django_db


def play(cast: Cast, session: Session, by) -> None:
    rows = list(ChildDay.objects.filter(session=session).select_related("session", "term"))
    move_many([MoveRequest(row, State.GROUP) for row in rows[1:]], by=by)
    move_many([MoveRequest(rows[0], State.MISSING)], by=by)
    RollCall.objects.create(session=session, opened_by=by.user, opened_at=NOW, closed_by=by.user, closed_at=NOW)


def test_a_demo_day_ends_closed_with_every_child_at_an_end(afternoon: Cast) -> None:
    for number, student in enumerate(afternoon.students[2:5], 50):
        make_guardian(number, f"家长{number}", student, account=False)
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    play(afternoon, afternoon.session, afternoon.actor("teacher"))
    finish_day(afternoon.term, TODAY, random.Random(1), People())
    assert set(ChildDay.objects.values_list("state", flat=True)) <= set(ENDS)
    assert ClosedDay.objects.filter(date=TODAY).exists()
    assert RollCall.objects.get().ended_at
    for child in ChildDay.objects.all():
        links = list(child.handovers.all())
        assert [link.number for link in links] == list(range(1, child.links + 1))


def test_a_demo_day_takes_queries_by_the_session_and_not_by_the_child(
    afternoon: Cast, django_assert_max_num_queries
) -> None:
    sessions = [afternoon.session]
    for number in range(9):
        group = Group.objects.create(
            term=afternoon.term, kind="mixed", grade=2, name=f"混合{number}", starts_on=afternoon.term.service_starts_on
        )
        session = Session.objects.create(
            term=afternoon.term, group=group, date=TODAY, starts_at=time(15, 30), ends_at=time(17, 30)
        )
        Duty.objects.create(session=session, teacher=make_teacher(100 + number, f"师{number}"))
        sessions.append(session)
        made = Student.objects.bulk_create(
            Student(name=f"甲{number}", school_class=afternoon.classes[2], number=1000 + number * 50 + n)
            for n in range(40)
        )
        Placement.objects.bulk_create(
            Placement(
                term=afternoon.term,
                student=student,
                group=group,
                weekdays="12345",
                starts_on=afternoon.term.service_starts_on,
            )
            for student in made
        )
        Guardianship.objects.bulk_create(Guardianship(guardian=afternoon.guardian, student=student) for student in made)
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    from afterschool.demo.play.custody import People

    people = People()
    for session in sessions:
        by = people.teacher(session.duties.get().teacher_id)
        assert by is not None
        play(afternoon, session, by)
    with django_assert_max_num_queries(750):  # 10 sessions of 40: 400 children fetched, a few called and waiting
        finish_day(afternoon.term, TODAY, random.Random(1), People())
    assert ClosedDay.objects.exists()
