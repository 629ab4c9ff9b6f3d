"""Moves by hand as the office makes them: several children at once, with a reason where it is asked for, and taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.models import Event, EventNote, Group, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.moves import move_children, take_back_move
from scheduling.queries.regrouping import last_move
from tests.cast import TODAY
from tests.scheduling.applied import approve
from tests.scheduling.regrouped import FRIDAY, TOMORROW, begin_term, group_of, withdraw


@pytest.fixture
def groups(cast):
    return begin_term(cast)


def move(cast, students, to_group, **more):
    return move_children(students=students, to_group=to_group, by=cast.actor("office"), **more)


def refusal(call) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def batch(cast, grade: int = 1) -> str:
    return last_move(cast.term, grade)[0].data["batch"]


def test_several_children_move_from_a_day_on_and_families_hear(cast, groups):
    moved = move(cast, cast.students[0:2], groups["一（2）混合班"], from_day=FRIDAY)
    assert {place.starts_on for place in moved} == {FRIDAY}
    assert group_of(cast.students[0], FRIDAY - timedelta(days=1)) == "一（1）班服务班"
    assert group_of(cast.students[0], FRIDAY) == "一（2）混合班"
    assert Message.objects.filter(student=cast.students[0]).latest("pk").title == "服务班有变化：一（2）混合班"
    assert len(set(Event.objects.filter(verb="placement.moved").values_list("data__batch", flat=True))) == 1


def test_who_is_there_already_stays_and_a_child_without_a_group_gets_one(cast, groups):
    approve(cast, cast.students[8], weekdays="24")
    moved = move(cast, [cast.students[6], cast.students[8]], groups["一（2）混合班"])
    assert [place.student_id for place in moved] == [cast.students[8].pk]
    assert moved[0].weekdays == "24"


@pytest.mark.parametrize(
    ("who", "to", "cap", "code"),
    [
        ([0], "一（1）班服务班", 45, "same_group"),
        ([9], "一（2）混合班", 45, "not_approved"),
        ([], "一（2）混合班", 45, "nothing_chosen"),
        ([6], "一（1）班服务班", 45, "other_class"),
        ([12], "一（2）混合班", 45, "other_grade"),
        ([0, 1], "一（2）混合班", 3, "over_cap"),
    ],
)
def test_what_is_refused(cast, groups, who, to, cap, code):
    type(cast.term).objects.update(cap=cap)
    to_group = Group.objects.get(pk=groups[to].pk)
    assert refusal(lambda: move(cast, [cast.students[n] for n in who], to_group)) == code


def test_no_group_takes_more_than_its_room_holds_without_a_reason(cast, groups):
    to_group = groups["一（2）混合班"]
    type(to_group.room).objects.filter(pk=to_group.room_id).update(capacity=2)
    assert refusal(lambda: move(cast, [cast.students[0]], to_group)) == "room_too_small"


def test_a_reason_is_kept_where_it_was_asked_for_and_only_there(cast, groups):
    move(cast, [cast.students[6]], groups["一（1）班服务班"], reason="跟着姐姐")
    move(cast, [cast.students[0]], groups["一（2）混合班"], reason="不必写")
    assert list(EventNote.objects.values_list("text", flat=True)) == ["跟着姐姐"]


def test_what_has_begun_stays_as_it_is(cast, groups):
    assert refusal(lambda: move(cast, [cast.students[0]], groups["一（2）混合班"], from_day=TODAY)) == "day_begun"
    late = cast.term.ends_on + timedelta(days=1)
    assert refusal(lambda: move(cast, [cast.students[0]], groups["一（2）混合班"], from_day=late)) == "after_term"


def test_only_the_office_moves_and_takes_back(cast, groups):
    move(cast, [cast.students[0]], groups["一（2）混合班"])
    with pytest.raises(PermissionDenied):
        take_back_move(term=cast.term, batch=batch(cast), by=cast.actor("grade_leader"))
    with pytest.raises(PermissionDenied):
        move_children(students=cast.students[:1], to_group=groups["一（2）混合班"], by=cast.actor("teacher"))


def test_the_last_move_is_taken_back_and_history_has_both(cast, groups):
    approve(cast, cast.students[8])
    move(cast, [cast.students[0], cast.students[8]], groups["一（2）混合班"])
    assert take_back_move(term=cast.term, batch=batch(cast), by=cast.actor("office")) == 2
    assert group_of(cast.students[0], TOMORROW) == "一（1）班服务班"
    assert group_of(cast.students[8], TOMORROW) == ""
    verbs = Event.objects.filter(student_id=cast.students[0].pk, verb__startswith="placement.moved")
    assert list(verbs.values_list("verb", flat=True)) == ["placement.moved", "placement.moved_back"]
    assert Message.objects.filter(student=cast.students[0]).latest("pk").title.startswith("服务班的调整取消了")
    assert last_move(cast.term, 1) == []


def test_a_move_is_not_taken_back_twice_or_once_it_began_or_was_followed_by_another(cast, groups):
    move(cast, [cast.students[0]], groups["一（2）混合班"])
    first = batch(cast)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert last_move(cast.term, 1) == []
    move(cast, [cast.students[0]], groups["二（1）混合班"], reason="跟着哥哥")
    assert refusal(lambda: take_back_move(term=cast.term, batch=first, by=cast.actor("office"))) == "changed_since"
    second = batch(cast, 2)
    take_back_move(term=cast.term, batch=second, by=cast.actor("office"))
    assert refusal(lambda: take_back_move(term=cast.term, batch=second, by=cast.actor("office"))) == "changed_since"
    assert refusal(lambda: take_back_move(term=cast.term, batch="", by=cast.actor("office"))) == "changed_since"


def test_a_child_that_left_meanwhile_is_not_brought_back(cast, groups):
    move(cast, [cast.students[0]], groups["一（2）混合班"])
    first = batch(cast)
    withdraw(cast.students[0])
    cast.students[0].placements.filter(ends_on=None).update(ends_on=FRIDAY)
    assert refusal(lambda: take_back_move(term=cast.term, batch=first, by=cast.actor("office"))) == "changed_since"


@pytest.mark.parametrize("number", [1, 3])
def test_moving_asks_the_same_number_of_queries_for_any_number_of_children(
    cast, groups, number, django_assert_num_queries
):
    with django_assert_num_queries(25):
        move(cast, cast.students[:number], groups["一（2）混合班"])
