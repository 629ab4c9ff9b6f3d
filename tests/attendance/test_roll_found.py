"""A child missed in its own group, found by another: no pass, both teachers know, and one mark brings it back."""

import pytest

from afterschool.school.access import actor_for
from afterschool.school.models import Message
from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import CustodyState, MarkState
from attendance.models import ChildDay, Mark, Pass
from tests.attendance.handing import child, second_group
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(afternoon: Cast) -> ChildDay:
    """The first child, absent on its own roll, taken in by the other group of the grade."""
    by = afternoon.actor("teacher")
    roll = roll_calls.begin(session=afternoon.session, by=by)
    wish = Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=by)
    session, teacher = second_group(afternoon)
    finder = actor_for(teacher.user)
    roll_calls.take_in(roll_call=roll_calls.begin(session=session, by=finder), student=afternoon.students[0], by=finder)
    return child(afternoon, 0)


def test_a_child_due_elsewhere_is_no_pass_and_its_teacher_is_told(afternoon: Cast, found: ChildDay) -> None:
    assert (found.state, found.holder.name) == (CustodyState.GROUP, "许文静")
    assert not Pass.objects.exists()
    told = Message.objects.get(kind="roll_call.pass")
    assert "一年级混合班" in told.title
    assert "没有报" not in told.title
    people = {row.recipient_id for row in told.deliveries.all()}
    assert people == {afternoon.teacher.user_id, afternoon.head_teacher.user_id}


def test_a_mark_on_its_own_roll_brings_it_back(afternoon: Cast, found: ChildDay) -> None:
    wish = Wish(found.student_id, MarkState.ABSENT, MarkState.LATE)
    roll_calls.mark(roll_call=afternoon.session.roll_call, wishes=[wish], by=afternoon.actor("teacher"))
    back = child(afternoon, 0)
    assert (back.state, back.holder, back.at_session) == (CustodyState.GROUP, afternoon.teacher, afternoon.session)
    assert back.is_pass is False
    assert back.handovers.order_by("number").last().from_state == CustodyState.GROUP


def test_the_rest_are_present_takes_nobody_out_of_another_room(afternoon: Cast) -> None:
    by = afternoon.actor("teacher")
    roll = roll_calls.begin(session=afternoon.session, by=by)
    session, teacher = second_group(afternoon)
    finder = actor_for(teacher.user)
    roll_calls.take_in(roll_call=roll_calls.begin(session=session, by=finder), student=afternoon.students[0], by=finder)
    roll_calls.rest_present(roll_call=roll, by=by)
    assert child(afternoon, 0).holder == teacher
    assert Mark.objects.filter(roll_call=roll, state=MarkState.PRESENT).exists()
    assert ChildDay.objects.filter(date=TODAY, state=CustodyState.EXPECTED).count() == 0
