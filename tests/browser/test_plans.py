"""Week plans in a real browser: written by keyboard, kept by itself and over a lost login; the pages fit and are accessible."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from attendance.actions.days import ensure_day
from attendance.actions.notes import mark_homework, note_child
from attendance.actions.roll_calls import begin, close, rest_present
from attendance.enums import ChildNoteKind, PlanState
from attendance.models import ChildNote, PlanLine, WeekPlan
from tests.attendance.planned import LAST, MONDAY, NEXT, handed_in, with_weeks, write
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(cast):
    """Three weeks of a group whose roll of today is taken; one child with a long name."""
    with_weeks(cast)
    cast.students[1].name = "阿依古丽·买买提江"
    cast.students[1].save()
    ensure_day(cast.term, TODAY, cast.actor("office"))
    roll = begin(session=cast.session, by=cast.actor("teacher"))
    rest_present(roll_call=roll, by=cast.actor("teacher"))
    close(roll_call=roll, by=cast.actor("teacher"))
    teacher = cast.actor("teacher")
    mark_homework(session=cast.session, ticked=[cast.students[1].pk], seen=[], by=teacher)
    note_child(
        session=cast.session,
        student=cast.students[0],
        kind=ChildNoteKind.PRAISE,
        text="帮同学收拾书包，还把图书角整理得很整齐",
        by=teacher,
    )
    return cast


def address(cast, monday=MONDAY) -> str:
    return reverse("attendance:plan", args=[cast.group.pk, monday.isoformat()])


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["pc", "phone"])
def test_a_plan_is_written_and_handed_in_by_keyboard(school, page_as, keep_picture, viewport):
    page = page_as("teacher", viewport)
    page.goto(address(school, NEXT))
    page.locator("#aim").focus()
    page.keyboard.type("学会整理")
    fields = page.locator("textarea").count()
    monday = page.locator(".plan-day").first.locator("textarea").count()
    for number in range(fields):
        page.keyboard.press("Tab")
        expect(page.locator("textarea").nth(number)).to_be_focused()
        if number < monday:
            page.keyboard.type(f"周一第{number + 1}行")
        else:
            page.keyboard.press("Tab")  # 同上
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
    expect(page.locator("#kept")).to_contain_text("已保存")
    assert PlanLine.objects.filter(plan__monday=NEXT, content="周一第1行").count() == 5
    keep_picture(page, f"plan-written-{viewport['width']}", whole=True)
    page.get_by_role("button", name="交计划").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("已交，等年级组长查看。")).to_be_visible()
    plan = WeekPlan.objects.get(monday=NEXT)
    assert (plan.state, plan.aim) == (PlanState.HANDED_IN, "学会整理")
    assert not plan.lines.filter(content="").exists()


def test_what_was_typed_outlives_a_lost_login(school, page_as):
    page = page_as("teacher")
    page.goto(address(school))
    cookies = [one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("textarea").first.fill("写了一半")
    expect(page.locator("#kept")).to_contain_text("登录过期了")
    assert not PlanLine.objects.exists()
    page.context.add_cookies(cookies)
    page.goto(address(school))
    expect(page.locator("textarea").first).to_have_value("写了一半")
    expect(page.locator("#kept")).to_contain_text("已保存")
    assert PlanLine.objects.filter(content="写了一半").count() == 1
    page.reload()
    expect(page.locator("textarea").first).to_have_value("写了一半")


def test_a_colleagues_line_is_not_written_over(school, page_as):
    write(school, text="")
    page = page_as("teacher")
    page.goto(address(school))
    PlanLine.objects.filter(plan__monday=MONDAY, date=MONDAY, position=1).update(content="同事的话")
    page.locator("textarea").first.fill("我的话")
    expect(page.locator("#kept")).to_contain_text("没有覆盖")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("同事刚才写的")).to_be_visible()
    expect(page.locator("textarea").first).to_have_value("我的话")
    page.get_by_role("button", name="保存", exact=True).click()
    assert PlanLine.objects.get(plan__monday=MONDAY, date=MONDAY, position=1).content == "我的话"


def test_homework_is_ticked_for_many(school, page_as):
    page = page_as("teacher", PHONE)
    page.goto(reverse("attendance:session-children", args=[school.session.pk]))
    for child in (0, 2):
        page.get_by_label(re.compile(school.students[child].name)).first.check()
    page.get_by_role("button", name="保存作业").click()
    expect(page.get_by_text("作业：记下 2 人。")).to_be_visible()
    assert ChildNote.objects.filter(kind=ChildNoteKind.HOMEWORK).count() == 3


def test_the_pages_fit_and_are_accessible(school, page_as, axe_clean, fits, keep_picture):
    write(school, LAST)
    handed_in(school, text="独立做作业，做完看绘本；老师个别答疑。讲授新课")
    plan = WeekPlan.objects.get(monday=MONDAY)
    note = ChildNote.objects.get(kind="praise")
    session = [school.session.pk]
    pages = [
        ("teacher", "home", reverse("home")),
        ("teacher", "mine", reverse("attendance:plans-mine")),
        ("teacher", "next", address(school, NEXT)),
        ("teacher", "handed-in", address(school)),
        ("teacher", "day-note", reverse("attendance:session-note", args=session)),
        ("teacher", "children", reverse("attendance:session-children", args=session)),
        ("teacher", "child-note", reverse("attendance:child-note", args=[note.pk])),
        ("teacher", "roll-closed", reverse("attendance:roll-call", args=session)),
        ("grade_leader", "desk", reverse("attendance:plans")),
        ("grade_leader", "see", address(school)),
        ("office", "desk-late", reverse("attendance:plans") + f"?week={LAST.isoformat()}"),
        ("head_teacher", "class-notes", reverse("attendance:child-notes")),
        ("guardian", "home", reverse("home")),
        ("guardian", "family", reverse("attendance:my-child-notes", args=[school.students[0].pk])),
    ]
    for viewport in (DESKTOP, PHONE):
        for who, name, where in pages:
            page = page_as(who, viewport)
            page.goto(where)
            keep_picture(page, f"plans-{viewport['width']}-{who}-{name}", whole=True)
            fits(page)
            axe_clean(page)
    assert plan.state == PlanState.HANDED_IN
