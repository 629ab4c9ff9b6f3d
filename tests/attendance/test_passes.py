"""Passes: taken in at once, answered the same day by head teacher or duty leader, kept until fetched when refused."""

import pytest
from django.db import DatabaseError, connection, transaction

from afterschool.school.models import Message
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls
from attendance.actions.days import close_day
from attendance.actions.passes import decide_pass
from attendance.enums import CustodyState, PassState
from attendance.models import ChildDay, Handover, Pass
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(afternoon: Cast) -> Pass:
    """A child of class 1-2, which nobody of this group expects."""
    by = afternoon.actor("teacher")
    roll = roll_calls.begin(session=afternoon.session, by=by)
    roll_calls.take_in(roll_call=roll, student=afternoon.students[6], by=by)
    return Pass.objects.select_related("child_day__student").get()


def test_a_child_taken_in_waits_for_an_answer(afternoon: Cast, taken: Pass) -> None:
    assert (taken.state, taken.session, taken.by) == (PassState.WAITING, afternoon.session, afternoon.teacher.user)


@pytest.mark.parametrize("name", ["teacher", "head_teacher", "grade_leader", "office", "guardian"])
def test_nobody_else_answers(afternoon: Cast, taken: Pass, name: str) -> None:
    with pytest.raises(Refused, match="not_yours"):
        decide_pass(taken, accept=True, by=afternoon.actor(name))


@pytest.mark.parametrize("name", ["other_head_teacher", "duty_leader"])
def test_head_teacher_or_duty_leader_accepts_once(afternoon: Cast, taken: Pass, name: str) -> None:
    decide_pass(taken, accept=True, by=afternoon.actor(name))
    assert (taken.state, taken.decided_by) == (PassState.ACCEPTED, afternoon.actor(name).user)
    with pytest.raises(Refused, match="somebody_was_faster"):
        decide_pass(taken, accept=False, answer="没有报名", by=afternoon.actor("duty_leader"))


def test_refused_means_the_guardians_are_told_and_the_child_stays_in_care(afternoon: Cast, taken: Pass) -> None:
    by = afternoon.actor("other_head_teacher")
    with pytest.raises(Refused, match="no_reason"):
        decide_pass(taken, accept=False, by=by)
    decide_pass(taken, accept=False, answer="本周没有报名", by=by)
    told = Message.objects.get(kind="custody.pass_refused")
    assert told.deliveries.get().recipient == afternoon.guardian.user
    assert "陈立言" in told.body
    day = ChildDay.objects.get(pk=taken.pk)
    assert (day.state, day.holder) == (CustodyState.GROUP, afternoon.teacher)


def test_a_day_with_an_unanswered_pass_is_not_closed(afternoon: Cast, taken: Pass) -> None:
    ChildDay.objects.filter(date=TODAY).update(state=CustodyState.AWAY, holder=None)
    with pytest.raises(Refused, match="passes_waiting") as refused:
        close_day(afternoon.term, TODAY, by=afternoon.actor("duty_leader"))
    assert "赵七" in refused.value.sentence
    decide_pass(taken, accept=True, by=afternoon.actor("duty_leader"))
    close_day(afternoon.term, TODAY, by=afternoon.actor("duty_leader"))


def test_the_database_itself_keeps_the_chain(afternoon: Cast, taken: Pass) -> None:
    last = Handover.objects.order_by("-pk")[:1]
    link = Handover.objects.get(pk=last.get().pk)
    for change in ({"place": "别处"}, {"to_holder": afternoon.office}, {"released_to": afternoon.guardian}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Handover.objects.filter(pk=link.pk).update(**change)
    Handover.objects.filter(pk=link.pk).update(released_to=None)  # what erasure does
    if connection.vendor == "postgresql":  # SQLite lets rows go, so that a test can empty its tables
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Handover.objects.filter(pk=link.pk).delete()
