"""Statements: previewed, issued, corrected; nothing is issued twice, and a change of settings changes none."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afterschool.school.enums import DayKind, DaySource, JobState
from afterschool.school.models import ClassMembership, Delivery, Event, Message, Paper, Placement, SchoolDay, Student
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.models import LeaveRequest, Mark, RollCall
from enrollment import fees
from enrollment.actions.fees import PlanValues, ask_issue, issue, set_plan, withdraw_period
from enrollment.defaults import install_care_categories
from enrollment.enums import FeeBasis, RefundUnit, Settlement
from enrollment.models import Application, CareCategory, CareRecord, Charge, FeePlan
from enrollment.queries.fee_balances import balances
from enrollment.queries.fee_statements import choice_of, preview, samples, service_days
from tests.cast import NOW, TODAY
from tests.enrollment.helpers import make

pytestmark = pytest.mark.django_db
RATES = (fees.Rate(1, 1, Decimal(180)), fees.Rate(2, 6, Decimal(200)))


def values(basis="month", settlement="before", unit="day", rates=RATES, waivers=None, **more) -> PlanValues:
    terms = fees.Terms(FeeBasis(basis), Settlement(settlement), RefundUnit(unit), rates, **more)
    return PlanValues(terms, waivers or {})


@pytest.fixture
def school(afternoon):
    """Class 1-1 is in its group; September and October have their weekdays as service days from the 7th on."""
    first = afternoon.term.service_starts_on
    for n in range((date(2026, 10, 31) - first).days + 1):
        day = first + timedelta(days=n)
        if day.isoweekday() <= 5:
            common = {"term": afternoon.term, "kind": DayKind.SERVICE, "source": DaySource.CALENDAR}
            SchoolDay.objects.get_or_create(date=day, defaults={**common, "runs_weekday": day.isoweekday()})
    return afternoon


def put(cast, **more) -> None:
    set_plan(term=cast.term, values=values(**more), by=cast.actor("office"))


def look(cast, slug="2026-09"):
    chosen = choice_of(cast.term, slug)
    assert chosen
    return preview(cast.term, *chosen)


def amounts(cast) -> list[Decimal]:
    return list(Charge.objects.filter(state="issued").order_by("student").values_list("amount", flat=True))


class TestSettings:
    def test_only_the_office_sets_a_fee(self, cast):
        with pytest.raises(Refused) as refused:
            set_plan(term=cast.term, values=values(), by=cast.actor("head_teacher"))
        assert refused.value.code == "not_yours"

    def test_a_fee_needs_an_amount_and_no_grade_has_two(self, cast):
        for rates, code in [
            ((), "no_rate"),
            ((fees.Rate(1, 3, Decimal(1)), fees.Rate(3, 6, Decimal(2))), "rates_overlap"),
        ]:
            with pytest.raises(Refused) as refused:
                put(cast, rates=rates)
            assert refused.value.code == code
        assert not FeePlan.objects.exists()

    def test_the_settings_are_worked_out_on_a_case(self, school):
        put(school)
        found = samples(school.term, values().terms, service_days(school.term), Decimal(50))
        assert [(s.statement.percent, s.statement.amount) for s in found] == [(0, 180), (50, 90), (0, 200)]
        assert found[0].label == "2026年9月"


class TestIssuing:
    def test_each_child_gets_its_statement_and_the_family_is_told(self, school):
        put(school)
        assert look(school).total.new == 6
        assert issue(term=school.term, slug="2026-09", by=school.actor("office")) == (6, 0)
        assert amounts(school) == [180] * 6
        note = Message.objects.get(kind="fee.issued", student=school.students[0])
        assert "应交 180.00 元" in note.title
        assert set(Delivery.objects.filter(message__kind="fee.issued").values_list("recipient", flat=True)) == {
            school.guardian.user_id,
            school.other_guardian.user_id,
        }
        assert Event.objects.filter(verb="fees.issued").count() == 6

    def test_issued_again_nothing_happens_twice(self, school):
        put(school)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        assert issue(term=school.term, slug="2026-09", by=school.actor("office")) == (0, 0)
        assert Charge.objects.count() == 6
        assert look(school).to_issue == 0

    def test_a_withdrawal_shows_as_a_difference_and_only_that_statement_gets_a_new_version(self, school):
        put(school)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        Placement.objects.filter(student=school.students[1]).update(ends_on=date(2026, 9, 18))
        found = look(school)
        assert (found.total.changed, found.total.new) == (1, 0)
        assert found.total.difference == Decimal("-80.00")  # 8 of 18 days left
        assert amounts(school) == [180] * 6
        assert issue(term=school.term, slug="2026-09", by=school.actor("office")) == (0, 1)
        assert amounts(school) == [180, 100, 180, 180, 180, 180]
        old, new = Charge.objects.filter(student=school.students[1]).order_by("version")
        assert (old.state, new.state, new.version) == ("replaced", "issued", 2)
        assert "原来应交 180.00 元" in Message.objects.get(kind="fee.corrected").body

    def test_new_settings_change_no_statement(self, school):
        put(school)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        put(school, rates=(fees.Rate(1, 6, Decimal(90)),))
        assert amounts(school) == [180] * 6
        assert look(school).total.changed == 6

    def test_a_child_that_was_never_there_after_all_owes_nothing(self, school):
        put(school)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        Placement.objects.filter(student=school.students[0]).delete()
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        assert amounts(school)[0] == 0
        assert Charge.objects.get(student=school.students[0], state="issued").lines.get().amount == 0

    def test_an_approved_child_without_a_group_owes_for_what_lies_ahead_only(self, school):
        put(school)
        whole = look(school).rows[0].statement.amount
        Placement.objects.filter(student=school.students[0]).delete()
        make(school, school.students[0], "school_approved", decided_by=school.office.user, decided_at=NOW)
        waiting = next(row for row in look(school).rows if row.student == school.students[0])
        assert 0 < waiting.statement.amount < whole
        Application.objects.filter(student=school.students[0]).update(state="withdrawn")
        assert school.students[0] not in [row.student for row in look(school).rows]

    def test_a_child_that_left_school_pays_up_to_its_last_day_and_stays_with_its_class(self, school):
        put(school)
        gone = school.students[2]
        ClassMembership.objects.filter(student=gone).update(ends_on=date(2026, 9, 18))
        Student.objects.filter(pk=gone.pk).update(state="left", school_class=None, number=None)
        row = next(row for row in look(school).rows if row.student.pk == gone.pk)
        assert (row.school_class, row.statement.amount) == (school.classes[0], Decimal("100.00"))

    def test_two_periods_never_overlap(self, school):
        put(school, basis="lesson")
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        with pytest.raises(Refused) as refused:
            issue(term=school.term, slug="term", by=school.actor("office"))
        assert refused.value.code == "other_period"

    def test_the_office_issues_what_it_saw(self, school, django_capture_on_commit_callbacks):
        put(school)
        stamp = look(school).stamp
        with pytest.raises(Refused) as refused:
            ask_issue(term=school.term, slug="2026-09", stamp="1.0.5.0", by=school.actor("office"))
        assert refused.value.code == "changed_since"
        with django_capture_on_commit_callbacks(execute=True):
            paper = ask_issue(term=school.term, slug="2026-09", stamp=stamp, by=school.actor("office"))
        assert Paper.objects.get(pk=paper.pk).state == JobState.DONE
        assert len(amounts(school)) == 6
        with pytest.raises(Refused) as refused:
            ask_issue(term=school.term, slug="2026-09", stamp=look(school).stamp, by=school.actor("office"))
        assert refused.value.code == "nothing_to_issue"

    def test_a_period_issued_by_mistake_is_taken_down_with_a_reason_and_another_can_be_issued(self, school):
        office = school.actor("office")
        put(school, basis="lesson", rates=(fees.Rate(1, 6, Decimal(3)),))
        issue(term=school.term, slug="term", by=office)
        for label, reason, code in [("全学期", " ", "no_reason"), ("2026年9月", "出错了", "nothing_to_withdraw")]:
            with pytest.raises(Refused) as refused:
                withdraw_period(term=school.term, label=label, reason=reason, by=office)
            assert refused.value.code == code
        assert withdraw_period(term=school.term, label="全学期", reason="应该按月出", by=office) == 6
        assert amounts(school) == []
        assert Message.objects.get(kind="fee.withdrawn", student=school.students[0]).body == "原因：应该按月出"
        assert issue(term=school.term, slug="2026-09", by=office) == (6, 0)
        with pytest.raises(Refused) as refused:
            withdraw_period(term=school.term, label="2026年9月", reason="x", by=school.actor("head_teacher"))
        assert refused.value.code == "not_yours"

    def test_nobody_else_issues(self, school):
        put(school)
        with pytest.raises(Refused) as refused:
            issue(term=school.term, slug="2026-09", by=school.actor("head_teacher"))
        assert refused.value.code == "not_yours"


class TestFacts:
    def test_of_several_categories_the_largest_waiver_counts_once(self, school):
        install_care_categories()
        some = list(CareCategory.objects.all()[:3])
        put(school, waivers={some[0].pk: Decimal(30), some[1].pk: Decimal(50)})
        for category in some:
            CareRecord.objects.create(term=school.term, student=school.students[0], category=category, recorded_at=NOW)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        charge = Charge.objects.get(student=school.students[0])
        assert (charge.amount, charge.percent) == (90, 50)
        texts = "".join(charge.lines.values_list("text", flat=True))
        assert not any(category.name in texts for category in some)

    def test_attended_is_who_was_marked_by_a_closed_roll(self, school):
        put(school, basis="lesson", settlement="after", rates=(fees.Rate(1, 6, Decimal(3)),))
        user = school.teacher.user
        call = RollCall.objects.create(session=school.session, opened_by=user, opened_at=NOW)
        for student, state in zip(school.students, ["present", "late", "absent", "leave"], strict=False):
            Mark.objects.create(roll_call=call, student=student, state=state, marked_by=user, marked_at=NOW)
        assert look(school).total.amount == 0
        with clock.frozen(NOW + timedelta(days=1)):
            assert look(school).unclosed == 1
        RollCall.objects.update(closed_by=user, closed_at=NOW)
        assert [row.statement.amount for row in look(school).rows] == [3, 3, 0, 0, 0, 0]

    def test_leave_is_what_a_guardian_asked_for_and_did_not_take_back(self, school):
        put(school, sick_days=3)
        asked = {"source": "guardian", "asked_by": school.guardian.user, "asked_at": NOW, "term": school.term}
        for student, more in [(0, {}), (1, {"cancelled_at": NOW, "cancelled_by": school.guardian.user})]:
            LeaveRequest.objects.create(
                student=school.students[student],
                first_day=date(2026, 9, 23),
                last_day=date(2026, 9, 27),
                **asked,
                **more,
            )
        assert [row.statement.amount for row in look(school).rows[:3]] == [150, 180, 180]  # 3 of 18 days

    def test_a_cancelled_day_is_paid_back(self, school):
        put(school)
        SchoolDay.objects.filter(date=TODAY).update(kind=DayKind.CANCELLED)
        assert look(school).rows[0].statement.amount == Decimal("170.00")


def more_children(cast, number: int) -> None:
    some = [Student(name=f"孩子{n}", school_class=cast.classes[0], number=n) for n in range(100, 100 + number)]
    Student.objects.bulk_create(some)
    Placement.objects.bulk_create(
        Placement(term=cast.term, student=s, group=cast.group, weekdays="12345", starts_on=date(2026, 9, 7))
        for s in some
    )


@pytest.mark.parametrize("number", [0, 60])
def test_the_whole_school_is_previewed_in_a_handful_of_queries(school, number):
    put(school)
    issue(term=school.term, slug="2026-09", by=school.actor("office"))
    more_children(school, number)
    with CaptureQueriesContext(connection) as queries:
        assert len(look(school).rows) == 6 + number
    assert len(queries) == 11
    with CaptureQueriesContext(connection) as queries:
        assert len(balances(school.term)) == 6
    assert len(queries) == 4
