"""Safety checks in a real browser: they fit, are accessible, a defect is asked for only where something is bad."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from attendance.actions.defects import repair
from attendance.check_defaults import install_check_lists
from attendance.models import Defect
from tests.attendance.test_checks import bad, check, home_list, picture, room_of
from tests.attendance.test_defects import fresh, report, set_owner
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(cast):
    """One room checked with a defect that is over, one defect repaired, one that is nobody's."""
    install_check_lists()
    check(cast, bad("后门口的电源插座面板松动，露出一截电线，课间孩子排队时会碰到", photo=picture(), closes_room=True))
    cast.defect = Defect.objects.get()
    set_owner(cast, cast.defect)
    Defect.objects.update(due_on=TODAY - timedelta(days=2))
    repaired = report(cast)
    set_owner(cast, repaired)
    repair(defect=fresh(repaired), words="换了面板", photo=picture(), by=cast.actor("teacher"))
    cast.repaired = repaired
    report(cast, by="teacher")
    return cast


def test_a_room_is_checked_on_a_phone(school, page_as, fits, axe_clean, keep_picture):
    page = page_as("service_centre", PHONE)
    page.goto(reverse("attendance:safety"))
    fits(page)
    axe_clean(page)
    keep_picture(page, "safety-phone", whole=True)
    room = school.classes[1].room
    page.get_by_role("link", name=re.compile(f"检查.*{re.escape(room.name)}")).click()
    words = page.get_by_label("有什么问题").first
    expect(words).to_be_hidden()
    page.get_by_role("group", name="1．").get_by_text("有问题").click()
    expect(words).to_be_visible()
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_text("还有 6 项没有看。")).to_be_visible()
    fits(page)
    axe_clean(page)
    keep_picture(page, "safety-check-errors-phone", whole=True)
    page.get_by_label("有什么问题").first.fill("窗户关不上")
    page.get_by_role("button", name="其余都正常").click()
    expect(page.get_by_text("窗户关不上")).to_be_visible()
    keep_picture(page, "safety-check-phone", whole=True)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_fit_and_are_accessible(school, page_as, fits, axe_clean, keep_picture, viewport):
    page, width = page_as("office", viewport), viewport["width"]
    check_new = reverse("attendance:safety-check-new", args=[room_of(school).pk, home_list().pk])
    pages = {
        "safety": reverse("attendance:safety"),
        "safety-new": check_new,
        "safety-records": reverse("attendance:safety-records"),
        "safety-lists": reverse("attendance:safety-lists"),
        "defects": reverse("attendance:defects"),
        "defect": reverse("attendance:defect", args=[school.defect.pk]),
        "defect-repaired": reverse("attendance:defect", args=[school.repaired.pk]),
        "defect-new": reverse("attendance:defect-new"),
        "home-safety": reverse("home"),
    }
    for name, url in pages.items():
        page.goto(url)
        keep_picture(page, f"{name}-{width}", whole=True)
        fits(page)
        axe_clean(page)
