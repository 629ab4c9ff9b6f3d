"""A child who is with somebody else while its own group calls the roll: shown so, swept up by nobody, no bar to closing."""

import json

import pytest
from django.urls import reverse

from afterschool.school.access import actor_for
from afterschool.school.models import Event, Guardianship
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.roll_calls import Wish
from attendance.custody import State
from attendance.enums import CustodyState, LeaveSource, MarkState
from attendance.queries.roll_calls import session_of
from attendance.queries.roll_page import roll_page
from tests.attendance.handing import child, club_today, second_group
from tests.attendance.test_roll_call_pages import batch
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
NOT_CALLED, PRESENT, ABSENT = MarkState.NOT_CALLED, MarkState.PRESENT, MarkState.ABSENT


@pytest.fixture
def roll(afternoon: Cast):
    return roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


@pytest.fixture
def other(afternoon: Cast, roll):
    """The other group of the grade, which has taken in the first child before its own roll."""
    session, teacher = second_group(afternoon)
    by = actor_for(teacher.user)
    taken = roll_calls.begin(session=session, by=by)
    roll_calls.take_in(roll_call=taken, student=afternoon.students[0], by=by)
    return taken


def sweep(cast: Cast, roll):
    return roll_calls.rest_present(roll_call=roll, by=cast.actor("teacher"))


def row(cast: Cast, number: int = 0):
    page = roll_page(session_of(cast.actor("teacher"), cast.session.pk), cast.actor("teacher"))
    return next(one for one in page.rows if one.student_id == cast.students[number].pk)


def state(cast: Cast, roll, number: int = 0) -> str:
    return roll.marks.get(student=cast.students[number]).state


def put(cast: Cast, roll, number: int, to: MarkState, seen: MarkState = NOT_CALLED) -> None:
    wish = Wish(cast.students[number].pk, seen, to)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=cast.actor("teacher"))


def test_the_rest_are_present_leaves_out_who_is_in_another_group(afternoon, roll, other):
    outcome = sweep(afternoon, roll)
    assert len(outcome.applied) == 5
    assert state(afternoon, roll) == NOT_CALLED
    assert child(afternoon, 0).at_session == other.session
    shown = row(afternoon)
    assert (shown.apart, shown.note) == ("elsewhere", "在一年级混合班，许文静处")


def test_who_is_in_a_club_with_a_colleague_or_gone_is_left_out_too(afternoon, roll, other):
    by = afternoon.actor("other_teacher")
    taken = roll_calls.begin(session=club_today(afternoon, afternoon.students[1]), by=by)
    roll_calls.rest_present(roll_call=taken, by=by)
    for number in (2, 3):
        roll_calls.take_in(roll_call=other, student=afternoon.students[number], by=actor_for(other.opened_by))
    ill = MoveRequest(child(afternoon, 2), State.STAFF, place="医务室", reason="ill")
    move_many([ill], by=afternoon.actor("grade_leader"))
    Guardianship.objects.create(guardian=afternoon.guardian, student=afternoon.students[3])
    with clock.frozen(NOW.replace(hour=17, minute=35)):
        gone = MoveRequest(child(afternoon, 3), State.FETCHED, released_to=afternoon.guardian)
        move_many([gone], by=actor_for(other.opened_by))
    sweep(afternoon, roll)
    notes = {number: (row(afternoon, number).apart, row(afternoon, number).note) for number in range(1, 5)}
    assert notes == {
        1: ("elsewhere", "在围棋社，温岚处"),
        2: ("elsewhere", "在医务室，罗梅处"),
        3: ("elsewhere", "17:35 已接走"),
        4: ("", ""),
    }
    assert child(afternoon, 1).state == CustodyState.CLUB


def test_a_child_who_is_looked_for_is_found_by_no_sweep_and_still_bars_closing(afternoon, roll):
    move_many([MoveRequest(child(afternoon, 0), State.MISSING)], by=afternoon.actor("teacher"))
    sweep(afternoon, roll)
    assert (row(afternoon).apart, row(afternoon).note) == ("sought", "正在找，看到了再点")
    assert child(afternoon, 0).state == CustodyState.MISSING
    with pytest.raises(Refused, match="not_all_called"):
        roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))


def test_a_leave_on_record_takes_nobody_out_of_another_room(afternoon, roll, other):
    leaves.ask_leave(
        term=afternoon.term, student=afternoon.students[0], first_day=TODAY, last_day=TODAY,
        source=LeaveSource.PAPER, by=afternoon.actor("office"),
    )  # fmt: skip
    sweep(afternoon, roll)
    assert child(afternoon, 0).at_session == other.session


