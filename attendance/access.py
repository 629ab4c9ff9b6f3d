"""Who may do what with roll calls and leave, as named questions."""

from django.db.models import Q

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Session, Student

CHECKERS = (Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)  # look into sessions, write down what they see
WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP)
VISITOR_DESK = (Role.GATEKEEPER, Role.DUTY_LEADER)  # who registers outside persons
ROOM_CHECKERS = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.SERVICE_CENTRE, Role.GRADE_LEADER)
ROOM_READERS = (*ROOM_CHECKERS, Role.LEADING_GROUP)
ARRANGERS = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.SERVICE_CENTRE)  # who says who repairs, and until when
KEEPERS = (Role.ADMINISTRATOR, Role.SERVICE_CENTRE)  # who may write down a repair done by somebody from outside
VISITOR_READERS = (*VISITOR_DESK, Role.LEADING_GROUP, Role.ADMINISTRATOR)


def roll_call_scope(actor: Actor) -> Q:
    """Return which sessions' roll calls exist for this person: own duties, the own grade, or all of them."""
    if actor.has(*WHOLE_SCHOOL):
        return Q()
    mine = Q(pk__in=[])
    if actor.teacher is not None:
        mine |= Q(duties__teacher=actor.teacher, duties__active=True)
    if actor.grades:
        mine |= Q(group__grade__in=actor.grades)
    return mine


def may_call_roll(actor: Actor, session: Session, duty_teacher_id: int | None) -> bool:
    """Tell whether the person may open and change this roll call; the leading group only looks."""
    if actor.has(Role.ADMINISTRATOR, Role.DUTY_LEADER) or session.group.grade in actor.grades:
        return True
    return actor.teacher is not None and actor.teacher.pk == duty_teacher_id


def may_speak_for(actor: Actor, student: Student) -> bool:
    """Tell whether the person may record leave for this child: an acting guardian, its head teacher, the office."""
    if actor.is_office or student.school_class_id in actor.class_ids:
        return True
    return acts_for(actor, student)


def acts_for(actor: Actor, student: Student) -> bool:
    """Tell whether the person is a guardian who acts for this child."""
    return (
        actor.guardian is not None
        and Guardianship.objects.filter(guardian=actor.guardian, student=student, acts=True).exists()
    )
