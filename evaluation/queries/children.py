"""The children of a group for a month, as one page scores them; and what a parent sees of the own child."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from afterschool.school.access import Actor
from afterschool.school.models import Group, Placement, Student, Term
from evaluation.access import child_sheets, groups_to_score
from evaluation.enums import Occasion, SheetState
from evaluation.models import Rubric, ScoreLine, ScoreSheet
from evaluation.month import Period


@dataclass(frozen=True)
class ChildRow:
    """One child with what is written for the month so far."""

    student: Student
    sheet: ScoreSheet | None
    points: dict[int, int]

    @property
    def final(self) -> bool:
        return self.sheet is not None and self.sheet.state == SheetState.FINAL

    @property
    def comment(self) -> str:
        return self.sheet.comment if self.sheet else ""

    @property
    def total(self) -> int:
        return sum(self.points.values())


def groups(actor: Actor, term: Term, month: Period) -> QuerySet[Group]:
    """Return the groups this person scores in a month, in the order of the register."""
    return groups_to_score(actor, term, month).order_by("grade", "order", "pk")


def children_of(group: Group, month: Period) -> QuerySet[Student]:
    """Return the children placed in the group during the month, by class and number."""
    placed = Placement.objects.filter(student=OuterRef("pk"), group=group, starts_on__lte=month.last).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=month.first)
    )
    return (
        Student.objects.filter(Exists(placed))
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "number", "pk")
    )


def rows(group: Group, month: Period) -> list[ChildRow]:
    """Return the children of a group with their sheets of the month: three queries, whatever their number."""
    students = list(children_of(group, month))
    sheets = {
        sheet.student_id: sheet
        for sheet in ScoreSheet.objects.filter(
            student__in=students, occasion=month.occasion, date=month.last
        ).prefetch_related(Prefetch("lines", ScoreLine.objects.order_by()))
    }
    return [_row(student, sheets.get(student.pk)) for student in students]


def _row(student: Student, sheet: ScoreSheet | None) -> ChildRow:
    lines = sheet.lines.all() if sheet else []
    return ChildRow(student, sheet, {line.item_id: line.points for line in lines})


def rubric_of(found: Sequence[ChildRow]) -> Rubric | None:
    """Return the version the page was begun with: who is scored later in the same group and month is scored by it too."""
    begun = sorted({row.sheet.rubric_id for row in found if row.sheet})
    return Rubric.objects.filter(pk__in=begun[:1]).prefetch_related("items").first()


def months_before(term: Term, students: Sequence[Student]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return what the finished sheets of the term's months gave, as (month, points), by child and item: one query."""
    lines = ScoreLine.objects.filter(
        sheet__term=term, sheet__student__in=students, sheet__occasion=Occasion.MONTH, sheet__state=SheetState.FINAL
    ).order_by("sheet__date")
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for student, item, day, points in lines.values_list("sheet__student_id", "item_id", "sheet__date", "points"):
        found[student or 0, item].append((day.month, points))
    return found


def fingerprint(found: Sequence[ChildRow]) -> str:
    """Return what stands on a page in short, so that a save can tell whether somebody else wrote meanwhile."""
    said = [(row.student.pk, row.final, sorted(row.points.items()), row.comment) for row in found]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def sheets_for_parent(actor: Actor) -> QuerySet[ScoreSheet]:
    """Return the finished sheets of the own children, by child and newest month first, with their lines."""
    return (
        child_sheets(actor)
        .annotate(total=Sum("lines__points"), most=Sum("lines__limit"))
        .select_related("student__school_class")
        .prefetch_related(Prefetch("lines", ScoreLine.objects.select_related("item").order_by("item__position")))
        .order_by("student_id", "-date")
    )
