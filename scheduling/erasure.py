"""Scheduling's part of erasure: notes and what a parent offered go; places, tickets and wishes stay, without a name."""

from afterschool.school.models import Group, Guardian, Guardianship
from afterschool.school.privacy import Scope, blank, within
from scheduling.models import (
    ClubPlace,
    Duty,
    PatrolChange,
    RotaPerson,
    RotaTurn,
    Substitution,
    Task,
    TeacherLeave,
    TrainingPerson,
    Volunteer,
    WishSheet,
)


def erase(scope: Scope) -> None:
    """Blank the words of a child's club places, or of a term's."""
    if "term" in scope:
        _erase_of_term(scope)
        return
    ClubPlace.objects.filter(**scope).update(note="")
    WishSheet.objects.filter(**scope).update(guardian=None)
    others = Guardianship.objects.exclude(student=scope["student"]).values("guardian")
    sole = Guardian.objects.filter(links__student=scope["student"]).exclude(pk__in=others)
    TrainingPerson.objects.filter(volunteer__guardian__in=sole).update(note="")
    Volunteer.objects.filter(guardian__in=sole).update(about="", reason="")


def _erase_of_term(scope: Scope) -> None:
    ClubPlace.objects.filter(**within("club", scope)).update(note="")
    WishSheet.objects.filter(**within("round", scope)).update(guardian=None)
    Volunteer.objects.filter(**scope).update(about="", reason="")
    TrainingPerson.objects.filter(**within("training", scope)).update(note="")
    for table in (TeacherLeave, Substitution):
        blank(table.objects.filter(**scope), "reason", "answer")
    blank(PatrolChange.objects.filter(**within("turn", scope)), "reason")
    blank(Duty.objects.filter(**within("session", scope)), "reason")
    blank(RotaTurn.objects.filter(**within("rota", scope)), "reason")
    blank(Group.objects.filter(**scope), "reason")
    RotaPerson.objects.filter(**scope).update(note="")
    Task.objects.filter(**scope).update(note="")
