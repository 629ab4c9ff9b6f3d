"""The patrol on a phone: a visit without the network is kept, survives a reload, and counts once."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from attendance.actions.days import ensure_day
from attendance.models import StaffCheck
from evaluation.actions import patrol as actions
from evaluation.actions.patrol import Found
from evaluation.models import PatrolRound, PatrolVisit
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = """() => navigator.serviceWorker.ready.then(() => caches.match('/evaluation/patrol/shell/')).then(Boolean)"""


@pytest.fixture
def school(afternoon):
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def test_a_visit_without_the_network_is_kept_and_counts_once(school, page_as, line, fits, axe_clean, keep_picture):
    page = page_as("duty_leader", PHONE)
    page.goto(reverse("evaluation:patrol"))
    keep_picture(page, "patrol-start-phone", whole=True)
    page.get_by_role("button", name="开始巡视").click()
    page.wait_for_function(KEPT)
    keep_picture(page, "patrol-walk-phone", whole=True)
    fits(page)
    axe_clean(page)
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller")
    line.cut(page)
    page.locator(".room-row a").click()
    keep_picture(page, "patrol-visit-empty-phone", whole=True)
    page.get_by_role("button", name="记下").click()
    expect(page.locator("#visit-slip")).to_contain_text("请点一下清点的结果")
    page.get_by_text("不一样", exact=True).click()
    page.get_by_role("button", name="5", exact=True).click()
    expect(page.locator("#difference")).to_have_text("少 1 人")
    page.get_by_text("教师在", exact=True).click()
    page.get_by_text("阅读", exact=True).click()
    page.get_by_text("有序", exact=True).click()
    keep_picture(page, "patrol-visit-phone", whole=True)
    fits(page)
    axe_clean(page)
    page.get_by_role("button", name="记下").click()
    expect(page.locator("#offline")).to_contain_text("1 班的记录存在这部手机上")
    expect(page.locator(".room-row .state")).to_have_text("清点 5，应有 6")
    keep_picture(page, "patrol-offline-phone", whole=True)
    axe_clean(page)
    page.reload()
    expect(page.locator("#offline")).to_contain_text("1 班的记录存在这部手机上")
    expect(page.locator(".room-row .state")).to_have_text("清点 5，应有 6")
    keep_picture(page, "patrol-kept-phone", whole=True)
    assert not PatrolVisit.objects.exists()
    line.mend(page)
    page.wait_for_function("() => !document.querySelector('[data-kept]') && !document.querySelector('.pending')")
    expect(page.locator(".room-row .state")).to_contain_text("清点 5，应有 6")
    row = PatrolVisit.objects.get()
    assert (row.counted, row.expected, row.doing, row.order) == (5, 6, "reading", "good")
    assert StaffCheck.objects.count() == 1
    page.locator(".room-row a").click()
    expect(page.get_by_text("教师还没有说明")).to_be_visible()
    page.goto(reverse("evaluation:patrol"))
    page.get_by_role("button", name="结束巡视").click()
    expect(page.get_by_text("已结束")).to_be_visible()
    keep_picture(page, "patrol-ended-phone", whole=True)
    fits(page)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_fit_and_are_accessible(school, page_as, fits, axe_clean, keep_picture, viewport):
    size = "phone" if viewport == PHONE else "desktop"
    by = school.actor("duty_leader")
    walk = actions.start(term=school.term, by=by)
    row = actions.visit(
        walk=walk, session=school.session, found=Found(counted=5, there=False, note="教师在走廊里打电话"), by=by
    )
    pages = {
        "duty_leader": ["patrol", ("patrol-visit", row.pk), ("patrol-correct", row.pk)],
        "leading_group": ["patrol-record"],
        "teacher": ["patrol-mine", ("patrol-visit", row.pk)],
    }
    for person, addresses in pages.items():
        page = page_as(person, viewport)
        for address in addresses:
            name, *args = (address,) if isinstance(address, str) else address
            page.goto(reverse(f"evaluation:{name}", args=args))
            keep_picture(page, f"patrol-{person}-{name}-{size}", whole=True)
            fits(page)
            axe_clean(page)
    assert PatrolRound.objects.count() == 1
