"""The class tables (H2): filled by the portal from the records, frozen when the head teacher confirms."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, Role, StudentState
from afterschool.school.models import Placement, SchoolClass, Student, Term
from attendance.enums import MarkState
from attendance.models import Mark
from evaluation.enums import ClassTableState
from evaluation.models import ClassTable, ClassTableRow
from evaluation.queries.halfmonth import table_days_of

WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


@dataclass
class Line:
    """One child of a table."""

    student: Student
    number: int | None
    weekdays: str = ""
    group_name: str = ""
    clubs: str = ""
    due: int = 0
    here: int = 0
    leave: int = 0
    absent: int = 0

    @property
    def takes_part(self) -> bool:
        return bool(self.weekdays)


def plain(lines: list[Line]) -> list[object]:
    """Return a table as plain data, to be compared."""
    return [[line.student.pk, *(value for name, value in vars(line).items() if name != "student")] for line in lines]


def tables(actor: Actor, term: Term) -> "QuerySet[ClassTable]":
    """Return the tables this person may see: of the own class, of the own grade, or all."""
    found = ClassTable.objects.filter(term=term).select_related("school_class__head_teacher", "confirmed_by", "term")
    if actor.has(*WHOLE_SCHOOL):
        return found
    return found.filter(Q(school_class__in=actor.class_ids) | Q(school_class__grade__in=actor.grades))


def span_of(table: ClassTable) -> tuple[date, date]:
    """Return the days a table counts: from the day after the one before, or from the first day of service."""
    earlier = [day for day in table_days_of(table.term) if day < table.due_on]
    first = earlier[-1] + timedelta(days=1) if earlier else table.term.service_starts_on
    return first, table.due_on


def lines(table: ClassTable) -> list[Line]:
    """Return the children of a table: as confirmed, or as of now from the records. Five questions at most."""
    if table.state == ClassTableState.CONFIRMED:
        return kept_lines(table, table.version)
    return count(table.school_class, table.term, *span_of(table))


def kept_lines(table: ClassTable, version: int) -> list[Line]:
    """Return the children of a table as they stood when that version was confirmed: one question."""
    rows = ClassTableRow.objects.filter(table=table, version=version).select_related("student")
    return [
        Line(
            row.student,
            row.number,
            row.weekdays,
            row.group_name,
            row.clubs,
            row.due,
            row.here,
            row.leave,
            row.absent,
        )
        for row in rows.order_by(F("number").asc(nulls_last=True), "student_id")
    ]


def count(school_class: SchoolClass, term: Term, first: date, last: date) -> list[Line]:
    """Count a class's table from the records: who takes part as of the last day, turns over the span."""
    students = Student.objects.filter(school_class=school_class, state=StudentState.ENROLLED)
    found = {
        student.pk: Line(student, student.number)
        for student in students.order_by(F("number").asc(nulls_last=True), "pk")
    }
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=last), term=term, student__in=found, starts_on__lte=last
    ).select_related("group")
    clubs: dict[int, list[str]] = defaultdict(list)
    for place in places.order_by("starts_on", "pk"):
        if place.kind == PlacementKind.SERVICE:
            line = found[place.student_id]
            line.weekdays, line.group_name = place.weekdays, place.group.name
        else:
            clubs[place.student_id].append(place.group.name)
    for student, names in clubs.items():
        found[student].clubs = "、".join(names)[:200]
    marks = Mark.objects.filter(
        student__in=found,
        roll_call__session__term=term,
        roll_call__session__date__range=(first, last),
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        roll_call__closed_at__isnull=False,
    ).order_by()
    numbers: dict[int, Counter[str]] = defaultdict(Counter)
    for student, state, number in marks.values_list("student", "state").annotate(n=Count("pk")):
        numbers[student][state] += number
    for student, of_child in numbers.items():
        line = found[student]
        line.due = sum(of_child.values())
        line.here = of_child[MarkState.PRESENT] + of_child[MarkState.LATE]
        line.leave, line.absent = of_child[MarkState.LEAVE], of_child[MarkState.ABSENT]
    return list(found.values())


@dataclass(frozen=True)
class Progress:
    """How many classes have confirmed the table of a due day."""

    due_on: date
    confirmed: int
    all: int

    @property
    def open(self) -> int:
        return self.all - self.confirmed


def progress(actor: Actor, term: Term) -> list[Progress]:
    """Return the due days with how many of the classes this person sees have confirmed, newest first: one question."""
    rows = (
        tables(actor, term)
        .order_by()
        .values("due_on")
        .annotate(confirmed=Count("pk", filter=Q(state=ClassTableState.CONFIRMED)), all=Count("pk"))
    )
    found = [Progress(row["due_on"], row["confirmed"], row["all"]) for row in rows]
    return sorted(found, key=lambda one: one.due_on, reverse=True)


def open_tables(actor: Actor, term: Term) -> list[ClassTable]:
    """Return the tables that wait for this head teacher, the earliest first: one question."""
    own = ClassTable.objects.filter(term=term, school_class__in=actor.class_ids, state=ClassTableState.OPEN)
    return list(own.select_related("school_class").order_by("due_on", "school_class__number"))
