"""The demo school, built whole: what must be true of any school after ten days of service."""

from collections import Counter

import pytest
from django.db.models import Count, F, Max

from afterschool.demo import build
from afterschool.demo.play.incidents import DRILL_DAY
from afterschool.school.enums import SERVICE_GROUPS
from afterschool.school.models import Event, Group, Message, Occupancy, Placement, School, Session, Student
from afterschool.support import clock
from attendance.custody import ENDS
from attendance.enums import HERE, CustodyState, MarkState, PlanState
from attendance.models import (
    ChildDay,
    ChildNote,
    ClosedDay,
    DayNote,
    Handover,
    Incident,
    Mark,
    RollCall,
    WeekPlan,
)
from attendance.queries.emergency import plan_of
from attendance.queries.incidents import final_counts, lines
from enrollment.enums import ApplicationState
from enrollment.models import Application, Charge
from enrollment.queries.fee_balances import balances
from evaluation.halfmonth import NAMES
from evaluation.month import months_between
from evaluation.queries import reports
from evaluation.queries.halfmonth import figures, spans_of
from evaluation.queries.work_done import turns_between
from scheduling.models import Duty
from tests.figures.rows import MonthCount, Rows, half_month, work
from tests.figures.test_month import assert_adds_up, assert_counted


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Build the school once for this module; all of it is undone afterwards."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        logins = build.build(
            public_url="http://127.0.0.1:8000",
            office_login=("A001", "课程中心", "qinghe-2026"),
            say=lambda words: None,
        )
        yield logins
        transaction.set_rollback(True)


pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.xdist_group("demo")]


def test_there_is_one_login_for_each_role(demo):
    roles = {role for role, _, _ in demo}
    assert roles == {
        "家长", "班主任", "课后服务教师", "年级组长", "值班行政", "领导小组", "服务保障中心", "门卫", "课程教学中心",
        "同年级教师",
    }  # fmt: skip


def test_every_approved_child_has_one_place_and_nobody_else(demo):
    approved = Application.objects.filter(state=ApplicationState.SCHOOL_APPROVED).values_list("student_id", flat=True)
    of_service = Placement.objects.filter(kind="service", ends_on__isnull=True)
    placed = Counter(of_service.values_list("student_id", flat=True))
    assert set(placed) == set(approved)
    assert max(placed.values()) == 1


def test_no_group_is_over_the_cap_and_all_kinds_appear(demo):
    groups = Group.objects.filter(kind__in=SERVICE_GROUPS).annotate(size=Count("placements"))
    assert groups.aggregate(most=Max("size"))["most"] <= 45
    assert {group.kind for group in groups} == set(SERVICE_GROUPS)
    assert any(group.name.endswith("二组") for group in groups)


def test_every_state_of_an_application_appears(demo):
    assert set(Application.objects.values_list("state", flat=True)) == set(ApplicationState)


def test_every_session_has_a_teacher_of_its_grade_and_nobody_is_twice(demo):
    duties = Duty.objects.filter(active=True)
    assert duties.count() == Session.objects.count()
    of_groups = duties.filter(session__group__kind__in=SERVICE_GROUPS)
    assert not of_groups.exclude(teacher__grade=F("session__group__grade")).exists()
    twice = of_groups.values("teacher", "session__date").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    assert Occupancy.objects.filter(kind="teacher").exists()


def test_every_past_day_is_closed_with_every_child_at_an_end(demo):
    past = ChildDay.objects.filter(date__lt=build.DEMO_DAY)
    assert set(past.values_list("state", flat=True)) <= {str(state) for state in ENDS}
    assert ClosedDay.objects.count() == past.values("date").distinct().count() == 10


def test_no_chain_has_a_gap(demo):
    counted = ChildDay.objects.annotate(rows=Count("handovers"), last=Max("handovers__number"))
    assert not counted.exclude(rows=F("links")).exists()
    assert not counted.exclude(last=F("links")).exists()
    before: dict[int, str] = {}
    for day, number, came_from, went_to in Handover.objects.order_by("child_day", "number").values_list(
        "child_day", "number", "from_state", "to_state"
    ):
        assert number == 1 or before[day] == came_from
        before[day] = went_to


def test_marks_and_custody_agree(demo):
    """Who is marked present was in somebody's care that day; who is marked away never was."""
    present = set(Mark.objects.filter(state__in=HERE).values_list("student_id", "roll_call__session__date"))
    cared = set(
        Handover.objects.filter(to_state=CustodyState.GROUP).values_list("child_day__student_id", "child_day__date")
    )
    assert present <= cared
    leave = set(Mark.objects.filter(state=MarkState.LEAVE).values_list("student_id", "roll_call__session__date"))
    away = set(ChildDay.objects.filter(state=CustodyState.AWAY).values_list("student_id", "date"))
    assert leave <= away


