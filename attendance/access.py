"""Who may do what with roll calls and leave, as named questions."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState
from afterschool.school.models import Group, Guardianship, Session, Student
from afterschool.support import clock
from attendance.enums import IN_CARE
from attendance.models import ChildDay
from scheduling.models import Club, ClubShare, Duty

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


def may_record(actor: Actor, student: Student) -> bool:
    """Tell whether the person may record a slip or a call for this child on any day: its head teacher, the office."""
    return actor.is_office or student.school_class_id in actor.class_ids


def may_speak_for(actor: Actor, student: Student) -> bool:
    """Tell whether the person may record leave for this child: an acting guardian, its head teacher, the office."""
    return may_record(actor, student) or acts_for(actor, student)


def acts_for(actor: Actor, student: Student) -> bool:
    """Tell whether the person is a guardian who acts for this child."""
    return (
        actor.guardian is not None
        and Guardianship.objects.filter(guardian=actor.guardian, student=student, acts=True).exists()
    )


def plan_scope(actor: Actor, monday: date) -> Q:
    """Return whose plans of a week exist for this person: groups of own duties, own clubs, the own grade, or all of them."""
    if actor.has(*WHOLE_SCHOOL):
        return Q()
    mine = check_scope(actor)
    if actor.teacher is not None:
        mine |= Q(pk__in=groups_on_duty(actor, monday)) | _own_clubs(actor)
    return mine


def groups_on_duty(actor: Actor, monday: date) -> QuerySet[Session, int]:
    """Return the groups in which the person has a turn in that week: who has one writes the plan."""
    week = Session.objects.filter(date__range=(monday, monday + timedelta(days=6)), state=SessionState.PLANNED)
    return week.filter(duties__teacher=actor.teacher, duties__active=True).values_list("group", flat=True)


def _own_clubs(actor: Actor) -> Q:
    return Q(club__teacher=actor.teacher) | Q(
        pk__in=Club.objects.filter(helpers__teacher=actor.teacher).values("group")
    )


def check_scope(actor: Actor) -> Q:
    """Return whose plans a person looks through: the groups of the grades led, the clubs that take children of them; or all."""
    if actor.is_office:
        return Q()
    if not actor.grades:
        return Q(pk__in=[])
    clubs = ClubShare.objects.filter(Q(grade__in=actor.grades) | Q(school_class__grade__in=actor.grades))
    return Q(grade__in=actor.grades) | Q(pk__in=clubs.values("club__group"))


def may_write_plan(actor: Actor, group: Group, monday: date) -> bool:
    """Tell whether the person writes this group's plan: a turn in that week, or the own club."""
    if actor.teacher is None:
        return False
    mine = Q(pk__in=groups_on_duty(actor, monday)) | _own_clubs(actor)
    return Group.objects.filter(mine, pk=group.pk).exists()


def may_check_plan(actor: Actor, group: Group) -> bool:
    """Tell whether the person looks through this group's plans: its grade leader, a leader of a club's grades, the office."""
    return Group.objects.filter(check_scope(actor), pk=group.pk).exists()


def note_scope(actor: Actor) -> Q:
    """Return which sessions' notes about children exist for this person: own turns; all for the office."""
    if actor.is_office:
        return Q()
    if actor.teacher is None:
        return Q(pk__in=[])
    return Q(duties__teacher=actor.teacher, duties__active=True)


def in_charge(actor: Actor, today: date | None = None) -> Q:
    """Return which children of a day this person is in charge of now: only then are the guardians' phones shown.

    The holder; who is on duty today at the child's group or club; its head teacher; duty leader and office; gate and late
    care while the child is here. A grade leader or the leading group is not, unless one of these. A prepared question says
    which day is today.
    """
    if actor.has(Role.ADMINISTRATOR, Role.DUTY_LEADER):
        return Q()
    day = today or clock.today()
    mine = Q(pk__in=())
    if actor.class_ids:
        mine |= Q(student__school_class__pk__in=actor.class_ids)
    if actor.teacher is not None:
        on_duty = Duty.objects.filter(teacher=actor.teacher, active=True).values("session_id")
        mine |= Q(holder=actor.teacher) | Q(date=day) & (Q(session__in=on_duty) | Q(at_session__in=on_duty))
    if actor.has(Role.GATEKEEPER, Role.SERVICE_CENTRE):
        mine |= Q(date=day, state__in=IN_CARE)
    return mine


def is_in_charge(actor: Actor, child_day: ChildDay) -> bool:
    """Tell whether this person is in charge of a child now."""
    return ChildDay.objects.filter(in_charge(actor), pk=child_day.pk).exists()


def may_search(actor: Actor, child_day: ChildDay) -> bool:
    """Tell whether this person speaks for the search of a missing child: who is in charge of it."""
    return actor.teacher is not None and is_in_charge(actor, child_day)
