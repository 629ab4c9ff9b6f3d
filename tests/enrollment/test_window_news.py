"""Families hear that they can apply, and on the last day those who haven't: once each."""

from datetime import datetime

import pytest

from afterschool.management.commands.tick import tick
from afterschool.school.models import Delivery, Message, Robot, Student, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.models import Application
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def tick_at(day, hour, minute=0):
    with clock.frozen(datetime(2026, 9, day, hour, minute, tzinfo=SHANGHAI)):
        tick()


def told(kind):
    return set(Delivery.objects.filter(message__kind=kind, robot=None).values_list("recipient_id", flat=True))


def test_all_families_hear_of_the_opening_once(cast):
    tick_at(1, 7, 59)
    assert not Message.objects.filter(kind__startswith="window").exists()
    for _ in range(3):
        tick_at(1, 8)
    assert told("window.opened") == {cast.guardian.user_id, cast.other_guardian.user_id}
    assert Message.objects.filter(kind="window.opened").count() == 1
    assert "9月3日 20:00 截止" in Message.objects.get().body


def test_on_the_last_day_those_who_have_not_handed_in_are_reminded(cast):
    made = {"term": cast.term, "weekdays": "12345", "created_at": NOW, "changed_at": NOW}
    Application.objects.create(student=cast.students[0], state="submitted", submitted_at=NOW, **made)
    Application.objects.create(student=cast.students[6], state="submitted", submitted_at=NOW, **made)
    Application.objects.create(student=cast.students[1], state="draft", **made)
    tick_at(2, 12)
    assert not Message.objects.exists(), "between the two days all is quiet"
    tick_at(3, 8)
    tick_at(3, 19, 59)
    assert told("window.reminder") == {cast.other_guardian.user_id}


def test_a_portal_that_slept_tells_of_no_window_that_is_over(cast):
    tick_at(3, 20, 1)
    tick_at(9, 8)
    assert not Message.objects.filter(kind__startswith="window").exists()


def test_a_window_closed_by_the_office_reminds_nobody(cast):
    Term.objects.update(applications_closed=True)
    tick_at(1, 9)
    tick_at(3, 9)
    assert not Message.objects.exists()


def test_who_has_left_is_not_asked(cast):
    Student.objects.filter(pk=cast.students[1].pk).update(state="left")
    tick_at(1, 9)
    assert told("window.opened") == {cast.guardian.user_id}


def test_the_families_group_hears_it_too(cast):
    robot = Robot.objects.create(name="家长群", service="wecom", address="https://example.com/")
    tick_at(1, 9)
    assert Delivery.objects.get(robot=robot).message.kind == "window.opened"
