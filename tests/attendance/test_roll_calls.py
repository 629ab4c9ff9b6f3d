"""Taking the roll: states, custody, refusals, the second writer, closing."""

import pytest

from afterschool.school.models import Event, Message, Placement
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.calls import note_call
from attendance.actions.roll_calls import Wish
from attendance.actions.search import settle
from attendance.custody import State
from attendance.enums import CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, Handover, Mark
from attendance.queries.roll_page import roll_page
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
NOT_CALLED, PRESENT, LATE, LEAVE, ABSENT = (
    MarkState.NOT_CALLED,
    MarkState.PRESENT,
    MarkState.LATE,
    MarkState.LEAVE,
    MarkState.ABSENT,
)


@pytest.fixture
def roll(afternoon):
    return roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


def put(cast, roll, child, state, *, seen=NOT_CALLED, by="teacher"):
    return roll_calls.mark(roll_call=roll, wishes=[Wish(cast.students[child].pk, seen, state)], by=cast.actor(by))


def where(cast, child):
    return ChildDay.objects.get(student=cast.students[child], date=TODAY)


def marks(roll):
    return list(roll.marks.order_by("student_id").values_list("state", flat=True))


def give_leave(cast, child, by="guardian", source=LeaveSource.GUARDIAN):
    return leaves.ask_leave(
        term=cast.term,
        student=cast.students[child],
        first_day=TODAY,
        last_day=TODAY,
        source=source,
        by=cast.actor(by),
    )


def test_everybody_starts_as_not_yet_called_and_expected(afternoon, roll):
    assert marks(roll) == [NOT_CALLED] * 6
    assert set(ChildDay.objects.values_list("state", flat=True)) == {CustodyState.EXPECTED}


def test_opening_twice_changes_nothing(afternoon, roll):
    put(afternoon, roll, 0, PRESENT)
    again = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    assert again.pk == roll.pk
    assert marks(roll).count(NOT_CALLED) == 5
    assert Event.objects.filter(verb="roll_call.opened").count() == 1


def test_leave_is_filled_in_beforehand_and_the_child_is_away(afternoon):
    give_leave(afternoon, 0)
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    assert marks(roll)[0] == LEAVE
    assert where(afternoon, 0).state == CustodyState.AWAY


def test_the_rest_are_present_leaves_other_marks_alone(afternoon):
    give_leave(afternoon, 0)
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    put(afternoon, roll, 1, ABSENT)
    put(afternoon, roll, 2, LATE)
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    assert marks(roll) == [LEAVE, ABSENT, LATE, PRESENT, PRESENT, PRESENT]
    states = [where(afternoon, n).state for n in range(6)]
    assert states == ["away", "missing", "group", "group", "group", "group"]
    assert where(afternoon, 3).holder == afternoon.teacher


def test_a_leave_that_comes_in_late_is_never_swept_up_as_present(afternoon, roll):
    give_leave(afternoon, 0)
    assert marks(roll)[0] == NOT_CALLED
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    assert marks(roll)[0] == LEAVE


def test_the_row_of_a_child_not_called_says_that_a_leave_came_in(afternoon, roll):
    give_leave(afternoon, 0)
    row = roll_page(afternoon.session, afternoon.actor("teacher")).rows[0]
    assert (row.state, row.note[:5]) == (NOT_CALLED, "请假 家长")
    put(afternoon, roll, 0, LEAVE)
    assert roll_page(afternoon.session, afternoon.actor("teacher")).rows[0].note[:2] == "家长"


def test_closing_is_refused_with_the_names_of_those_not_called(afternoon, roll):
    put(afternoon, roll, 0, PRESENT)
    with pytest.raises(Refused, match="not_all_called") as caught:
        roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    assert afternoon.students[1].name in caught.value.sentence
    assert afternoon.students[0].name not in caught.value.sentence


def test_closing_is_done_once(afternoon, roll):
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    roll.refresh_from_db()
    assert roll.closed_by == afternoon.teacher.user
    with pytest.raises(Refused, match="already_closed"):
        roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))


def test_sending_a_mark_again_changes_nothing(afternoon, roll):
    put(afternoon, roll, 0, PRESENT)
    links = Handover.objects.count()
    outcome = put(afternoon, roll, 0, PRESENT)
    assert len(outcome.applied) == 1
    assert not outcome.conflicts
    assert Handover.objects.count() == links


def test_the_second_writer_is_told_and_overwrites_nothing(afternoon, roll):
    put(afternoon, roll, 0, PRESENT, by="office")
    outcome = put(afternoon, roll, 0, ABSENT)
    assert [row.state for row in outcome.conflicts] == [PRESENT]
    assert marks(roll)[0] == PRESENT


@pytest.mark.parametrize("first", [PRESENT, LATE, LEAVE, ABSENT])
@pytest.mark.parametrize("then", [PRESENT, LATE, LEAVE, ABSENT])
def test_every_slip_can_be_mended_and_the_child_is_where_the_mark_says(afternoon, roll, first, then):
    put(afternoon, roll, 0, first)
    if first != then and then == LEAVE:
        with pytest.raises(Refused, match="not_yours"):
            put(afternoon, roll, 0, then, seen=first)
        assert marks(roll)[0] == first
        return
    put(afternoon, roll, 0, then, seen=first)
    expected = {PRESENT: "group", LATE: "group", LEAVE: "away", ABSENT: "missing"}[then]
    assert (marks(roll)[0], where(afternoon, 0).state) == (then, expected)


