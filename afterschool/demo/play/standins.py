"""Leave, stand-ins and a swap of the demo week; the patrol rota as the plan has it: Monday to Thursday, Friday open."""

from datetime import date, datetime, timedelta

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import Role
from afterschool.school.models import Teacher, Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions import standins
from scheduling.actions.patrol import set_day
from scheduling.actions.teacher_leave import ask_leave
from scheduling.enums import PatrolPost, TeacherLeaveKind
from scheduling.models import Duty, Substitution
from scheduling.queries.candidates import candidates_for, exchanges_for, facts_for
from scheduling.queries.standins import RELATED

PATROL_DAY = datetime(2026, 9, 5, 9, 30, tzinfo=SHANGHAI)
MORNING = datetime(2026, 9, 21, 8, 10, tzinfo=SHANGHAI)
SERVED = "1234"
PEOPLE = ("teacher__user", "session__group", "session__room", "session__term")


def play_patrol(term: Term, office: Actor) -> None:
    """Give both posts of Monday to Thursday to the leaders of the register, in turn."""
    heads = list(
        Teacher.objects.filter(roles__role=Role.LEADING_GROUP, active=True).order_by("staff_number").distinct()
    )
    duty = Teacher.objects.filter(roles__role=Role.DUTY_LEADER, active=True).order_by("staff_number").distinct()
    admins = [one for one in duty if one not in heads] or list(duty)
    with clock.frozen(PATROL_DAY):
        for number, weekday in enumerate(SERVED):
            leader = heads[number % len(heads)] if heads else None
            admin = next((one for one in admins[number % len(admins) :] + admins if one != leader), None)
            people = {PatrolPost.LEADER: [leader] if leader else [], PatrolPost.ADMIN: [admin] if admin else []}
            set_day(term=term, weekday=int(weekday), people=people, by=office)


def play(term: Term, office: Actor, today: date, teacher: Teacher, leader: Teacher) -> None:
    """This morning, in the grade of `leader`: a leave with a confirmed stand-in, one to decide, a swap this week.

    And a request that waits for `teacher`.
    """
    led = leader.roles.filter(role=Role.GRADE_LEADER).values_list("grade", flat=True).first()
    with clock.frozen(MORNING):
        used = {teacher.pk, leader.pk}
        used |= _stand_in_today(term, office, today, used, led)
        used |= _swap(office, today, used, led)
        used |= _leave_to_decide(term, today, used, led)
        _request(office, today, teacher, used)


def _duties(days: list[date], without: set[int], grade: int | None = None) -> list[Duty]:
    rows = Duty.objects.filter(active=True, session__date__in=days, session__group__grade__isnull=False)
    rows = rows.exclude(teacher__in=without).exclude(teacher__user=None).select_related(*PEOPLE)
    found = rows.order_by("session__date", "session__group__grade", "session__group__order")
    return sorted(found, key=lambda duty: grade is not None and duty.session.group.grade != grade)


def _stand_in_today(term: Term, office: Actor, today: date, without: set[int], grade: int | None) -> set[int]:
    for duty in _duties([today], without, grade):
        free = [
            c.teacher for c in candidates_for(duty, facts_for([duty.session])) if c.own and c.teacher.pk not in without
        ]
        if free:
            days = {"first_day": today, "last_day": today}
            ask_leave(
                term=term, teacher=duty.teacher, kind=TeacherLeaveKind.SICK, reason="发烧，去医院", by=office, **days
            )
            standins.place_stand_in(duty=duty, teacher=free[0], reason="早上电话里说好", by=office)
            return {duty.teacher_id, free[0].pk}
    return set()


def _leave_to_decide(term: Term, today: date, without: set[int], grade: int | None) -> set[int]:
    day = today + timedelta(days=3)
    for duty in _duties([day], without, grade)[:1]:
        user = User.objects.select_related("teacher", "guardian").get(teacher=duty.teacher)
        days = {"first_day": day, "last_day": day}
        ask_leave(
            term=term,
            teacher=duty.teacher,
            kind=TeacherLeaveKind.OFFICIAL,
            reason="区里教研活动",
            by=actor_for(user),
            **days,
        )
        return {duty.teacher_id}
    return set()


def _swap(office: Actor, today: date, without: set[int], grade: int | None) -> set[int]:
    days = [today + timedelta(days=n) for n in (1, 2, 3)]
    for duty in _duties(days, without, grade):
        for found in exchanges_for(duty, days=3):
            back = found.duty
            if back.teacher_id in without or back.session.date in {today, duty.session.date}:
                continue
            one = standins.ask_swap(duty=duty, back=back, reason="当天下午要家访", by=office)
            full = Substitution.objects.select_related(*RELATED).get(pk=one.pk)
            standins.place(one=full, reason="两位当面说好", by=office)
            return {duty.teacher_id, back.teacher_id}
    return set()


def _request(office: Actor, today: date, teacher: Teacher, without: set[int]) -> None:
    for duty in _duties([today + timedelta(days=n) for n in (1, 2, 3, 4)], without):
        if duty.session.group.grade != teacher.grade:
            continue
        free = candidates_for(duty, facts_for([duty.session]))
        if teacher.pk in {c.teacher.pk for c in free}:
            standins.ask_stand_ins(duty=duty, teachers=[teacher], reason="下午外出听课", by=office)
            return
