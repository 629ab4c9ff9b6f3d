"""The board: figures that a recount confirms, a poll that hears of everything, names one tap away."""

from collections import Counter

import pytest
from django.urls import reverse

from afterschool.support import clock
from attendance.actions import line_ups, offers, roll_calls, search
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.passes import decide_pass
from attendance.custody import State
from attendance.models import ChildDay, Handover, Pass
from attendance.queries import board
from tests.attendance.handing import called, child, club_today
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def url(name: str, *args: object) -> str:
    return reverse(f"attendance:{name}", args=args)


def line_of(cast: Cast, name: str):
    found = board.read(cast.actor("duty_leader"), cast.term, TODAY)
    return next(one for one in found.groups if one.name == name)


def test_a_poll_hears_of_lists_passes_line_ups_and_searches(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    rows = called(day, 0, 1)
    seen = [board.version(TODAY)]

    def changed() -> None:
        seen.append(board.version(TODAY))
        assert seen[-1] != seen[-2]

    made = offers.offer(rows[:1], to_session=chess, by=day.actor("teacher"))
    changed()
    offers.object_to(made, objection="没开门", by=day.actor("other_teacher"))
    changed()
    by = day.actor("teacher")
    roll_calls.take_in(roll_call=roll_calls.begin(session=day.session, by=by), student=day.students[6], by=by)
    changed()
    decide_pass(Pass.objects.get(), accept=True, by=day.actor("duty_leader"))
    changed()
    line_ups.count_line_up(term=day.term, school_class=day.classes[0], counted=6, by=day.actor("head_teacher"))
    changed()
    with clock.frozen(NOW.replace(second=30)):
        line_ups.count_line_up(
            term=day.term, school_class=day.classes[0], counted=5, note="一人看牙", seen=6, by=day.actor("head_teacher")
        )
    changed()
    move_many([MoveRequest(child(day, 2), State.MISSING)], by=by)
    changed()
    move_many([MoveRequest(child(day, 0), State.MISSING)], by=by)
    changed()
    search.tell_guardians(child(day, 0), by=by)
    changed()
    assert board.version(TODAY) == seen[-1]


def test_a_list_that_waits_stands_on_the_line_of_its_receiver(day: Cast) -> None:
    chess = club_today(day, *day.students[:2])
    made = offers.offer(called(day, 0, 1), to_session=chess, by=day.actor("teacher"))
    line = line_of(day, "围棋社")
    assert (line.word, line.tone, line.here) == ("2 人待接收", "moved", 0)
    offers.accept(made, not_received=[child(day, 1).pk], by=day.actor("other_teacher"))
    line = line_of(day, "围棋社")
    assert (line.offered, line.here) == (0, 1)


def test_a_club_that_is_over_and_still_has_children_says_so(day: Cast) -> None:
    chess = club_today(day, day.students[0])
    called(day, 0)
    move_many([MoveRequest(child(day, 0), State.CLUB, at_session=chess)], by=day.actor("other_teacher"))
    assert not line_of(day, "围棋社").kept_over
    with clock.frozen(NOW.replace(hour=17, minute=11)):
        line = line_of(day, "围棋社")
        assert (line.word, line.tone) == ("已下课，1 人没交回", "act")


def test_the_figures_are_those_of_the_chain(day: Cast) -> None:
    chess = club_today(day, *day.students[:2])
    called(day, 0, 1, 2, 3)
    move_many([MoveRequest(child(day, 0), State.CLUB, at_session=chess)], by=day.actor("other_teacher"))
    move_many([MoveRequest(child(day, 1), State.MISSING)], by=day.actor("teacher"))
    found = board.read(day.actor("duty_leader"), day.term, TODAY)
    assert found.counts == Counter(ChildDay.objects.values_list("state", flat=True))
    assert sum((one.states for one in found.groups), Counter()) == found.counts


def test_the_missing_line_names_who_was_told_and_the_first_link_of_the_search(day: Cast) -> None:
    by = day.actor("teacher")
    move_many([MoveRequest(child(day, 0), State.MISSING)], by=by)
    search.tell_guardians(child(day, 0), by=by)
    with clock.frozen(NOW.replace(minute=9)):
        move_many([MoveRequest(child(day, 0), State.MISSING)], by=day.actor("duty_leader"))
        row = board.read(day.actor("duty_leader"), day.term, TODAY).missing[0]
    assert row.words["called"] == "陈立言 16:05"
    assert row.progress == "还没打电话，已告知家长 16:05"
    assert row.words["seeker"] == "方副校长"


@pytest.mark.parametrize(("name", "reads"), [("head_teacher", True), ("teacher", True), ("grade_leader", False)])
def test_phones_of_the_missing_are_for_those_in_charge(day: Cast, login, name: str, reads: bool) -> None:
    move_many([MoveRequest(child(day, 0), State.MISSING)], by=day.actor("teacher"))
    page = login(name).get(url("board")).content.decode()
    assert "王一" in page
    assert ("139 0000 0001" in page) == reads


def test_a_pass_without_an_answer_stands_on_the_board_of_those_who_see_the_child(day: Cast, login) -> None:
    by = day.actor("teacher")
    roll_calls.take_in(roll_call=roll_calls.begin(session=day.session, by=by), student=day.students[6], by=by)
    assert "等答复" in login("duty_leader").get(url("board")).content.decode()
    assert "等答复" in login("other_head_teacher").get(url("board")).content.decode()
    assert "等答复" not in login("head_teacher").get(url("board")).content.decode()


def test_names_of_a_group_are_one_tap_away(day: Cast, login) -> None:
    chess = club_today(day, day.students[0])
    called(day, 0, 1)
    move_many([MoveRequest(child(day, 0), State.CLUB, at_session=chess)], by=day.actor("other_teacher"))
    client = login("duty_leader")
    assert url("board-session", day.session.pk) in client.get(url("board")).content.decode()
    page = client.get(url("board-session", day.session.pk)).content.decode()
    assert "围棋社" in page
    assert "在社团" in page
    assert "在班" in page
    assert login("other_head_teacher").get(url("board-session", day.session.pk)).status_code == 404


@pytest.mark.parametrize("children", [1, 3])
def test_the_board_takes_eight_queries_with_everything_on_it(
    day: Cast, login, django_assert_num_queries, children: int
) -> None:
    chess = club_today(day, *day.students[3:6])
    by = day.actor("teacher")
    offers.offer(called(day, 3, 4, 5)[:children], to_session=chess, by=by)
    roll = roll_calls.begin(session=day.session, by=by)
    for number in range(children):
        move_many([MoveRequest(child(day, number), State.MISSING)], by=by)
        roll_calls.take_in(roll_call=roll, student=day.students[6 + number], by=by)
    client = login("duty_leader")
    with django_assert_num_queries(8):
        client.get(url("board"))


@pytest.mark.parametrize("children", [1, 3])
def test_the_names_take_the_same_queries(day: Cast, login, django_assert_num_queries, children: int) -> None:
    called(day, *range(children))
    client = login("duty_leader")
    with django_assert_num_queries(7):
        client.get(url("board-session", day.session.pk))


def test_a_poll_hears_of_a_move_that_comes_in_after_a_newer_one(day: Cast) -> None:
    called(day, 0)
    called(day, 1)
    late = Handover.objects.filter(child_day=child(day, 0)).latest("pk")
    ChildDay.objects.filter(pk=late.child_day_id).update(links=1)  # as others read it while its transaction goes on
    before = board.version(TODAY)
    ChildDay.objects.filter(pk=late.child_day_id).update(links=2)
    assert board.version(TODAY) != before
