"""The way back from clubs, all at once."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Placement, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.actions.roll_clubs import back_from_clubs
from attendance.enums import MarkState
from attendance.models import ChildDay
from attendance.queries.clubs_back import clubs_over
from scheduling.models import Duty
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
MEMBERS = 3


@pytest.fixture
def chess(afternoon):
    club = Group.objects.create(
        term=afternoon.term, kind=GroupKind.CLUB, name="围棋", starts_on=afternoon.term.service_starts_on
    )
    for child in afternoon.students[:MEMBERS]:
        Placement.objects.create(
            term=afternoon.term,
            student=child,
            group=club,
            kind="club",
            weekdays="1",
            starts_on=afternoon.term.service_starts_on,
        )
    session = Session.objects.create(
        term=afternoon.term, group=club, date=TODAY, starts_at=time(15, 30), ends_at=time(16, 30)
    )
    Duty.objects.create(session=session, teacher=afternoon.other_teacher)
    return session


@pytest.fixture
def rolls(afternoon, chess):
    """The group's roll with two children called, and the club's with all three members in it."""
    group = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    wishes = [Wish(child.pk, MarkState.NOT_CALLED, MarkState.PRESENT) for child in afternoon.students[:2]]
    roll_calls.mark(roll_call=group, wishes=wishes, by=afternoon.actor("teacher"))
    club = roll_calls.begin(session=chess, by=afternoon.actor("other_teacher"))
    roll_calls.rest_present(roll_call=club, by=afternoon.actor("other_teacher"))
    return group, club


def where(cast):
    days = ChildDay.objects.filter(student__in=cast.students[:MEMBERS]).order_by("student")
    return [(day.state, day.holder.name if day.holder else "") for day in days]


def test_all_come_back_in_one_act_but_those_who_are_left_out(afternoon, rolls):
    group, _ = rolls
    assert where(afternoon) == [("club", "温岚")] * 3
    ids = [child.pk for child in afternoon.students]
    assert back_from_clubs(roll_call=group, students=ids[1:], by=afternoon.actor("teacher")) == ids[1:3]
    assert where(afternoon) == [("club", "温岚"), ("group", "陈立言"), ("group", "陈立言")]
    assert group.marks.get(student=ids[2]).state == MarkState.PRESENT  # the group's roll had not called this one
    with pytest.raises(Refused, match="nobody"):
        back_from_clubs(roll_call=group, students=ids[1:], by=afternoon.actor("teacher"))


def test_a_club_does_not_take_its_own_back_and_strangers_nobody(afternoon, rolls):
    group, club = rolls
    with pytest.raises(Refused, match="a_club"):
        back_from_clubs(roll_call=club, students=[afternoon.students[0].pk], by=afternoon.actor("other_teacher"))
    with pytest.raises(Refused, match="not_yours"):
        back_from_clubs(roll_call=group, students=[afternoon.students[0].pk], by=afternoon.actor("other_teacher"))


def test_a_club_whose_hour_is_over_is_named_until_its_children_are_back(
    afternoon, chess, rolls, django_assert_num_queries
):
    assert clubs_over(TODAY) == []
    with clock.frozen(NOW.replace(minute=45)):
        with django_assert_num_queries(3):
            (over,) = clubs_over(TODAY)
        assert (over.session, over.children, over.minutes, over.teacher_name) == (chess, 3, 15, "温岚")
        ids = [child.pk for child in afternoon.students[:3]]
        back_from_clubs(roll_call=rolls[0], students=ids, by=afternoon.actor("teacher"))
        assert clubs_over(TODAY) == []


def test_the_page_ticks_those_whose_club_is_over(afternoon, rolls, login):
    client, address = login("teacher"), reverse("attendance:roll-call-clubs", args=[afternoon.session.pk])
    page = client.get(address).content.decode()
    assert ("还在上" in page, page.count(" checked>")) == (True, 0)
    roll = client.get(reverse("attendance:roll-call", args=[afternoon.session.pk])).content.decode()
    assert "社团 3 人还在上课" in roll
    with clock.frozen(NOW.replace(minute=45)):
        page = client.get(address).content.decode()
        assert ("已下课" in page, page.count(" checked>")) == (True, 3)
        roll = client.get(reverse("attendance:roll-call", args=[afternoon.session.pk])).content.decode()
        assert "<strong>3 人已下课</strong>：都回来了" in roll
        ids = [child.pk for child in afternoon.students[:2]]
        back = reverse("attendance:roll-call-clubs-back", args=[afternoon.session.pk])
        page = client.post(back, {"child": ids}, follow=True).content.decode()
    assert "2 人从社团回来了" in page
    page = client.post(back, {"child": ids}, follow=True).content.decode()
    assert "没有选中还在社团的孩子" in page


@pytest.mark.parametrize("called", [False, True])
def test_a_club_takes_in_no_child_of_a_group_by_itself_and_says_how_it_comes(afternoon, rolls, called):
    group, club = rolls
    guest = afternoon.students[4]
    if called:
        wishes = [Wish(guest.pk, MarkState.NOT_CALLED, MarkState.PRESENT)]
        roll_calls.mark(roll_call=group, wishes=wishes, by=afternoon.actor("teacher"))
    with pytest.raises(Refused, match="not_a_member") as caught:
        roll_calls.take_in(roll_call=club, student=guest, by=afternoon.actor("other_teacher"))
    assert "请带班老师用“交接”交给您" in caught.value.sentence
    assert not club.marks.filter(student=guest).exists()
    assert ChildDay.objects.get(student=guest).is_pass is False


def test_a_club_takes_in_a_child_who_is_not_of_the_day_as_a_pass(afternoon, rolls):
    guest = afternoon.students[6]
    roll_calls.take_in(roll_call=rolls[1], student=guest, by=afternoon.actor("other_teacher"))
    day = ChildDay.objects.get(student=guest)
    assert (day.state, day.is_pass, day.holder) == ("club", True, afternoon.other_teacher)