def test_this_afternoon_waits_for_a_visitor(demo):
    called = RollCall.objects.filter(session__date=build.DEMO_DAY).count()
    today = Session.objects.filter(date=build.DEMO_DAY)
    assert called == today.filter(group__kind__in=SERVICE_GROUPS).count() - build.NOT_YET_CALLED
    assert today.filter(group__kind="club", starts_at="16:10").exists(), "clubs begin in five minutes"
    teacher = next(login for role, login, _ in demo if role == "课后服务教师")
    mine = Duty.objects.get(session__date=build.DEMO_DAY, teacher__staff_number=teacher, active=True)
    assert not hasattr(mine.session, "roll_call")


def test_nothing_is_on_record_from_after_the_demo_begins(demo):
    assert Event.objects.aggregate(at=Max("at"))["at"] <= build.DEMO_NOW
    assert Handover.objects.aggregate(at=Max("at"))["at"] <= build.DEMO_NOW
    assert Message.objects.aggregate(at=Max("created_at"))["at"] <= build.DEMO_NOW


@pytest.fixture(scope="module")
def rows(demo, django_db_blocker):
    """Every row of the demo school, read once."""
    with django_db_blocker.unblock():
        return Rows()


def test_the_month_is_that_of_the_rows(demo, rows):
    with clock.frozen(build.DEMO_NOW):
        term = current_term()
        for month in months_between(term.service_starts_on, build.DEMO_DAY):
            made = reports.monthly(term, month)
            assert_counted(made, MonthCount(rows, term, month.first, month.last, build.DEMO_DAY))
            assert_adds_up(made)
            assert made.held


def test_the_half_month_is_that_of_the_rows(demo, rows):
    with clock.frozen(build.DEMO_NOW):
        term = current_term()
        for span in [one for one in spans_of(term) if one.first <= build.DEMO_DAY]:
            made = figures(term, span)
            as_of, naive = half_month(rows, term, span.first, span.last)
            assert made.as_of == as_of
            assert {grade: vars(row) for grade, row in made.grades.items()} == {
                grade: {name: naive[grade][name] for name in NAMES} for grade in made.grades
            }
            assert made.grades.keys() >= {grade for grade, numbers in naive.items() if numbers.total()}


def test_every_turn_is_one_of_the_rows(demo, rows):
    with clock.frozen(build.DEMO_NOW):
        term = current_term()
        made = Counter(
            (t.teacher, t.kind, t.day, t.minutes) for t in turns_between(term, term.starts_on, build.DEMO_DAY)
        )
        naive = work(rows, term, term.starts_on, build.DEMO_DAY)
        assert made == Counter((*key, length) for key, lengths in naive.items() for length in lengths)


def current_term():
    return School.objects.get(pk=1).current_term


def test_every_child_on_the_roll_is_in_a_class(demo):
    assert not Student.objects.filter(state="enrolled", school_class__isnull=True).exists()


def test_september_is_stated_and_most_have_paid(demo):
    """Fees: every approved child of a class has one statement; some are open, some paid too much."""
    term = Charge.objects.first().term
    rows = balances(term, lines=False)
    placed = Placement.objects.filter(kind="service", starts_on__lte=build.DEMO_DAY).values("student").distinct()
    assert len(rows) == placed.count()
    assert {charge.label for row in rows for charge in [one.charge for one in row.stated]} == {"2026年9月"}
    paid = sum(row.open == 0 for row in rows)
    assert 0.8 < paid / len(rows) < 1
    assert any(row.to_refund for row in rows)
    assert any(row.stated[0].charge.percent for row in rows)


def test_last_weeks_drill_is_over_and_one_deputy_is_still_to_be_named(demo):
    drill = Incident.objects.select_related("term").get()
    assert (drill.kind, drill.state) == ("drill", "over")
    (line,) = lines(drill.term)
    assert line.minutes == 6
    counts = final_counts(drill)
    there = Mark.objects.filter(roll_call__session__date=DRILL_DAY, state__in=HERE).count()
    assert sum(one.count.counted for one in counts) == there
    assert plan_of(drill.term).gaps == ["后勤保障副手"]


def test_week_plans_stand_in_all_states_and_notes_are_of_children_who_were_there(demo):
    this = WeekPlan.objects.filter(monday=build.DEMO_DAY)
    assert set(this.values_list("state", flat=True)) == set(PlanState)
    assert this.filter(state=PlanState.DRAFT).count() == 2
    assert not WeekPlan.objects.filter(monday__lt=build.DEMO_DAY).exclude(state=PlanState.SEEN).exists()
    held = RollCall.objects.filter(session__date__lt=build.DEMO_DAY).count()
    assert 0.8 * held < DayNote.objects.count() < held
    here = Mark.objects.filter(state__in=HERE).values_list("roll_call__session", "student")
    assert set(ChildNote.objects.values_list("session", "student")) <= set(here)
