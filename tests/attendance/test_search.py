"""The search for a missing child: told on a word, told again by the clock, each once, and never closed by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse

from afterschool.management.commands.tick import tick
from afterschool.school.enums import Role
from afterschool.school.models import Message, StaffRole
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import search
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.roll_calls import Wish, begin, mark
from attendance.custody import State
from attendance.enums import CallAbout, MarkState, SearchKind
from attendance.models import AfternoonSettings, CallNote, SearchStep
from scheduling.enums import PatrolPost
from scheduling.models import PatrolTurn
from tests.attendance.handing import called, child, club_today
from tests.cast import NOW, TODAY, Cast, make_guardian, make_teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    """Child 0 is missing since 16:05."""
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    move_many([MoveRequest(child(afternoon, 0), State.MISSING)], by=afternoon.actor("teacher"))
    return afternoon


def told(kind: str) -> list[int]:
    return sorted(
        pk
        for message in Message.objects.filter(kind=kind)
        for pk in message.deliveries.values_list("recipient", flat=True)
    )


def after(minutes: int):
    return clock.frozen(NOW + timedelta(minutes=minutes))


def test_the_guardians_are_told_on_the_teachers_word_once(day: Cast) -> None:
    assert not Message.objects.filter(deliveries__recipient=day.guardian.user).exists()
    search.tell_guardians(child(day, 0), by=day.actor("teacher"))
    message = Message.objects.get(kind="custody.guardians")
    assert told("custody.guardians") == [day.guardian.user_id]
    assert "16:05" in message.body
    assert "周敏" in message.body
    with pytest.raises(Refused, match="told_already"):
        search.tell_guardians(child(day, 0), by=day.actor("head_teacher"))


@pytest.mark.parametrize("name", ["other_teacher", "other_head_teacher", "grade_leader", "gatekeeper", "leading_group"])
def test_nobody_else_tells_them(day: Cast, name: str) -> None:
    with pytest.raises(Refused, match="not_yours"):
        search.tell_guardians(child(day, 0), by=day.actor(name))


def test_a_family_without_an_account_must_be_called(day: Cast) -> None:
    move_many([MoveRequest(child(day, 2), State.MISSING)], by=day.actor("teacher"))
    make_guardian(70, "没账号", day.students[2], account=False)
    with pytest.raises(Refused, match="no_account"):
        search.tell_guardians(child(day, 2), by=day.actor("teacher"))
    with pytest.raises(Refused, match="not_missing"):
        search.tell_guardians(child(day, 1), by=day.actor("head_teacher"))


def test_a_second_search_of_the_day_tells_anew(day: Cast) -> None:
    by = day.actor("teacher")
    search.tell_guardians(child(day, 0), by=by)
    search.settle(child_day=child(day, 0), to=State.GROUP, by=by, place="操场")
    move_many([MoveRequest(child(day, 0), State.MISSING)], by=by)
    search.tell_guardians(child(day, 0), by=by)
    assert SearchStep.objects.filter(kind=SearchKind.GUARDIANS).count() == 2


def test_leaders_are_told_again_and_then_the_leading_group_each_once(day: Cast) -> None:
    with after(9):
        assert search.escalate(day.term) == 0
    with after(10):
        assert search.escalate(day.term) == 1
        assert search.escalate(day.term) == 0
    assert told("custody.escalated") == [day.duty_leader.user_id]
    with after(25):
        tick()
        tick()
    assert told("custody.escalated") == sorted([day.duty_leader.user_id, day.leading_group.user_id])
    assert child(day, 0).state == State.MISSING  # nothing closes by itself


def test_who_takes_the_search_over_begins_no_new_one(day: Cast) -> None:
    with after(5):
        move_many([MoveRequest(child(day, 0), State.MISSING)], by=day.actor("duty_leader"))
    with after(10):
        assert search.escalate(day.term) == 1


def test_the_minutes_are_the_schools(day: Cast) -> None:
    AfternoonSettings.objects.create(term=day.term, leader_minutes=3, group_minutes=4)
    with after(4):
        assert search.escalate(day.term) == 2


def test_found_in_time_nobody_is_told_again(day: Cast) -> None:
    search.settle(child_day=child(day, 0), to=State.GROUP, by=day.actor("teacher"), place="操场")
    with after(30):
        assert search.escalate(day.term) == 0


def test_of_several_duty_leaders_the_one_with_a_post_today_is_told(day: Cast) -> None:
    second = make_teacher(41, "另一位行政", Role.DUTY_LEADER)
    PatrolTurn.objects.create(term=day.term, weekday=1, post=PatrolPost.ADMIN, teacher=second)
    assert StaffRole.objects.filter(role=Role.DUTY_LEADER).count() == 2
    with after(10):
        search.escalate(day.term)
    assert told("custody.escalated") == [second.user_id]


def test_a_call_says_what_it_was_about(day: Cast) -> None:
    note_call(child(day, 0), guardian=day.guardian, outcome="not_reached", by=day.actor("teacher"))
    called(day, 1)
    note_call(child(day, 1), outcome="reached", text="妈妈", by=day.actor("teacher"))
    with after(120):
        note_call(child(day, 1), outcome="reached", text="妈妈", by=day.actor("teacher"))
    abouts = list(CallNote.objects.order_by("pk").values_list("about", flat=True))
    assert abouts == [CallAbout.MISSING, CallAbout.OTHER, CallAbout.LATE_PICKUP]


def test_the_page_groups_by_class_with_phones_and_words_for_the_chat(day: Cast, login) -> None:
    page = login("head_teacher").get(reverse("attendance:missing")).content.decode()
    assert 'href="tel:13900000001"' in page
    words = "【课后服务】一（1）班王一，16:05 点名时未到班。知道孩子去向的，请马上联系班主任周敏老师。"
    assert f"readonly>{words}</textarea>" in page
    assert "告诉家长：还没到班" in page
    assert "王一" not in login("other_head_teacher").get(reverse("attendance:missing")).content.decode()
    page = login("grade_leader").get(reverse("attendance:missing")).content.decode()
    assert "王一" in page
    assert "13900000001" not in page


def test_telling_on_the_page(day: Cast, login) -> None:
    row, client = child(day, 0), login("teacher")
    asked = {"links": row.links, "next": reverse("attendance:missing")}
    page = client.post(reverse("attendance:child-tell", args=[row.pk]), asked, follow=True).content.decode()
    assert "家长会马上收到消息" in page
    assert "16:05 已告知家长（陈立言）" in page
    assert "告诉家长：还没到班" not in page


@pytest.mark.parametrize("children", [1, 3])
def test_the_page_takes_the_same_queries_whoever_is_missing(
    day: Cast, login, django_assert_num_queries, children: int
) -> None:
    for number in range(1, children):
        move_many([MoveRequest(child(day, number), State.MISSING)], by=day.actor("teacher"))
    for number in range(children):
        note_call(child(day, number), outcome="reached", text="妈妈", by=day.actor("teacher"))
    client = login("duty_leader")
    with django_assert_num_queries(9):
        client.get(reverse("attendance:missing"))


def test_a_child_missing_in_a_club_is_found_back_there(day: Cast, login) -> None:
    chess = club_today(day, day.students[1])
    called(day, 1)
    move_many([MoveRequest(child(day, 1), State.CLUB, at_session=chess)], by=day.actor("other_teacher"))
    move_many([MoveRequest(child(day, 1), State.MISSING)], by=day.actor("other_teacher"))
    row, client = child(day, 1), login("other_teacher")
    assert "找到了，到社团" in client.get(reverse("attendance:child", args=[row.pk])).content.decode()
    client.post(reverse("attendance:child-found", args=[row.pk]), {"links": row.links, "place": "走廊", "to": "club"})
    now = child(day, 1)
    assert (now.state, now.holder, now.place) == (State.CLUB, day.other_teacher, "走廊")


def test_a_child_missing_at_a_club_and_found_in_its_group_was_not_in_the_club(afternoon: Cast) -> None:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    called(afternoon, 0)
    club = club_today(afternoon, afternoon.students[0])
    roll_call = begin(session=club, by=afternoon.actor("other_teacher"))
    wish = Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
    mark(roll_call=roll_call, wishes=[wish], by=afternoon.actor("other_teacher"))
    search.settle(child_day=child(afternoon, 0), to=State.GROUP, by=afternoon.actor("teacher"), place="教室")
    assert child(afternoon, 0).state == State.GROUP
    assert roll_call.marks.get().state == MarkState.ABSENT
