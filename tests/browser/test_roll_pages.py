"""The pages round the roll call: paper, way back from clubs, the day by slot, mending; a phone and a classroom PC."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Placement, Session
from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import MarkState
from attendance.models import Mark, RollCall
from scheduling.models import Duty
from tests.browser.conftest import CLASSROOM, DESKTOP, PHONE
from tests.browser.test_roll_speed import long_names
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chess(afternoon):
    club = Group.objects.create(
        term=afternoon.term, kind=GroupKind.CLUB, name="围棋社团", starts_on=afternoon.term.service_starts_on
    )
    for child in afternoon.students[:3]:
        Placement.objects.create(
            term=afternoon.term,
            student=child,
            group=club,
            kind="club",
            weekdays="1",
            starts_on=afternoon.term.service_starts_on,
        )
    session = Session.objects.create(
        term=afternoon.term, group=club, date=TODAY, starts_at=time(15, 20), ends_at=time(16, 0)
    )
    Duty.objects.create(session=session, teacher=afternoon.other_teacher)
    return session


def url(name, cast, *more):
    return reverse(f"attendance:{name}", args=[cast.session.pk, *more])


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_a_paper_roll_is_typed_in_by_keys(afternoon, page_as, axe_clean, fits, keep_picture, viewport):
    long_names(afternoon, 45)
    page = page_as("teacher", viewport)
    page.goto(url("roll-call-paper", afternoon))
    fits(page)
    axe_clean(page)
    page.locator("input[type=time]").fill("15:20")
    page.locator(".paper-rows input").first.focus()
    for key in ("1", "2", "4"):
        page.keyboard.press(key)
    keep_picture(page, f"roll-paper-{viewport['width']}", whole=True)
    page.get_by_label("没有选的").check()
    page.get_by_role("button", name="录入并完成点名").click()
    page.wait_for_selector(".roll.closed")
    marks = list(Mark.objects.order_by("student__number").values_list("state", flat=True))
    assert marks[:4] == ["present", "late", "absent", "present"]
    assert RollCall.objects.get().from_paper


def test_a_paper_roll_without_script_and_with_errors(afternoon, page_as, keep_picture):
    page = page_as("teacher", PHONE, javascript=False)
    page.goto(url("roll-call-paper", afternoon))
    page.get_by_role("button", name="录入并完成点名").click()
    expect(page.get_by_text("请写纸上的点名时间").first).to_be_visible()
    keep_picture(page, "roll-paper-error-390", whole=True)


@pytest.mark.parametrize("viewport", [PHONE, CLASSROOM])
def test_all_come_back_from_a_club_in_one_act(afternoon, chess, page_as, axe_clean, fits, keep_picture, viewport):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    club = roll_calls.begin(session=chess, by=afternoon.actor("other_teacher"))
    roll_calls.rest_present(roll_call=club, by=afternoon.actor("other_teacher"))
    page = page_as("teacher", viewport)
    page.goto(url("roll-call", afternoon))
    fits(page)
    keep_picture(page, f"roll-call-clubs-out-{viewport['width']}")
    page.get_by_role("link", name="3 人已下课").click()
    fits(page)
    axe_clean(page)
    page.get_by_label("李二").uncheck()
    keep_picture(page, f"roll-call-clubs-{viewport['width']}")
    page.get_by_role("button", name="勾选的都回来了").click()
    page.get_by_text("2 人从社团回来了").wait_for()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_the_day_by_slot(afternoon, chess, page_as, axe_clean, fits, keep_picture, viewport):
    club = roll_calls.begin(session=chess, by=afternoon.actor("office"))
    roll_calls.rest_present(roll_call=club, by=afternoon.actor("office"))
    Session.objects.create(
        term=afternoon.term,
        group=afternoon.group,
        date=TODAY - timedelta(days=3),
        starts_at=time(15, 15),
        ends_at=time(17, 30),
    )
    page = page_as("office", viewport)
    for name in ("sessions-today", "sessions-not-finished"):
        page.goto(reverse(f"attendance:{name}"))
        fits(page)
        axe_clean(page)
        keep_picture(page, f"{name}-{viewport['width']}", whole=True)


def test_not_for_the_rest_of_the_day_in_one_tap(afternoon, chess, page_as, keep_picture):
    Session.objects.filter(pk=chess.pk).update(starts_at=time(16, 30), ends_at=time(17, 30))
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    page = page_as("teacher", CLASSROOM)
    page.goto(url("roll-call", afternoon))
    page.locator(".tile .pick-missing").first.click()
    button = page.get_by_role("button", name="今天都不来")
    button.wait_for()
    keep_picture(page, "roll-call-all-day-625")
    button.click()
    page.get_by_text("16:30 围棋社团也记“未到”").wait_for()
    club = roll_calls.begin(session=Session.objects.get(pk=chess.pk), by=afternoon.actor("other_teacher"))
    assert club.marks.get(student=afternoon.students[0]).state == "absent"
    other = page_as("other_teacher", CLASSROOM)
    other.goto(reverse("attendance:roll-call", args=[chess.pk]))
    assert other.locator(".tile .note").first.text_content() == "一（1）班服务班未到"


def test_a_mark_is_mended_on_a_phone(afternoon, chess, page_as, axe_clean, fits, keep_picture):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("duty_leader"))
    wish = Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("duty_leader"))
    page = page_as("teacher", PHONE)
    page.goto(url("roll-call-child", afternoon, afternoon.students[0].pk))
    fits(page)
    axe_clean(page)
    keep_picture(page, "roll-call-child-390", whole=True)
    page.get_by_role("button", name="今天都不来").click()
    page.get_by_text("也记“未到”").first.wait_for()
    page.goto(url("roll-call", afternoon))
    expect(page.get_by_text("方副校长点的名")).to_be_visible()
