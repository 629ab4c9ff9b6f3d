"""Visits that were written down, as far as a person may see them (G3)."""

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import Student, Term
from afterschool.school.queries.people import students_of
from evaluation.access import REPORT_READERS
from evaluation.models import VisitRecord


def visits(actor: Actor, term: Term) -> QuerySet[VisitRecord]:
    """Return the visits of a term: all for office and leading group; a head teacher's own, and those about the own class."""
    rows = VisitRecord.objects.filter(term=term).select_related("student__school_class", "by")
    if not actor.has(*REPORT_READERS):
        own = Q(by_id=actor.user_id or 0) & (Q(student=None) | Q(student__school_class__in=actor.class_ids))
        rows = rows.filter(own | Q(student__school_class__in=actor.class_ids))
    return rows.order_by("-date", "-pk")


def may_change(actor: Actor, row: VisitRecord) -> bool:
    """Tell whether this person may put a visit right: who wrote it, or the office."""
    return actor.is_office or row.by_id == actor.user_id


def children(actor: Actor) -> QuerySet[Student]:
    """Return the children a visit may be about, in the order of the register."""
    rows = students_of(actor).exclude(school_class=None)
    return rows.order_by("school_class__grade", "school_class__number", "number", "pk")
