"""Teachers' attendance in a real browser: the pages fit and are accessible, a leader walks past, a teacher appeals."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.models import Teacher
from afterschool.support import clock
from attendance.actions import breaches, flag_decisions, roll_calls, staff_checks
from attendance.actions.breaches import Seen
from attendance.actions.flags import recount
from attendance.defaults import install_attendance_rules
from attendance.enums import BreachKind, Verdict
from attendance.models import Flag, RollCall, SignIn, StaffCheck
from tests.attendance.test_flags import came, turn
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, TODAY, place_group

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture
def month(cast):
    """Three times late in a week, an absence that was decided, a session nobody recorded, a breach; a long name."""
    place_group(cast)
    install_attendance_rules(cast.term)
    Teacher.objects.filter(pk=cast.teacher.pk).update(name="阿依古丽·买买提江")
    for days in (7, 6, 5):
        came(cast, turn(cast, TODAY - timedelta(days=days)), 20 + days)
    gone = turn(cast, TODAY - timedelta(days=4))
    StaffCheck.objects.create(
        session=gone.session, teacher=cast.teacher, at=NOW, there=False, nobody=True, by=cast.duty_leader.user
    )
    turn(cast, TODAY - timedelta(days=3))
    recount(cast.term)
    flag = Flag.objects.get(rule__kind="absent")
    flag_decisions.answer(flag=flag, text="家里老人住院，没来得及请假", by=cast.actor("teacher"))
    flag_decisions.decide(
        flag=Flag.objects.get(pk=flag.pk),
        verdict=Verdict.TRUANT,
        reason="没有事先请假，也没有补办手续",
        holds_awards=True,
        by=cast.actor("office"),
    )
    seen = Seen(
        cast.teacher, BreachKind.PHONE, NOW - timedelta(minutes=5), "一（1）班教室", "低头看手机约五分钟，孩子在写作业"
    )
    breaches.write_down(term=cast.term, seen=seen, by=cast.actor("duty_leader"))
    with clock.frozen(NOW):
        roll_calls.begin(session=cast.session, by=cast.actor("teacher"))
        staff_checks.check(session=cast.session, there=True, by=cast.actor("duty_leader"))
    return cast


@BOTH
def test_the_pages_fit_and_are_accessible(month, page_as, fits, axe_clean, keep_picture, viewport):
    size = "phone" if viewport == PHONE else "desktop"
    late = Flag.objects.get(rule__kind="late_often")
    decided = Flag.objects.get(rule__kind="absent")
    pages = {
        "office": [
            ("teacher-flags", []),
            ("teacher-day", []),
            ("flag", [late.pk]),
            ("attendance-rules", []),
            ("devices", []),
        ],
        "teacher": [("my-attendance", []), ("flag", [decided.pk])],
        "duty_leader": [("staff-checks", []), ("staff-check-new", [month.session.pk]), ("breach-new", [])],
        "leading_group": [("breaches", []), ("breach", [month.teacher.breaches.get().pk])],
    }
    for person, addresses in pages.items():
        page = page_as(person, viewport)
        for name, args in addresses:
            page.goto(reverse(f"attendance:{name}", args=args))
            keep_picture(page, f"discipline-{person}-{name}-{size}", whole=True)
            fits(page)
            axe_clean(page)


@BOTH
def test_slips_are_said_beside_what_was_typed(month, page_as, fits, axe_clean, keep_picture, viewport):
    size = "phone" if viewport == PHONE else "desktop"
    page = page_as("duty_leader", viewport)
    page.goto(reverse("attendance:breach-new"))
    page.get_by_role("button", name="记下").click()
    keep_picture(page, f"discipline-breach-refused-{size}", whole=True)
    fits(page)
    axe_clean(page)
    page = page_as("office", viewport)
    page.goto(reverse("attendance:flag", args=[Flag.objects.get(rule__kind="late_often").pk]))
    page.get_by_label("考核等第降级").check()
    page.get_by_label("有正当理由").check()
    page.get_by_role("button", name="作出决定").click()
    keep_picture(page, f"discipline-decision-refused-{size}", whole=True)
    axe_clean(page)
    page.goto(reverse("attendance:attendance-rules"))
    page.get_by_label("多次迟到几次").fill("0")
    page.get_by_role("button", name="保存四条规则").click()
    keep_picture(page, f"discipline-rules-refused-{size}", whole=True)
    fits(page)
    axe_clean(page)


def test_a_leader_walks_past_and_a_teacher_appeals(month, page_as):
    page = page_as("duty_leader", PHONE)
    page.goto(reverse("attendance:staff-checks"))
    page.get_by_role("button", name="没有教师").click()
    expect(page.get_by_text("没有教师，已记下")).to_be_visible()
    page = page_as("teacher", PHONE)
    page.goto(reverse("attendance:my-attendance"))
    page.get_by_role("link", name="无故缺席", exact=True).click()
    page.get_by_label("情况").fill("有住院证明")
    page.get_by_role("button", name="提出申诉").click()
    expect(page.get_by_text("申诉已提出")).to_be_visible()


@BOTH
def test_who_comes_to_an_open_roll_says_so(month, page_as, fits, axe_clean, keep_picture, viewport):
    SignIn.objects.filter(session=month.session).delete()
    RollCall.objects.filter(session=month.session).update(opened_by=month.duty_leader.user)
    page = page_as("teacher", viewport)
    page.goto(reverse("attendance:roll-call", args=[month.session.pk]))
    keep_picture(page, f"discipline-here-{'phone' if viewport == PHONE else 'desktop'}")
    fits(page)
    axe_clean(page)
    page.get_by_role("button", name="我到了").click()
    expect(page.get_by_role("button", name="我到了")).to_have_count(0)
