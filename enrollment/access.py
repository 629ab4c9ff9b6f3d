"""Who a person is to one application, and what each may reach."""

from django.db.models import QuerySet
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardian, Guardianship, SchoolClass, Student, Term
from afterschool.support.prepared import prepared
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.workflow import Who


@prepared
def _acting(guardian_id: int, student_id: int) -> QuerySet[Guardianship, int]:
    found = Guardianship.objects.filter(guardian=guardian_id, student=student_id, acts=True)
    return found.order_by().values_list("pk", flat=True)


def acts_for(actor: Actor, student_id: int) -> bool:
    """Tell whether this person is a guardian who acts for the child."""
    return actor.guardian is not None and bool(_acting(actor.guardian.pk, student_id))


def reviews_class(actor: Actor, class_id: int | None) -> bool:
    """Tell whether the class is this head teacher's own."""
    return class_id is not None and class_id in actor.class_ids


def who_is(actor: Actor, student: Student) -> frozenset[Who]:
    """Return all that this person is to the child's application."""
    found = set()
    if acts_for(actor, student.pk):
        found.add(Who.PARENT)
    if reviews_class(actor, student.school_class_id):
        found.add(Who.HEAD)
    if actor.is_office:
        found.add(Who.OFFICE)
    return frozenset(found)


def own_children(actor: Actor) -> QuerySet[Student]:
    """Return the children this person acts for, on the roll today."""
    return _children_of(actor.guardian).select_related("school_class")


def _children_of(guardian: Guardian | int | None) -> QuerySet[Student]:
    return Student.objects.filter(
        state=StudentState.ENROLLED, links__guardian=guardian, links__acts=True, links__guardian__isnull=False
    ).order_by("school_class__grade", "school_class__number", "number", "pk")


@prepared
def _family(guardian_id: int) -> QuerySet[Student]:
    return _children_of(guardian_id).select_related("school_class__head_teacher")


def family_of(actor: Actor) -> list[Student]:
    """Return `own_children` with their head teachers, for the pages that all families open at once."""
    return _family(actor.guardian.pk) if actor.guardian else []


def own_child(actor: Actor, pk: int) -> Student:
    """Return one own child with its class and head teacher; a foreign one doesn't exist."""
    child = next((child for child in family_of(actor) if child.pk == pk), None)
    if child is None:
        raise Http404
    return child


def reviewed_students(actor: Actor) -> QuerySet[Student]:
    """Return the children of the classes this person heads; all children for the office."""
    students = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    return students if actor.is_office else students.filter(school_class_id__in=actor.class_ids)


def reviewed_classes(actor: Actor) -> QuerySet[SchoolClass]:
    """Return the classes whose applications this person may open, of the current school year."""
    classes = SchoolClass.objects.current().select_related("head_teacher")
    return classes if actor.is_office else classes.filter(pk__in=actor.class_ids)


@prepared
def _reviewed_class(actor: Actor, pk: int) -> QuerySet[SchoolClass]:
    return reviewed_classes(actor).filter(pk=pk)


def reviewed_class(actor: Actor, pk: int) -> SchoolClass:
    """Return one of `reviewed_classes`, or 404."""
    found = next(iter(_reviewed_class(actor, pk)), None)
    if found is None:
        raise Http404
    return found


def reviewed_applications(actor: Actor, term: Term) -> QuerySet[Application]:
    """Return the applications of the term that this person reviews: drafts are the family's own business."""
    found = (
        Application.objects.filter(term=term)
        .exclude(state=ApplicationState.DRAFT)
        .select_related("student__school_class", "guardian", "needs", "term")
    )
    return found if actor.is_office else found.filter(student__school_class_id__in=actor.class_ids)


def own_applications(actor: Actor, term: Term) -> QuerySet[Application]:
    """Return the applications of this person's own children."""
    return Application.objects.filter(term=term, student__in=own_children(actor).order_by()).select_related(
        "student__school_class", "guardian", "needs"
    )
