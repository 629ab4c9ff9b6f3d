"""Who looked at a child's care categories, and when (B4): each look is on record, and the office reads the record."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q

from afterschool.school.models import Event, Student, Term, User

A_PAGE = 50
DEEDS = {"care.looked": "查看", "care.set": "登记"}


@dataclass(frozen=True)
class Look:
    """One look, or one change of what is recorded. Which category it was isn't told here."""

    at: datetime
    who: str
    deed: str
    child: str
    school_class: str
    student_id: int


def looks(term: Term, *, words: str = "", page: str | None = None) -> tuple[Page[Event], list[Look]]:
    """Return a page of the term's looks, newest first, by children or persons whose names hold these words: four queries."""
    rows = Event.objects.filter(term_id=term.pk, verb__in=DEEDS, student_id__isnull=False)
    if words:
        children = Student.objects.filter(name__contains=words).values("pk")
        persons = User.objects.filter(name__contains=words).values("pk")
        rows = rows.filter(Q(student_id__in=children) | Q(by_id__in=persons))
    found = Paginator(rows.order_by("-pk"), A_PAGE).get_page(page)
    names = dict(User.objects.filter(pk__in={row.by_id for row in found if row.by_id}).values_list("pk", "name"))
    children_by_pk = Student.objects.select_related("school_class").in_bulk({row.student_id for row in found})
    return found, [_look(row, names, children_by_pk.get(row.student_id or 0)) for row in found]


def _look(row: Event, names: dict[int, str], child: Student | None) -> Look:
    return Look(
        at=row.at,
        who=names.get(row.by_id or 0, "系统"),
        deed=DEEDS[row.verb],
        child=child.name if child else "已删除的学生",
        school_class=str(child.school_class or child.get_state_display()) if child else "",
        student_id=row.student_id or 0,
    )
