"""A term's main way by five people, each at the own device, in real Chromium."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from afterschool.school.models import Placement, School, Session, Teacher
from afterschool.setup.actions import install_defaults
from afterschool.support import clock
from attendance.models import ChildDay
from enrollment.actions import record_on_paper
from enrollment.details import Details, Person
from scheduling.actions.calendar import fill_calendar
from scheduling.defaults import install_timetables
from tests.browser.conftest import CLASSROOM, DESKTOP, PHONE
from tests.cast import Cast, make_guardian
from tests.journeys.people import at

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[Page, str], None]


def school_time(moment: str) -> None:
    """Set the clock that the server runs on: `09-02 10:00` of 2026."""
    wanted = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=clock.SHANGHAI)
    seconds = round((wanted - timezone.now()).total_seconds())
    School.objects.filter(pk=1).update(clock_offset_seconds=seconds)


@pytest.fixture
def look(axe_clean, fits, keep_picture) -> Look:
    """Check a page as it stands, and keep it as it looks on a phone and on a PC."""

    def at_both_sizes(page: Page, name: str) -> None:
        own = page.viewport_size
        axe_clean(page)
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            keep_picture(page, f"term-{name}-{viewport['width']}")
        page.set_viewport_size(own)

    return at_both_sizes


@pytest.fixture
def others(cast: Cast) -> None:
    """The term with its calendar, timetables and defaults; all but one child have applied on paper."""
    with at("09-02 09:00"):
        install_timetables(cast.term, by=cast.actor("office"))
        fill_calendar(term=cast.term, by=cast.actor("office"))
        install_defaults(cast.term)
        cast.classes[2].head_teacher = cast.other_teacher
        cast.classes[2].save()
        heads = dict(zip(cast.classes, ("head_teacher", "other_head_teacher", "other_teacher"), strict=True))
        for number, student in enumerate(cast.students[1:], 1):
            mother = make_guardian(100 + number, f"{student.name}妈妈", student, account=False)
            person = Person(mother.name, "mother", mother.phone)
            details = Details(weekdays="12345", persons=(person,), agreed=True, signed_name=mother.name)
            head = cast.actor(heads[student.school_class])
            record_on_paper(term=cast.term, student=student, details=details, by=head)


def test_five_people_play_the_term(cast, others, page_as, look):
    name = cast.students[0].name
    parent = page_as("guardian", PHONE)
    apply(parent, name, look)
    for head in ("head_teacher", "other_head_teacher", "other_teacher"):
        review(page_as(head, DESKTOP), look if head == "head_teacher" else None)
    office = page_as("office", DESKTOP)
    approve(office, look)
    arrange(office, look)
    call_the_roll(cast, page_as, look)
    hand_over(page_as("gatekeeper", PHONE), name, look)
    school_time("09-07 17:33")
    parent.goto(reverse("home"))
    assert "已接走" in parent.inner_text("main")
    look(parent, "9-parent-sees")


def apply(page: Page, name: str, look: Look) -> None:
    school_time("09-02 10:00")
    page.goto(reverse("enrollment:my-applications"))
    look(page, "1-my-applications")
    page.get_by_role("link", name=f"为{name}申请").tap()
    page.get_by_role("link", name="下一步").wait_for()
    look(page, "2-apply")
    page.get_by_role("link", name="下一步").tap()
    page.get_by_label("我是孩子的监护人").check()
    look(page, "2-agree")
    page.get_by_role("button", name="提交申请").tap()
    page.get_by_text(f"{name}的申请已提交").wait_for()
    look(page, "3-applied")


def review(page: Page, look: Look | None) -> None:
    page.goto(reverse("enrollment:class-review"))
    if look:
        look(page, "4-class-review")
    page.get_by_role("button", name="通过所选").click()
    page.get_by_text("份申请已通过班级审核").wait_for()


def approve(page: Page, look: Look) -> None:
    school_time("09-04 09:00")
    page.goto(reverse("home"))
    look(page, "5-office-home")
    for grade, number in ((1, 12), (2, 4)):
        page.goto(reverse("enrollment:figures-grade", args=[grade]))
        page.get_by_role("link", name=f"年级 {number} 人").click()
        yes = page.get_by_role("button", name=f"批准 {number} 人")
        yes.wait_for()
        look(page, f"5-approve-{grade}")
        yes.click()
        page.get_by_text(f"{number} 份申请已批准").wait_for()


def arrange(page: Page, look: Look) -> None:
    page.goto(reverse("scheduling:grouping"))
    page.get_by_role("button", name="为 16 人生成").click()
    yes = page.get_by_role("button", name="确认全校 3 个服务班")
    yes.wait_for()
    look(page, "6-grouping")
    yes.click()
    page.get_by_text("建立了3个服务班").wait_for()
    assert Placement.objects.count() == 16
    page.goto(reverse("scheduling:rota"))
    page.get_by_role("button", name="排出").click()
    yes = page.get_by_role("button", name="发布")
    yes.wait_for()
    look(page, "6-rota-draft")
    yes.click()
    page.get_by_text("值班表已发布").wait_for()
    look(page, "6-rota")


def call_the_roll(cast: Cast, page_as, look: Look) -> None:
    """The teacher whom the rota names calls the roll by keys."""
    school_time("09-07 15:20")
    session = Session.objects.get(date="2026-09-07", group__placements__student=cast.students[0])
    teacher = Teacher.objects.get(duties__session=session, duties__active=True)
    page = page_as(None, CLASSROOM, user=teacher.user)
    page.goto(reverse("attendance:roll-call-now"))
    page.wait_for_selector(".tile[role=radiogroup]")
    look(page, "7-roll-call")
    page.locator(".tile").first.focus()
    for key in ("ArrowDown", "2", "0"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('[data-n=not_called]').textContent === '0'")
    page.wait_for_function("() => !document.querySelector('.tile .state.wait')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".roll.closed")
    look(page, "7-roll-call-closed")
    assert set(ChildDay.objects.filter(session=session).values_list("state", flat=True)) == {"group"}


def hand_over(page: Page, name: str, look: Look) -> None:
    """Three minutes after dismissal the mother stands at the gate."""
    school_time("09-07 17:33")
    page.goto(reverse("attendance:gate"))
    look(page, "8-gate")
    page.get_by_role("link", name=name).first.tap()
    give = page.get_by_role("button", name="交给林晓岚")
    give.wait_for()
    look(page, "8-gate-child")
    give.tap()
    page.get_by_text(f"{name}，交给林晓岚").first.wait_for()
    look(page, "8-released")
