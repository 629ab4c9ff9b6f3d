"""The timetable editor as a secretary uses it, with and without JavaScript; the page as a family reads it on the phone."""

import re

import pytest
from django.urls import reverse

from scheduling.actions.calendar import fill_calendar
from scheduling.defaults import install_timetables
from scheduling.models import Timetable
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(cast):
    install_timetables(cast.term, by=cast.actor("office"))
    fill_calendar(term=cast.term, by=cast.actor("office"))
    return cast


@pytest.mark.parametrize("javascript", [True, False])
def test_fridays_timetable_is_copied_moved_and_saved(ready, page_as, axe_clean, fits, keep_picture, javascript):
    page = page_as("office", DESKTOP, javascript=javascript)
    page.goto(reverse("scheduling:timetables"))
    page.get_by_role("link", name="照这份另加").first.click()
    page.get_by_text("全部时间一起提前或推后").click()
    page.get_by_label("移动几分钟").fill("-45")
    page.get_by_role("button", name="移动", exact=True).click()
    page.wait_for_selector("#id_dismissal[value='16:45']")
    page.get_by_role("button", name=re.compile("去掉这个时段.*第 3 时段")).click()
    page.get_by_role("group", name="第 3 时段").wait_for(state="detached")
    page.get_by_role("button", name=re.compile("这个时段加一项.*第 1 时段")).click()
    page.get_by_role("group", name="第 1 时段").get_by_label("内容（照印）").nth(2).fill("眼保健操")
    page.get_by_label("周五").check()
    page.get_by_label("放学").fill("16:25")
    if javascript:
        axe_clean(page)
        keep_picture(page, "timetable-editor-1366", whole=True)
        page.set_viewport_size(PHONE)
        fits(page)
        axe_clean(page)
        keep_picture(page, "timetable-editor-390", whole=True)
    page.get_by_role("button", name="保存一、二年级课表").click()
    page.get_by_text("课表已保存").wait_for()
    table = Timetable.objects.get(band__first_grade=1, weekdays="5")
    assert [f"{slot.starts_at:%H:%M}" for slot in table.slots.all()] == ["14:30", "15:25"]
    assert table.slots.first().parts.last().text == "眼保健操"


def test_the_page_reads_well_for_a_family_and_for_the_office(ready, page_as, axe_clean, fits, keep_picture):
    friday = Timetable.objects.get(band__first_grade=1)
    friday.pk, friday.weekdays = None, "5"
    friday.save()
    for who, size in ((None, PHONE), ("guardian", PHONE), ("office", DESKTOP)):
        page = page_as(who, size)
        page.goto(reverse("scheduling:timetables"))
        fits(page)
        axe_clean(page)
        keep_picture(page, f"timetables-{who}-{size['width']}", whole=True)


def test_a_timetable_with_slips_shows_them(ready, page_as, axe_clean, fits, keep_picture):
    page = page_as("office", PHONE)
    page.goto(reverse("scheduling:timetable-edit", args=[Timetable.objects.get(band__first_grade=3).pk]))
    page.get_by_label("放学").fill("16:00")
    page.get_by_role("group", name="第 2 时段").get_by_label("开始").fill("15:00")
    page.get_by_role("button", name="保存三至六年级课表").click()
    page.get_by_text("处要改").wait_for()
    axe_clean(page)
    fits(page)
    keep_picture(page, "timetable-slips-390", whole=True)
