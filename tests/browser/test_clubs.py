"""Clubs in real Chromium: the office's catalogue, a teacher's proposal, the approval; phone and desk."""

import pytest
from playwright.sync_api import expect

from afterschool.school.enums import PlacementKind
from afterschool.school.models import Student
from scheduling.actions.club_places import take_place
from scheduling.defaults import install_timetables
from scheduling.enums import ClubState, PlaceSource
from scheduling.models import Club
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY
from tests.scheduling.applied import approve
from tests.scheduling.clubs import make_club, make_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clubs(cast):
    office = cast.actor("office")
    install_timetables(cast.term, by=office)
    approve(cast, *cast.students, weekdays="12345")
    Student.objects.filter(pk=cast.students[0].pk).update(name="阿不都热合曼·买买提江·吐尔逊")
    club = make_club(cast, "合唱", room=make_room("音乐教室1"), weekdays="24", activity="arts", smallest=8)
    for student in cast.students[:5]:
        take_place(club=club, student=student, source=PlaceSource.RESERVED, starts_on=TODAY, by=office)
    make_club(cast, "陶艺", activity="arts", weekdays="3", state=ClubState.RETURNED, reason="请写明每次做什么。")
    assert club.places.first().placement.kind == PlacementKind.CLUB
    return cast


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1366"])
def test_a_club_is_proposed_and_approved(clubs, page_as, axe_clean, fits, keep_picture, size):
    width = size["width"]
    page = page_as("other_teacher", size)
    page.goto("/scheduling/clubs/new/")
    axe_clean(page)
    fits(page)
    page.get_by_role("button", name="申报").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe_clean(page)
    keep_picture(page, f"club-form-{width}", whole=True)
    page.get_by_label("名称").fill("围棋")
    page.get_by_label("活动类别").select_option("wider")
    page.get_by_label("给家长看的介绍").fill("学规则，下对局。")
    page.get_by_label("活动内容和计划").fill("每次讲一个定式，再两两对局。\n学期末办一次比赛。")
    page.get_by_label("周三").check()
    page.get_by_label("一年级", exact=True).check()
    page.get_by_label("最多人数").fill("20")
    page.get_by_role("button", name="申报").click()
    expect(page.get_by_text("等课程教学中心审批")).to_be_visible()
    club = Club.objects.get(name="围棋")

    page = page_as("office", size)
    page.goto("/scheduling/clubs/")
    axe_clean(page)
    fits(page)
    keep_picture(page, f"clubs-{width}", whole=True)
    page.goto(f"/scheduling/clubs/{club.pk}/")
    axe_clean(page)
    fits(page)
    keep_picture(page, f"club-approve-{width}", whole=True)
    page.get_by_label("由本校教师带领，没有校外机构参与").check()
    page.get_by_label("不是集体教学，不是补课").check()
    page.get_by_role("button", name="批准“围棋”").click()
    expect(page.get_by_text("社团“围棋”已批准。")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1366"])
def test_members_and_the_teachers_own_clubs(clubs, page_as, axe_clean, fits, keep_picture, size):
    width, club = size["width"], Club.objects.get(name="合唱")
    page = page_as("office", size)
    for name, address in {
        "club": f"/scheduling/clubs/{club.pk}/",
        "club-members": f"/scheduling/clubs/{club.pk}/members/?q=王",
        "club-edit": f"/scheduling/clubs/{club.pk}/edit/",
    }.items():
        page.goto(address)
        axe_clean(page)
        fits(page)
        keep_picture(page, f"{name}-{width}", whole=True)
    page = page_as("other_teacher", size)
    page.goto("/scheduling/clubs/")
    axe_clean(page)
    fits(page)
    keep_picture(page, f"clubs-teacher-{width}", whole=True)
    page = page_as("head_teacher", size)
    page.goto("/scheduling/clubs/class/")
    axe_clean(page)
    fits(page)
    keep_picture(page, f"clubs-class-{width}", whole=True)
