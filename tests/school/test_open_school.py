import pytest
from django.core.exceptions import ValidationError

from afterschool.school.access import actor_for
from afterschool.school.actions.school import open_school
from afterschool.school.models import Event, School
from afterschool.support.refusal import Refused

pytestmark = pytest.mark.django_db
FIRST = {"name": "青禾路小学", "public_url": "", "number": "A001", "person": "课程中心", "demo": False}


def test_a_school_begins_with_one_administrator():
    user = open_school(**FIRST, password="hedgehog-4711")
    assert actor_for(user).is_office
    assert School.objects.get().name == "青禾路小学"
    assert Event.objects.filter(verb="school.opened").count() == 1


def test_a_second_school_is_refused():
    open_school(**FIRST, password="hedgehog-4711")
    with pytest.raises(Refused) as refused:
        open_school(**FIRST, password="hedgehog-4711")
    assert refused.value.code == "school_exists"


def test_a_weak_password_is_refused():
    with pytest.raises(ValidationError):
        open_school(**FIRST, password="12345678")
    assert not School.objects.exists()
