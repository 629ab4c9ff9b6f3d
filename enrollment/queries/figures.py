"""The figures of those who take part (plan 9.1, row B7): now, for the pages, and as of a date, for the bureau."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role, StudentState
from afterschool.school.models import ClassMembership, Event, SchoolClass, StaffRole, Student, Teacher, Term
from afterschool.support import clock
from enrollment.asof import Stand, replay
from enrollment.enums import ApplicationState
from enrollment.models import Application, CareCategory, CareRecord
from enrollment.queries.applications import APPLIED

S = ApplicationState


@dataclass
class Figures:
    """Children on the roll and where their applications stand, for a grade or a class."""

    on_roll: int = 0
    states: Counter[str] = field(default_factory=Counter)
    all_days: int = 0  # of those who applied: on every weekday that the service runs

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.on_roll + other.on_roll, self.states + other.states, self.all_days + other.all_days)

    @property
    def applied(self) -> int:
        return sum(self.states[state] for state in APPLIED)

    @property
    def waiting_class(self) -> int:
        return self.states[S.SUBMITTED]

    @property
    def waiting_school(self) -> int:
        return self.states[S.CLASS_APPROVED]

    @property
    def approved(self) -> int:
        return self.states[S.SCHOOL_APPROVED]

    @property
    def returned(self) -> int:
        return self.states[S.RETURNED]

    @property
    def not_applied(self) -> int:
        return self.on_roll - self.applied - self.states[S.DECLINED] - self.states[S.WITHDRAWN]

    @property
    def percent(self) -> int:
        return round(100 * self.applied / self.on_roll) if self.on_roll else 0

    @property
    def share(self) -> float:
        return self.applied / self.on_roll if self.on_roll else 0

    @property
    def rest(self) -> int:
        """Applied and not yet approved, for the second part of the bar."""
        return self.applied - self.approved


@dataclass
class ClassFigures:
    """One class with its figures."""

    school_class: SchoolClass
    figures: Figures


def figures_by_class(term: Term, classes: QuerySet[SchoolClass]) -> list[ClassFigures]:
    """Return the figures of these classes in order of grade and class number: three queries."""
    rows = {one.pk: ClassFigures(one, Figures()) for one in classes.order_by("grade", "number")}
    pupils = Student.objects.filter(state=StudentState.ENROLLED, school_class_id__in=list(rows))
    for pk, count in pupils.order_by().values_list("school_class_id").annotate(Count("pk")):
        rows[pk].figures.on_roll = count
    stand = Application.objects.filter(
        term=term, student__state=StudentState.ENROLLED, student__school_class_id__in=list(rows)
    )
    every = Count("pk", filter=Q(weekdays=term.service_weekdays))
    by_state = stand.order_by().values_list("student__school_class_id", "state")
    for pk, state, count, all_days in by_state.annotate(number=Count("pk"), every_day=every):
        rows[pk].figures.states[state] = count
        rows[pk].figures.all_days += all_days if state in APPLIED else 0
    return list(rows.values())


def total(rows: Iterable[ClassFigures]) -> Figures:
    """Return the sum of the figures of classes."""
    return sum((row.figures for row in rows), Figures())


def by_grade(rows: Iterable[ClassFigures]) -> list[tuple[int, Figures]]:
    """Return the figures of each grade, in order."""
    grades: dict[int, Figures] = {}
    for row in rows:
        grade = row.school_class.grade
        grades[grade] = grades.get(grade, Figures()) + row.figures
    return sorted(grades.items())


def by_weekday(term: Term, classes: QuerySet[SchoolClass]) -> list[tuple[str, int, int]]:
    """Return (weekday, applied, approved) for each service weekday: one query."""
    rows = Application.objects.filter(
        term=term,
        state__in=APPLIED,
        student__state=StudentState.ENROLLED,
        student__school_class__in=classes.order_by(),
    )
    applied: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for weekdays, state, count in rows.order_by().values_list("weekdays", "state").annotate(Count("pk")):
        for day in weekdays:
            applied[day] += count
            done[day] += count if state == S.SCHOOL_APPROVED else 0
    return [(day, applied[day], done[day]) for day in term.service_weekdays]


def by_category(term: Term) -> list[tuple[CareCategory, int, int]]:
    """Return (category, children recorded, of these with an application) for the office only: three queries."""
    records = CareRecord.objects.filter(term=term, student__state=StudentState.ENROLLED).order_by()
    recorded = dict(records.values_list("category_id").annotate(Count("pk")))
    takes_part = records.filter(student__applications__term=term, student__applications__state__in=APPLIED)
    applied = dict(takes_part.values_list("category_id").annotate(Count("pk")))
    return [(c, recorded.get(c.pk, 0), applied.get(c.pk, 0)) for c in CareCategory.objects.filter(active=True)]


# Teachers


@dataclass(frozen=True)
class TeacherRow:
    """The teachers of one grade (none: of no grade), and how many of them serve after school."""

    grade: int | None
    serve: int
    of: int


def teachers_by_grade() -> list[TeacherRow]:
    """Return how many active teachers take part, by grade, those of no grade last: one query. Gatekeepers aren't counted."""
    serves = StaffRole.objects.filter(teacher=OuterRef("pk"), role=Role.TEACHER)
    gate = StaffRole.objects.filter(teacher=OuterRef("pk"), role=Role.GATEKEEPER)
    rows = Teacher.objects.filter(~Exists(gate), active=True).annotate(serves=Exists(serves)).order_by()
    counted = rows.values_list("grade").annotate(serve=Count("pk", filter=Q(serves=True)), of=Count("pk"))
    found = [TeacherRow(grade, serve, of) for grade, serve, of in counted]
    return sorted(found, key=lambda row: (row.grade is None, row.grade or 0))


