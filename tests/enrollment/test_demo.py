"""The demo's part: every state is there, and it uses nothing but the actions."""

import random

import pytest

from afterschool.demo.play import enrollment as play
from afterschool.school.models import ClassMembership, SchoolClass, Student
from enrollment.enums import ApplicationState
from enrollment.models import Application, CareRecord
from tests.cast import make_guardian, make_teacher


@pytest.mark.django_db
def test_the_played_school_has_applications_at_every_state(cast):
    for number in range(1, 9):
        school_class = SchoolClass.objects.create(
            school_year=2026, grade=3, number=number, head_teacher=make_teacher(100 + number, "某老师")
        )
        for place in range(1, 21):
            student = Student.objects.create(name="某某", school_class=school_class, number=place)
            ClassMembership.objects.create(
                student=student, school_class=school_class, number=place, starts_on=cast.term.starts_on
            )
            make_guardian(1000 + number * 50 + place, "家长", student, account=place % 7 != 0)
    play.play(cast.term, cast.actor("office"), random.Random(1))
    found = set(Application.objects.values_list("state", flat=True))
    assert found == set(ApplicationState.values)
    assert Application.objects.filter(source="paper").exists()
    assert CareRecord.objects.exists()
