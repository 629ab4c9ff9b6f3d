"""The calendar as the office changes it, and a family's own calendar with its address for the phone."""

import re
from datetime import date

import pytest
from django.urls import reverse

from afterschool.school.enums import DayKind
from afterschool.school.models import SchoolDay
from afterschool.support import clock
from scheduling.actions.calendar import change_day
from scheduling.actions.sessions import make_sessions
from scheduling.models import CalendarFeed
from tests.browser.conftest import DESKTOP, PHONE
from tests.scheduling.applied import approve
from tests.scheduling.arranged import BEFORE, arrange

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(cast):
    office = cast.actor("office")
    with clock.frozen(BEFORE):
        arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        make_sessions(term=cast.term, by=office)
    thursday = SchoolDay.objects.get(date=date(2026, 9, 24))
    change_day(day=thursday, kind=DayKind.CANCELLED, runs_weekday=4, note="台风", by=office)
    saturday = SchoolDay.objects.get(date=date(2026, 10, 10))
    change_day(day=saturday, kind=DayKind.SERVICE, runs_weekday=4, note="", by=office)
    return cast


def test_the_office_takes_the_autumn_holiday_out_at_once(running, page_as, axe_clean, fits, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto(f"{reverse('scheduling:calendar')}?month=2026-10")
    axe_clean(page)
    keep_picture(page, "calendar-1366", whole=True)
    page.get_by_role("link", name=re.compile("10月8日")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "10月16日" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.set_viewport_size(PHONE)
    fits(page)
    axe_clean(page)
    keep_picture(page, "calendar-390", whole=True)
    page.get_by_role("link", name="一次改一段日子").click()
    page.get_by_label("不上学").check()
    page.get_by_label("从", exact=True).fill("2026-11-05")
    page.get_by_label("到", exact=True).fill("2026-11-10")
    page.get_by_label("原因").fill("秋假")
    page.get_by_role("button", name="先看改哪些天").click()
    page.get_by_text("会改 4 天").wait_for()
    fits(page)
    axe_clean(page)
    keep_picture(page, "calendar-span-390", whole=True)
    page.get_by_role("button", name=re.compile("取消这 4 天")).click()
    page.get_by_text("改了 4 天").wait_for()
    assert SchoolDay.objects.filter(note="秋假", kind=DayKind.OFF).count() == 4


@pytest.mark.parametrize("javascript", [True, False])
def test_a_family_reads_its_calendar_and_takes_it_to_the_phone(
    running, page_as, axe_clean, fits, keep_picture, javascript
):
    page = page_as("guardian", PHONE, javascript=javascript)
    page.goto(reverse("calendars:mine"))
    page.get_by_text("台风").first.wait_for()
    page.get_by_role("button", name="生成订阅地址").click()
    address = page.get_by_label("订阅地址").input_value()
    assert address.endswith(".ics")
    if javascript:
        fits(page)
        axe_clean(page)
        keep_picture(page, "my-calendar-390", whole=True)
        page.set_viewport_size(DESKTOP)
        axe_clean(page)
        keep_picture(page, "my-calendar-1366", whole=True)
    answer = page_as(None, PHONE).request.get(address[address.index("/calendar/") :])
    assert answer.ok
    assert answer.headers["content-type"].startswith("text/calendar")
    page.get_by_role("button", name="停用").click()
    page.get_by_text("订阅已停用").wait_for()
    assert CalendarFeed.objects.get().stopped_at


@pytest.mark.parametrize("who", ["office", "teacher"])
def test_staff_read_their_calendar_on_the_phone(running, page_as, fits, who):
    page = page_as(who, PHONE)
    page.goto(reverse("calendars:mine"))
    page.get_by_role("link", name="值班表").wait_for()
    fits(page)


def test_a_choice_nobody_made_looks_like_none(running, page_as):
    page = page_as("office", DESKTOP)
    page.goto(reverse("scheduling:calendar-span"))
    first, second = page.get_by_label("不上学"), page.get_by_label("恢复原来的安排")
    colour = "one => getComputedStyle(one).backgroundColor"
    blank = first.evaluate(colour)
    first.check()
    assert second.evaluate(colour) == blank
    assert first.evaluate(colour) != blank


def test_the_terms_check_reads_well(running, page_as, axe_clean, fits, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto(reverse("setup:check"))
    axe_clean(page)
    keep_picture(page, "check-1366", whole=True)
    page.set_viewport_size(PHONE)
    fits(page)
    keep_picture(page, "check-390", whole=True)
