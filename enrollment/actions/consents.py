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
    text = ConsentText.objects.filter(term=term, version=term.consent_version).only("pk").first()
    consent, _ = Consent.objects.get_or_create(
        term=term,
        student=student,
        version=term.consent_version,
        guardian=by.guardian if source == Source.PARENT else None,
        withdrawn_at=None,
        defaults={
            "text": text,
            "source": source,
            "given_by": by.user,
            "given_at": at,
        },
    )
    return consent
