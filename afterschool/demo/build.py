"""The demo school, built through the same import and the same actions that a real school uses.

Each part plays its stretch of the term with the school's clock held at the time it would have happened; the last part
leaves the school in the middle of the afternoon of `DEMO_DAY`.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, time

from afterschool.demo.play import (
    accounts,
    amendments,
    choosing,
    clubs,
    custody,
    discipline,
    enrollment,
    evaluation,
    feedback,
    fees,
    figures,
    gate,
    grouping,
    handing,
    incidents,
    letters,
    patrol,
    plans,
    roll_calls,
    roster,
    safety,
    scheduling,
    standins,
    surveys,
    training,
    words,
    work,
)
from afterschool.demo.play.agreements import play_publication
from afterschool.school.access import Actor, actor_for
from afterschool.school.actions.school import open_school
from afterschool.school.enums import SERVICE_GROUPS, DayKind, Role
from afterschool.school.models import SchoolClass, SchoolDay, Session, Teacher, Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.models import Duty

SEED = 20260901
DEMO_DAY = date(2026, 9, 21)
DEMO_NOW = datetime(2026, 9, 21, 16, 5, tzinfo=SHANGHAI)
PREPARED = datetime(2026, 8, 28, 9, 0, tzinfo=SHANGHAI)
BOUND = datetime(2026, 8, 31, 15, 0, tzinfo=SHANGHAI)
PUBLISHED = datetime(2026, 9, 5, 11, 0, tzinfo=SHANGHAI)
NOT_YET_CALLED = 3  # roll calls of today that a visitor finds still to be taken

Say = Callable[[str], None]
Logins = list[tuple[str, str, str]]  # role, login, password


def build(*, public_url: str, office_login: tuple[str, str, str], say: Say) -> Logins:
    """Play the school up to 16:05 of the demo day. Return (role, login, password) of one person per role."""
    # One record at the machine's own time would be the newest, and the demo's clock would go on from there.
    with clock.frozen(DEMO_NOW):
        return _play(public_url, office_login, say)


def _play(public_url: str, office_login: tuple[str, str, str], say: Say) -> Logins:
    rng = random.Random(SEED)  # noqa: S311 (a play with a fixed outcome, no secret)
    with clock.frozen(PREPARED):
        say("名册")
        office = _first_office(public_url, office_login)
        roster.play(office)
        say("学期、课表、校历")
        term = scheduling.play_setup(office)
    fees.play_plan(term, office)
    with clock.frozen(BOUND):
        say("账号与绑定")
        logins = accounts.play(office, rng)
        accounts.bind_staff(office)
        accounts.bind_guardians(office, rng)
    say("告家长书")
    letters.play(term, office)
    play_publication(term, office)
    say("家长申请、班级审核、学校批准")
    enrollment.play(term, office, rng)
    with clock.frozen(PUBLISHED):
        logins = _head_teacher_with_work(logins, office)
    say("编班")
    grouping.play(term, office)
    say("值班表与场次")
    standins.play_patrol(term, office)
    scheduling.play_rota(term, office)
    incidents.play_plan(term, office)
    with clock.frozen(PUBLISHED):
        logins = _with_colleagues(_teacher_of_today(logins, office), office)
    say("社团")
    clubs.play(term, office, random.Random(SEED), DEMO_DAY)  # noqa: S311 (as above)
    say("选社团")
    choosing.play(term, office, random.Random(SEED), DEMO_DAY)  # noqa: S311 (as above)
    say("收费")
    fees.play(term, office)
    _play_days(term, office, rng, logins, say)
    say("变更申请")
    amendments.play(term, office, DEMO_NOW)
    say("评价")
    evaluation.play(term, office, rng)
    say("家长写来的话、问卷、走访")
    _play_what_families_say(term, office)
    say("双减数据和班级学生表")
    figures.play(term, office)
    say("培训和志愿者")
    training.play(term, office, DEMO_NOW, _teacher_login(logins))
    say("工作任务")
    work.play(term, office, DEMO_NOW)
    say("来访和安全检查")
    _play_looks(term)
    return logins


def _play_looks(term: Term) -> None:
    """Let the gate and those who look after places and rooms do their work up to now."""
    safety.play(term, DEMO_NOW)
    patrol.play(term, DEMO_NOW)


def _play_what_families_say(term: Term, office: Actor) -> None:
    feedback.play(term, office)
    surveys.play(term, office, random.Random(SEED))  # noqa: S311 (as above)


def _first_office(public_url: str, login: tuple[str, str, str]) -> Actor:
    number, name, password = login
    user = open_school(
        name="青禾路小学", public_url=public_url, number=number, person=name, password=password, demo=True
    )
    return actor_for(User.objects.select_related("teacher", "guardian").get(pk=user.pk))


def _head_teacher_with_work(logins: Logins, office: Actor) -> Logins:
    """Let the head teacher's login be somebody whose class still has an application to review."""
    waiting = Application.objects.filter(
        state=ApplicationState.SUBMITTED, student__school_class__head_teacher__isnull=False
    ).select_related("student__school_class__head_teacher__user")
    first = waiting.order_by("student__school_class__grade", "student__school_class__number").first()
    head = first.student.school_class.head_teacher if first and first.student.school_class else None
    if head is None:
        return logins
    mine = (Role.HEAD_TEACHER.label, accounts.claim_staff(head, office), accounts.PASSWORD)
    return [mine if login[0] == Role.HEAD_TEACHER.label else login for login in logins]


