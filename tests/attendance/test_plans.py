"""Writing a plan together, handing it in, looking it through; nobody writes over a colleague."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from afterschool.management.commands.tick import tick
from afterschool.school.enums import SessionState
from afterschool.school.models import Event, Message, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.actions import plan_checks, plans
from attendance.actions.plans import Change, Written
from attendance.enums import PlanState
from attendance.models import AfternoonSettings, PlanFile, PlanLine, WeekPlan
from attendance.queries import plans as queries
from attendance.queries.plan_page import plan_page
from scheduling.models import Duty
from tests.attendance.planned import LAST, MONDAY, NEXT, handed_in, with_weeks, words, write
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
SUNDAY_NOON = datetime.combine(NEXT - timedelta(days=1), time(12, 30), tzinfo=SHANGHAI)


@pytest.fixture
def week(cast: Cast) -> Cast:
    return with_weeks(cast)


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}:")


def see(cast: Cast, plan: WeekPlan, who: str = "grade_leader") -> int:
    return plan_checks.see_plans(plans=[(plan, plan.written_at)], by=cast.actor(who))


def plan_now(monday: date = MONDAY) -> WeekPlan:
    return WeekPlan.objects.select_related("group", "term").get(monday=monday)


# Lines


def test_the_lines_are_those_of_the_timetable_on_each_service_day(week):
    page = plan_page(week.actor("teacher"), week.group, MONDAY)
    assert [day.date.isoweekday() for day in page.days] == [1, 2, 3, 4, 5]
    assert [line.title for line in page.days[0].lines][:2] == ["学习时光（作业辅导、教学答疑……）", "休闲时光"]
    assert [(day.teacher, day.mine) for day in page.days][2:4] == [("陈立言", True), ("温岚", False)]
    assert WeekPlan.objects.count() == 0, "looking writes nothing"


def test_a_day_that_runs_another_weekdays_hours_has_its_lines(week):
    SchoolDay.objects.filter(date=MONDAY + timedelta(days=4)).update(runs_weekday=1)
    page = plan_page(week.actor("teacher"), week.group, MONDAY)
    assert [line.title for line in page.days[4].lines] == [line.title for line in page.days[0].lines]


def test_a_plan_stays_as_written_when_the_timetable_changes(week):
    plan = write(week)
    week.term.bands.first().timetables.all().delete()
    page = plan_page(week.actor("teacher"), week.group, MONDAY)
    assert page.days[0].lines[0].title == "学习时光（作业辅导、教学答疑……）"
    assert page.days[0].lines[0].content == "做作业"
    assert plan.lines.count() == sum(len(day.lines) for day in page.days)


def test_a_day_without_hours_has_one_line(week):
    week.term.bands.first().timetables.all().delete()
    page = plan_page(week.actor("teacher"), week.group, MONDAY)
    assert [[line.title for line in day.lines] for day in page.days] == [["课后服务"]] * 5


def test_a_day_added_later_gets_its_lines_and_a_cancelled_one_is_not_asked_for(week):
    plan = write(week)
    Session.objects.filter(date=MONDAY + timedelta(days=1)).update(state=SessionState.CANCELLED)
    PlanLine.objects.filter(plan=plan, date=MONDAY + timedelta(days=1)).update(content="")
    PlanLine.objects.filter(plan=plan, date=MONDAY + timedelta(days=2)).delete()
    with refused("days_empty"):
        plans.hand_in(plan=plan_now(), by=week.actor("teacher"))
    assert handed_in(week).state == PlanState.HANDED_IN
    page = plan_page(week.actor("teacher"), week.group, MONDAY)
    assert [day.stands for day in page.days] == [True, False, True, True, True]


# Writing together


def test_two_teachers_of_a_group_share_one_plan(week):
    one = write(week, who="teacher")
    page = plan_page(week.actor("other_teacher"), week.group, MONDAY)
    line = page.days[3].lines[0]
    given = Written({(line.date, line.position): Change(line.was, "看书")})
    saved = plans.write_plan(group=week.group, monday=MONDAY, written=given, by=week.actor("other_teacher"))
    assert saved.whole
    assert saved.plan.pk == one.pk
    assert saved.plan.written_by == week.other_teacher.user


def test_a_line_changed_meanwhile_is_not_written_over(week):
    plan = write(week)
    place = (MONDAY, 1)
    mine = Written({place: Change("做作业", "我的话"), (MONDAY, 2): Change("做作业", "跳绳")}, Change("", "我的重点"))
    other = Written({place: Change("做作业", "同事的话")}, Change("", "同事的重点"))
    plans.write_plan(group=week.group, monday=MONDAY, written=other, by=week.actor("other_teacher"))
    saved = plans.write_plan(group=week.group, monday=MONDAY, written=mine, by=week.actor("teacher"))
    assert saved.others == {place: "同事的话"}
    assert saved.other_aim == "同事的重点"
    assert words(plan)[:2] == ["同事的话", "跳绳"], "the other line is kept"


def test_the_same_words_from_two_are_no_conflict(week):
    write(week)
    given = Written({(MONDAY, 1): Change("", "做作业")}, Change("看书", ""))
    saved = plans.write_plan(group=week.group, monday=MONDAY, written=given, by=week.actor("other_teacher"))
    assert saved.whole


def test_only_who_has_a_turn_in_that_week_writes(week):
    for who in ("head_teacher", "grade_leader", "office", "gatekeeper", "duty_leader"):
        with pytest.raises(PermissionDenied):
            write(week, who=who)
    Duty.objects.filter(session__date__gte=NEXT, teacher=week.other_teacher).update(active=False)
    write(week, MONDAY, "other_teacher")
    with pytest.raises(PermissionDenied):
        write(week, NEXT, "other_teacher")
    assert WeekPlan.objects.count() == 1


def test_a_line_too_long_is_refused_whole(week):
    with refused("too_long"):
        write(week, text="字" * 301)
    assert WeekPlan.objects.count() == 0


def test_a_week_without_service_needs_no_plan(week):
    given = Written({(MONDAY, 1): Change("", "x")})
    Session.objects.filter(date__range=(MONDAY, MONDAY + timedelta(days=6))).update(state=SessionState.CANCELLED)
    with pytest.raises((Refused, PermissionDenied)):
        plans.write_plan(group=week.group, monday=MONDAY, written=given, by=week.actor("teacher"))


# The last plan, and 同上


def test_the_last_plan_fills_empty_lines_by_weekday_and_title(week):
    last = write(week, LAST, text="上周", aim=Change("", "学会整理书包"))
    PlanLine.objects.filter(plan=last, date=LAST, position=1).update(content="上周一的作业")
    plans.write_plan(
        group=week.group,
        monday=MONDAY,
        written=Written({(MONDAY, 2): Change("", "自己写的")}),
        by=week.actor("teacher"),
    )
    filled = plans.copy_last(plan=plan_now(), by=week.actor("teacher"))
    plan = WeekPlan.objects.get(monday=MONDAY)
    assert words(plan)[:3] == ["上周一的作业", "自己写的", "上周"]
    assert filled == plan.lines.count() - 1
    assert plan.aim == "学会整理书包"


def test_without_a_plan_before_there_is_nothing_to_begin_with(week):
    write(week, text="")
    with refused("nothing_before"):
        plans.copy_last(plan=plan_now(), by=week.actor("teacher"))


def test_same_as_above_takes_the_nearest_earlier_line_of_that_title(week):
    plan = write(week, text="")
    PlanLine.objects.filter(plan=plan, date=MONDAY, position=1).update(content="周一")
    PlanLine.objects.filter(plan=plan, date=MONDAY + timedelta(days=1), position=1).update(content="周二")
    place = (MONDAY + timedelta(days=3), 1)
    assert plans.write_same(plan=plan, place=place, by=week.actor("teacher")) == "周二"
    with refused("nothing_above"):
        plans.write_same(plan=plan, place=(MONDAY, 1), by=week.actor("teacher"))
    with refused("nothing_above"):
        plans.write_same(plan=plan, place=(MONDAY, 40), by=week.actor("teacher"))


# Handing in and looking through


def test_every_day_must_say_something(week):
    plan = write(week)
    PlanLine.objects.filter(plan=plan, date=MONDAY + timedelta(days=2)).update(content="")
    with refused("days_empty") as failure:
        plans.hand_in(plan=plan_now(), by=week.actor("teacher"))
    assert "9月23日" in failure.value.sentence


def test_what_is_handed_in_is_not_written_in(week):
    handed_in(week)
    given = Written({(MONDAY, 1): Change("做作业", "改")})
    with refused("handed_in"):
        plans.write_plan(group=week.group, monday=MONDAY, written=given, by=week.actor("teacher"))


def test_a_plan_taken_back_counts_from_when_it_comes_again(week):
    plan = plans.take_back(plan=handed_in(week), by=week.actor("other_teacher"))
    assert (plan.state, plan.handed_in_at) == (PlanState.DRAFT, None)
    with refused("moved_on"):
        plans.take_back(plan=plan, by=week.actor("teacher"))


def test_the_grade_leader_accepts_with_the_word_on_group_teaching(week):
    plan = handed_in(week)
    assert see(week, plan) == 1
    plan.refresh_from_db()
    assert (plan.state, plan.no_group_teaching, plan.seen_by) == (PlanState.SEEN, True, week.grade_leader.user)


def test_a_plan_changed_since_it_was_read_is_not_accepted(week):
    plan = handed_in(week)
    plans.take_back(plan=WeekPlan.objects.get(pk=plan.pk), by=week.actor("teacher"))
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        given = Written({(MONDAY, 1): Change("做作业", "讲授新课")})
        plans.write_plan(group=week.group, monday=MONDAY, written=given, by=week.actor("teacher"))
        plans.hand_in(plan=plan_now(), by=week.actor("teacher"))
        with refused("somebody_was_faster"):
            see(week, plan)


def test_several_are_accepted_all_or_none(week):
    one, two = handed_in(week), write(week, NEXT)
    with refused("somebody_was_faster"):
        plan_checks.see_plans(plans=[(one, one.written_at), (two, two.written_at)], by=week.actor("office"))
    assert not WeekPlan.objects.filter(state=PlanState.SEEN).exists()


@pytest.mark.parametrize("who", ["teacher", "other_teacher", "head_teacher", "duty_leader", "leading_group"])
def test_others_do_not_look_through(week, who):
    plan = handed_in(week)
    with pytest.raises(PermissionDenied):
        see(week, plan, who)


def test_nobody_looks_through_the_own_plan(week):
    Duty.objects.filter(session__group=week.group).update(teacher=week.grade_leader)
    plan = handed_in(week, who="grade_leader")
    with refused("own_plan"):
        see(week, plan)
    assert see(week, plan, "office") == 1


def test_sent_back_with_a_word_the_writers_hear_of_it_and_the_first_day_stays(week):
    plan = handed_in(week)
    first = plan.handed_in_at
    with refused("remark_missing"):
        plan_checks.return_plan(
            plan=plan, seen_at=plan.written_at, remark=" ", group_teaching=False, by=week.actor("grade_leader")
        )
    plan_checks.return_plan(
        plan=plan, seen_at=plan.written_at, remark="周三写具体些", group_teaching=True, by=week.actor("grade_leader")
    )
    told = Message.objects.get(kind="plan.returned")
    assert {row.recipient_id for row in told.deliveries.all()} == {week.teacher.user_id, week.other_teacher.user_id}
    with clock.frozen(clock.now() + timedelta(days=1)):
        plan = plans.hand_in(plan=plan_now(), by=week.actor("other_teacher"))
    assert (plan.state, plan.handed_in_at) == (PlanState.HANDED_IN, first)
    assert Event.objects.filter(verb="week_plan.returned", subject_id=plan.pk).count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"state": "handed_in"},
        {"state": "seen"},
        {"state": "returned"},
        {"state": "seen", "handed_in_at": NOW, "no_group_teaching": False},
    ],
)
def test_the_database_holds_what_a_state_needs(week, values):
    plan = write(week)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeekPlan.objects.filter(pk=plan.pk).update(**values)


# In time, missing, reminded


def test_in_time_is_until_the_set_weekday_of_the_week_before(week):
    AfternoonSettings.objects.create(term=week.term, plan_due_weekday=5)
    assert queries.due_of(week.term, NEXT) == date(2026, 9, 25)
    with clock.frozen(datetime(2026, 9, 25, 23, 50, tzinfo=SHANGHAI)):
        handed_in(week, NEXT)
        handed_in(week, MONDAY)
    assert queries.plan_in_time(week.group, NEXT)
    assert not queries.plan_in_time(week.group, MONDAY)
    assert not queries.plan_in_time(week.group, LAST)


def test_on_the_due_day_from_noon_who_has_none_is_told_once(week):
    with clock.frozen(SUNDAY_NOON - timedelta(hours=1)):
        tick()
        assert not Message.objects.filter(kind="plan.reminder").exists()
    with clock.frozen(SUNDAY_NOON):
        tick()
        tick()
    told = Message.objects.filter(kind="plan.reminder")
    assert {row.recipient_id for message in told for row in message.deliveries.all()} == {
        week.teacher.user_id,
        week.other_teacher.user_id,
    }
    assert told.count() == 2
    assert "一（1）班服务班" in told[0].body


def test_who_has_handed_in_is_not_reminded(week):
    handed_in(week, NEXT)
    with clock.frozen(SUNDAY_NOON):
        tick()
    assert not Message.objects.filter(kind="plan.reminder").exists()


# Files


def test_a_file_stands_beside_the_plan_until_it_is_handed_in(week, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    paper = SimpleUploadedFile("折纸.pdf", b"%PDF-1.4 x")
    row = plans.add_file(group=week.group, monday=MONDAY, file=paper, by=week.actor("teacher"))
    with refused("file_kind"):
        wrong = SimpleUploadedFile("x.exe", b"MZ")
        plans.add_file(group=week.group, monday=MONDAY, file=wrong, by=week.actor("teacher"))
    handed_in(week)
    row = PlanFile.objects.select_related("plan__group").get(pk=row.pk)
    with refused("handed_in"):
        plans.remove_file(row=row, by=week.actor("teacher"))
