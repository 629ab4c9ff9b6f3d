"""Questions about applications: for the pages here, and for grouping, roll call and gate later in the term."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Relation, StudentState
from afterschool.school.models import GradeBand, Guardianship, SchoolClass, Student, Term
from afterschool.support.prepared import prepared
from enrollment.enums import ApplicationState
from enrollment.models import Application, CareRecord, LatePermit, Needs, PickupPerson

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


def weekdays_of(term: Term, student_ids: Collection[int]) -> dict[int, str]:
    """Return the weekdays of those of these children who take part: approved, and on the roll. One query."""
    rows = Application.objects.filter(
        term=term, state=S.SCHOOL_APPROVED, student__state=StudentState.ENROLLED, student_id__in=student_ids
    )
    return dict(rows.order_by().values_list("student_id", "weekdays"))


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


# One class, one family


class ClassChild(NamedTuple):
    """A child of the class as the head teacher's page names it."""

    pk: int
    name: str
    number: int | None
    first: bool
    late: bool


@dataclass
class ClassRow:
    """One child of the class on the head teacher's page."""

    student: ClassChild
    application: Application | None
    persons: str

    @property
    def shown(self) -> str:
        """Which filter the child belongs to. A draft is the family's own: the school sees no application yet."""
        if self.application is None or self.application.state == S.DRAFT:
            return "none"
        return str(self.application.state)


def _enrolled(school_class: SchoolClass) -> QuerySet[Student]:
    return Student.objects.filter(school_class=school_class, state=StudentState.ENROLLED)


def _asked(term: Term, school_class: SchoolClass) -> QuerySet[Application]:
    return Application.objects.filter(term=term, student__in=_enrolled(school_class).order_by().values("pk"))


@prepared
def _students(term: Term, school_class: SchoolClass) -> QuerySet[Student, Any]:
    care = CareRecord.objects.filter(term=term, student=OuterRef("pk"), category__active=True)
    permits = LatePermit.objects.filter(term=term, student=OuterRef("pk"))
    children = _enrolled(school_class).order_by("number", "pk")
    return children.values_list("pk", "name", "number", Exists(care), Exists(permits))


@prepared
def _applications(term: Term, school_class: SchoolClass) -> QuerySet[Application]:
    needs = Needs.objects.filter(application=OuterRef("pk"))
    shown = ("student", "state", "submitted_at", "weekdays", "may_go_alone", "source", "answer")
    return _asked(term, school_class).only(*shown).annotate(has_needs=Exists(needs)).order_by()


@prepared
def _persons(term: Term, school_class: SchoolClass) -> QuerySet[PickupPerson, tuple[int, str]]:
    persons = PickupPerson.objects.filter(application__in=_asked(term, school_class).order_by().values("pk"))
    return persons.order_by("pk").values_list("application_id", "relation")


def class_rows(term: Term, school_class: SchoolClass) -> list[ClassRow]:
    """Return all children of a class with their applications, in order of student number: three queries."""
    held = {application.student_id: application for application in _applications(term, school_class)}
    persons: dict[int, list[str]] = {}
    for application_id, relation in _persons(term, school_class):
        persons.setdefault(application_id, []).append(str(Relation(relation).label))
    rows = []
    for child in map(ClassChild._make, _students(term, school_class)):
        found = held.get(child.pk)
        rows.append(ClassRow(child, found, "、".join(persons.get(found.pk, [])) if found else ""))
    return rows


@prepared
def _fetchers(student_ids: Collection[int]) -> QuerySet[Guardianship]:
    links = Guardianship.objects.filter(student__pk__in=student_ids, banned=False)
    return links.select_related("guardian").order_by("-acts", "pk")


def known_fetchers(student_ids: Collection[int]) -> dict[int, list[Guardianship]]:
    """Return, child by child, the adults whom the register knows for it and who aren't banned: one query."""
    found: dict[int, list[Guardianship]] = {pk: [] for pk in student_ids}
    for link in _fetchers(student_ids):
        found[link.student_id].append(link)
    return found


@prepared
def _bands(term_id: int) -> QuerySet[GradeBand]:
    return GradeBand.objects.filter(term=term_id).order_by("first_grade")


def dismissal_of(term: Term, grades: Collection[int]) -> dict[int, GradeBand]:
    """Return, grade by grade, the band with the hours promised to parents: one query."""
    bands = _bands(term.pk)
    return {g: band for g in grades for band in bands if band.first_grade <= g <= band.last_grade}
