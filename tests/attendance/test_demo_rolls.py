"""The demo's roll calls are the pages' own actions, the same for the same seed, and quick."""

import random

import pytest

from afterschool.demo.play.custody import People
from afterschool.demo.play.roll_calls import take_rolls
from afterschool.school.models import Placement, Student
from attendance.models import ChildDay, LeaveRequest, Mark, RollCall
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def test_a_day_is_called_to_the_end(afternoon):
    for place in range(60):
        child = Student.objects.create(name=f"孩子{place}", school_class=afternoon.classes[0], number=20 + place)
        Placement.objects.create(
            term=afternoon.term,
            student=child,
            group=afternoon.group,
            weekdays="12345",
            starts_on=afternoon.term.service_starts_on,
        )
    take_rolls(afternoon.term, TODAY, random.Random(7), People())
    assert RollCall.objects.get().closed_at
    assert LeaveRequest.objects.count() == 2
    assert Mark.objects.filter(state="leave").count() == 2
    assert ChildDay.objects.filter(state="group").count() >= 60


def test_a_session_can_be_left_for_somebody_to_try(afternoon):
    take_rolls(afternoon.term, TODAY, random.Random(7), People(), leave_open=[afternoon.session.pk])
    assert not RollCall.objects.exists()
