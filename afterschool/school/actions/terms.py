"""Terms and their settings: every value of the plan that a school may set otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.models import ConsentText, GradeBand, School, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster

SETTINGS = (
    "name",
    "school_year",
    "starts_on",
    "ends_on",
    "service_starts_on",
    "applications_open_at",
    "applications_close_at",
    "service_weekdays",
    "cap",
    "own_share_num",
    "own_share_den",
    "mixed_share_num",
    "mixed_share_den",
    "smallest_size",
    "alone_from_grade",
    "late_grace_minutes",
    "sign_in_grace_minutes",
    "consent_text",
    "answers_by",
    "keep_years",
)


@dataclass(frozen=True)
class Band:
    """One grade band as the office typed it; `id` of a standing one."""

    first_grade: int
    last_grade: int
    served_from: time
    served_until: time
    id: int | None = None


def _check(term: Term) -> None:
    """Refuse settings that the tables can't hold, with the sentence of the field or constraint."""
    try:
        term.full_clean()
    except ValidationError as error:
        raise Refused("term_invalid", error.messages[0]) from error


def _keep_consent_text(term: Term) -> None:
    """Keep this version of the text as it stands: what a family consents to stays readable."""
    if term.consent_text.strip():
        ConsentText.objects.create(term=term, version=term.consent_version, text=term.consent_text, since=clock.now())


@transaction.atomic
def create_term(*, settings: Mapping[str, Any], by: Actor) -> Term:
    """Begin a term with these settings. Refused with `term_invalid`."""
    need_office(by)
    term = Term(**{name: settings[name] for name in SETTINGS if name in settings})
    _check(term)
    term.save()
    _keep_consent_text(term)
    record("term.created", subject=term, by=by, term_id=term.pk)
    return term


@transaction.atomic
def edit_term(*, term: Term, settings: Mapping[str, Any], by: Actor) -> list[str]:
    """Change settings of a term; return the names of those that changed. A changed consent text raises its version.

    Refused with `term_invalid`.
    """
    need_office(by)
    fresh = Term.objects.select_for_update().get(pk=term.pk)
    changed = [n for n in SETTINGS if n in settings and getattr(fresh, n) != settings[n]]
    if not changed:
        return []
    for name in changed:
        setattr(fresh, name, settings[name])
    if "consent_text" in changed:
        fresh.consent_version += 1
    _check(fresh)
    fresh.save()
    if "consent_text" in changed:
        _keep_consent_text(fresh)
    record("term.edited", subject=fresh, by=by, term_id=fresh.pk, data={"fields": changed})
    return changed


@transaction.atomic
def set_bands(*, term: Term, bands: Sequence[Band], by: Actor) -> None:
    """Write the grade bands of a term; a band left out goes, with its timetables.

    Refused with `bands_missing`, `band_hours`, or `bands_overlap` (a grade in two bands).
    """
    need_office(by)
    if not bands:
        raise Refused("bands_missing", "至少要有一个年级段。")
    grades = [grade for band in bands for grade in range(band.first_grade, band.last_grade + 1)]
    if len(grades) != len(set(grades)):
        raise Refused("bands_overlap", "同一个年级不能在两个年级段里。")
    if any(b.first_grade > b.last_grade or b.served_until <= b.served_from for b in bands):
        raise Refused("band_hours", "年级从小到大，服务结束要晚于开始。")
    standing = {band.pk: band for band in GradeBand.objects.filter(term=term)}
    kept = {band.id for band in bands if band.id in standing}
    GradeBand.objects.filter(term=term).exclude(pk__in=kept).delete()
    for band in sorted(bands, key=lambda b: -b.first_grade):
        row = standing[band.id] if band.id in standing else GradeBand(term=term)
        row.first_grade, row.last_grade = band.first_grade, band.last_grade
        row.served_from, row.served_until = band.served_from, band.served_until
        row.save()
    record("term.bands_set", subject=term, by=by, term_id=term.pk, data={"bands": len(bands)})


@transaction.atomic
def choose_term(*, term: Term, by: Actor) -> None:
    """Make a term the current one of the school."""
    need_office(by)
    School.objects.filter(pk=1).update(current_term=term)
    record("term.chosen", subject=term, by=by, term_id=term.pk)


@transaction.atomic
def set_agreement_version(*, term: Term, version: int, by: Actor) -> None:
    """Put a published text of the agreement in force (B5). Refused with `somebody_was_faster`."""
    need_office(by)
    seen = Term.objects.filter(pk=term.pk, agreement_version=term.agreement_version)
    if seen.update(agreement_version=version) != 1:
        raise somebody_was_faster()
    term.agreement_version = version
    record("term.agreement_set", subject=term, by=by, term_id=term.pk, data={"version": version})


@transaction.atomic
def edit_school(*, name: str, public_url: str, by: Actor) -> None:
    """Change the school's name and the public address that slips print."""
    need_office(by)
    School.objects.filter(pk=1).update(name=name.strip(), public_url=public_url.strip().rstrip("/"))
    school = School.objects.get(pk=1)
    record("school.edited", subject=school, by=by)
