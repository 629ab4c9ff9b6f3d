"""The work list, training and volunteers in a real browser: they fit, they are accessible, a task is ticked, a roll is marked."""

import re

import pytest
from django.urls import reverse

from afterschool.school.access import SYSTEM
from scheduling.actions import tasks as acts
from scheduling.actions import work as listing
from scheduling.actions.calendar import fill_calendar
from scheduling.actions.volunteers import put_beside
from scheduling.enums import TrainingKind
from scheduling.models import Training
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import place_group
from tests.scheduling.test_training import plan
from tests.scheduling.test_volunteers import fit, offer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy_school(cast):
    """Tasks of today, a training to be marked, a volunteer beside the teacher and one who waits."""
    office = cast.actor("office")
    fill_calendar(term=cast.term, by=office)
    place_group(cast)
    listing.begin_list(term=cast.term, by=office)
    acts.lay_tasks(term=cast.term, by=SYSTEM)
    cast.training = plan(cast, "teacher", "other_teacher", "head_teacher")
    plan(cast, kind=TrainingKind.SAFETY, classes=cast.classes, title="安全教育")
    put_beside(volunteer=fit(cast), session=cast.session, by=office)
    offer(cast, "other_guardian")
    return cast


PAGES = [
    ("office", "home"),
    ("office", "scheduling:work"),
    ("office", "scheduling:work-list"),
    ("office", "scheduling:work-item-new"),
    ("office", "scheduling:trainings"),
    ("office", "scheduling:volunteers"),
    ("office", "scheduling:volunteer-place"),
    ("office", "training"),
    ("grade_leader", "home"),
    ("grade_leader", "scheduling:my-work"),
    ("service_centre", "attendance:late-care"),
    ("teacher", "home"),
    ("guardian", "scheduling:volunteer-today"),
    ("guardian", "scheduling:my-volunteering"),
    ("other_guardian", "scheduling:my-volunteering"),
    ("head_teacher", "scheduling:volunteer-propose"),
]


def test_the_pages_fit_and_are_accessible(busy_school, page_as, axe_clean, fits, keep_picture):
    people = {who: page_as(who, PHONE) for who in dict(PAGES)}
    for who, name in PAGES:
        args = [busy_school.training.pk] if name == "training" else []
        people[who].goto(reverse(f"scheduling:{name}" if args else name, args=args))
        for viewport in (PHONE, DESKTOP):
            people[who].set_viewport_size(viewport)
            fits(people[who])
            axe_clean(people[who])
            keep_picture(people[who], f"work-{who}-{name.replace(':', '-')}-{viewport['width']}", whole=True)


def test_a_task_is_ticked_and_a_training_marked(busy_school, page_as):
    page = page_as("grade_leader", PHONE)
    page.goto("/")
    page.get_by_role("button", name=re.compile("完成.*巡视本年级组")).click()
    assert "今天还可以改回" in page.content()
    office = page_as("office", DESKTOP)
    office.goto(reverse("scheduling:training", args=[busy_school.training.pk]))
    office.get_by_role("group", name="陈立言").get_by_text("缺席").click()
    office.get_by_role("button", name="其余都到了").click()
    office.get_by_role("button", name="登记完成").click()
    assert "安排补训" in office.content()
    assert Training.objects.get(pk=busy_school.training.pk).state == "held"