def _teacher_of_today(logins: Logins, office: Actor) -> Logins:
    """Let the teacher's login be somebody who has a group this afternoon, and whose roll call is due at 16:05."""
    heads = SchoolClass.objects.current().filter(head_teacher__isnull=False).values("head_teacher")
    duties = Duty.objects.filter(session__date=DEMO_DAY, active=True, session__starts_at__gte=time(15, 45))
    duty = duties.exclude(teacher__in=heads).exclude(teacher__roles__role=Role.GRADE_LEADER).order_by("session").first()
    if duty is None:
        return logins
    mine = (Role.TEACHER.label, accounts.claim_staff(duty.teacher, office), accounts.PASSWORD)
    return [mine if role == Role.TEACHER.label else (role, login, password) for role, login, password in logins]


def _with_colleagues(logins: Logins, office: Actor) -> Logins:
    """Add two teachers of the grade leader's grade with duties after the demo day: a stand-in is asked and answered by two."""
    number = next((login for role, login, _ in logins if role == Role.GRADE_LEADER.label), "")
    grade = Teacher.objects.filter(staff_number=number).values("grade")[:1]
    ahead = Duty.objects.filter(session__date__gt=DEMO_DAY, active=True).values("teacher")
    known = [login for _, login, _ in logins]
    found = Teacher.objects.filter(grade__in=grade, pk__in=ahead, classes__isnull=True).exclude(staff_number__in=known)
    people = found.order_by("staff_number")[:2]
    return [*logins, *(("同年级教师", accounts.claim_staff(one, office), accounts.PASSWORD) for one in people)]


def _play_days(term: Term, office: Actor, rng: random.Random, logins: Logins, say: Say) -> None:
    teacher = _teacher_login(logins)
    cases = discipline.choose(term, DEMO_DAY, teacher)
    people = custody.People()  # each looked up once for all days: nobody's roles change between them
    days = SchoolDay.objects.filter(
        term=term, kind=DayKind.SERVICE, date__gte=term.service_starts_on, date__lt=DEMO_DAY
    )
    for day in days.order_by("date").values_list("date", flat=True):
        say(f"服务日 {day.month}月{day.day}日")
        roll_calls.take_rolls(term, day, rng, people, cases=cases)
        if day == incidents.DRILL_DAY:
            incidents.play_drill(term, people)
        custody.finish_day(term, day, rng, people)
    say(f"今天 {DEMO_DAY.month}月{DEMO_DAY.day}日 16:05")
    leader = next(login for role, login, _ in logins if role == Role.GRADE_LEADER.label)
    standins.play(term, office, DEMO_DAY, teacher, Teacher.objects.get(staff_number=leader))
    left = _left_for_visitors(term, teacher)
    with_aunt = gate.name_aunt(term, DEMO_DAY, left)
    roll_calls.hand_in_slips(term, DEMO_DAY, rng, people)
    words.play(term, DEMO_DAY, people, opened=left)
    roll_calls.take_rolls(term, DEMO_DAY, rng, people, until=DEMO_NOW, leave_open=left, slips_in=True)
    gate.fetch_early(term, with_aunt, DEMO_DAY, people)
    head = next(login for role, login, _ in logins if role == Role.HEAD_TEACHER.label)
    handing.play(term, DEMO_NOW, people, Teacher.objects.get(staff_number=head))
    discipline.play(term, office, DEMO_NOW, people)
    say("周计划和当日记录")
    family = next(login for role, login, _ in logins if role == Role.PARENT.label)
    plans.play(term, office, DEMO_NOW, teacher, family)


def _teacher_login(logins: Logins) -> Teacher:
    """Return the after-school teacher whom a visitor can be."""
    return Teacher.objects.get(staff_number=next(login for role, login, _ in logins if role == Role.TEACHER.label))


def _left_for_visitors(term: Term, teacher: Teacher) -> list[int]:
    """Return the sessions of today whose roll a visitor finds still to be taken: the demo teacher's first."""
    sessions = Session.objects.filter(term=term, date=DEMO_DAY, duties__active=True, group__kind__in=SERVICE_GROUPS)
    own = list(sessions.filter(duties__teacher=teacher).values_list("pk", flat=True))
    later = (
        sessions.exclude(pk__in=own).order_by("-starts_at", "group__grade", "group__order").values_list("pk", flat=True)
    )
    return own + list(later[: NOT_YET_CALLED - len(own)])
