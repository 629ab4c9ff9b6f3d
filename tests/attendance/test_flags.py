"""Flags follow the records, and people decide on them."""

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.enums import Role
from afterschool.school.models import Event, Message, Session
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.actions import flag_decisions as decisions
from attendance.actions import roll_calls, sign_ins, staff_checks
from attendance.actions.flags import recount, recount_when_due
from attendance.defaults import install_attendance_rules
from attendance.enums import FlagState, RuleKind, Verdict
from attendance.flag_workflow import TABLE, Move, Stage, Who, moves, stage, step
from attendance.models import Flag, FlagRecord, SignIn, StaffCheck
from attendance.queries.flags import stage_of, undecided, who_of
from attendance.queries.teacher_attendance import attendance_of, lines_of
from scheduling.actions.standins import place_stand_in
from scheduling.actions.teacher_leave import ask_leave
from scheduling.enums import TeacherLeaveKind
from scheduling.models import Duty
from tests.cast import NOW, TODAY, make_teacher

pytestmark = pytest.mark.django_db
EVENING = NOW.replace(hour=18, minute=0)
START = datetime(2026, 9, 21, 15, 15, tzinfo=SHANGHAI)


@pytest.fixture
def school(afternoon):
    install_attendance_rules(afternoon.term)
    return afternoon


def turn(cast, day, teacher=None):
    session = Session.objects.create(
        term=cast.term, group=cast.group, date=day, starts_at=time(15, 15), ends_at=time(17, 30), room=cast.group.room
    )
    return Duty.objects.create(session=session, teacher=teacher or cast.teacher)


def came(cast, duty, minute):
    """Let the teacher open the roll call of a past turn."""
    with clock.frozen(datetime.combine(duty.session.date, time(15, minute), SHANGHAI)):
        return roll_calls.begin(session=duty.session, by=cast.actor("teacher"))


def late_thrice(cast):
    """Friday is in another week: Monday, Tuesday and Wednesday of one week."""
    duties = [turn(cast, TODAY - timedelta(days=n)) for n in (7, 6, 5)]
    for duty in duties:
        came(cast, duty, 20)
    return duties


def absent(cast):
    """The duty leader calls the roll of today's session, whose teacher never comes."""
    with clock.frozen(START):
        roll_calls.begin(session=cast.session, by=cast.actor("duty_leader"))
    with clock.frozen(EVENING):
        recount(cast.term)
    return Flag.objects.get()


def decide(cast, flag, verdict=Verdict.TRUANT, by="office", **values):
    return decisions.decide(flag=flag, verdict=verdict, reason="没有说明", by=cast.actor(by), **values)


def test_the_third_lateness_of_a_week_raises_a_flag_with_its_records_and_tells_the_teacher(school):
    duties = late_thrice(school)
    flag = Flag.objects.get()
    assert (flag.rule.kind, flag.state, flag.first_day) == (
        RuleKind.LATE_OFTEN,
        FlagState.OPEN,
        TODAY - timedelta(days=7),
    )
    assert {row.duty_id for row in flag.records.all()} == {duty.pk for duty in duties}
    message = Message.objects.get(kind="teacher_attendance")
    assert list(message.deliveries.values_list("recipient", flat=True)) == [school.teacher.user_id]


def test_counting_again_changes_nothing(school):
    late_thrice(school)
    before = (Flag.objects.count(), FlagRecord.objects.count(), Event.objects.count(), Message.objects.count())
    assert recount(school.term) == []
    assert (Flag.objects.count(), FlagRecord.objects.count(), Event.objects.count(), Message.objects.count()) == before


def test_an_entry_of_the_office_closes_the_flag_and_its_history_stays(school):
    duties = late_thrice(school)
    at = clock.at(duties[0].session.date, time(15, 10))
    sign_ins.enter(duty=duties[0], at=at, reason="停电，纸质点名", by=school.actor("office"))
    flag = Flag.objects.get()
    assert (flag.state, flag.closed_at) == (FlagState.CLOSED, NOW)
    assert list(flag.records.filter(standing=False).values_list("duty", flat=True)) == [duties[0].pk]
    assert list(Event.objects.filter(subject="flag").values_list("verb", flat=True)) == ["flag.raised", "flag.closed"]


def test_an_entry_wants_a_reason_a_time_of_that_day_and_another_person(school):
    duty = Duty.objects.get(session=school.session)
    office = school.actor("office")
    for at, reason, code in [
        (START, " ", "reason_missing"),
        (EVENING, "停电", "time_wrong"),
        (START - timedelta(days=1), "停电", "time_wrong"),
    ]:
        with pytest.raises(Refused) as refused:
            sign_ins.enter(duty=duty, at=at, reason=reason, by=office)
        assert refused.value.code == code
    Duty.objects.filter(pk=duty.pk).update(teacher=school.office)
    duty.refresh_from_db()
    with pytest.raises(Refused) as refused:
        sign_ins.enter(duty=duty, at=START, reason="停电", by=office)
    assert refused.value.code == "own"
    with pytest.raises(PermissionDenied):
        sign_ins.enter(duty=duty, at=START, reason="停电", by=school.actor("duty_leader"))


