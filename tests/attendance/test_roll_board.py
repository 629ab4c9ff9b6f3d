"""Rolls not taken: the board by slot, reminders once, the last 14 days, and the day that is done."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.access import SYSTEM
from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Message, Session
from afterschool.support import clock
from attendance.actions import roll_calls
from attendance.actions.roll_reminders import remind_of_rolls
from attendance.models import AfternoonSettings
from attendance.queries.roll_board import not_finished, sessions_of_day
from attendance.queries.roll_facts import rolls_closed
from scheduling.models import Task
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def chess(afternoon):
    club = Group.objects.create(
        term=afternoon.term, kind=GroupKind.CLUB, name="围棋", starts_on=afternoon.term.service_starts_on
    )
    return Session.objects.create(
        term=afternoon.term, group=club, date=TODAY, starts_at=time(16, 0), ends_at=time(17, 0)
    )


def told(cast):
    notes = Message.objects.filter(kind="roll_call.not_taken").order_by("pk")
    return [(note.title, sorted(note.deliveries.values_list("recipient__name", flat=True))) for note in notes]


def test_a_roll_counts_as_not_taken_from_the_minutes_that_the_school_set(afternoon, chess):
    office = afternoon.actor("office")
    early, late = sessions_of_day(office, TODAY, afternoon.term)
    assert [(line.word, line.minutes_late, line.teacher_phone) for line in early.lines] == [
        ("未开始", 50, afternoon.teacher.phone)
    ]
    assert [(line.word, line.minutes_late) for line in late.lines] == [("未开始", 5)]
    AfternoonSettings.objects.create(term=afternoon.term, not_taken_minutes=6)
    early, late = sessions_of_day(office, TODAY, afternoon.term)
    assert (early.not_taken, late.not_taken, late.lines[0].word) == (1, 0, "刚到时间")


def test_teacher_and_grade_leader_are_reminded_once_and_a_club_goes_to_the_duty_leader(afternoon, chess):
    assert [remind_of_rolls(afternoon.term, by=SYSTEM) for _ in range(3)] == [2, 0, 0]
    assert told(afternoon) == [
        ("一（1）班服务班 15:15 开始，还没点名", ["罗梅", "陈立言"]),
        ("围棋 16:00 开始，还没点名", ["方副校长"]),
    ]


@pytest.mark.parametrize("at", [time(15, 19), time(17, 30)])
def test_nobody_is_reminded_before_its_minutes_or_after_its_end(afternoon, at):
    with clock.frozen(NOW.replace(hour=at.hour, minute=at.minute)):
        assert remind_of_rolls(afternoon.term, by=SYSTEM) == 0


def test_a_roll_that_was_begun_is_left_alone(afternoon):
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    assert remind_of_rolls(afternoon.term, by=SYSTEM) == 0


def test_the_office_sees_what_was_never_finished_for_14_days(afternoon, chess, login, django_assert_num_queries):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    assert not_finished(afternoon.term, TODAY) == []
    tomorrow = TODAY + timedelta(days=1)
    assert not_finished(afternoon.term, tomorrow) == [afternoon.session, chess]
    assert not_finished(afternoon.term, TODAY + timedelta(days=14)) == [afternoon.session, chess]
    assert not_finished(afternoon.term, TODAY + timedelta(days=15)) == []
    with clock.frozen(NOW + timedelta(days=1)):
        page = login("office").get(reverse("attendance:sessions-not-finished")).content.decode()
    assert ("没有点完" in page, "没有点名" in page) == (True, True)
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    with django_assert_num_queries(1):
        assert not_finished(afternoon.term, tomorrow) == [chess]


def test_the_day_is_done_when_its_last_roll_is_closed(afternoon, chess):
    task, teacher = Task(due_on=TODAY), afternoon.actor("teacher")
    roll = roll_calls.begin(session=afternoon.session, by=teacher)
    roll_calls.rest_present(roll_call=roll, by=teacher)
    roll_calls.close(roll_call=roll, by=teacher)
    assert rolls_closed(afternoon.term, task) is None
    other = roll_calls.begin(session=chess, by=afternoon.actor("office"))
    with clock.frozen(NOW + timedelta(minutes=9)):
        roll_calls.close(roll_call=other, by=afternoon.actor("office"))
    assert rolls_closed(afternoon.term, task) == NOW + timedelta(minutes=9)
    assert rolls_closed(afternoon.term, Task(due_on=TODAY + timedelta(days=1))) is None
