"""Whose code of the day it is, and which of that guardian's children are still here."""

from dataclasses import dataclass
from datetime import date

from afterschool.school.access import Actor
from afterschool.school.models import Guardian, Guardianship, Student
from attendance import gate_code
from attendance.enums import IN_CARE
from attendance.models import ChildDay
from attendance.queries.custody import still_here
from attendance.queries.gate import with_words


@dataclass(frozen=True)
class Family:
    """A guardian who shows a code, and the children still here that this person may see."""

    guardian: Guardian | None
    here: list[ChildDay]


def guardian_of(typed: str, day: date) -> int | None:
    """Return whose six characters these are, among guardians with a child of that day; None for nobody or two of them."""
    here = ChildDay.objects.filter(date=day, state__in=IN_CARE).order_by().values("student")
    links = Guardianship.objects.filter(student__in=here, banned=False).order_by()
    found = [pk for pk in links.values_list("guardian_id", flat=True).distinct() if gate_code.short(pk, day) == typed]
    return found[0] if len(found) == 1 else None


def family(actor: Actor, guardian_id: int, day: date) -> Family:
    """Return the guardian and the children still here: two queries. A child this person is banned for is left out."""
    mine = Guardianship.objects.filter(guardian=guardian_id, banned=False).order_by().values("student")
    here = with_words(still_here(actor, day).filter(student__in=mine))
    return Family(Guardian.objects.filter(pk=guardian_id).first(), list(here))


def children_of(guardian: Guardian) -> list[tuple[Student, bool]]:
    """Return the children that a guardian's code asks for, with whether the guardian may fetch them: one query."""
    links = Guardianship.objects.filter(guardian=guardian, banned=False).select_related("student__school_class")
    return [(link.student, link.may_fetch) for link in links.order_by("student__school_class__grade", "student__pk")]
