"""A stand-in from the choice on the PC to the yes on the phone; who leads today, at the top of the page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scheduling.actions import standins
from scheduling.actions.patrol import set_day
from scheduling.actions.teacher_leave import ask_leave
from scheduling.enums import PatrolPost, TeacherLeaveKind
from scheduling.models import Substitution
from scheduling.queries.sessions import duty_teacher
from tests.browser.conftest import DESKTOP, PHONE
from tests.scheduling.standing_in import TUESDAY, WEDNESDAY, duty_of, free_on, fresh, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(cast):
    """A published rota, a leave for tomorrow, both posts of Monday but no leader on the other days."""
    publish(cast)
    people = {PatrolPost.LEADER: [cast.leading_group], PatrolPost.ADMIN: [cast.duty_leader]}
    set_day(term=cast.term, weekday=1, people=people, by=cast.actor("office"))
    days = {"kind": TeacherLeaveKind.SICK, "first_day": TUESDAY, "last_day": TUESDAY, "reason": "发烧"}
    cast.leave = ask_leave(term=cast.term, teacher=duty_of(TUESDAY).teacher, by=cast.actor("grade_leader"), **days)
    return cast


def look(page, name, fits, axe_clean, keep_picture):
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        fits(page)
        axe_clean(page)
        keep_picture(page, f"standins-{name}-{viewport['width']}", whole=True)


def test_from_the_choice_to_the_yes(school, page_as, fits, axe_clean, keep_picture):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    leader = page_as("grade_leader", DESKTOP)
    leader.goto("/")
    look(leader, "home-leader", fits, axe_clean, keep_picture)
    leader.set_viewport_size(DESKTOP)
    leader.get_by_role("link", name="找人代").click()
    look(leader, "duty", fits, axe_clean, keep_picture)
    leader.get_by_label(other.name).first.check()
    leader.get_by_label("说明（对方会看到，可不写）").fill("明天上午的课也有人接")
    leader.get_by_role("button", name="发出请求").click()
    expect(leader.get_by_text(f"已问 {other.name}")).to_be_visible()
    phone = page_as(None, PHONE, user=other.user)
    phone.goto("/")
    look(phone, "home-asked", fits, axe_clean, keep_picture)
    phone.set_viewport_size(PHONE)
    phone.get_by_role("button", name="可以").click()
    expect(phone.get_by_text("等年级组长确认")).to_be_visible()
    leader.goto(reverse("scheduling:standins-desk"))
    look(leader, "desk", fits, axe_clean, keep_picture)
    leader.get_by_role("button", name="确认").click()
    expect(leader.get_by_text("值班表和点名已改")).to_be_visible()
    assert duty_teacher(duty.session) == other


def test_every_page_fits_and_is_accessible(school, page_as, fits, axe_clean, keep_picture):
    duty, other, by = duty_of(TUESDAY), free_on(TUESDAY), school.actor("grade_leader")
    standins.place_stand_in(duty=duty, teacher=other, reason="电话里说好", by=by)
    second = standins.place_stand_in(duty=duty_of(WEDNESDAY), teacher=free_on(WEDNESDAY), reason="公出", by=by)
    standins.cancel(one=fresh(second), reason="不去了", by=by)
    swapped = duty_of(TUESDAY, nth=1)
    leader = page_as("grade_leader")
    office = page_as("office")
    pages = [
        (leader, "leave", reverse("scheduling:standins-leave", args=[school.leave.pk])),
        (leader, "leave-new", reverse("scheduling:standins-leave-new")),
        (leader, "swap", reverse("scheduling:standins-duty-swap", args=[swapped.pk])),
        (leader, "desk-settled", reverse("scheduling:standins-desk")),
        (leader, "record", reverse("scheduling:standins-record")),
        (leader, "load", reverse("scheduling:standins-load")),
        (page_as(None, user=other.user), "own", reverse("scheduling:standins")),
        (office, "patrol", reverse("scheduling:patrol")),
        (office, "patrol-day", reverse("scheduling:patrol-day", args=[1])),
        (office, "rota", reverse("scheduling:rota")),
    ]
    for page, name, address in pages:
        page.goto(address)
        look(page, name, fits, axe_clean, keep_picture)
    assert Substitution.objects.count() == 2


def test_todays_leaders_open_by_a_touch(school, page_as, fits, axe_clean, keep_picture):
    page = page_as("teacher", PHONE)
    page.goto("/")
    page.get_by_text("今日值班").click()
    expect(page.get_by_text("课后服务行政")).to_be_visible()
    expect(page.locator(f"a[href='tel:{school.duty_leader.phone}']")).to_be_visible()
    look(page, "on-duty", fits, axe_clean, keep_picture)
