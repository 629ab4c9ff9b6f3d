"""Handing over in the browser: a list given in one tap and received but for one, line-up, search, board; without scripts too."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.models import Student
from afterschool.support import clock
from attendance.actions import line_ups, offers, roll_calls, search
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.custody import State
from attendance.enums import MarkState
from tests.attendance.handing import called, child, club_today
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def day(afternoon):
    """Four in the group, three of them due in a club now; one missing; long names."""
    Student.objects.filter(pk=afternoon.students[1].pk).update(name="古丽娜尔·艾合买提")
    with clock.frozen(NOW):
        ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
        called(afternoon, 0, 1, 2, 3)
        move_many([MoveRequest(child(afternoon, 4), State.MISSING)], by=afternoon.actor("teacher"))
        afternoon.club = club_today(afternoon, *afternoon.students[:3])
    return afternoon


@pytest.mark.parametrize("javascript", [True, False])
def test_a_whole_list_is_given_and_received_but_for_one(day, page_as, javascript):
    giver = page_as("teacher", PHONE, javascript=javascript)
    giver.goto(reverse("attendance:hand-over", args=[day.session.pk]))
    giver.get_by_role("button", name="交给社团").click()
    expect(giver.get_by_text("已交出 3 人的名单")).to_be_visible()
    receiver = page_as("other_teacher", PHONE, javascript=javascript)
    receiver.goto("/")
    receiver.get_by_role("link", name="有人没接到").click()
    receiver.get_by_label("没接到").nth(1).check()
    receiver.get_by_role("button", name="接收，由我负责").click()
    expect(receiver.get_by_text("接到 2 人，现在由您负责。")).to_be_visible()
    states = [child(day, n).state for n in range(3)]
    assert sorted(states) == [State.CLUB, State.CLUB, State.GROUP]


def test_every_page_fits_and_is_accessible(day, page_as, fits, axe_clean, keep_picture):
    by = day.actor("teacher")
    with clock.frozen(NOW):
        waiting = offers.offer([child(day, 0), child(day, 1)], to_session=day.club, by=by)
        roll = roll_calls.begin(session=day.session, by=by)
        wishes = [roll_calls.Wish(day.students[n].pk, MarkState.NOT_CALLED, MarkState.PRESENT) for n in range(4)]
        roll_calls.mark(roll_call=roll, wishes=wishes, by=by)
        wish = roll_calls.Wish(day.students[4].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
        roll_calls.mark(roll_call=roll, wishes=[wish], by=by)
        roll_calls.take_in(roll_call=roll, student=day.students[6], by=by)
        line_ups.count_line_up(
            term=day.term,
            school_class=day.classes[0],
            counted=5,
            note="一人还在医务室，由校医陪着",
            by=day.actor("head_teacher"),
        )
        roll_calls.rest_present(roll_call=roll, by=by)
        other = child(day, 4).student.links.first()
        note_call(
            child(day, 4), guardian=other.guardian if other else None, outcome="not_reached", text="没人接", by=by
        )
        note_call(child(day, 0), guardian=day.guardian, outcome="reached", text="妈妈说晚到十分钟", by=by)
        search.escalate(day.term)
        move = MoveRequest(child(day, 3), State.STAFF, holder=day.head_teacher, place="医务室", note="头疼")
        move_many([move], by=day.actor("head_teacher"))
    teacher, receiver = page_as("teacher"), page_as("other_teacher")
    leader, head, office = page_as("duty_leader"), page_as("head_teacher"), page_as("office")
    for page, name, url in [
        (teacher, "home-giver", "/"),
        (receiver, "home-receiver", "/"),
        (page_as("other_head_teacher"), "home-pass", "/"),
        (head, "home-head", "/"),
        (teacher, "hand-over", reverse("attendance:hand-over", args=[day.session.pk])),
        (receiver, "offer", reverse("attendance:offer", args=[waiting.pk])),
        (teacher, "offer-given", reverse("attendance:offer", args=[waiting.pk])),
        (head, "handovers", reverse("attendance:handovers")),
        (page_as("gatekeeper"), "handovers-none", reverse("attendance:handovers")),
        (leader, "missing", reverse("attendance:missing")),
        (leader, "board", reverse("attendance:board")),
        (leader, "board-session", reverse("attendance:board-session", args=[day.session.pk])),
        (leader, "line-ups", reverse("attendance:line-ups")),
        (head, "line-up", reverse("attendance:line-up", args=[day.classes[0].pk])),
        (teacher, "child-missing", reverse("attendance:child", args=[child(day, 4).pk])),
        (office, "child-here", reverse("attendance:child", args=[child(day, 2).pk])),
        (teacher, "child-kept", reverse("attendance:child", args=[child(day, 3).pk])),
        (leader, "child-pass", reverse("attendance:child", args=[child(day, 6).pk])),
    ]:
        page.goto(url)
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            axe_clean(page)
            keep_picture(page, f"handing-{name}-{viewport['width']}", whole=True)