def test_nobody_is_absent_while_the_session_runs_and_the_end_of_the_day_tells(school):
    roll_calls.begin(session=school.session, by=school.actor("duty_leader"))
    assert recount_when_due(school.term)
    assert not recount_when_due(school.term)
    assert not Flag.objects.exists()
    with clock.frozen(EVENING):
        assert recount_when_due(school.term)
        assert not recount_when_due(school.term)
    assert Flag.objects.get().rule.kind == RuleKind.ABSENT


def test_leave_granted_afterwards_closes_the_flag(school):
    flag = absent(school)
    with clock.frozen(EVENING):
        ask_leave(
            term=school.term,
            teacher=school.teacher,
            kind=TeacherLeaveKind.SICK,
            first_day=TODAY,
            last_day=TODAY,
            by=school.actor("grade_leader"),
        )
    flag.refresh_from_db()
    assert flag.state == FlagState.CLOSED


def test_a_stand_in_takes_the_turn_over_and_the_flag_with_it(school):
    make_teacher(40, "代课老师", Role.TEACHER, grade=1)
    roll_calls.begin(session=school.session, by=school.actor("duty_leader"))
    place_stand_in(
        duty=Duty.objects.get(session=school.session),
        teacher=school.other_teacher,
        reason="电话里说好",
        by=school.actor("office"),
    )
    with clock.frozen(EVENING):
        recount(school.term)
    assert Flag.objects.get().teacher == school.other_teacher


def test_a_check_that_sees_the_teacher_is_a_sign_in_and_one_that_sees_nobody_makes_a_flag(school):
    row = staff_checks.check(session=school.session, there=True, by=school.actor("duty_leader"))
    assert (row.teacher, row.nobody, SignIn.objects.get().source) == (school.teacher, False, "check")
    with clock.frozen(NOW + timedelta(minutes=20)):
        staff_checks.check(session=school.session, there=False, note="教室里只有孩子", by=school.actor("duty_leader"))
    assert StaffCheck.objects.filter(nobody=True).count() == 1
    flag = Flag.objects.get()
    assert flag.rule.kind == RuleKind.LEFT


def test_a_check_is_of_today_of_others_and_by_leaders(school):
    leader = school.actor("duty_leader")
    yesterday = turn(school, TODAY - timedelta(days=1))
    for values, code in [
        ({"session": yesterday.session, "there": True}, "not_now"),
        ({"session": school.session, "there": True, "held_by": school.other_teacher}, "held_by_own"),
        ({"session": school.session, "there": False, "held_by": school.teacher}, "held_by_own"),
    ]:
        with pytest.raises(Refused) as refused:
            staff_checks.check(**values, by=leader)
        assert refused.value.code == code
    for who in ("teacher", "head_teacher", "gatekeeper"):
        with pytest.raises(PermissionDenied):
            staff_checks.check(session=school.session, there=True, by=school.actor(who))
    Duty.objects.filter(session=school.session).update(teacher=school.duty_leader)
    with pytest.raises(Refused) as refused:
        staff_checks.check(session=school.session, there=True, by=leader)
    assert refused.value.code == "own"


def test_a_person_decides_with_a_reason_and_only_truancy_can_be_grave(school):
    flag = absent(school)
    for values, code in [({"reason": ""}, "reason_missing"), ({"downgrades": True}, "not_grave")]:
        given = {"verdict": Verdict.EXCUSED, "reason": "送孩子就医", **values}
        with pytest.raises(Refused) as refused:
            decisions.decide(flag=flag, by=school.actor("office"), **given)
        assert refused.value.code == code
    made = decide(school, flag, downgrades=True)
    assert (made.verdict, made.downgrades, flag.state) == (Verdict.TRUANT, True, FlagState.DECIDED)
    with pytest.raises(Refused):
        decide(school, flag)


def test_neither_the_teacher_nor_who_made_the_record_decides(school):
    flag = absent(school)
    with clock.frozen(EVENING):
        staff_checks.check(session=school.session, there=False, by=school.actor("office"))
    with pytest.raises(PermissionDenied):
        decide(school, flag)
    Flag.objects.filter(pk=flag.pk).update(teacher=school.office)
    StaffCheck.objects.all().delete()
    with pytest.raises(PermissionDenied):
        decide(school, Flag.objects.get())
    with pytest.raises(PermissionDenied):
        decide(school, flag, by="duty_leader")


