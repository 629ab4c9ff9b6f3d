"""Reminding of a roll that nobody has taken: the teacher and who leads the grade, once for each session."""

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Message, Session, StaffRole, Term
from afterschool.support import clock
from attendance.queries.roll_board import overdue
from scheduling.models import Duty

NOT_TAKEN = "roll_call.not_taken"


@transaction.atomic
def remind_of_rolls(term: Term, by: Actor) -> int:
    """Tell of the sessions whose roll is overdue by the minutes that the school set; return how many. Called by the tick.

    The teacher on duty and the grade's leader are told; where nobody leads the grade (clubs), the duty leaders.
    """
    sessions = overdue(term, clock.now())
    urls = {session.pk: reverse("attendance:roll-call", args=[session.pk]) for session in sessions}
    told = set(Message.objects.filter(kind=NOT_TAKEN, url__in=urls.values()).values_list("url", flat=True))
    sessions = [session for session in sessions if urls[session.pk] not in told]
    if not sessions:
        return 0
    teachers = dict(Duty.objects.filter(session__in=sessions, active=True).values_list("session", "teacher__user"))
    leaders: dict[int | None, set[int]] = {}
    roles = StaffRole.objects.filter(
        role__in=[Role.GRADE_LEADER, Role.DUTY_LEADER], teacher__active=True, teacher__user__isnull=False
    )
    for role, grade, user in roles.values_list("role", "grade", "teacher__user"):
        leaders.setdefault(grade if role == Role.GRADE_LEADER else None, set()).add(user)
    tell_many((_note(session, teachers.get(session.pk), leaders, urls[session.pk]) for session in sessions), by=by)
    return len(sessions)


def _note(session: Session, teacher: int | None, leaders: dict[int | None, set[int]], url: str) -> Note:
    people = leaders.get(session.group.grade) or leaders.get(None, set())
    return Note(
        sorted(people | ({teacher} if teacher else set())),
        "roll_call.not_taken",
        f"{session.group.name} {session.starts_at:%H:%M} 开始，还没点名",
        term_id=session.term_id,
        body="请马上点名。网络或电脑有问题，用纸质点名册，之后补录。",
        url=url,
    )
