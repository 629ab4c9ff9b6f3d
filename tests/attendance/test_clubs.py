"""A club beside the group on one afternoon: two rolls, one chain, and nobody counted twice."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import PlacementKind
from afterschool.school.models import Placement, Session
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.actions.release import end_session, take_over
from attendance.actions.roll_calls import Wish, begin, close, mark, rest_present
from attendance.enums import CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, LeaveRequest
from attendance.queries import board
from attendance.queries.fees import attendance_of
from attendance.queries.leaves import session_of
from scheduling.models import Duty
from scheduling.queries.sessions import session_for_group, teaching_now
from tests.cast import TODAY, Cast
from tests.scheduling.clubs import make_club


def at(hour, minute=0):
    return datetime(2026, 9, 21, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    """Class 1-1 meets; three of its six children are in a club at 16:10 with another teacher."""
    club = make_club(afternoon, weekdays="1", teacher=afternoon.other_teacher)
    for student in afternoon.students[:3]:
        Placement.objects.create(
            term=afternoon.term,
            student=student,
            group=club.group,
            kind=PlacementKind.CLUB,
            weekdays="1",
            starts_on=TODAY,
        )
    afternoon.club = Session.objects.create(
        term=afternoon.term, group=club.group, date=TODAY, starts_at=time(16, 10), ends_at=time(17, 10)
    )
    Duty.objects.create(session=afternoon.club, teacher=afternoon.other_teacher)
    with clock.frozen(at(12)):
        ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def call(session, by):
    roll_call = begin(session=session, by=by)
    rest_present(roll_call=roll_call, by=by)
    return close(roll_call=roll_call, by=by)


def states(cast):
    rows = ChildDay.objects.filter(date=TODAY).order_by("student")
    return [row.state for row in rows]


GROUP, CLUB, AWAY = CustodyState.GROUP, CustodyState.CLUB, CustodyState.AWAY


def test_a_day_has_each_child_once_with_its_own_group(day):
    assert ChildDay.objects.filter(session=day.session).count() == ChildDay.objects.count() == 6
    ensure_day(day.term, TODAY, day.actor("office"))
    assert ChildDay.objects.count() == 6
    assert session_of(day.students[0], day.term, TODAY) == day.session
    assert session_for_group(day.group, TODAY) == day.session


def test_children_go_to_the_club_and_come_back(day):
    teacher, leads = day.actor("teacher"), day.actor("other_teacher")
    with clock.frozen(at(15, 20)):
        call(day.session, teacher)
    with clock.frozen(at(16, 12)):
        assert teaching_now(leads, clock.now()) == day.club
        call(day.club, leads)
        assert states(day) == [CLUB] * 3 + [GROUP] * 3
        assert take_over(day.session, by=teacher) == []
    with clock.frozen(at(17, 11)):
        with pytest.raises(Refused) as caught:
            end_session(day.club, by=leads)
        assert caught.value.code == "children_open"
        assert len(take_over(day.session, by=teacher)) == 3
        assert states(day) == [GROUP] * 6
        assert set(ChildDay.objects.values_list("holder", flat=True)) == {day.teacher.pk}
        end_session(day.club, by=leads)


def test_the_board_counts_nobody_twice(day):
    with clock.frozen(at(15, 20)):
        call(day.session, day.actor("teacher"))
    with clock.frozen(at(16, 12)):
        call(day.club, day.actor("other_teacher"))
        seen = board.read(day.actor("office"), day.term, TODAY)
    assert seen.expected == 6
    assert {row.name: row.here for row in seen.groups} == {"一（1）班服务班": 3, "围棋": 3}


def test_a_roll_of_the_group_that_comes_late_leaves_children_in_the_club(day):
    with clock.frozen(at(16, 12)):
        call(day.club, day.actor("other_teacher"))
        call(day.session, day.actor("teacher"))
    assert states(day) == [CLUB] * 3 + [GROUP] * 3


def test_who_is_away_by_the_group_is_not_waited_for_in_the_club(day):
    teacher, leads = day.actor("teacher"), day.actor("other_teacher")
    LeaveRequest.objects.create(
        term=day.term,
        student=day.students[0],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.GUARDIAN,
        asked_by=day.guardian.user,
        asked_at=at(8),
    )
    with clock.frozen(at(15, 20)):
        roll_call = begin(session=day.session, by=teacher)
        wish = Wish(day.students[1].pk, MarkState.NOT_CALLED, MarkState.LEAVE)
        mark(roll_call=roll_call, wishes=[wish], by=teacher)
        rest_present(roll_call=roll_call, by=teacher)
        close(roll_call=roll_call, by=teacher)
    with clock.frozen(at(16, 12)):
        roll_call = call(day.club, leads)
    by_child = dict(roll_call.marks.values_list("student", "state"))
    assert [by_child[student.pk] for student in day.students[:3]] == ["leave", "leave", "present"]
    assert states(day) == [AWAY, AWAY, CLUB, GROUP, GROUP, GROUP]


def test_a_child_not_in_the_club_is_looked_for(day):
    leads = day.actor("other_teacher")
    with clock.frozen(at(15, 20)):
        call(day.session, day.actor("teacher"))
    with clock.frozen(at(16, 12)):
        roll_call = begin(session=day.club, by=leads)
        wish = Wish(day.students[0].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
        mark(roll_call=roll_call, wishes=[wish], by=leads)
    row = ChildDay.objects.get(student=day.students[0])
    assert (row.state, row.holder) == (CustodyState.MISSING, day.other_teacher)


def test_lessons_to_pay_are_counted_once_a_day(day):
    with clock.frozen(at(15, 20)):
        call(day.session, day.actor("teacher"))
    before = attendance_of(day.term, TODAY, TODAY, None)
    with clock.frozen(at(16, 12)):
        call(day.club, day.actor("other_teacher"))
    assert attendance_of(day.term, TODAY, TODAY, None) == before


def test_the_gate_says_who_is_in_a_club_and_takes_them_back_after_it(day, login):
    with clock.frozen(at(15, 20)):
        call(day.session, day.actor("teacher"))
    with clock.frozen(at(16, 12)):
        call(day.club, day.actor("other_teacher"))
    gate, over = reverse("attendance:gate"), reverse("attendance:session-take-over", args=[day.session.pk])
    with clock.frozen(at(16, 30)):
        shown = login("teacher").get(gate).content.decode()
        assert "3 个孩子在社团，结束后回来" in shown
        assert "接过这些孩子" not in shown
    with clock.frozen(at(17, 10) + timedelta(minutes=1)):
        client = login("teacher")
        assert "3 个孩子由别人负责" in client.get(gate).content.decode()
        assert "已接过 3 个孩子" in client.post(over, follow=True).content.decode()
        assert "孩子都已回班或离开" in login("other_teacher").get(gate).content.decode()
