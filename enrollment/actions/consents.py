"""Consent on record with its text version (A5; 个人信息保护法 28, 31)."""

from datetime import datetime

from django.db import IntegrityError
from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import ConsentText, Guardian, Student, Term
from afterschool.support.prepared import prepared
from afterschool.support.refusal import somebody_was_faster
from enrollment.enums import Source
from enrollment.models import Consent


def give(*, term: Term, student: Student, source: Source, by: Actor, at: datetime) -> Consent:
    """Put a guardian's consent to the term's present text on record, once a version and guardian (`somebody_was_faster`).

    Call it inside the transaction of the application.
    """
    guardian = by.guardian if source == Source.PARENT else None
    held = _standing(term.pk, student.pk, term.consent_version, guardian)
    if held:
        return held[0]
    try:  # the refusal below rolls back the action's own transaction
        return Consent.objects.create(
            term=term,
            student=student,
            version=term.consent_version,
            guardian=guardian,
            text_id=_text_id(term),
            source=source,
            given_by=by.user,
            given_at=at,
        )
    except IntegrityError:
        raise somebody_was_faster() from None


@prepared
def _standing(term_id: int, student_id: int, version: int, guardian: Guardian | None) -> QuerySet[Consent]:
    return Consent.objects.filter(
        term=term_id, student=student_id, version=version, guardian=guardian, withdrawn_at=None
    ).order_by("pk")


@prepared
def _texts(term_id: int, version: int) -> QuerySet[ConsentText, int]:
    return ConsentText.objects.filter(term=term_id, version=version).order_by("pk").values_list("pk", flat=True)


def _text_id(term: Term) -> int | None:
    """Return the key of the term's present text. A version never changes, so the term in hand keeps it for siblings."""
    kept: tuple[int, int | None] | None = term.__dict__.get("_consent_text")
    if kept is None or kept[0] != term.consent_version:
        kept = term.consent_version, next(iter(_texts(term.pk, term.consent_version)), None)
        if kept[1] is not None:
            term.__dict__["_consent_text"] = kept
    return kept[1]
