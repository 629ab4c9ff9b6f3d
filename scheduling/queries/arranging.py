"""A grade's groups side by side, with their children by class, as the page of moves by hand shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q, QuerySet

from afterschool.school.enums import SERVICE_GROUPS, PlacementKind
from afterschool.school.models import Group, Placement, SchoolClass, Student, Term
from afterschool.support import clock
from scheduling.queries.grouping import approved, members, open_places


@dataclass(frozen=True)
class Chip:
    """A child that can be taken; `starts` where it comes to the group only later."""

    student: Student
    starts: date | None = None


@dataclass(frozen=True)
class ClassPart:
    """The children of one class in one group."""

    school_class: SchoolClass | None
    chips: list[Chip]


@dataclass(frozen=True)
class Bin:
    """A group as a place to drop children into; without a group: those who have none yet."""

    group: Group | None
    parts: list[ClassPart]
    cap: int

    @property
    def over(self) -> bool:
        return self.group is not None and self.size > self.cap

    @property
    def size(self) -> int:
        return sum(len(part.chips) for part in self.parts)


def arrange_groups(term: Term, grade: int) -> QuerySet[Group]:
    """Return the open groups of a grade."""
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, grade=grade, ends_on=None)
    return groups.select_related("room").order_by("order", "pk")


def all_groups(term: Term) -> QuerySet[Group]:
    """Return all open groups of the term as targets."""
    return Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, ends_on=None).order_by("grade", "order", "pk")


def arrange_children(term: Term, grade: int) -> QuerySet[Student]:
    """Return the children who may be moved on a grade's page: in one of its groups, or of the grade and in none."""
    inside = open_places(term).filter(group__grade=grade, student__in=approved(term).values("student_id"))
    own = Q(school_class__grade=grade, pk__in=approved(term).values("student_id"))
    loose = own & ~Q(pk__in=open_places(term).values("student_id"))
    return Student.objects.filter(Q(pk__in=inside.values("student_id")) | loose).select_related("school_class")


def _here(groups: list[Group], today: date) -> set[tuple[int, int]]:
    """Return (child, group) of those who are in the group today; one whose move was taken back has a second place there."""
    until = Q(ends_on=None) | Q(ends_on__gte=today)
    rows = Placement.objects.filter(until, group__in=groups, kind=PlacementKind.SERVICE, starts_on__lte=today)
    return set(rows.values_list("student_id", "group_id"))


def bins(term: Term, grade: int) -> list[Bin]:
    """Return the groups of a grade with their children, those without a group first: four queries."""
    groups = list(arrange_groups(term, grade))
    places = members(groups)
    movable = set(arrange_children(term, grade).values_list("pk", flat=True))
    today = clock.today()
    here = _here(groups, today)
    found = [
        Bin(
            group,
            _parts(
                Chip(place.student, None if (place.student_id, group.pk) in here else place.starts_on)
                for place in places[group.pk]
                if place.student_id in movable
            ),
            term.cap,
        )
        for group in groups
    ]
    placed = {place.student_id for rows in places.values() for place in rows}
    order = ("school_class__number", "number", "pk")
    loose = [Chip(child) for child in arrange_children(term, grade).exclude(pk__in=placed).order_by(*order)]
    return [Bin(None, _parts(loose), term.cap), *found] if loose else found


def _parts(chips: Iterable[Chip]) -> list[ClassPart]:
    runs = groupby(chips, key=lambda chip: chip.student.school_class)
    return [ClassPart(school_class, list(run)) for school_class, run in runs]
