"""The gate's register in a real browser: it fits, is accessible, and a visitor comes in and goes."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.models import Guardianship
from afterschool.support import clock
from attendance.actions.visitors import leave, set_hours
from tests.attendance.test_visitors import come
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, place_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gate(cast):
    """Two inside, one gone, one whose exit was forgotten three days ago."""
    place_group(cast)
    with clock.frozen(NOW - timedelta(days=3)):
        come(cast, name="阿依古丽·买买提江", phone="13900000777", visits=cast.head_teacher, visits_other="")
    with clock.frozen(NOW - timedelta(minutes=70)):
        come(cast, name="龚先生", persons=4, purpose="维修", visits_other="服务保障中心")
    with clock.frozen(NOW - timedelta(minutes=3)):
        come(cast, name="阿依古丽·买买提江", phone="13900000777", visits=cast.teacher, visits_other="")
        leave(visitor=come(cast, name="沈女士", phone="13900000778"), by=cast.actor("gatekeeper"))
    return cast


def test_a_visitor_comes_in_and_goes(gate, page_as, fits, axe_clean, keep_picture):
    page = page_as("gatekeeper", PHONE)
    page.goto(reverse("attendance:visitors"))
    keep_picture(page, "visitors-phone", whole=True)
    fits(page)
    axe_clean(page)
    page.get_by_role("link", name="登记来访").click()
    page.get_by_label("来过的人，手机号后四位").fill("0777")
    page.get_by_role("button", name="找").click()
    keep_picture(page, "visitor-known-phone", whole=True)
    page.get_by_role("link", name="阿依古丽").click()
    expect(page.get_by_label("姓名")).to_have_value("阿依古丽·买买提江")
    page.get_by_label("姓名").fill("邵师傅")
    page.get_by_label("证件后几位").fill("320101198001011234")
    page.get_by_role("button", name="登记进校").click()
    keep_picture(page, "visitor-refused-phone", whole=True)
    fits(page)
    axe_clean(page)
    page.get_by_label("证件后几位").fill("1234")
    page.get_by_role("button", name="登记进校").click()
    expect(page.get_by_text("邵师傅已登记进校")).to_be_visible()
    page.get_by_role("button", name=re.compile("离校.*邵师傅")).click()
    expect(page.get_by_text("邵师傅已离校。")).to_be_visible()


def test_in_closed_hours_and_with_a_ban(gate, page_as, fits, axe_clean, keep_picture):
    set_hours(term=gate.term, before=120, after=30, keep_days=180, by=gate.actor("office"))
    Guardianship.objects.filter(guardian=gate.other_guardian).update(banned=True, may_fetch=False)
    page = page_as("gatekeeper", PHONE)
    page.goto(reverse("attendance:visitor-new"))
    page.get_by_label("姓名").fill("何文")
    page.get_by_label("证件后几位").fill("1234")
    page.get_by_label("找谁").fill("陈立言")
    page.get_by_label("谁同意").select_option(label="方副校长")
    page.get_by_label("为什么现在进校").fill("老师约谈")
    keep_picture(page, "visitor-closed-phone", whole=True)
    page.get_by_role("button", name="登记进校").click()
    expect(page.get_by_text("此人登记为不可接走某些孩子")).to_be_visible()
    keep_picture(page, "visitor-banned-phone", whole=True)
    fits(page)
    axe_clean(page)
    page.get_by_role("button", name="值班行政同意，登记进校").click()
    expect(page.get_by_text("何文已登记进校")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_offices_pages_fit(gate, page_as, fits, axe_clean, keep_picture, viewport):
    page, width = page_as("office", viewport), viewport["width"]
    pages = [("visitors", ""), ("visitors-register", "?of=2026-09"), ("visitors-register", ""), ("visitors-hours", "")]
    for name, query in pages:
        page.goto(reverse(f"attendance:{name}") + query)
        keep_picture(page, f"{name}{len(query)}-{width}", whole=True)
        fits(page)
        axe_clean(page)
