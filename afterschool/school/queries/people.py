"""Questions about people, cut to the person who asks."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardianship, SchoolClass, Slip, Student, Teacher
from afterschool.support import clock

BOUND = Exists(Guardianship.objects.filter(student=OuterRef("pk"), acts=True, guardian__user__isnull=False))
A_SEARCH = 50


def classes_of(actor: Actor) -> QuerySet[SchoolClass]:
    """Return the classes whose register the person keeps: the office all of this year, a head teacher the own ones."""
    classes = SchoolClass.objects.current().select_related("head_teacher")
    return classes if actor.is_office else classes.filter(pk__in=actor.class_ids)


def students_of(actor: Actor) -> QuerySet[Student]:
    """Return the children on the registers the person keeps; the office also sees those who left."""
    students = Student.objects.select_related("school_class")
    if actor.is_office:
        return students
    return students.filter(school_class__in=actor.class_ids, state=StudentState.ENROLLED)


def children_of(actor: Actor) -> QuerySet[Student]:
    """Return the children for whom the person acts as a guardian."""
    if actor.guardian is None:
        return Student.objects.none()
    mine = Guardianship.objects.filter(guardian=actor.guardian, acts=True).values("student")
    return Student.objects.filter(pk__in=mine, state=StudentState.ENROLLED).select_related("school_class")


def staff_of(actor: Actor) -> QuerySet[Teacher]:
    """Return the staff, for the office."""
    staff = Teacher.objects.select_related("user").prefetch_related("roles")
    return staff if actor.is_office else staff.none()


@dataclass(frozen=True)
class ClassRow:
    """One class in the register's overview."""

    school_class: SchoolClass
    children: int
    bound: int


def register_rows(actor: Actor) -> list[ClassRow]:
    """Return the classes with how many children they have, and for how many a guardian has an account: two queries."""
    enrolled = Student.objects.filter(state=StudentState.ENROLLED, school_class__in=classes_of(actor).order_by())
    counted = (
        enrolled.annotate(bound=BOUND)
        .order_by()
        .values("school_class")
        .annotate(children=Count("pk"), with_account=Count("pk", filter=Q(bound=True)))
    )
    counts = {row["school_class"]: (row["children"], row["with_account"]) for row in counted}
    return [ClassRow(one, *counts.get(one.pk, (0, 0))) for one in classes_of(actor)]


def class_list(actor: Actor, school_class: SchoolClass) -> list[Student]:
    """Return the children of one class by number, each with `guardians` (links that act) and `open_slips`: three queries."""
    links = Guardianship.objects.filter(acts=True).select_related("guardian").order_by("pk")
    return list(
        students_of(actor)
        .filter(school_class=school_class, state=StudentState.ENROLLED)
        .annotate(bound=BOUND)
        .prefetch_related(
            Prefetch("links", links, to_attr="guardians"), Prefetch("slips", open_slips(), to_attr="open_slips")
        )
        .order_by("number")
    )


def open_slips() -> QuerySet[Slip]:
    """Return the slips that a person could still use."""
    return Slip.objects.filter(claimed_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now())


@dataclass(frozen=True)
class Adult:
    """One adult of a child, and the slip that bound the account: printed, or given by another guardian."""

    link: Guardianship
    slip: Slip | None


def adults_of(student: Student) -> list[Adult]:
    """Return the adults of a child, who acts for it first: two queries."""
    claimed = Slip.objects.filter(student=student, claimed_at__isnull=False, account__isnull=True)
    slips = {slip.claimed_by_id: slip for slip in claimed.select_related("issued_by").order_by("claimed_at", "pk")}
    links = student.links.select_related("guardian__user")
    return [
        Adult(link, slips.get(link.guardian.user_id) if link.acts and link.guardian.user_id else None) for link in links
    ]


def search_students(actor: Actor, words: str) -> list[Student]:
    """Return up to 50 children whose name, pinyin or initials begin with what was typed."""
    typed = words.strip()
    if not typed:
        return []
    spelled = typed.lower().replace(" ", "")
    by_pinyin = Q()
    if spelled.isascii():
        by_pinyin = Q(initials=spelled) | Q(initials__startswith=f"{spelled} ") | Q(initials__endswith=f" {spelled}")
        by_pinyin |= Q(pinyin__startswith=spelled) | Q(pinyin__contains=f" {spelled}")
    found = students_of(actor).filter(Q(name__contains=typed) | by_pinyin)
    return list(found.order_by("state", "school_class__grade", "school_class__number", "number")[:A_SEARCH])


def family_of(actor: Actor) -> list[Student]:
    """Return the person's children with everybody who may or may not fetch them (`everybody`) and `invitations`."""
    links = Guardianship.objects.select_related("guardian").order_by("-acts", "pk")
    mine = open_slips().filter(by_guardian=True, issued_by_id=actor.user_id)
    return list(
        children_of(actor)
        .prefetch_related(Prefetch("links", links, to_attr="everybody"), Prefetch("slips", mine, to_attr="invitations"))
        .order_by("school_class__grade", "pk")
    )


def links_kept_by(actor: Actor) -> QuerySet[Guardianship]:
    """Return who is what to the children on the registers the person keeps."""
    links = Guardianship.objects.select_related("guardian__user", "student__school_class")
    return links.filter(student__in=students_of(actor))
