"""Batches of marks from devices: each counts once, in whatever order and however often it arrives."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from afterschool.school.enums import GroupKind
from afterschool.school.models import Event, Group, Message, Placement, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.roll_all_day import stay_away
from attendance.actions.roll_sends import Batch, Sent, send
from attendance.devices import Device
from attendance.enums import CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, ClosedDay, DeviceBatch, Handover, Mark, Pass
from scheduling.models import Duty
from tests.cast import NOW, TODAY, build_cast, place_group

NOT_CALLED, PRESENT, LATE, ABSENT = MarkState.NOT_CALLED, MarkState.PRESENT, MarkState.LATE, MarkState.ABSENT


@pytest.fixture
def roll(afternoon):
    return roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


def put(cast, child, state, *, seen=NOT_CALLED, **more):
    return Sent(cast.students[child].pk, seen, state, NOW, **more)


def send_as(cast, roll, who, number, *marks, device="pc"):
    return send(roll_call=roll, batch=Batch(device, number, marks), by=cast.actor(who))


def state_of(cast, child):
    return Mark.objects.get(student=cast.students[child]).state


pytestmark = pytest.mark.django_db


def test_a_batch_that_comes_again_changes_nothing_and_is_answered(afternoon, roll):
    batch = [put(afternoon, 0, ABSENT), put(afternoon, 1, LATE)]
    first = send_as(afternoon, roll, "teacher", "1", *batch)
    roll_calls.mark(
        roll_call=roll,
        wishes=[roll_calls.Wish(afternoon.students[0].pk, ABSENT, PRESENT)],
        by=afternoon.actor("office"),
    )
    links = Handover.objects.count()
    again = send_as(afternoon, roll, "teacher", "1", *batch)
    assert [answer.state for answer in first] == [ABSENT, LATE]
    assert [answer.state for answer in again] == [PRESENT, LATE]
    assert "16:05 已由课程中心记为“到”" in again[0].sentence
    assert Handover.objects.count() == links
    assert DeviceBatch.objects.count() == 1


def test_the_same_number_from_another_device_is_another_batch(afternoon, roll):
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, ABSENT))
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 1, ABSENT), device="phone")
    assert (state_of(afternoon, 0), state_of(afternoon, 1)) == (ABSENT, ABSENT)


def test_one_child_that_is_refused_holds_up_nobody(afternoon, roll):
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, ABSENT))
    leave = put(afternoon, 0, MarkState.LEAVE, seen=ABSENT)  # without a slip only head teacher or leader may
    answers = send_as(afternoon, roll, "teacher", "2", leave, put(afternoon, 1, LATE), put(afternoon, 15, LATE))
    assert [answer.state for answer in answers] == [ABSENT, LATE, None]
    assert "请班主任或值班行政" in answers[0].sentence
    assert "不在这张点名册上" in answers[2].sentence


def test_the_rest_leaves_a_child_on_leave_at_home(afternoon, roll):
    leaves.ask_leave(
        term=afternoon.term,
        student=afternoon.students[0],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.GUARDIAN,
        by=afternoon.actor("guardian"),
    )
    answers = send_as(afternoon, roll, "teacher", "1", *[put(afternoon, n, PRESENT, rest=True) for n in range(6)])
    assert [answer.state for answer in answers] == [MarkState.LEAVE, *[PRESENT] * 5]
    assert answers[0].sentence == "王一今天请了假。"


def test_a_child_taken_in_without_the_network_joins_once(afternoon, roll):
    batch = [put(afternoon, 6, PRESENT, joins=True), put(afternoon, 6, LATE, seen=PRESENT)]
    for _ in range(2):
        (answer,) = send_as(afternoon, roll, "teacher", "1", *batch)
        assert (answer.state, answer.sentence) == (LATE, "")
    assert Pass.objects.count() == 1
    assert ChildDay.objects.get(student=afternoon.students[6]).state == CustodyState.GROUP


def test_a_child_that_is_elsewhere_is_not_taken_in(afternoon, roll):
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 6, PRESENT, joins=True))
    group = Group.objects.create(
        term=afternoon.term, kind=GroupKind.MIXED, grade=1, name="混合班", starts_on=afternoon.term.service_starts_on
    )
    session = Session.objects.create(
        term=afternoon.term, group=group, date=TODAY, starts_at=roll.session.starts_at, ends_at=roll.session.ends_at
    )
    other = roll_calls.begin(session=session, by=afternoon.actor("office"))
    (answer,) = send_as(afternoon, other, "office", "1", put(afternoon, 6, PRESENT, joins=True))
    assert (answer.state, "不能在这里加入" in answer.sentence) == (None, True)


def test_what_was_sent_later_is_marked_so_with_the_devices_time(afternoon, roll):
    sent = Sent(afternoon.students[0].pk, NOT_CALLED, LATE, NOW - timedelta(minutes=20))
    send(roll_call=roll, batch=Batch("pc", "1", [sent]), by=afternoon.actor("teacher"))
    send_as(afternoon, roll, "teacher", "2", put(afternoon, 1, LATE))
    assert list(DeviceBatch.objects.order_by("number").values_list("sent_later", flat=True)) == [True, False]
    mark = Mark.objects.get(student=afternoon.students[0])
    assert (mark.device_at, mark.marked_at) == (NOW - timedelta(minutes=20), NOW)


def test_a_first_opening_sent_later_keeps_the_devices_word(afternoon):
    device = Device("pc", NOW - timedelta(minutes=45))
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"), device=device)
    data = Event.objects.get(verb="roll_call.opened").data
    assert data == {"device": "pc", "device_at": "2026-09-21T15:20:00+08:00", "sent_later": True}


@pytest.mark.parametrize("name", ["other_teacher", "leading_group", "gatekeeper"])
def test_nobody_else_sends_marks(afternoon, roll, name):
    with pytest.raises(Refused, match="not_yours"):
        send_as(afternoon, roll, name, "1", put(afternoon, 0, PRESENT))
    assert not DeviceBatch.objects.exists()


def test_without_a_number_nothing_is_taken(afternoon, roll):
    with pytest.raises(Refused, match="no_number"):
        send_as(afternoon, roll, "teacher", "", put(afternoon, 0, PRESENT))


def test_what_comes_on_the_next_day_is_kept_out(afternoon, roll):
    with clock.frozen(NOW + timedelta(days=1)), pytest.raises(Refused, match="too_late"):
        send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, PRESENT))
    assert not DeviceBatch.objects.exists()


def test_after_the_day_is_closed_a_change_needs_a_reason_that_is_kept(afternoon, roll):
    teacher, child = afternoon.actor("teacher"), afternoon.students[0].pk
    roll_calls.rest_present(roll_call=roll, by=teacher)
    roll_calls.close(roll_call=roll, by=teacher)
    ClosedDay.objects.create(term=afternoon.term, date=TODAY, closed_by=afternoon.duty_leader.user, closed_at=NOW)
    wish = [roll_calls.Wish(child, PRESENT, LATE)]
    with pytest.raises(Refused, match="no_reason"):
        roll_calls.mark(roll_call=roll, wishes=wish, by=teacher)
    roll_calls.mark(roll_call=roll, wishes=wish, by=teacher, note="当时记错了")
    assert Event.objects.get(verb="roll_call.mended").note.text == "当时记错了"
    with clock.frozen(NOW + timedelta(days=1)):
        back = [roll_calls.Wish(child, LATE, PRESENT)]
        with pytest.raises(Refused, match="too_late"):
            roll_calls.mark(roll_call=roll, wishes=back, by=teacher, note="又想起来")
        roll_calls.mark(roll_call=roll, wishes=back, by=afternoon.actor("office"), note="家长来电")
    assert state_of(afternoon, 0) == PRESENT


def test_the_teacher_is_told_once_who_took_or_changed_the_roll(afternoon):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("duty_leader"))
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("duty_leader"))
    send_as(afternoon, roll, "office", "1", put(afternoon, 0, LATE, seen=PRESENT))
    send_as(afternoon, roll, "office", "2", put(afternoon, 1, LATE, seen=PRESENT))
    told = Message.objects.filter(kind="roll_call.helped", deliveries__recipient=afternoon.teacher.user)
    assert list(told.order_by("pk").values_list("title", flat=True)) == [
        "方副校长替您点了一（1）班服务班的名",
        "课程中心改了一（1）班服务班的名",
    ]


@pytest.fixture
def chess(afternoon):
    club = Group.objects.create(
        term=afternoon.term, kind=GroupKind.CLUB, name="围棋", starts_on=afternoon.term.service_starts_on
    )
    Placement.objects.create(
        term=afternoon.term,
        student=afternoon.students[0],
        group=club,
        kind="club",
        weekdays="1",
        starts_on=afternoon.term.service_starts_on,
    )
    session = Session.objects.create(
        term=afternoon.term, group=club, date=TODAY, starts_at=NOW.time(), ends_at=afternoon.session.ends_at
    )
    Duty.objects.create(session=session, teacher=afternoon.other_teacher)
    return session


def test_not_for_the_rest_of_the_day_either_goes_ahead_to_the_club(afternoon, roll, chess):
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, ABSENT))
    assert stay_away(roll_call=roll, student_id=afternoon.students[0].pk, by=afternoon.actor("teacher")) == [chess]
    club = roll_calls.begin(session=chess, by=afternoon.actor("other_teacher"))
    row = club.marks.get()
    assert (row.state, row.marked_by, row.carried_from) == (ABSENT, afternoon.teacher.user, roll)
    assert ChildDay.objects.get(student=afternoon.students[0]).state == CustodyState.MISSING


def test_it_reaches_a_club_that_is_open_already_where_nobody_called_the_child(afternoon, roll, chess):
    club = roll_calls.begin(session=chess, by=afternoon.actor("other_teacher"))
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, ABSENT))
    stay_away(roll_call=roll, student_id=afternoon.students[0].pk, by=afternoon.actor("teacher"))
    assert club.marks.get().state == ABSENT


def test_a_child_found_meanwhile_starts_in_the_club_as_not_yet_called(afternoon, roll, chess):
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 0, ABSENT))
    stay_away(roll_call=roll, student_id=afternoon.students[0].pk, by=afternoon.actor("teacher"))
    send_as(afternoon, roll, "teacher", "2", put(afternoon, 0, LATE, seen=ABSENT))
    club = roll_calls.begin(session=chess, by=afternoon.actor("other_teacher"))
    assert club.marks.get().state == NOT_CALLED


def test_only_an_absent_child_with_another_session_stays_away(afternoon, roll, chess):
    teacher = afternoon.actor("teacher")
    with pytest.raises(Refused, match="not_absent"):
        stay_away(roll_call=roll, student_id=afternoon.students[0].pk, by=teacher)
    send_as(afternoon, roll, "teacher", "1", put(afternoon, 1, ABSENT))
    with pytest.raises(Refused, match="no_other"):
        stay_away(roll_call=roll, student_id=afternoon.students[1].pk, by=teacher)
    with pytest.raises(Refused, match="not_listed"):
        stay_away(roll_call=roll, student_id=afternoon.students[9].pk, by=teacher)


CHILDREN = range(3)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.integers(0, 1)),
        st.tuples(
            st.just("mark"), st.integers(0, 1), st.sampled_from(CHILDREN), st.sampled_from([PRESENT, LATE, ABSENT])
        ),
        st.tuples(st.just("send"), st.integers(0, 1), st.integers(0, 9)),
    ),
    max_size=14,
)


class TwoDevices(TestCase):
    """Two devices mark, look and send in any order, batches again and again: a mark is what the last writer made of the newest."""

    @classmethod
    def setUpTestData(cls) -> None:
        with clock.frozen(NOW):
            cls.cast = build_cast()
            place_group(cls.cast)
            cls.people = [cls.cast.actor("teacher"), cls.cast.actor("office")]

    @settings(max_examples=60)
    @given(DEEDS)
    def test_any_order(self, deeds):
        roll = roll_calls.begin(session=self.cast.session, by=self.people[0])
        truth = dict.fromkeys(CHILDREN, NOT_CALLED)
        views = [dict(truth), dict(truth)]
        made: list[list[Batch]] = [[], []]
        arrived: set[tuple[int, str]] = set()
        for deed, device, *more in deeds:
            if deed == "look":
                views[device] = dict(truth)
            elif deed == "mark":
                child, state = more
                sent = Sent(self.cast.students[child].pk, views[device][child], state, NOW)
                made[device].append(Batch(f"pc-{device}", str(len(made[device])), [sent]))
                views[device][child] = state
            elif made[device]:
                self.arrive(roll, device, made[device][more[0] % len(made[device])], truth, arrived)
        found = dict(roll.marks.values_list("student_id", "state"))
        assert {child: found[self.cast.students[child].pk] for child in CHILDREN} == truth
        for child in CHILDREN:
            day = ChildDay.objects.get(student=self.cast.students[child], date=TODAY)
            assert day.state == {NOT_CALLED: "expected", ABSENT: "missing"}.get(truth[child], "group")

    def arrive(self, roll, device, batch, truth, arrived) -> None:
        (sent,) = batch.marks
        child = next(n for n in CHILDREN if self.cast.students[n].pk == sent.student_id)
        links = Handover.objects.count()
        first = (device, batch.number) not in arrived
        arrived.add((device, batch.number))
        if first and truth[child] == sent.seen:
            truth[child] = sent.state
        (answer,) = send(roll_call=roll, batch=batch, by=self.people[device])
        assert answer.state == truth[child]
        assert bool(answer.sentence) == (truth[child] != sent.state)
        if not first:
            assert Handover.objects.count() == links
