"""Scheduling's part of erasure: notes and what a parent offered go; places, tickets and wishes stay, without a name."""

from afterschool.school.models import Guardian, Guardianship
from afterschool.school.privacy import Scope, within
from scheduling.models import ClubPlace, Volunteer, WishSheet


def erase(scope: Scope) -> None:
    """Blank the words of a child's club places, or of a term's."""
    if "term" in scope:
        ClubPlace.objects.filter(**within("club", scope)).update(note="")
        WishSheet.objects.filter(**within("round", scope)).update(guardian=None)
        Volunteer.objects.filter(**scope).update(about="", reason="")
        return
    ClubPlace.objects.filter(**scope).update(note="")
    WishSheet.objects.filter(**scope).update(guardian=None)
    others = Guardianship.objects.exclude(student=scope["student"]).values("guardian")
    sole = Guardian.objects.filter(links__student=scope["student"]).exclude(pk__in=others)
    Volunteer.objects.filter(guardian__in=sole).update(about="", reason="")
