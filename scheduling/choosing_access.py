"""For whom a person may choose clubs, as named questions."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardianship, Student
from scheduling.choosing import Who


@dataclass(frozen=True)
class Choosers:
    """For which of some children a person may choose clubs: the own ones, those of the own class, or all (the office)."""

    own: frozenset[int]
    headed: frozenset[int]
    everybody: bool

    def covers(self, ids: Collection[int]) -> bool:
        """Tell whether the person may choose for all of these."""
        return self.everybody or set(ids) <= self.own | self.headed

    @property
    def who(self) -> frozenset[Who]:
        """Return as whom the person chooses."""
        found = {Who.FAMILY} if self.own else set()
        return frozenset(found | ({Who.HEAD} if self.headed or self.everybody else set()))


def choosers_of(actor: Actor, ids: Collection[int]) -> Choosers:
    """Return for which of these children this person may choose: two queries at most."""
    own: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()
    if actor.guardian is not None:
        links = Guardianship.objects.filter(guardian=actor.guardian, student__in=ids, acts=True)
        own = frozenset(links.order_by().values_list("student_id", flat=True))
    if actor.class_ids:
        pupils = Student.objects.filter(pk__in=ids, school_class__in=actor.class_ids)
        headed = frozenset(pupils.order_by().values_list("pk", flat=True))
    return Choosers(own, headed, actor.is_office or actor.is_system)


def children_for_clubs(actor: Actor) -> QuerySet[Student]:
    """Return the children for whom this person may choose clubs: own ones, those of the own class, all for the office."""
    children = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    if actor.is_office:
        return children
    scope = Q(school_class__in=actor.class_ids)
    if actor.guardian is not None:
        mine = Guardianship.objects.filter(guardian=actor.guardian, acts=True)
        scope |= Q(pk__in=mine.values("student"))
    return children.filter(scope)