@pytest.mark.parametrize("slip", [PRESENT, ABSENT])
def test_a_slip_on_a_child_with_leave_on_record_is_mended_by_the_teacher(afternoon, slip):
    give_leave(afternoon, 0)
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    put(afternoon, roll, 0, slip, seen=LEAVE)
    put(afternoon, roll, 0, LEAVE, seen=slip)
    assert (marks(roll)[0], where(afternoon, 0).state) == (LEAVE, "away")


def test_mending_after_closing_keeps_old_and_new(afternoon, roll):
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    roll_calls.close(roll_call=roll, by=afternoon.actor("teacher"))
    put(afternoon, roll, 0, ABSENT, seen=PRESENT)
    event = Event.objects.get(verb="roll_call.mended")
    assert event.data == {"from": "present", "to": "absent"}
    assert event.student_id == afternoon.students[0].pk


def test_what_the_office_mends_stays_with_the_teacher(afternoon, roll):
    put(afternoon, roll, 0, ABSENT)
    put(afternoon, roll, 0, PRESENT, seen=ABSENT, by="office")
    assert where(afternoon, 0).holder == afternoon.teacher


@pytest.mark.parametrize("name", ["other_teacher", "head_teacher", "leading_group", "gatekeeper", "guardian"])
def test_nobody_else_takes_this_roll(afternoon, name):
    with pytest.raises(Refused, match="not_yours"):
        roll_calls.begin(session=afternoon.session, by=afternoon.actor(name))


@pytest.mark.parametrize("name", ["grade_leader", "duty_leader", "office"])
def test_leaders_take_it_where_the_teacher_is_not_there(afternoon, name):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor(name))
    put(afternoon, roll, 0, PRESENT, by=name)
    assert where(afternoon, 0).holder == getattr(afternoon, name)


def test_a_child_not_listed_on_this_weekday_is_not_on_the_list(afternoon):
    Placement.objects.filter(student=afternoon.students[0]).update(weekdays="2345")
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    assert not roll.marks.filter(student=afternoon.students[0]).exists()


def test_a_child_who_turns_up_unlisted_is_taken_in_at_once(afternoon, roll):
    child = afternoon.students[6]
    roll_calls.take_in(roll_call=roll, student=child, by=afternoon.actor("teacher"))
    day = where(afternoon, 6)
    assert (day.state, day.is_pass, day.holder) == (CustodyState.GROUP, True, afternoon.teacher)
    assert Mark.objects.get(student=child).state == PRESENT
    told = Message.objects.get(kind="roll_call.pass")
    assert told.deliveries.get().recipient == afternoon.other_head_teacher.user
    with pytest.raises(Refused, match="already_listed"):
        roll_calls.take_in(roll_call=roll, student=child, by=afternoon.actor("teacher"))


def test_another_day_is_not_called_today(afternoon):
    afternoon.session.date = clock.today().replace(day=22)
    with pytest.raises(Refused, match="not_today"):
        roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


def test_a_child_settled_by_phone_is_no_longer_missing(afternoon, roll):
    put(afternoon, roll, 1, ABSENT)
    give_leave(afternoon, 1, by="head_teacher", source=LeaveSource.PHONE)
    assert (marks(roll)[1], where(afternoon, 1).state) == (LEAVE, CustodyState.AWAY)


def test_a_child_said_to_be_away_who_turns_up_is_a_pass(afternoon, roll):
    put(afternoon, roll, 1, ABSENT)
    give_leave(afternoon, 1, by="head_teacher", source=LeaveSource.PHONE)
    put(afternoon, roll, 1, PRESENT, seen=LEAVE)
    day = where(afternoon, 1)
    assert (day.state, day.is_pass) == (CustodyState.GROUP, True)


def test_a_child_that_is_found_is_late_on_the_roll(afternoon, roll):
    put(afternoon, roll, 0, ABSENT)
    settle(child_day=where(afternoon, 0), to=State.GROUP, by=afternoon.actor("teacher"), place="图书角")
    assert (marks(roll)[0], where(afternoon, 0).state) == (LATE, CustodyState.GROUP)
    event = Event.objects.filter(verb="roll_call.marked").latest("pk")
    assert event.data == {"from": "absent", "to": "late"}


def test_a_child_that_another_teacher_found_is_not_in_this_room_yet(afternoon, roll):
    put(afternoon, roll, 0, ABSENT)
    settle(child_day=where(afternoon, 0), to=State.STAFF, by=afternoon.actor("head_teacher"), place="医务室")
    assert (marks(roll)[0], where(afternoon, 0).state) == (ABSENT, CustodyState.STAFF)
    put(afternoon, roll, 0, PRESENT, seen=ABSENT)
    assert where(afternoon, 0).state == CustodyState.GROUP


def test_a_guardians_word_ends_the_search_and_the_absence_stays_on_record(afternoon, roll):
    put(afternoon, roll, 0, ABSENT)
    row = where(afternoon, 0)
    with pytest.raises(Refused, match="no_guardian_word"):
        settle(child_day=row, to=State.AWAY, by=afternoon.actor("head_teacher"))
    assert marks(roll)[0] == ABSENT
    note_call(row, guardian=afternoon.guardian, outcome="reached", text="看病", by=afternoon.actor("head_teacher"))
    settle(child_day=row, to=State.AWAY, by=afternoon.actor("head_teacher"))
    assert (marks(roll)[0], where(afternoon, 0).state) == (ABSENT, CustodyState.AWAY)
