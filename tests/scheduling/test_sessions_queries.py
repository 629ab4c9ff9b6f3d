from datetime import time

import pytest

from afterschool.support import clock
from scheduling.queries import sessions
from tests.cast import TODAY


@pytest.mark.django_db
def test_a_teacher_finds_the_own_session_of_the_day_and_nobody_elses(afternoon):
    assert list(sessions.sessions_of(afternoon.teacher, TODAY)) == [afternoon.session]
    assert not sessions.sessions_of(afternoon.other_teacher, TODAY).exists()
    assert sessions.teaching_now(afternoon.actor("teacher"), clock.now()) == afternoon.session
    assert sessions.teaching_now(afternoon.actor("other_teacher"), clock.now()) is None
    assert sessions.teaching_now(afternoon.actor("guardian"), clock.now()) is None


@pytest.mark.django_db
def test_a_cancelled_session_is_not_a_session(afternoon):
    type(afternoon.session).objects.update(state="cancelled")
    assert sessions.session_for_group(afternoon.group, TODAY) is None
    assert not sessions.sessions_of(afternoon.teacher, TODAY).exists()


@pytest.mark.django_db
def test_only_the_active_duty_answers(afternoon):
    assert sessions.duty_teacher(afternoon.session) == afternoon.teacher
    afternoon.session.duties.update(active=False)
    assert sessions.duty_teacher(afternoon.session) is None
    assert sessions.duty_teachers([afternoon.session]) == {}


@pytest.mark.django_db
def test_no_timetable_gives_no_dismissal(afternoon):
    assert sessions.dismissal(afternoon.term, grade=1, day=TODAY) is None
    assert afternoon.session.ends_at == time(17, 30)
