"""The families' rights on a phone: what is kept, one's own child, a new text of consent; and the office's pages."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from afterschool.school.enums import PlacementKind
from afterschool.school.models import Placement, Student
from afterschool.setup.actions import change_term
from attendance.models import ChildDay
from enrollment.models import RightsRequest
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY
from tests.house.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(cast):
    world = build_world(cast)
    Student.objects.filter(pk=cast.students[0].pk).update(name="阿不都热合曼·买买提江·吐尔逊")
    change_term(
        term=cast.term,
        settings={"consent_text": "我同意学校为课后服务使用这些信息。\n\n新的一版。"},
        by=cast.actor("office"),
    )
    return world


def test_a_parent_reads_answers_asks_and_takes_back(world, page_as, axe_clean, fits, keep_picture):
    child = world.cast.students[0]
    page = page_as("guardian", PHONE)
    for name, address in {
        "what": "/privacy/",
        "me": "/me/",
        "mine": "/privacy/my/",
        "consent": f"/enrollment/students/{child.pk}/consent/",
    }.items():
        page.goto(address)
        fits(page)
        axe_clean(page)
        keep_picture(page, f"privacy-{name}-390", whole=True)
    page.get_by_role("button", name="我同意第 2 版").click()
    expect(page.get_by_text("您为")).to_be_visible()
    page.get_by_text("撤回同意", exact=True).last.click()
    fits(page)
    axe_clean(page)
    keep_picture(page, "privacy-consent-given-390", whole=True)
    page.goto("/privacy/my/")
    page.get_by_role("button", name="收回这个要求").click()
    page.get_by_text("有不对的，要求更正").first.click()
    page.get_by_label("哪里不对，应该是什么").first.fill("名字里少了一个点")
    page.get_by_role("button", name="请学校更正").first.click()
    expect(page.get_by_text("名字里少了一个点")).to_be_visible()
    assert RightsRequest.objects.filter(text="名字里少了一个点", state="asked").exists()
    page.goto(f"/enrollment/students/{child.pk}/consent/")
    page.get_by_text("撤回同意", exact=True).last.click()
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_text("现在没有同意")).to_be_visible()
    keep_picture(page, "privacy-consent-withdrawn-390", whole=True)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_office_answers_looks_and_erases(world, page_as, axe_clean, fits, keep_picture, viewport):
    child = world.cast.students[0]
    page = page_as("office", viewport)
    width = viewport["width"]
    page.goto(f"/students/{child.pk}/")
    for name, address in {
        "requests": "/privacy/requests/",
        "looks": f"/privacy/students/{child.pk}/looks/",
        "erasure-not-yet": f"/privacy/students/{child.pk}/erasure/",
    }.items():
        page.goto(address)
        fits(page)
        axe_clean(page)
        keep_picture(page, f"privacy-{name}-{width}", whole=True)
    Placement.objects.filter(student=child, kind=PlacementKind.SERVICE).update(ends_on=TODAY - timedelta(days=1))
    ChildDay.objects.filter(student=child, date=TODAY).update(state="fetched", holder=None)
    page.goto(f"/privacy/students/{child.pk}/erasure/")
    page.get_by_label("确认：写出孩子的姓名").fill("写错")
    page.get_by_role("button", name="删除这个孩子的资料").click()
    expect(page.get_by_text("没有删除")).to_be_visible()
    fits(page)
    axe_clean(page)
    keep_picture(page, f"privacy-erasure-{width}", whole=True)
    page.get_by_label("确认：写出孩子的姓名").fill("阿不都热合曼·买买提江·吐尔逊")
    page.get_by_role("button", name="删除这个孩子的资料").click()
    page.get_by_text("已删除 #").first.wait_for()
    keep_picture(page, f"privacy-erased-{width}", whole=True)
