"""Where each person lands, and what stands there."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.access import SYSTEM
from afterschool.school.enums import Relation, Role
from afterschool.school.messaging import tell
from afterschool.school.models import Guardianship, School, StaffRole
from afterschool.support import clock
from attendance.actions.days import ensure_day
from attendance.enums import ChangeKind, CustodyState, LeaveSource
from attendance.models import ChildDay, LeaveRequest, PickupChange
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions.volunteers import propose
from scheduling.enums import ClubState, VolunteerSource
from tests.scheduling.clubs import make_club

pytestmark = pytest.mark.django_db


def apply(cast, number: int, state: ApplicationState, **values) -> Application:
    stamp = clock.now()
    return Application.objects.create(
        term=cast.term, student=cast.students[number], state=state, weekdays="12345", submitted_at=stamp, created_at=stamp,
        changed_at=stamp, guardian=cast.guardian, **values,
    )  # fmt: skip


@pytest.fixture
def day(afternoon):
    """An afternoon with its list of children made."""
    ensure_day(afternoon.term, clock.today(), by=SYSTEM)
    return afternoon


def page(client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_parent_sees_each_child_where_it_stands(day, login):
    apply(day, 0, ApplicationState.SCHOOL_APPROVED)
    apply(day, 6, ApplicationState.RETURNED, reason="接送人电话少一位")
    text = page(login("guardian"))
    assert "17:30" in text
    assert "待到班" in text
    assert "退回补正" in text
    assert "接送人电话少一位" in text
    assert day.students[1].name not in text


def test_leave_and_early_pick_up_stand_on_the_parents_page(day, login):
    apply(day, 0, ApplicationState.SCHOOL_APPROVED)
    asked = {"term": day.term, "student": day.students[0], "asked_by": day.guardian.user, "asked_at": clock.now()}
    PickupChange.objects.create(
        date=clock.today(), kind=ChangeKind.EARLY, time=time(16, 30), source=LeaveSource.GUARDIAN, **asked
    )
    assert "早接 16:30" in page(login("guardian"))
    LeaveRequest.objects.create(first_day=clock.today(), last_day=clock.today(), source=LeaveSource.GUARDIAN, **asked)
    assert "请假" in page(login("guardian"))


def test_a_missing_child_is_told_kindly_and_plainly(day, login):
    apply(day, 0, ApplicationState.SCHOOL_APPROVED)
    ChildDay.objects.filter(student=day.students[0]).update(state=CustodyState.MISSING, holder=day.teacher)
    assert "老师正在找" in page(login("guardian"))


@pytest.mark.parametrize("children", [1, 3])
def test_the_parents_home_takes_eight_queries(day, login, django_assert_num_queries, children):
    for student in day.students[1:children]:
        Guardianship.objects.create(guardian=day.guardian, student=student, relation=Relation.MOTHER)
    for number in range(children):
        apply(day, number, ApplicationState.SCHOOL_APPROVED)
    tell([day.guardian.user], kind="test", title="家长会通知", by=SYSTEM)
    client = login("guardian")
    with django_assert_num_queries(8):
        assert "家长会通知" in page(client)


def test_a_teacher_sees_the_group_of_now(day, login):
    text = page(login("teacher"))
    assert "一（1）班服务班" in text
    assert reverse("attendance:roll-call", args=[day.session.pk]) in text


def test_a_teacher_without_a_group_today_is_told_so(day, login):
    assert "今天没有您的班" in page(login("other_teacher"))


def test_a_head_teacher_sees_what_waits(day, login):
    apply(day, 0, ApplicationState.SUBMITTED)
    text = page(login("head_teacher"))
    assert "待审核申请 1 份" in text
    assert "本班今天" in text


def test_leaders_see_groups_not_called_in_their_scope(day, login):
    assert "一（1）班服务班" in page(login("duty_leader"))
    assert "一（1）班服务班" in page(login("grade_leader"))
    StaffRole.objects.filter(teacher=day.grade_leader, role=Role.GRADE_LEADER).update(grade=2)
    assert "一（1）班服务班" not in page(login("grade_leader"))


@pytest.mark.parametrize(
    ("who", "where"), [("gatekeeper", "attendance:gate"), ("service_centre", "attendance:late-care")]
)
def test_gate_and_service_centre_go_straight_to_their_page(day, login, who, where):
    assert login(who).get("/").url == reverse(where)


def test_the_office_sees_the_term_in_numbers(day, login):
    apply(day, 0, ApplicationState.CLASS_APPROVED)
    text = page(login("office"))
    assert "学校批准" in text
    assert "一年级" in text


def test_clubs_and_volunteers_that_wait_stand_on_the_offices_home(day, login):
    shown = page(login("office"))
    assert "社团审批" not in shown
    assert "报名或被推荐" not in shown
    make_club(day, state=ClubState.PROPOSED)
    propose(
        term=day.term, guardian=day.guardian, source=VolunteerSource.SELF, about="周三下午", by=day.actor("guardian")
    )
    shown = page(login("office"))
    assert "社团审批" in shown
    assert "报名或被推荐，等审核" in shown


def test_a_head_teacher_finds_the_clubs_of_the_class(day, login):
    shown = login("head_teacher").get(reverse("school:class-students"), follow=True).content.decode()
    assert reverse("scheduling:clubs-class") in shown
    assert reverse("scheduling:trainings") in shown


def test_the_office_of_a_school_that_begins_is_led(cast, login):
    School.objects.update(current_term=None)
    text = page(login("office"))
    assert "先办这几件" in text
    assert "导入名册" in text


@pytest.mark.parametrize("who", ["guardian", "teacher", "head_teacher", "duty_leader"])
def test_without_a_term_every_home_still_opens(cast, login, who):
    School.objects.update(current_term=None)
    page(login(who))


@pytest.mark.parametrize("name", ["head_teacher", "duty_leader"])
def test_a_missing_child_is_named_to_those_who_look_for_it(day, login, name):
    client = login(name)
    assert day.students[0].name not in page(client)
    row = ChildDay.objects.get(student=day.students[0])
    ChildDay.objects.filter(pk=row.pk).update(state=CustodyState.MISSING)
    text = page(client)
    assert day.students[0].name in text
    assert reverse("attendance:child", args=[row.pk]) in text


def test_an_open_day_before_heads_the_duty_leaders_home(day, login):
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert "前一天还没关闭" in page(login("duty_leader"))
        assert "前一天还没关闭" not in page(login("teacher"))


def test_a_withdrawn_childs_afternoon_stays_on_the_parents_page(day, login):
    apply(day, 0, ApplicationState.WITHDRAWN)
    text = page(login("guardian"))
    assert "待到班" in text
    assert "从明天起不参加" in text


def test_a_child_that_came_in_spite_of_a_leave_is_shown_where_it_is(day, login):
    apply(day, 0, ApplicationState.SCHOOL_APPROVED)
    asked = {"term": day.term, "student": day.students[0], "asked_by": day.guardian.user, "asked_at": clock.now()}
    LeaveRequest.objects.create(first_day=clock.today(), last_day=clock.today(), source=LeaveSource.GUARDIAN, **asked)
    ChildDay.objects.filter(student=day.students[0]).update(state=CustodyState.GROUP, holder=day.teacher)
    text = page(login("guardian"))
    assert "今天放学" in text
    assert '<div class="big">请假' not in text


def test_outside_the_window_the_home_asks_for_no_application(cast, login):
    text = page(login("guardian"))
    assert "要补交的请联系班主任" in text
    assert "申请课后服务" not in text
