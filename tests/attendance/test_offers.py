"""Lists handed over in one act: nobody moves until the receiver accepts, exceptions stay with the giver."""

import pytest

from afterschool.school.models import Message
from afterschool.support.refusal import Refused
from attendance.actions import offers, roll_calls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.roll_calls import Wish
from attendance.custody import State
from attendance.enums import MarkState, OfferState
from attendance.models import HandoverOffer, OfferChild
from scheduling.models import Duty
from tests.attendance.handing import called, child, club_today, second_group
from tests.cast import TODAY, Cast, make_teacher

pytestmark = pytest.mark.django_db
S = State


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def held(cast: Cast, number: int) -> tuple[str, int | None]:
    row = child(cast, number)
    return row.state, row.holder_id


def refused(code: str):
    return pytest.raises(Refused, match=code)


def test_the_giver_answers_until_the_receiver_has_accepted(day: Cast) -> None:
    chess = club_today(day, *day.students[:3])
    made = offers.offer(called(day, 0, 1, 2), to_session=chess, by=day.actor("teacher"))
    assert [held(day, n) for n in range(3)] == [(S.GROUP, day.teacher.pk)] * 3
    told = Message.objects.get(kind="custody.offer")
    assert told.deliveries.get().recipient == day.other_teacher.user
    assert "王一" not in told.title
    came = offers.accept(made, by=day.actor("other_teacher"))
    assert came.taken == 3
    assert [held(day, n) for n in range(3)] == [(S.CLUB, day.other_teacher.pk)] * 3
    assert made.state == OfferState.ACCEPTED
    assert set(OfferChild.objects.values_list("taken", flat=True)) == {True}


def test_who_did_not_come_stays_with_the_giver_who_is_told_at_once(day: Cast) -> None:
    chess = club_today(day, *day.students[:3])
    rows = called(day, 0, 1, 2)
    made = offers.offer(rows, to_session=chess, by=day.actor("teacher"))
    came = offers.accept(made, not_received=[rows[1].pk], by=day.actor("other_teacher"))
    assert (came.taken, came.not_received) == (2, ["李二"])
    assert held(day, 1) == (S.GROUP, day.teacher.pk)
    told = Message.objects.get(kind="custody.not_received")
    assert told.deliveries.get().recipient == day.teacher.user
    assert told.title == "李二没到围棋社"
    # From either side the child is missing now; who had it last looks for it.
    move_many([MoveRequest(child(day, 1), S.MISSING, at_session=chess)], by=day.actor("other_teacher"))
    assert held(day, 1) == (S.MISSING, day.teacher.pk)


