"""Questions about applications: for the pages here, and for grouping, roll call and gate later in the term."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import GradeBand, Guardianship, SchoolClass, Student, Term
from enrollment.enums import ApplicationState
from enrollment.models import Application, CareCategory, CareRecord, LatePermit, Needs, PickupPerson

S = ApplicationState
APPLIED = [S.SUBMITTED, S.CLASS_APPROVED, S.SCHOOL_APPROVED, S.RETURNED]


# For the apps that come later in the term


@dataclass(frozen=True)
class Approved:
    """A child whose application the school has approved."""

    student_id: int
    weekdays: str
    may_go_alone: bool
    class_id: int
    grade: int
    class_number: int
    student_number: int


def approved(term: Term) -> list[Approved]:
    """Return all approved children of the term who are on the roll, by class and student number: one query."""
    rows = (
        Application.objects.filter(term=term, state=S.SCHOOL_APPROVED, student__state=StudentState.ENROLLED)
        .order_by("student__school_class__grade", "student__school_class__number", "student__number", "student_id")
        .values_list(
            "student_id",
            "weekdays",
            "may_go_alone",
            "student__school_class_id",
            "student__school_class__grade",
            "student__school_class__number",
            "student__number",
        )
    )
    return [Approved(*row[:-1], row[-1] or 0) for row in rows]


def needs_for(term: Term, student_ids: Collection[int], actor: Actor) -> dict[int, str]:
    """Return what the ones in charge must know of these children (allergies, medicine).

    The caller names only children in the actor's care that day; parents and others without a staff role get nothing.
    """
    if not actor.is_staff:
        return {}
    found = Needs.objects.filter(
        application__term=term,
        application__student_id__in=student_ids,
        application__state__in=[S.SUBMITTED, S.CLASS_APPROVED, S.SCHOOL_APPROVED],
    )
    return dict(found.order_by().values_list("application__student_id", "text"))


def priority_ids(term: Term, student_ids: Collection[int]) -> set[int]:
    """Return which children come first where places are short: the order, never the reason."""
    found = CareRecord.objects.filter(term=term, student_id__in=student_ids, category__active=True)
    return set(found.order_by().values_list("student_id", flat=True))


# Figures (plan 9.1, row B7)


@dataclass
class Figures:
    """Children on the roll and where their applications stand, for a grade or a class."""

    on_roll: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.on_roll + other.on_roll, self.states + other.states)

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
    for pk, state, count in stand.order_by().values_list("student__school_class_id", "state").annotate(Count("pk")):
        rows[pk].figures.states[state] = count
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


# One class, one family


@dataclass
class ClassRow:
    """One child of the class on the head teacher's page."""

    student: Student
    application: Application | None
    persons: list[PickupPerson]
    first: bool
    late: bool

    @property
    def shown(self) -> str:
        """Which filter the child belongs to. A draft is the family's own: the school sees no application yet."""
        if self.application is None or self.application.state == S.DRAFT:
            return "none"
        return str(self.application.state)


def class_rows(term: Term, school_class: SchoolClass) -> list[ClassRow]:
    """Return all children of a class with their applications, in order of student number: three queries."""
    care = CareRecord.objects.filter(term=term, student=OuterRef("pk"), category__active=True)
    permits = LatePermit.objects.filter(term=term, student=OuterRef("pk"))
    students = list(
        Student.objects.filter(school_class=school_class, state=StudentState.ENROLLED)
        .annotate(is_first=Exists(care), is_late=Exists(permits))
        .order_by("number", "pk")
    )
    ids = [student.pk for student in students]
    applications = (
        Application.objects.filter(term=term, student_id__in=ids)
        .order_by()
        .select_related("needs")
        .prefetch_related(Prefetch("pickups", PickupPerson.objects.order_by("pk")))
    )
    held = {application.student_id: application for application in applications}
    rows = []
    for student in students:
        found = held.get(student.pk)
        persons = list(found.pickups.all()) if found else []
        rows.append(ClassRow(student, found, persons, student.is_first, student.is_late))
    return rows


def known_fetchers(student_ids: Collection[int]) -> dict[int, list[Guardianship]]:
    """Return, child by child, the adults whom the register knows for it and who aren't banned: one query."""
    links = Guardianship.objects.filter(student_id__in=student_ids, banned=False).select_related("guardian")
    found: dict[int, list[Guardianship]] = {pk: [] for pk in student_ids}
    for link in links.order_by("-acts", "pk"):
        found[link.student_id].append(link)
    return found


def dismissal_of(term: Term, grades: Collection[int]) -> dict[int, GradeBand]:
    """Return, grade by grade, the band with the hours promised to parents: one query."""
    bands = list(GradeBand.objects.filter(term=term))
    return {g: band for g in grades for band in bands if band.first_grade <= g <= band.last_grade}
