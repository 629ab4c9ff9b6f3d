"""Consents and requests about a child's data, cut to the person who asks."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.models import ConsentText, Guardianship, SchoolClass, Student, Term
from enrollment.enums import RightsKind
from enrollment.models import Application, Consent, RightsRequest
from enrollment.queries.applications import APPLIED


def family_children(actor: Actor) -> QuerySet[Student]:
    """Return the children this person acts for, those who have left too: their data is theirs still."""
    mine = Guardianship.objects.filter(guardian=actor.guardian, acts=True, guardian__isnull=False).values("student")
    return (
        Student.objects.filter(pk__in=mine, erased_at=None)
        .select_related("school_class__head_teacher")
        .order_by("school_class__grade", "pk")
    )


def requests_for(actor: Actor) -> QuerySet[RightsRequest]:
    """Return the requests this person answers: all for the office, corrections of the own classes for a head teacher."""
    rows = RightsRequest.objects.filter(student__erased_at=None).select_related(
        "student__school_class", "asked_by", "decided_by"
    )
    if actor.is_office:
        return rows
    return rows.filter(kind=RightsKind.CORRECT, student__school_class_id__in=actor.class_ids)


def requests_of_family(actor: Actor) -> QuerySet[RightsRequest]:
    """Return what was asked for this person's own children."""
    return RightsRequest.objects.filter(student__in=family_children(actor).order_by()).select_related("student")


def agreed_to(term: Term | int, version: int) -> Exists:
    """Return whether a child (the outer `student`) has a standing consent to this text of the term."""
    return Exists(Consent.objects.filter(term=term, student=OuterRef("student"), version=version, withdrawn_at=None))


def not_asked_yet(term: Term) -> dict[str, int]:
    """Return how many of those who applied have, and have not yet, answered the present text: two queries."""
    rows = Application.objects.filter(term=term, state__in=APPLIED)
    return {"all": rows.count(), "open": rows.filter(~agreed_to(term, term.consent_version)).count()}


@dataclass(frozen=True)
class ClassConsent:
    """One child of a class who takes part: whether the present text is answered, what was agreed to, who reads messages."""

    application: Application
    answered: bool
    version: int | None
    reached: bool

    @property
    def student(self) -> Student:
        return self.application.student


def class_consents(term: Term, school_class: SchoolClass) -> list[ClassConsent]:
    """Return where the consents of a class stand, by student number: one query."""
    reached = Guardianship.objects.filter(student=OuterRef("student"), acts=True, guardian__user__isnull=False)
    standing = Consent.objects.filter(term=term, student=OuterRef("student"), withdrawn_at=None)
    rows = (
        Application.objects.filter(term=term, state__in=APPLIED, student__school_class=school_class)
        .annotate(
            answered=agreed_to(term, term.consent_version),
            agreed=Subquery(standing.order_by("-version").values("version")[:1]),
            reached=Exists(reached),
        )
        .select_related("student")
        .order_by("student__number", "student")
    )
    return [ClassConsent(row, row.answered, row.agreed, row.reached) for row in rows]


def open_by_class(term: Term) -> list[dict[str, Any]]:
    """Return for each class with children who have not answered the present text how many there are: one query."""
    rows = Application.objects.filter(~agreed_to(term, term.consent_version), term=term, state__in=APPLIED)
    found = dict(
        rows.filter(student__school_class__isnull=False)
        .values_list("student__school_class")
        .annotate(number=Count("pk"))
        .order_by()
    )
    classes = SchoolClass.objects.filter(pk__in=found).order_by("grade", "number")
    return [{"school_class": one, "number": found[one.pk]} for one in classes]


@dataclass(frozen=True)
class Standing:
    """One child's consents this term. `asks`: a newer text waits for an answer."""

    rows: list[Consent]
    asks: bool
    applied: bool

    @property
    def valid(self) -> bool:
        return any(row.withdrawn_at is None for row in self.rows)


def standing_of(term: Term | None, student: Student) -> Standing:
    """Return where one child's consent stands: two queries."""
    rows = list(
        Consent.objects.filter(student=student).select_related("guardian", "term", "text").order_by("-given_at", "-pk")
    )
    if term is None:
        return Standing(rows, asks=False, applied=False)
    applied = Application.objects.filter(term=term, student=student, state__in=APPLIED).exists()
    present: Any = [
        r for r in rows if r.term_id == term.pk and r.version == term.consent_version and not r.withdrawn_at
    ]
    return Standing(rows, asks=applied and not present, applied=applied)


def texts_of(term: Term) -> QuerySet[ConsentText]:
    """Return all versions of a term's consent text, the newest first."""
    return ConsentText.objects.filter(term=term).order_by("-version")
