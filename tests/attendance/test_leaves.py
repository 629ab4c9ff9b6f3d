"""Leave, early and late pick-up: who may, when, and who is told."""

from datetime import date, time, timedelta

import pytest

from afterschool.school.models import Message, SchoolDay
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import ChangeKind, LeaveSource, MarkState
from attendance.models import LateCarePlace, LeaveRequest
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def ask(cast, *, child=0, by="guardian", first=TODAY, last=None, source=LeaveSource.GUARDIAN):
    return leaves.ask_leave(
        term=cast.term,
        student=cast.students[child],
        first_day=first,
        last_day=last or first,
        source=source,
        by=cast.actor(by),
    )


def change(cast, *, child=0, by="guardian", day=TODAY, kind=ChangeKind.EARLY, at=time(16, 30), alone=False):
    return leaves.ask_pickup_change(
        term=cast.term,
        student=cast.students[child],
        wish=leaves.Wish(day, kind, at, alone=alone),
        source=LeaveSource.GUARDIAN,
        by=cast.actor(by),
    )


def test_head_teacher_is_told_of_leave_for_today(afternoon):
    ask(afternoon)
    told = Message.objects.get(kind="leave.asked")
    assert [d.recipient for d in told.deliveries.all()] == [afternoon.head_teacher.user]


@pytest.mark.parametrize("name", ["other_guardian", "other_head_teacher", "teacher", "gatekeeper", "duty_leader"])
def test_nobody_else_speaks_for_a_child(afternoon, name):
    with pytest.raises(Refused, match="not_yours"):
        ask(afternoon, by=name)
    with pytest.raises(Refused, match="not_yours"):
        change(afternoon, by=name)


@pytest.mark.parametrize("name", ["head_teacher", "office"])
def test_school_records_a_paper_slip_and_the_family_knows(afternoon, name):
    leave = ask(afternoon, by=name, source=LeaveSource.PAPER)
    assert leave.source == LeaveSource.PAPER
    assert Message.objects.filter(kind="leave.recorded", deliveries__recipient=afternoon.guardian.user).exists()


def test_leave_for_a_child_already_here_is_refused_with_what_is_true(afternoon):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    wish = Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.PRESENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("teacher"))
    with pytest.raises(Refused, match="already_here") as caught:
        ask(afternoon)
    assert "16:05" in caught.value.sentence
    assert not LeaveRequest.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (TODAY - timedelta(1), None, "past"),
        (TODAY, TODAY - timedelta(1), "order"),
        (TODAY, date(2027, 3, 1), "outside_term"),
    ],
)
def test_days_that_cannot_be_are_refused(afternoon, first, last, code):
    with pytest.raises(Refused, match=code):
        ask(afternoon, first=first, last=last)


def test_the_same_day_is_asked_for_once(afternoon):
    ask(afternoon)
    with pytest.raises(Refused, match="already_asked"):
        ask(afternoon, by="head_teacher")


def test_own_leave_is_taken_back_until_the_roll_call(afternoon):
    leave = ask(afternoon)
    leaves.cancel_leave(leave=leave, by=afternoon.actor("guardian"))
    again = ask(afternoon)
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    with pytest.raises(Refused, match="roll_call_begun"):
        leaves.cancel_leave(leave=again, by=afternoon.actor("guardian"))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"at": time(17, 30)}, "not_early"),
        ({"at": time(17, 0), "kind": ChangeKind.LATE}, "not_late"),
        ({"at": time(15, 30)}, "past"),
        ({"alone": True}, "too_young"),
        ({"day": date(2026, 9, 27)}, "no_service"),
    ],
)
def test_pickups_that_cannot_be_are_refused(afternoon, values, code):
    with pytest.raises(Refused, match=code):
        change(afternoon, **values)


def test_an_early_pickup_is_told_and_can_be_taken_back(afternoon):
    row = change(afternoon)
    told = Message.objects.get(kind="pickup.asked")
    assert {d.recipient for d in told.deliveries.all()} == {afternoon.head_teacher.user, afternoon.teacher.user}
    with pytest.raises(Refused, match="already_asked"):
        change(afternoon, kind=ChangeKind.LATE, at=time(18, 0))
    leaves.cancel_pickup_change(change=row, by=afternoon.actor("guardian"))
    change(afternoon, kind=ChangeKind.LATE, at=time(18, 0))


def test_leave_is_asked_for_days_of_service_only(afternoon):
    saturday = TODAY + timedelta(days=5)
    SchoolDay.objects.create(term=afternoon.term, date=saturday, kind="off", runs_weekday=6, source="school")
    with pytest.raises(Refused, match="no_service"):
        ask(afternoon, first=saturday)
    assert ask(afternoon, first=TODAY, last=saturday)


def test_nobody_is_fetched_after_late_care_has_closed(afternoon):
    LateCarePlace.objects.create(term=afternoon.term, name="门卫室", role="gatekeeper", closes_at=time(18, 30))
    with pytest.raises(Refused, match="too_late"):
        change(afternoon, kind=ChangeKind.LATE, at=time(23, 0))
    assert change(afternoon, kind=ChangeKind.LATE, at=time(18, 30))
