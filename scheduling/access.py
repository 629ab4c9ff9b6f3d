"""Who may do what with timetables, the calendar, the rota, clubs, leave and stand-ins, as named questions."""

from collections.abc import Iterable

from django.db.models import Q

from afterschool.school.access import Actor
from afterschool.school.models import Teacher
from scheduling.club_workflow import Who as ClubWho
from scheduling.models import Club, Substitution, TeacherLeave
from scheduling.substituting import Who


def may_arrange(actor: Actor) -> bool:
    """Tell whether this person arranges the service: the office, or the portal itself."""
    return actor.is_office or actor.is_system


def leads(actor: Actor, grades: Iterable[int | None]) -> bool:
    """Tell whether this person leads all these grades; what belongs to no grade (a club) is the office's."""
    found = set(grades)
    return bool(found) and found <= actor.grades


def who_of(actor: Actor, *, owner_id: int, other_id: int | None, grades: Iterable[int | None]) -> frozenset[Who]:
    """Return what this person is to a stand-in or swap: its owner, the other, who leads the grades, the office."""
    mine = actor.teacher.pk if actor.teacher else None
    found = {
        Who.OWNER: mine == owner_id,
        Who.OTHER: mine is not None and mine == other_id,
        Who.LEADER: leads(actor, grades),
        Who.OFFICE: may_arrange(actor),
    }
    return frozenset(who for who, is_so in found.items() if is_so)


def who_of_substitution(actor: Actor, one: Substitution) -> frozenset[Who]:
    """Return what this person is to one request."""
    grades = [duty.session.group.grade for duty in one.duties]
    return who_of(actor, owner_id=one.duty.teacher_id, other_id=one.teacher_id, grades=grades)


def may_decide_leave(actor: Actor, leave: TeacherLeave) -> bool:
    """Tell whether this person decides a teacher's leave: who leads the teacher's grade, never the own; or the office."""
    if may_arrange(actor):
        return True
    return leads(actor, [leave.teacher.grade]) and (actor.teacher is None or actor.teacher.pk != leave.teacher_id)


def may_record_leave(actor: Actor, teacher: Teacher) -> bool:
    """Tell whether this person writes a leave for a teacher: the own, the own grade's, or the office."""
    own = actor.teacher is not None and actor.teacher.pk == teacher.pk
    return own or may_arrange(actor) or leads(actor, [teacher.grade])


def leave_scope(actor: Actor) -> Q:
    """Return whose leave exists for this person: the own, the own grades', or all for the office."""
    if actor.is_office:
        return Q()
    mine = Q(teacher=actor.teacher) if actor.teacher else Q(pk__in=[])
    return mine | Q(teacher__grade__in=actor.grades)


def substitution_scope(actor: Actor) -> Q:
    """Return which stand-ins and swaps exist for this person: the own on either side, those of the own grades, or all."""
    if actor.is_office:
        return Q()
    mine = Q(duty__teacher=actor.teacher) | Q(teacher=actor.teacher) if actor.teacher else Q(pk__in=[])
    return mine | Q(duty__session__group__grade__in=actor.grades) | Q(back__session__group__grade__in=actor.grades)


def duty_scope(actor: Actor) -> Q:
    """Return for which duties this person may ask somebody: the own, those of the own grades, or all for the office."""
    if actor.is_office:
        return Q()
    mine = Q(teacher=actor.teacher) if actor.teacher else Q(pk__in=[])
    return mine | Q(session__group__grade__in=actor.grades)


def club_roles(actor: Actor, club: Club) -> frozenset[ClubWho]:
    """Say what a person is to a club: its teacher, who proposed it, the office."""
    found = set()
    if may_arrange(actor):
        found.add(ClubWho.OFFICE)
    if actor.teacher is not None and actor.teacher.pk == club.teacher_id:
        found.add(ClubWho.TEACHER)
    if actor.is_staff and actor.user_id is not None and actor.user_id == club.proposed_by_id:
        found.add(ClubWho.PROPOSER)
    return frozenset(found)
