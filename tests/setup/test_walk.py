"""The walk through the set-up: each step says how far it is, and asks the same whatever the number of rows."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.demo.play.scheduling import TERM
from afterschool.school.enums import Role
from afterschool.school.models import School, StaffRole
from afterschool.setup.actions import begin_term
from afterschool.setup.checks import check_term
from afterschool.setup.walk import StepState, first_missing, missing, steps_of
from attendance.models import AfternoonSettings, AttendanceRule, EmergencyNumber, EmergencyPost
from scheduling.models import PatrolTurn
from tests.scheduling.arranged import add_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(cast):
    School.objects.update(current_term=None)
    cast.term.delete()
    cast.term = begin_term(settings=TERM, by=cast.actor("office"))
    return cast


def states(cast):
    return {step.word: step.state for step in steps_of(cast.term, School.objects.get())}


def test_a_new_term_stands_on_the_plans_defaults(fresh):
    found = states(fresh)
    assert found["校历"] == found["课表"] == StepState.SET
    for word in ("年级段", "知情同意", "延时托管", "下午的设置", "考勤规则", "评价表", "工作一览表", "协议"):
        assert found[word] == StepState.DEFAULT, word
    for word in ("收费", "应急预案", "告家长书", "巡视"):
        assert found[word] == StepState.MISSING, word


def test_what_is_done_is_no_longer_missing(fresh):
    EmergencyPost.objects.filter(party="head").update(teacher=fresh.teacher)
    EmergencyPost.objects.exclude(party="head").delete()
    EmergencyNumber.objects.filter(phone="").delete()
    AfternoonSettings.objects.create(term=fresh.term)
    AttendanceRule.objects.filter(kind="left").delete()
    found = states(fresh)
    assert found["应急预案"] == found["下午的设置"] == found["考勤规则"] == StepState.SET


def test_a_post_that_nobody_holds_is_named(fresh):
    StaffRole.objects.filter(role=Role.GATEKEEPER).delete()
    step = next(s for s in steps_of(fresh.term, School.objects.get()) if s.word == "岗位")
    assert step.state == StepState.MISSING
    assert "门卫" in step.said


def test_settings_of_the_afternoon_that_disagree_are_found(fresh):
    AfternoonSettings.objects.create(term=fresh.term, leave_until=time(19), leader_minutes=30, group_minutes=20)
    EmergencyPost.objects.filter(party="scene").update(teacher=fresh.teacher)
    AttendanceRule.objects.filter(term=fresh.term).update(active=False)
    found = [finding.code for finding in check_term(fresh.term)]
    assert {"cut_off_late", "escalation_order", "attendance_rules_missing"} <= set(found)
    assert found.count("emergency_post_open") == 4
    assert found.count("emergency_number_missing") == EmergencyNumber.objects.filter(phone="").count() == 2
    assert "rubric_missing" not in found


@pytest.mark.parametrize("rows", [1, 3])
def test_the_walk_asks_the_same_whatever_the_number_of_rows(cast, login, rows, django_assert_num_queries):
    for n in range(rows):
        add_group(cast, n)
        PatrolTurn.objects.create(term=cast.term, weekday=n + 1, post="leader")
    client = login("office")
    with django_assert_num_queries(39):
        page = client.get(reverse("setup:walk"))
    assert f"{rows} 个巡视岗没有人" in page.content.decode()
    assert page.context["lacking"] == missing(page.context["steps"]) > 0
    assert len(page.context["steps"]) == 21


def test_without_a_term_the_walk_leads_to_the_settings(cast, login):
    School.objects.update(current_term=None)
    assert login("office").get(reverse("setup:walk")).url == reverse("setup:settings")


def test_the_office_walks_from_step_to_step_and_ends_at_the_check(fresh, login):
    client, steps = login("office"), steps_of(fresh.term, School.objects.get())
    first = first_missing(steps)
    assert steps[first - 1].word == "收费"
    assert f"/settings/walk/{first}/go/" in client.get(reverse("setup:walk")).content.decode()
    assert client.post(reverse("setup:walk-step", args=[first])).url == steps[first - 1].url
    for page in (steps[first - 1].url, reverse("school:register")):  # and wherever saving leads
        html = client.get(page).content.decode()
        assert f"第 {first} 步，共 {len(steps)} 步：收费" in html
        assert f"/settings/walk/{first + 1}/go/" in html
    client.post(reverse("setup:walk-step", args=[len(steps)]))
    last = client.get(steps[-1].url).content.decode()
    assert "下一步</button>" not in last
    assert client.post(reverse("setup:walk-end")).url == reverse("setup:walk")
    assert "步，共" not in client.get(steps[-1].url).content.decode()
    assert client.post(reverse("setup:walk-step", args=[len(steps) + 1])).status_code == 404


def test_every_step_can_be_walked_to(fresh, login):
    client = login("office")
    for number, step in enumerate(steps_of(fresh.term, School.objects.get()), 1):
        page = client.post(reverse("setup:walk-step", args=[number]), follow=True)
        assert page.status_code == 200, step.word
        assert f"第 {number} 步" in page.content.decode(), step.word
