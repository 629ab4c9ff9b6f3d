"""Regrouping as the office does it: proposed, accepted from a day on, taken back before that day."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.enums import GroupKind, SessionState
from afterschool.school.models import Delivery, Event, Group, Message, Placement, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.grouping import propose_groups
from scheduling.actions.moves import move_child
from scheduling.actions.regrouping import accept_regrouping, propose_regrouping, take_back_regrouping
from scheduling.enums import GroupingState
from scheduling.models import Grouping
from scheduling.queries.grouping import current_grouping
from scheduling.queries.regrouping import earliest_day, next_service_day
from tests.cast import TODAY, make_guardian
from tests.scheduling.applied import approve
from tests.scheduling.regrouped import TOMORROW, begin_term, group_of, withdraw


@pytest.fixture
def groups(cast):
    return begin_term(cast)


def propose(cast, **more):
    return propose_regrouping(term=cast.term, by=cast.actor("office"), **more)


def accept(cast, grouping, starts_on=TOMORROW):
    return accept_regrouping(grouping=grouping, starts_on=starts_on, by=cast.actor("office"))


def refusal(call) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def shrink_cap(cast, cap: int) -> None:
    type(cast.term).objects.filter(pk=cast.term.pk).update(cap=cap)
    cast.term.refresh_from_db()


def test_before_the_first_grouping_there_is_nothing_to_regroup(cast):
    assert refusal(lambda: propose(cast)) == "not_grouped"


def test_only_the_office_regroups(cast, groups):
    kept = propose(cast)
    for deed in (
        lambda by: propose_regrouping(term=cast.term, by=by),
        lambda by: accept_regrouping(grouping=kept, starts_on=TOMORROW, by=by),
        lambda by: take_back_regrouping(grouping=kept, by=by),
    ):
        with pytest.raises(PermissionDenied):
            deed(cast.actor("teacher"))


def test_a_draft_touches_nothing_and_replaces_the_one_before(cast, groups):
    approve(cast, cast.students[8])
    first, second = propose(cast), propose(cast)
    first.refresh_from_db()
    assert (first.state, second.state) == (GroupingState.SUPERSEDED, GroupingState.DRAFT)
    assert Placement.objects.count() == 9
    assert current_grouping(cast.term).kind == "first"


def test_who_joins_gets_a_place_and_who_left_gives_it_up_from_that_day(cast, groups):
    approve(cast, cast.students[8], weekdays="24")
    withdraw(cast.students[7])
    answer = accept(cast, propose(cast))
    assert answer.moved == 0
    assert group_of(cast.students[8], TODAY) == ""
    assert group_of(cast.students[8], TOMORROW) == "一（2）混合班"
    assert Placement.objects.get(student=cast.students[8]).weekdays == "24"
    assert group_of(cast.students[7], TODAY) == "一（2）混合班"
    assert group_of(cast.students[7], TOMORROW) == ""
    assert Event.objects.filter(verb="placement.made", student_id=cast.students[8].pk).exists()
    assert Event.objects.filter(verb="placement.ended", student_id=cast.students[7].pk).exists()


def test_over_the_cap_the_last_children_move_and_a_group_with_sessions_is_opened(cast, groups):
    shrink_cap(cast, 4)
    make_guardian(40, "杨母", cast.students[5])
    answer = accept(cast, propose(cast))
    new = Group.objects.get(name="一（1）班二组")
    assert (answer.moved, answer.opened) == (2, 1)
    assert [group_of(s, TOMORROW) for s in cast.students[3:6]] == ["一（1）班服务班", "一（1）班二组", "一（1）班二组"]
    assert group_of(cast.students[5], TODAY) == "一（1）班服务班"
    assert (new.kind, new.starts_on, new.order) == (GroupKind.STANDALONE, TOMORROW, 3)
    assert new.reason == "一（1）班服务班6人，超过上限4人，移2人到一（1）班二组。"
    assert Session.objects.filter(group=new).earliest("date").date == TOMORROW
    assert Message.objects.filter(student=cast.students[5]).latest("pk").title == "服务班有变化：一（1）班二组"


def test_families_of_those_who_change_are_told_and_no_others(cast, groups):
    approve(cast, cast.students[8])
    Delivery.objects.all().delete()
    accept(cast, propose(cast))
    assert set(Delivery.objects.values_list("message__student_id", flat=True)) <= {cast.students[8].pk}


def test_a_group_without_children_ends_the_day_before_and_its_sessions_are_cancelled(cast, groups):
    withdraw(cast.students[12])
    assert accept(cast, propose(cast)).closed == 1
    closed = Group.objects.get(pk=groups["二（1）混合班"].pk)
    assert closed.ends_on == TODAY
    states = dict(Session.objects.filter(group=closed).values_list("date", "state"))
    assert states[TODAY] == SessionState.PLANNED
    assert {state for day, state in states.items() if day > TODAY} == {SessionState.CANCELLED}


@pytest.mark.parametrize(("days", "code"), [(0, "day_begun"), (-1, "day_begun"), (500, "after_term")])
def test_it_begins_tomorrow_at_the_earliest_and_within_the_term(cast, groups, days, code):
    approve(cast, cast.students[8])
    kept = propose(cast)
    assert refusal(lambda: accept(cast, kept, TODAY + timedelta(days=days))) == code


def test_a_draft_whose_input_changed_is_not_accepted(cast, groups):
    approve(cast, cast.students[8])
    kept = propose(cast)
    move_child(student=cast.students[6], to_group=groups["二（1）混合班"], by=cast.actor("office"), reason="跟着哥哥")
    assert refusal(lambda: accept(cast, kept)) == "input_changed"


def test_nothing_to_do_is_said(cast, groups):
    kept = propose(cast)
    assert refusal(lambda: accept(cast, kept)) == "nothing_to_do"


def test_only_the_first_of_two_accepts(cast, groups):
    approve(cast, cast.students[8])
    kept = propose(cast)
    other = Grouping.objects.get(pk=kept.pk)
    accept(cast, kept)
    assert refusal(lambda: accept(cast, other)) in {"somebody_was_faster", "input_changed"}
    kept.refresh_from_db()
    assert refusal(lambda: accept(cast, kept)) == "somebody_was_faster"


def test_a_child_put_by_hand_with_a_reason_stays(cast, groups):
    move_child(student=cast.students[6], to_group=groups["一（1）班服务班"], by=cast.actor("office"), reason="跟着姐姐")
    approve(cast, cast.students[8])
    accept(cast, propose(cast))
    assert group_of(cast.students[6], TOMORROW) == "一（1）班服务班"


def test_what_was_allowed_over_the_cap_is_no_reason_to_move(cast, groups):
    shrink_cap(cast, 6)
    move_child(student=cast.students[6], to_group=groups["一（1）班服务班"], by=cast.actor("office"), reason="跟着姐姐")
    kept = propose(cast)
    assert kept.result["grades"][0]["changes"] == []
    assert "over_cap_kept" in kept.result["grades"][0]["groups"][0]["flags"]


def test_an_accepted_kind_changes_the_kind_of_the_group(cast, groups):
    approve(cast, *cast.students[8:10], weekdays="12345")
    kept = propose(cast)
    (hint,) = kept.result["grades"][0]["hints"]
    assert hint["sentence"].startswith("一（2）班全班6人，参加4人，达到二分之一，应独立编班")
    accept(cast, propose(cast, kinds=[cast.classes[1].pk]))
    assert Group.objects.get(pk=groups["一（2）混合班"].pk).kind == GroupKind.STANDALONE


def test_taken_back_before_its_day_everybody_is_where_they_were(cast, groups):
    shrink_cap(cast, 4)
    make_guardian(40, "杨母", cast.students[5])
    approve(cast, cast.students[8])
    withdraw(cast.students[12])
    kept = propose(cast)
    accept(cast, kept)
    kept.refresh_from_db()
    assert take_back_regrouping(grouping=kept, by=cast.actor("office")) == 3
    assert group_of(cast.students[5], TOMORROW) == "一（1）班服务班"
    assert group_of(cast.students[8], TOMORROW) == ""
    assert group_of(cast.students[12], TOMORROW) == "二（1）混合班"
    new = Group.objects.get(name="一（1）班二组")
    assert new.ends_on is not None
    assert not Session.objects.filter(group=new, state=SessionState.PLANNED).exists()
    again = Session.objects.get(group=groups["二（1）混合班"], date=TOMORROW)
    assert again.state == SessionState.PLANNED
    kept.refresh_from_db()
    assert kept.state == GroupingState.TAKEN_BACK
    assert Message.objects.filter(student=cast.students[5]).latest("pk").title.startswith("服务班的调整取消了")
    assert propose(cast).result["grades"][0]["changes"]


def test_it_is_not_taken_back_once_begun_or_when_something_changed(cast, groups):
    approve(cast, cast.students[8])
    kept = propose(cast)
    accept(cast, kept)
    kept.refresh_from_db()
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert refusal(lambda: take_back_regrouping(grouping=kept, by=cast.actor("office"))) == "changed_since"
    move_child(student=cast.students[8], to_group=groups["二（1）混合班"], by=cast.actor("office"), reason="跟着哥哥")
    assert refusal(lambda: take_back_regrouping(grouping=kept, by=cast.actor("office"))) == "changed_since"


def test_the_first_grouping_is_not_proposed_again_by_a_regrouping(cast, groups):
    approve(cast, cast.students[8])
    accept(cast, propose(cast))
    assert refusal(lambda: propose_groups(term=cast.term, by=cast.actor("office"))) == "already_accepted"


def test_the_day_offered_is_the_next_with_service(cast, groups):
    assert next_service_day(cast.term) == TOMORROW
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert next_service_day(cast.term) == TODAY + timedelta(days=7)
        assert earliest_day(cast.term) == TODAY + timedelta(days=5)


@pytest.mark.parametrize("number", [1, 3])
def test_accepting_asks_the_same_number_of_queries_for_any_number_of_children(
    cast, groups, number, django_assert_num_queries
):
    approve(cast, *cast.students[8 : 8 + number])
    kept = propose(cast)
    with django_assert_num_queries(34):
        accept(cast, kept)
