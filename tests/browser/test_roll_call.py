"""A class of 45, by keys alone, on a classroom PC whose browser leaves 1366x625."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.access import actor_for
from afterschool.school.models import Placement, Student
from attendance.actions import leaves, roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import LeaveSource, MarkState
from attendance.models import ChildDay, Mark, RollCall
from tests.attendance.handing import second_group
from tests.browser.conftest import CLASSROOM, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["欧阳子墨", "阿依古丽·买买提江", "司马相宜", "李沐阳", "张语桐"]
SMALL = """() => [...document.querySelectorAll('.tile label, .toolbar button:not([hidden]), .toolbar a')]
  .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, r]) => r.width < 43.9 || r.height < 43.9).map(([w, r]) => `${w} ${r.width}x${r.height}`)"""
STILL = """() => {
  const d = document.documentElement;
  return d.scrollHeight <= innerHeight && d.scrollWidth <= innerWidth;
}"""
OVER = """() => {
  const tiles = [...document.querySelectorAll('.roll > li')].map(e => e.getBoundingClientRect());
  const foot = document.querySelector('.toolbar').getBoundingClientRect().top;
  return tiles.filter(r => r.bottom > foot + 1).length;
}"""


def fill(cast, number: int) -> None:
    for place in range(7, number + 1):
        child = Student.objects.create(
            name=NAMES[place % len(NAMES)] if place % 4 == 0 else f"孩子{place}",
            school_class=cast.classes[0],
            number=place,
        )
        Placement.objects.create(
            term=cast.term, student=child, group=cast.group, weekdays="12345", starts_on=date(2026, 9, 7)
        )


def leave(cast, child: Student, source: LeaveSource) -> None:
    leaves.ask_leave(
        term=cast.term, student=child, first_day=TODAY, last_day=TODAY, source=source, by=cast.actor("office")
    )


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page) -> None:
    page.wait_for_function("() => !document.querySelector('.tile .state.wait')")


def test_a_class_of_45_by_keys_alone(afternoon, page_as, axe_clean, keep_picture):
    fill(afternoon, 45)
    children = list(Student.objects.filter(school_class=afternoon.classes[0]).order_by("number"))
    leave(afternoon, children[5], LeaveSource.PAPER)
    leave(afternoon, children[20], LeaveSource.PHONE)
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call-now"))
    page.wait_for_selector(".tile[role=radiogroup]")
    assert page.locator("[data-n=not_called]").first.text_content() == "43"
    keep_picture(page, "roll-call-625-start")
    assert page.evaluate(STILL)
    assert page.evaluate(OVER) == 0
    assert page.evaluate(SMALL) == []
    axe_clean(page)
    press(page, "ArrowDown", "ArrowDown", "2", "ArrowRight", "4")
    saved(page)
    assert page.locator("[data-n=not_called]").first.text_content() == "41"
    assert page.evaluate("document.querySelectorAll('.tile input:checked').length") == 4
    keep_picture(page, "roll-call-625")
    press(page, "Enter")
    page.wait_for_function("() => document.getElementById('news')?.textContent.includes('还有 41 人没点名')")
    press(page, "0")
    page.wait_for_function("() => document.querySelector('[data-n=not_called]')?.textContent === '0'")
    assert page.evaluate(STILL)
    keep_picture(page, "roll-call-625-all")
    press(page, "Enter")
    page.wait_for_selector(".roll.closed")
    assert page.evaluate(STILL)
    axe_clean(page)
    keep_picture(page, "roll-call-closed-625")
    marks = dict(Mark.objects.values_list("student_id", "state"))
    assert [marks[children[n].pk] for n in (2, 5, 11, 20)] == ["late", "leave", "absent", "leave"]
    assert list(marks.values()).count("present") == 41
    assert RollCall.objects.get().closed_by == afternoon.teacher.user
    assert ChildDay.objects.get(student=children[11]).state == "missing"


def test_fifty_children_are_still_usable(afternoon, page_as, keep_picture):
    fill(afternoon, 50)
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call", args=[afternoon.session.pk]))
    keep_picture(page, "roll-call-50")
    assert page.evaluate(STILL)
    assert page.evaluate(OVER) == 0
    assert page.evaluate(SMALL) == []


def test_what_the_office_changes_is_told_and_not_overwritten(afternoon, page_as):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call", args=[afternoon.session.pk]))
    wish = Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("office"))
    press(page, "1")
    page.wait_for_function("() => document.getElementById('news')?.textContent.includes('已由课程中心记为“未到”')")
    assert Mark.objects.get(student=afternoon.students[0]).state == "absent"
    assert page.locator(".tile").first.get_attribute("data-s") == "missing"


def test_a_mark_that_did_not_go_out_is_shown_and_sent_again(afternoon, page_as):
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call", args=[afternoon.session.pk]))
    page.context.set_offline(True)
    press(page, "1")
    page.wait_for_function("() => document.getElementById('offline').textContent.includes('1 项记录存在这台电脑上')")
    assert page.locator(".tile").first.locator(".state.wait").count() == 1
    page.context.set_offline(False)
    saved(page)
    assert Mark.objects.get(student=afternoon.students[0]).state == "present"


def test_touch_on_a_phone(afternoon, page_as, axe_clean, fits, keep_picture):
    page = page_as("teacher", PHONE)
    page.goto(reverse("attendance:roll-call-now"))
    page.locator(".tile .who").first.tap()
    saved(page)
    page.locator(".tile .pick-late").nth(1).tap()
    saved(page)
    fits(page)
    keep_picture(page, "roll-call-390")
    axe_clean(page)
    page.get_by_role("button", name="其余 4 人都到").tap()
    page.get_by_role("button", name="完成点名").tap()
    page.wait_for_selector(".roll.closed")


def test_without_script_the_form_does_it(afternoon, page_as):
    page = page_as("teacher", CLASSROOM, javascript=False)
    page.goto(reverse("attendance:roll-call-now"))
    page.get_by_role("button", name="开始点名").click()
    page.locator(".tile .pick-missing").first.click()
    page.get_by_role("button", name="其余 6 人都到").click()
    assert page.locator("[data-n=absent]").text_content() == "1"
    page.get_by_role("button", name="完成点名").click()
    assert page.locator(".roll.closed").count() == 1


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("guardian", "leave-new"),
        ("guardian", "pickup-change-new"),
        ("head_teacher", "leave-list"),
        ("head_teacher", "leave-slips"),
        ("office", "sessions-today"),
    ],
)
def test_other_pages_fit_and_are_accessible(afternoon, page_as, axe_clean, fits, keep_picture, name, view):
    leave(afternoon, afternoon.students[0], LeaveSource.PAPER)
    args = [afternoon.students[0].pk] if view.endswith("-new") else []
    for viewport in (PHONE, CLASSROOM):
        page = page_as(name, viewport)
        page.goto(reverse(f"attendance:{view}", args=args))
        fits(page)
        axe_clean(page)
        keep_picture(page, f"{view}-{viewport['width']}")


def test_who_is_in_another_room_is_left_out_and_the_roll_is_finished(afternoon, page_as, keep_picture):
    fill(afternoon, 45)
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    session, teacher = second_group(afternoon)
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call", args=[afternoon.session.pk]))
    page.wait_for_selector(".tile[role=radiogroup]")
    by = actor_for(teacher.user)
    roll_calls.take_in(roll_call=roll_calls.begin(session=session, by=by), student=afternoon.students[0], by=by)
    press(page, "0")  # the page doesn't know yet
    expect(page.locator("#news")).to_have_text("王一在一年级混合班，许文静处，没有记到。")
    expect(page.locator(".tile .state").first).to_have_text("别处")
    expect(page.locator(".tile .note").first).to_have_text("在一年级混合班，许文静处")
    expect(page.locator("[data-n=elsewhere]")).to_have_text("1")
    expect(page.locator("#rest")).to_be_hidden()
    assert page.evaluate(STILL)
    keep_picture(page, "roll-call-elsewhere")
    press(page, "Enter")
    expect(page.locator(".toolbar")).to_contain_text("王一：在一年级混合班，许文静处")
    keep_picture(page, "roll-call-elsewhere-closed")
    page.set_viewport_size({"width": 390, "height": 844})
    keep_picture(page, "roll-call-elsewhere-390")
    assert Mark.objects.filter(roll_call=afternoon.session.roll_call, state="present").count() == 44
