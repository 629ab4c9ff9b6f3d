"""Consent on record with its text version (A5; 个人信息保护法 28, 31)."""

from datetime import datetime

from afterschool.school.access import Actor
from afterschool.school.models import ConsentText, Student, Term
from enrollment.enums import Source
from enrollment.models import Consent


def give(*, term: Term, student: Student, source: Source, by: Actor, at: datetime) -> Consent:
    """Put a guardian's consent to the term's present text on record, once a version and guardian.

    Call it inside the transaction of the application.
    """
    consent, _ = Consent.objects.get_or_create(
        term=term,
        student=student,
        version=term.consent_version,
        guardian=by.guardian if source == Source.PARENT else None,
        withdrawn_at=None,
        defaults={
            "text_id": _text_id(term),
            "source": source,
            "given_by": by.user,
            "given_at": at,
        },
    )
    return consent


def _text_id(term: Term) -> int | None:
    """Return the key of the term's present text. A version never changes, so the term in hand keeps it for siblings."""
    kept: tuple[int, int | None] | None = term.__dict__.get("_consent_text")
    if kept is None or kept[0] != term.consent_version:
        texts = ConsentText.objects.filter(term=term, version=term.consent_version)
        kept = term.consent_version, texts.order_by().values_list("pk", flat=True).first()
        if kept[1] is not None:
            term.__dict__["_consent_text"] = kept
    return kept[1]
