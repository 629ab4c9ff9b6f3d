"""Wishes of teachers: until when they can be put down, and for which groups."""

from django.db.models import QuerySet

from afterschool.school.models import Group, Teacher, Term
from scheduling.enums import RotaState
from scheduling.models import Rota, RotaWish
from scheduling.queries.sessions import service_groups

CLOSED_BY = (RotaState.SOLVING, RotaState.DRAFT, RotaState.ACCEPTED)


def wishes_open(term: Term) -> bool:
    """Tell whether teachers can still put down wishes: until the office asks for a rota."""
    return not Rota.objects.filter(term=term, state__in=CLOSED_BY).exists()


def wishes_of(term: Term, teacher: Teacher) -> list[RotaWish]:
    """Return what one teacher wishes."""
    return list(RotaWish.objects.filter(term=term, teacher=teacher).select_related("group"))


def groups_to_wish(term: Term, teacher: Teacher) -> QuerySet[Group]:
    """Return the groups a teacher can wish for: those of the own grade that stand."""
    return service_groups(term).filter(grade=teacher.grade, ends_on__isnull=True)