def test_the_teacher_answers_and_appeals_once_and_another_person_decides(school):
    flag = absent(school)
    me = school.actor("teacher")
    decisions.answer(flag=flag, text="送急诊，没有来得及请假", by=me)
    with pytest.raises(Refused):
        decisions.appeal(flag=flag, text="x", by=me)
    decide(school, flag)
    flag = Flag.objects.get()
    decisions.appeal(flag=flag, text="附上病历", by=me)
    assert undecided(school.term).count() == 1
    flag = Flag.objects.get()
    assert stage_of(flag) == Stage.APPEALED
    with pytest.raises(PermissionDenied):
        decide(school, flag, Verdict.EXCUSED)
    made = decide(school, flag, Verdict.EXCUSED, by="leading_group")
    assert made.on_appeal
    flag = Flag.objects.get()
    assert (stage_of(flag), flag.decisions.count(), undecided(school.term).count()) == (Stage.FINAL, 2, 0)
    with pytest.raises(Refused):
        decisions.appeal(flag=flag, text="再看一次", by=me)


def test_what_was_decided_waits_for_a_second_look_when_its_records_change(school):
    flag = absent(school)
    decide(school, flag)
    duty = Duty.objects.get(session=school.session)
    with clock.frozen(EVENING):
        sign_ins.enter(duty=duty, at=START, reason="记错了", by=school.actor("office"))
    flag = Flag.objects.get()
    assert flag.state == FlagState.REVIEW
    make = make_teacher(41, "另一位干事", Role.ADMINISTRATOR)  # who entered the sign-in has made a record
    other = school.actor("office").__class__(user=make.user, teacher=make, roles=frozenset({Role.ADMINISTRATOR}))
    decisions.drop(flag=flag, reason="当时在班", by=other)
    assert (Flag.objects.get().state, stage_of(Flag.objects.get())) == (FlagState.CLOSED, Stage.DROPPED)
    SignIn.objects.all().delete()
    with clock.frozen(EVENING):
        recount(school.term)
    flag = Flag.objects.get()
    assert flag.state == FlagState.REVIEW
    with pytest.raises(Refused) as refused:
        decisions.drop(flag=flag, reason="x", by=other)
    assert refused.value.code == "still_holds"
    decisions.keep(flag=flag, reason="仍是缺席", by=other)
    assert stage_of(Flag.objects.get()) == Stage.DECIDED


def test_the_figures_of_a_term_for_statements(school):
    late_thrice(school)
    absent_flag_day = TODAY
    with clock.frozen(START):
        roll_calls.begin(session=school.session, by=school.actor("duty_leader"))
    with clock.frozen(EVENING):
        recount(school.term)
        (one,) = attendance_of(school.term, TODAY - timedelta(days=30), absent_flag_day)
    assert (one.held, one.late, one.absent, one.left, one.stand_ins) == (4, 3, 1, 0, 0)
    assert {flag.rule.kind for flag in one.flags} == {RuleKind.LATE_OFTEN, RuleKind.ABSENT}


def test_a_turn_says_what_its_records_show(school):
    duties = late_thrice(school)
    with clock.frozen(EVENING):
        lines = {line.duty.pk: line for line in lines_of(school.term, [school.teacher.pk])}
        assert (lines[duties[0].pk].first_seen, lines[duties[0].pk].states) == ("15:20", [("late", "迟到 5 分钟")])
        assert lines[Duty.objects.get(session=school.session).pk].states == [("none", "没有任何记录")]


@pytest.mark.parametrize("here", Stage)
@pytest.mark.parametrize("move", Move)
def test_every_move_of_every_stage_is_in_the_table_or_refused(here, move):
    found = step(here, move)
    assert (found is not None) == ((here, move) in TABLE)
    for who in Who:
        assert (move in moves(here, {who})) == (found is not None and found.who == who)


def test_a_stage_follows_from_state_decisions_and_appeals():
    assert stage(FlagState.DECIDED) == Stage.DECIDED
    assert stage(FlagState.DECIDED, appealed=True) == Stage.APPEALED
    assert stage(FlagState.DECIDED, appealed=True, settled=True) == Stage.FINAL
    assert stage(FlagState.CLOSED, decided=True) == Stage.DROPPED
    assert {stage(state) for state in FlagState} == {Stage.OPEN, Stage.DECIDED, Stage.CLOSED, Stage.REVIEW}


def test_the_own_flag_is_never_judged_by_oneself(school):
    flag = absent(school)
    assert who_of(school.actor("teacher"), flag) == {Who.TEACHER}
    assert who_of(school.actor("grade_leader"), flag) == frozenset()
