"""Who a person is to one application, and what each may reach."""

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardianship, SchoolClass, Student, Term
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.workflow import Who


def acts_for(actor: Actor, student_id: int) -> bool:
    """Tell whether this person is a guardian who acts for the child."""
    return (
        actor.guardian is not None
        and Guardianship.objects.filter(guardian=actor.guardian, student_id=student_id, acts=True).exists()
    )


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
    return (
        Student.objects.filter(
            state=StudentState.ENROLLED, links__guardian=actor.guardian, links__acts=True, links__guardian__isnull=False
        )
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "number", "pk")
    )


def reviewed_students(actor: Actor) -> QuerySet[Student]:
    """Return the children of the classes this person heads; all children for the office."""
    students = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    return students if actor.is_office else students.filter(school_class_id__in=actor.class_ids)


def reviewed_classes(actor: Actor) -> QuerySet[SchoolClass]:
    """Return the classes whose applications this person may open, of the current school year."""
    classes = SchoolClass.objects.current().select_related("head_teacher")
    return classes if actor.is_office else classes.filter(pk__in=actor.class_ids)


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
