"""Choosing clubs on a phone: with the thumb, with the keyboard, without JavaScript; the pages of the draw for all others."""

from datetime import timedelta

import pytest
from django.urls import reverse

from afterschool.support import clock
from scheduling.enums import RoundMode
from scheduling.models import Club, ClubPlace, ClubWait, WishSheet
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, Cast
from tests.scheduling.clubs import make_club, make_room
from tests.scheduling.rounds import AFTER, confirmed, let_in, plan, published
from tests.scheduling.test_choosing import wish

pytestmark = pytest.mark.django_db(transaction=True)
NOW_OPEN = {
    "opens_at": NOW - timedelta(days=1),
    "closes_at": NOW + timedelta(days=1),
    "starts_on": NOW.date() + timedelta(days=4),
}
ABOUT = "学规则和定式，两两对局，学期末办一次班际赛。"


@pytest.fixture
def clubs(cast: Cast) -> list[Club]:
    let_in(cast)
    room = make_room("二楼活动室")
    return [
        make_club(cast, "围棋", largest=2, room=room, description=ABOUT),
        make_club(cast, "合唱", largest=20, weekdays="4", description="发声练习和两首合唱曲，元旦演出。", needs="水杯"),
        make_club(cast, "陶艺", largest=12, weekdays="3", description="捏、盘、刻，烧成自己的作品。"),
        make_club(cast, "航模", grades={2: None}, description="折、粘、调，比谁飞得稳。"),
    ]


def kept(student) -> list[str]:
    sheet = WishSheet.objects.filter(student=student).first()
    return [wish.club.name for wish in sheet.wishes.all()] if sheet else []


def saved(page) -> None:
    page.get_by_text("已保存 16:").wait_for()
    page.wait_for_function("() => !document.querySelector('[data-kept]').textContent.includes('正在')")


def test_with_the_thumb(cast, clubs, page_as, axe_clean, fits, keep_picture):
    found = published(cast, *clubs, **NOW_OPEN)
    page = page_as("guardian", PHONE)
    page.goto(reverse("scheduling:my-clubs"))
    axe_clean(page)
    keep_picture(page, "clubs-1-mine", whole=True)
    page.get_by_role("link", name="填志愿").first.tap()
    page.get_by_role("button", name="加入志愿：围棋").tap()
    page.get_by_role("button", name="加入志愿：合唱").tap()
    page.get_by_role("button", name="合唱往前排").tap()
    saved(page)
    axe_clean(page)
    fits(page)
    keep_picture(page, "clubs-2-choose", whole=True)
    for button in page.locator("[data-list] button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    assert kept(cast.students[0]) == ["合唱", "围棋"]
    page.get_by_role("button", name="不选围棋").tap()
    page.wait_for_function("() => document.querySelectorAll('[data-list] li').length === 1")
    page.get_by_role("button", name="都不想参加").tap()
    page.get_by_text("不参加社团。截止前还可以改").wait_for()
    assert WishSheet.objects.get().none_wanted
    assert found.pk


def test_with_the_keyboard(cast, clubs, page_as):
    found = published(cast, *clubs, **NOW_OPEN)
    page = page_as("guardian", DESKTOP)
    page.goto(reverse("scheduling:choose", args=[found.pk, cast.students[0].pk]))
    for name in ("围棋", "合唱", "陶艺"):
        page.get_by_role("button", name=f"加入志愿：{name}").press("Enter")
    page.get_by_role("button", name="陶艺往前排").press("Enter")
    page.keyboard.press("Enter")  # the focus went with it
    assert page.locator("[data-list] li").first.inner_text().split("\n")[0].startswith("第 1 志愿")
    saved(page)
    page.wait_for_timeout(500)
    assert kept(cast.students[0]) == ["陶艺", "围棋", "合唱"]


def test_without_javascript(cast, clubs, page_as, axe_clean, fits, keep_picture):
    found = published(cast, *clubs, **NOW_OPEN)
    page = page_as("guardian", PHONE, javascript=False)
    page.goto(reverse("scheduling:choose", args=[found.pk, cast.students[0].pk]))
    page.get_by_label("第几志愿：围棋").select_option("2")
    page.get_by_label("第几志愿：合唱").select_option("1")
    fits(page)
    keep_picture(page, "clubs-3-without-script", whole=True)
    page.get_by_role("button", name="保存志愿").tap()
    page.get_by_text("2个志愿已保存").wait_for()
    assert kept(cast.students[0]) == ["合唱", "围棋"]


def test_pages_after_the_draw(cast, clubs, page_as, axe_clean, fits, keep_picture):
    found = published(cast, *clubs, checker=cast.teacher)
    for number, student in enumerate(cast.students[:10]):
        wish(cast, found, student, clubs[0], *clubs[1 : 1 + number % 3])
    plan(cast, *clubs, name="还没公布的一轮", **NOW_OPEN)
    confirmed(cast, found)
    later = published(cast, *clubs, name="剩余名额", mode=RoundMode.FIRST, **NOW_OPEN)
    child = cast.students[0]
    place = ClubPlace.objects.filter(student=child).first()
    full = clubs[0] if place is None or place.club != clubs[0] else None
    if full:
        ClubWait.objects.create(
            club=full,
            student=child,
            order=1,
            at=NOW,
            state="offered",
            offered_at=NOW,
            offer_until=NOW + timedelta(days=1),
        )
    pages = [
        ("guardian", "scheduling:my-clubs", [], PHONE),
        ("guardian", "scheduling:choose", [later.pk, child.pk], PHONE),
        ("guardian", "scheduling:child-clubs", [child.pk], PHONE),
        ("office", "scheduling:rounds", [], DESKTOP),
        ("office", "scheduling:round", [found.pk], DESKTOP),
        ("office", "scheduling:round", [found.pk], PHONE),
        ("office", "scheduling:round-new", [], DESKTOP),
        ("head_teacher", "scheduling:round-class", [found.pk, cast.classes[0].pk], DESKTOP),
        ("teacher", "scheduling:round-checking", [found.pk], DESKTOP),
        (None, "scheduling:round-public", [found.pk], PHONE),
        (None, "scheduling:round-public", [found.pk], DESKTOP),
    ]
    for number, (who, name, args, size) in enumerate(pages, 4):
        page = page_as(who, size)
        page.goto(reverse(name, args=args))
        axe_clean(page)
        fits(page)
        keep_picture(page, f"clubs-{number}-{name.split(':')[1]}-{size['width']}", whole=True)
    assert clock.now() > AFTER
