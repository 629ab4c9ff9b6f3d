"""Groups with their sizes, and the children who can be put into one."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from afterschool.school.models import Group, Student, Term


@dataclass(frozen=True)
class GroupLine:
    """A group in a list, with the number of its children."""

    group: Group
    size: int


def groups_with_sizes(groups: QuerySet[Group]) -> list[GroupLine]:
    """Return groups with how many children are in each: two queries, whatever their number."""
    found = list(groups)
    open_places = Q(placements__kind="service", placements__ends_on=None)
    counted = Group.objects.filter(pk__in=[g.pk for g in found]).order_by()
    sizes = dict(counted.annotate(size=Count("placements", filter=open_places)).values_list("pk", "size"))
    return [GroupLine(group, sizes[group.pk]) for group in found]


def children_of_term(term: Term, state: str) -> QuerySet[Student]:
    """Return children whose application of the term is in a state, with their class."""
    return Student.objects.filter(applications__term=term, applications__state=state).select_related("school_class")
