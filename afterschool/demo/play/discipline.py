"""Teachers' attendance of the demo's first two weeks: one late three times in a week, two who did not come, a breach."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from afterschool.demo.play.custody import People
from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from attendance.actions import breaches, flag_decisions, staff_checks
from attendance.actions.flags import recount
from attendance.defaults import install_attendance_rules
from attendance.enums import BreachKind, FlagState, RuleKind, Verdict
from attendance.models import Flag
from scheduling.models import Duty

OFTEN = 3
LOOKED_INTO = 5
EVENING = time(19, 10)


@dataclass(frozen=True)
class Cases:
    """The sessions whose teacher comes late, and those whose teacher does not come at all."""

    late: frozenset[int]
    away: frozenset[int]


def choose(term: Term, today: date, keep: Teacher) -> Cases:
    """Choose who comes late and who stays away before `today`; never the teacher whom a visitor can be."""
    rows = Duty.objects.filter(
        active=True,
        session__term=term,
        session__date__lt=today,
        session__state=SessionState.PLANNED,
        session__group__kind__in=SERVICE_GROUPS,
        teacher__user__isnull=False,
    ).exclude(teacher=keep)
    weeks: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for teacher, session, day in rows.order_by("pk").values_list("teacher", "session", "session__date"):
        weeks[teacher, day.isocalendar().week].setdefault(day, session)
    often = next((key for key, days in sorted(weeks.items()) if len(days) >= OFTEN), None)
    late = list(weeks[often].values())[:OFTEN] if often else []
    others = [days for key, days in sorted(weeks.items()) if often is None or key[0] != often[0]]
    first, last = min(others, key=min, default={}), max(others, key=max, default={})
    away = [days[max(days)] for days in (first, last) if days]
    return Cases(frozenset(late), frozenset(away))


def play(term: Term, office: Actor, now: datetime, people: People) -> None:
    """Count the weeks as they ended, let people answer and decide, record a breach, and look into rooms today."""
    install_attendance_rules(term)
    monday = now.date() - timedelta(days=now.weekday())
    for back in (10, 3):  # the Fridays
        with clock.frozen(clock.at(monday - timedelta(days=back), EVENING)):
            recount(term)
    _answers(term, office, now, people)
    leader = people.with_role(Role.DUTY_LEADER)
    if leader is not None:
        _breach(term, now, leader)
        _look(term, now, leader)


def _answers(term: Term, office: Actor, now: datetime, people: People) -> None:
    """The first absence is answered and decided; who was late often has answered and waits."""
    rows = Flag.objects.filter(term=term, state=FlagState.OPEN).select_related("rule", "teacher__user", "term")
    often = rows.filter(rule__kind=RuleKind.LATE_OFTEN).first()
    absent = rows.filter(rule__kind=RuleKind.ABSENT).order_by("first_day", "pk").first()
    with clock.frozen(now - timedelta(days=3, hours=7)):
        for flag, text in [
            (absent, "那天家里老人急诊，没来得及请假。"),
            (often, "那几天接孩子放学，路上堵车，以后提前到。"),
        ]:
            by = people.teacher(flag.teacher_id) if flag else None
            if flag is not None and by is not None:
                flag_decisions.answer(flag=flag, text=text, by=by)
    if absent is not None:
        with clock.frozen(now - timedelta(hours=6)):
            reason = "急诊情况属实，但没有打电话请假，也没有补办手续。"
            decided = Flag.objects.select_related("rule", "teacher__user", "term").get(pk=absent.pk)
            flag_decisions.decide(flag=decided, verdict=Verdict.TRUANT, reason=reason, by=office)


def _breach(term: Term, now: datetime, leader: Actor) -> None:
    moment = clock.at(now.date() - timedelta(days=3), time(16, 20))
    rows = Duty.objects.filter(active=True, session__term=term, session__date=moment.date())
    running = rows.filter(session__starts_at__lt=moment.time(), session__ends_at__gt=moment.time())
    duty = running.exclude(teacher=leader.teacher).select_related("teacher", "session__room").order_by("pk").last()
    if duty is None:
        return
    seen = breaches.Seen(
        duty.teacher,
        BreachKind.PHONE,
        moment,
        str(duty.session.room or "教室"),
        "低头看手机约五分钟，孩子在自己写作业。",
    )
    with clock.frozen(moment + timedelta(minutes=6)):
        breaches.write_down(term=term, seen=seen, by=leader)


def _look(term: Term, now: datetime, leader: Actor) -> None:
    """The duty leader has begun to walk past the rooms."""
    begun = Session.objects.filter(
        term=term, date=now.date(), state=SessionState.PLANNED, roll_call__isnull=False
    ).select_related("term")
    for number, session in enumerate(begun.order_by("room__name", "pk")[:LOOKED_INTO]):
        with clock.frozen(now - timedelta(minutes=2 * (LOOKED_INTO - number))):
            staff_checks.check(session=session, there=True, by=leader)
