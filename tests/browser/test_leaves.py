"""Leave and pick-up on a parent's phone, with and without script; the pages of the school beside it."""

from datetime import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from attendance.actions import pickups
from attendance.actions.days import ensure_day
from attendance.actions.fetchers import Someone
from attendance.actions.settings import save_afternoon
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import DayFetcher, LeaveRequest, PickupChange
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
AUNT = Someone("阿依古丽·买买提江", "姑姑", "13912340001")


def asked(cast) -> None:
    """Every child of the class: an early pick-up by an aunt."""
    for student in cast.students[:3]:
        pickups.ask_pickup_change(
            term=cast.term,
            student=student,
            wish=pickups.Wish(TODAY, ChangeKind.EARLY, time(16, 30), note="去看牙医，先到校门口打电话", someone=AUNT),
            source=LeaveSource.PHONE,
            by=cast.actor("office"),
            said_by="妈妈",
        )


@pytest.mark.parametrize("javascript", [True, False])
def test_a_parent_lets_an_aunt_fetch_early(afternoon, page_as, fits, keep_picture, javascript):
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    page = page_as("guardian", PHONE, javascript=javascript)
    page.goto(reverse("home"))
    fits(page)
    keep_picture(page, f"leave-home-{javascript}", whole=True)
    page.get_by_role("link", name="早接、晚接").first.click()
    page.get_by_label("早接").check()
    page.get_by_label("几点").fill("16:30")
    expect(page.get_by_label("来接的人的姓名")).not_to_be_visible()
    page.get_by_label("另外一个人").check()
    page.get_by_label("来接的人的姓名").fill(AUNT.name)
    page.get_by_label("和孩子的关系").fill(AUNT.relation)
    page.get_by_label("手机号").fill(AUNT.phone)
    fits(page)
    keep_picture(page, f"leave-pickup-{javascript}", whole=True)
    page.get_by_role("button", name="告诉学校").click()
    page.get_by_text("早接 16:30，由姑姑阿依古丽·买买提江接").first.wait_for()
    fits(page)
    keep_picture(page, f"leave-mine-{javascript}", whole=True)
    assert (PickupChange.objects.count(), DayFetcher.objects.count()) == (1, 1)
    page.get_by_role("button", name="撤销王一的早接 16:30").click()
    page.get_by_text("早接已撤销").wait_for()
    assert not PickupChange.objects.filter(cancelled_at=None).exists()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_parent_asks_for_leave_with_two_taps(afternoon, page_as, fits, keep_picture, javascript):
    page = page_as("guardian", PHONE, javascript=javascript)
    page.goto(reverse("attendance:leave-new", args=[afternoon.students[0].pk]))
    expect(page.get_by_label("从哪天")).not_to_be_visible()
    page.get_by_label("身体不舒服").check()
    fits(page)
    keep_picture(page, f"leave-new-{javascript}", whole=True)
    page.get_by_role("button", name="提交请假").click()
    page.get_by_text("今天：请假").wait_for()
    assert LeaveRequest.objects.get().reason == "身体不舒服"


def test_too_late_today_the_phones_stand_on_the_page(afternoon, page_as, fits, axe_clean, keep_picture):
    save_afternoon(afternoon.term, {"change_until": time(16, 0)}, by=afternoon.actor("office"))
    page = page_as("guardian", PHONE)
    page.goto(reverse("attendance:pickup-change-new", args=[afternoon.students[0].pk]) + "?kind=same")
    fits(page)
    axe_clean(page)
    keep_picture(page, "leave-too-late", whole=True)
    page.get_by_role("button", name="告诉学校").click()
    page.get_by_text("请写来接的人的姓名。").wait_for()
    keep_picture(page, "leave-errors", whole=True)
    fits(page)


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("guardian", "leave-mine"),
        ("head_teacher", "leave-list"),
        ("teacher", "leave-slips"),
        ("office", "afternoon-settings"),
    ],
)
def test_pages_fit_and_are_accessible(afternoon, page_as, axe_clean, fits, keep_picture, name, view):
    asked(afternoon)
    for viewport in (PHONE, DESKTOP):
        page = page_as(name, viewport)
        page.goto(reverse(f"attendance:{view}"))
        fits(page)
        page.set_viewport_size({**viewport, "height": 3000})  # high enough for the toolbar to lie over no row
        axe_clean(page)
        keep_picture(page, f"words-{view}-{viewport['width']}", whole=True)


def test_slips_of_a_class_are_ticked(afternoon, page_as, fits, keep_picture):
    page = page_as("head_teacher", PHONE)
    page.goto(reverse("attendance:leave-slips"))
    page.get_by_label("王一", exact=False).first.check()
    page.get_by_label("王一的请假原因").fill("看牙")
    page.get_by_label("纸质假条").check()
    fits(page)
    keep_picture(page, "words-slips-ticked", whole=True)
    page.get_by_role("button", name="登记勾选的假条").click()
    page.get_by_text("已登记 1 个孩子请假").wait_for()