# Live: has anything changed since the page was made?


def version(term: Term, actor: Actor) -> str:
    """Return a word that changes whenever the figures may have changed for this person: four short queries."""
    stand = Application.objects.filter(term=term).aggregate(Max("changed_at"), Count("pk"))
    roll = Student.objects.filter(state=StudentState.ENROLLED).count()
    care = CareRecord.objects.filter(term=term).aggregate(Max("pk"), Count("pk")) if actor.is_office else {}
    serve = StaffRole.objects.filter(role=Role.TEACHER).count() if actor.is_office else 0
    return "-".join(str(part) for part in (*stand.values(), roll, *care.values(), serve)).replace(" ", "T")


# As of a date


@dataclass
class Report:
    """The figures at the end of a day, class by class."""

    day: date
    at: datetime
    classes: list[ClassFigures]
    weekdays: list[tuple[str, int, int]]
    teachers: list[TeacherRow]
    categories: list[tuple[str, int, int]]

    @property
    def total(self) -> Figures:
        return total(self.classes)

    @property
    def grades(self) -> list[tuple[int, Figures]]:
        return by_grade(self.classes)

    @property
    def serving(self) -> TeacherRow:
        return TeacherRow(None, sum(row.serve for row in self.teachers), sum(row.of for row in self.teachers))


def stand_at(term: Term, at: datetime) -> dict[int, Stand]:
    """Return where each child's application stood at a moment, replayed from history: one query."""
    rows = Event.objects.filter(term_id=term.pk, subject="application", at__lte=at, student_id__isnull=False)
    return replay(
        (pk or 0, verb, data) for pk, verb, data in rows.order_by("pk").values_list("student_id", "verb", "data")
    )


def report_on(term: Term, day: date) -> Report:
    """Return the figures as they were at the end of a day (today: as they are): six queries.

    Children count in the class in which they were on that day. Teachers and categories keep no such history: teachers are
    those of today, a category counts from the day it was recorded.
    """
    at = min(clock.now(), clock.at(day, time(23, 59, 59)))
    stands = stand_at(term, at)
    rows = {
        one.pk: ClassFigures(one, Figures())
        for one in SchoolClass.objects.filter(school_year=term.school_year).order_by("grade", "number")
    }
    placed = ClassMembership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), school_class__in=list(rows))
    on_roll = dict(placed.filter(starts_on__lte=day).order_by("starts_on").values_list("student_id", "school_class_id"))
    for student, school_class in on_roll.items():
        figures = rows[school_class].figures
        figures.on_roll += 1
        if stand := stands.get(student):
            figures.states[stand.state] += 1
            figures.all_days += stand.state in APPLIED and stand.weekdays == term.service_weekdays
    taking = {pk: stand for pk, stand in stands.items() if pk in on_roll and stand.state in APPLIED}
    weekdays = [
        (
            weekday,
            sum(weekday in stand.weekdays for stand in taking.values()),
            sum(weekday in stand.weekdays for stand in taking.values() if stand.state == S.SCHOOL_APPROVED),
        )
        for weekday in term.service_weekdays
    ]
    return Report(
        day, at, list(rows.values()), weekdays, teachers_by_grade(), _categories_at(term, at, on_roll, taking)
    )


def _categories_at(
    term: Term, at: datetime, on_roll: dict[int, int], taking: dict[int, Stand]
) -> list[tuple[str, int, int]]:
    held: dict[int, set[int]] = {}
    found = CareRecord.objects.filter(term=term, recorded_at__lte=at)
    for category, student in found.values_list("category_id", "student_id"):
        if student in on_roll:
            held.setdefault(category, set()).add(student)
    names = CareCategory.objects.filter(active=True).values_list("pk", "name")
    return [(name, len(held.get(pk, ())), len(held.get(pk, set()) & taking.keys())) for pk, name in names]