def test_nobody_received_is_an_objection(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    made = offers.offer(called(day, 0), to_session=chess, by=day.actor("teacher"))
    with refused("nobody_received"):
        offers.accept(made, not_received=[child(day, 0).pk], by=day.actor("other_teacher"))
    made.refresh_from_db()
    assert made.state == OfferState.WAITING
    with refused("no_reason"):
        offers.object_to(made, objection=" ", by=day.actor("other_teacher"))
    offers.object_to(made, objection="今天社团不开", by=day.actor("other_teacher"))
    assert held(day, 0) == (S.GROUP, day.teacher.pk)
    assert "今天社团不开" in Message.objects.get(kind="custody.not_received").body
    assert not OfferChild.objects.filter(taken=None).exists()


@pytest.mark.parametrize("name", ["teacher", "head_teacher", "grade_leader", "duty_leader", "office"])
def test_only_who_is_on_duty_there_receives(day: Cast, name: str) -> None:
    chess = club_today(day, day.students[0])
    made = offers.offer(called(day, 0), to_session=chess, by=day.actor("teacher"))
    with refused("not_yours"):
        offers.accept(made, by=day.actor(name))


def test_the_stand_in_of_the_club_receives_what_was_offered_to_its_teacher(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    made = offers.offer(called(day, 0), to_session=chess, by=day.actor("teacher"))
    Duty.objects.filter(session=chess).update(active=False)
    Duty.objects.create(session=chess, teacher=day.other_head_teacher)
    offers.accept(made, by=day.actor("other_head_teacher"))
    assert held(day, 0) == (S.CLUB, day.other_head_teacher.pk)


def test_a_list_is_answered_once(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    made = offers.offer(called(day, 0), to_session=chess, by=day.actor("teacher"))
    again = HandoverOffer.objects.get()
    offers.accept(made, by=day.actor("other_teacher"))
    with refused("somebody_was_faster") as told:
        offers.accept(again, by=day.actor("other_teacher"))
    assert "已接收" in told.value.sentence
    with refused("somebody_was_faster"):
        offers.withdraw(again, by=day.actor("teacher"))


def test_the_giver_takes_a_list_back(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    made = offers.offer(called(day, 0), to_session=chess, by=day.actor("teacher"))
    with refused("offered_already"):
        offers.offer([child(day, 0)], to_session=chess, by=day.actor("teacher"))
    with refused("not_yours"):
        offers.withdraw(made, by=day.actor("other_teacher"))
    offers.withdraw(made, by=day.actor("teacher"))
    assert held(day, 0) == (S.GROUP, day.teacher.pk)
    offers.offer([child(day, 0)], to_session=chess, by=day.actor("teacher"))


def test_what_cannot_be_offered(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    rows = called(day, 0, 1)
    by = day.actor("teacher")
    for children, what, code in [
        ([], {"to_session": chess}, "nobody_chosen"),
        (rows, {"to_session": chess}, "not_due"),
        ([child(day, 2)], {"to_session": chess}, "not_yours"),  # not called yet: the head teacher has it
        (rows, {}, "nobody_chosen"),
        (rows, {"receiver": day.head_teacher, "reason": "排练"}, "no_place"),
        (rows, {"receiver": day.head_teacher, "place": "办公室"}, "no_reason"),
    ]:
        with refused(code):
            offers.offer(children, by=by, **what)
    with refused("not_yours"):
        offers.offer(rows, to_session=chess, by=day.actor("other_teacher"))
    rows[0].links -= 1
    with refused("somebody_was_faster"):
        offers.offer(rows[:1], to_session=chess, by=by)
    assert not HandoverOffer.objects.exists()


def test_the_clubs_roll_call_takes_children_over_too_and_the_list_knows(day: Cast) -> None:
    chess = club_today(day, *day.students[:3])
    offers.offer(called(day, 0, 1, 2), to_session=chess, by=day.actor("teacher"))
    by = day.actor("other_teacher")
    roll = roll_calls.begin(session=chess, by=by)

    def mark(number: int, state: MarkState) -> None:
        wish = Wish(day.students[number].pk, MarkState.NOT_CALLED, state)
        roll_calls.mark(roll_call=roll, wishes=[wish], by=by)

    mark(0, MarkState.PRESENT)
    made = HandoverOffer.objects.get()
    assert made.state == OfferState.WAITING
    assert made.children.get(child_day=child(day, 0)).taken is True
    mark(1, MarkState.ABSENT)
    assert held(day, 1) == (S.MISSING, day.teacher.pk)  # who had the child looks for it
    came = offers.accept(made, by=by)
    assert came.taken == 1
    made.refresh_from_db()
    assert made.state == OfferState.ACCEPTED
    assert dict(made.children.values_list("child_day__student", "taken")) == {
        day.students[0].pk: True,
        day.students[1].pk: False,
        day.students[2].pk: True,
    }


def test_a_list_on_which_nobody_waits_any_more_is_settled(day: Cast) -> None:
    chess = club_today(day, *day.students[:2])
    rows = called(day, 0, 1)
    made = [offers.offer([row], to_session=chess, by=day.actor("teacher")) for row in rows]
    move_many([MoveRequest(child(day, 0), S.CLUB, at_session=chess)], by=day.actor("other_teacher"))
    move_many([MoveRequest(child(day, 1), S.MISSING)], by=day.actor("teacher"))
    states = [HandoverOffer.objects.get(pk=one.pk).state for one in made]
    assert states == [OfferState.ACCEPTED, OfferState.WITHDRAWN]


def test_children_go_to_a_named_colleague_at_a_named_place_and_come_back(day: Cast) -> None:
    nurse = make_teacher(40, "校医")
    day.nurse = nurse  # type: ignore[attr-defined]
    made = offers.offer(called(day, 0), receiver=nurse, place="医务室", reason="头疼", by=day.actor("teacher"))
    with refused("not_yours"):
        offers.accept(made, by=day.actor("head_teacher"))
    offers.accept(made, by=day.actor("nurse"))
    row = child(day, 0)
    assert (row.state, row.holder, row.place, row.at_session) == (S.STAFF, nurse, "医务室", None)
    assert row.handovers.last().note.text == "头疼"
    back = offers.offer([row], to_session=day.session, by=day.actor("nurse"))
    offers.accept(back, by=day.actor("teacher"))
    assert held(day, 0) == (S.GROUP, day.teacher.pk)


def test_the_office_moves_a_child_to_another_group_with_a_reason(day: Cast) -> None:
    session, teacher = second_group(day)
    day.third = teacher  # type: ignore[attr-defined]
    rows = called(day, 0)
    with refused("no_reason"):
        offers.offer(rows, to_session=session, by=day.actor("office"))
    made = offers.offer(rows, to_session=session, reason="和弟弟一起", by=day.actor("office"))
    assert made.giver == day.teacher
    offers.accept(made, by=day.actor("third"))
    row = child(day, 0)
    assert (row.state, row.holder, row.at_session, row.session) == (S.GROUP, teacher, session, day.session)


def test_the_teacher_hands_the_whole_group_to_the_stand_in(day: Cast) -> None:
    rows = called(day, 0, 1)
    Duty.objects.filter(session=day.session).update(active=False)
    Duty.objects.create(session=day.session, teacher=day.other_teacher, source="stand_in")
    made = offers.offer(rows, to_session=day.session, by=day.actor("teacher"))
    offers.accept(made, by=day.actor("other_teacher"))
    assert {held(day, 0), held(day, 1)} == {(S.GROUP, day.other_teacher.pk)}