def test_the_roll_is_finished_and_keeps_who_was_elsewhere(afternoon, roll, other, login):
    sweep(afternoon, roll)
    counts = roll_page(session_of(afternoon.actor("teacher"), afternoon.session.pk), afternoon.actor("teacher")).counts
    assert (counts.expected, counts.here, counts.not_called, counts.elsewhere) == (6, 5, 0, 1)
    roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    assert Event.objects.get(verb="roll_call.closed").data == {"elsewhere": [afternoon.students[0].pk]}
    page = login("teacher").get(reverse("attendance:roll-call", args=[afternoon.session.pk])).content.decode()
    assert "别处" in page
    assert "王一：在一年级混合班，许文静处" in page


def test_a_mark_by_hand_brings_the_child_home_also_after_closing(afternoon, roll, other):
    sweep(afternoon, roll)
    roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    put(afternoon, roll, 0, PRESENT)
    home = child(afternoon, 0)
    assert (home.holder, home.at_session, home.is_pass) == (afternoon.teacher, afternoon.session, False)
    assert row(afternoon).apart == ""


@pytest.mark.parametrize("to", [ABSENT, MarkState.LEAVE])
def test_a_child_in_another_room_is_not_called_absent_here(afternoon, roll, other, to):
    with pytest.raises(Refused, match="elsewhere") as caught:
        put(afternoon, roll, 0, to)
    assert "在一年级混合班，许文静处" in caught.value.sentence
    assert (child(afternoon, 0).state, state(afternoon, roll)) == (CustodyState.GROUP, NOT_CALLED)


def test_an_absent_child_who_was_found_by_others_is_shown_there(afternoon, roll):
    put(afternoon, roll, 0, ABSENT)
    session, teacher = second_group(afternoon)
    by = actor_for(teacher.user)
    roll_calls.take_in(roll_call=roll_calls.begin(session=session, by=by), student=afternoon.students[0], by=by)
    assert (row(afternoon).state, row(afternoon).note) == (ABSENT, "在一年级混合班，许文静处")


def test_a_device_that_swept_without_knowing_is_told_where_the_child_is(afternoon, roll, other, login):
    client = login("teacher")
    marks = [
        {"child": one.pk, "seen": "not_called", "state": "present", "how": "rest"} for one in afternoon.students[:2]
    ]
    address = reverse("attendance:roll-call-send", args=[afternoon.session.pk])
    answers = client.post(address, batch(*marks)).json()["answers"]
    assert answers[0]["state"] == "not_called"
    assert answers[0]["sentence"] == "王一在一年级混合班，许文静处，没有记到。"
    assert answers[0]["apart"] == ["elsewhere", "在一年级混合班，许文静处"]
    assert (answers[1]["state"], answers[1]["apart"]) == ("present", ["", ""])
    told = client.get(reverse("attendance:roll-call-marks", args=[afternoon.session.pk])).json()["marks"]
    assert told[str(afternoon.students[0].pk)][4:] == ["elsewhere", "在一年级混合班，许文静处"]


def test_the_form_without_script_names_who_is_elsewhere(afternoon, roll, other, login):
    client = login("teacher")
    address = reverse("attendance:roll-call-save", args=[afternoon.session.pk])
    page = client.post(address, {"rest": "1"}, follow=True).content.decode()
    assert 'data-apart="elsewhere"' in page
    assert "在一年级混合班，许文静处" in page
    assert 'id="rest" hidden' in page
    client.post(address, {"close": "1"})
    roll.refresh_from_db()
    assert roll.closed_at is not None


def test_a_club_leaves_out_who_is_in_another_club(afternoon, roll):
    by = afternoon.actor("other_teacher")
    club = club_today(afternoon, *afternoon.students[:2])
    second = club_today(afternoon, afternoon.students[0], name="合唱", teacher=afternoon.head_teacher)
    head = afternoon.actor("head_teacher")
    roll_calls.rest_present(roll_call=roll_calls.begin(session=second, by=head), by=head)
    taken = roll_calls.begin(session=club, by=by)
    roll_calls.rest_present(roll_call=taken, by=by)
    states = dict(taken.marks.values_list("student__name", "state"))
    assert states == {"王一": NOT_CALLED, "李二": PRESENT}
    assert child(afternoon, 0).at_session == second


def test_where_a_child_is_costs_the_page_no_question(afternoon, roll, other, login, django_assert_num_queries):
    client, address = login("teacher"), reverse("attendance:roll-call", args=[afternoon.session.pk])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)


def test_the_answer_of_marks_is_json_that_a_page_reads(afternoon, roll, login):
    answer = login("teacher").get(reverse("attendance:roll-call-marks", args=[afternoon.session.pk]))
    assert {len(one) for one in json.loads(answer.content)["marks"].values()} == {6}
