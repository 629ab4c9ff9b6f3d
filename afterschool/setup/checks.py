"""The term's check as the office sees it: what scheduling finds, and what the other apps add. Warnings, never a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from afterschool.school.models import Term
from attendance.models import LateCarePlace
from enrollment.models import FeePlan
from scheduling.checking import AREAS, Finding
from scheduling.queries.checking import findings_of

FAMILIES, LATE_CARE = "families", "late_care"
WORDS = {**AREAS, FAMILIES: "家长和收费", LATE_CARE: "延时托管"}


@dataclass(frozen=True)
class Shown:
    """A finding with the address of the page where it is mended."""

    sentence: str
    url: str


@dataclass(frozen=True)
class Area:
    """One part of the settings with what doesn't agree there."""

    word: str
    findings: list[Shown]


def check_term(term: Term) -> list[Finding]:
    """Return what disagrees in a term, of every app: thirteen queries, whatever the number of rows."""
    return [*findings_of(term), *_families(term), *_late_care(term)]


def areas_of(term: Term) -> list[Area]:
    """Return the whole check by part of the settings, in the order a term is set up; parts that agree have no findings."""
    found = check_term(term)
    return [Area(word, [shown(f) for f in found if f.area == area]) for area, word in WORDS.items()]


def shown(finding: Finding) -> Shown:
    """Give a finding its address."""
    args = [] if finding.key is None else [finding.key]
    return Shown(finding.sentence, reverse(finding.page, args=args))


def _families(term: Term) -> Iterator[Finding]:
    if not term.consent_text.strip():
        sentence = "知情同意还没有写，家长申请时看不到用途说明。"
        yield Finding("consent_missing", sentence, FAMILIES, "setup:term-edit", term.pk)
    if not FeePlan.objects.filter(term=term).exists():
        sentence = "收费办法还没有设，告家长书里写不出收费标准。"
        yield Finding("fees_missing", sentence, FAMILIES, "enrollment:fees-settings")


def _late_care(term: Term) -> Iterator[Finding]:
    if not LateCarePlace.objects.filter(term=term).exists():
        sentence = "延时托管的地点还没有设，放学后没有人接的孩子没有去处。"
        yield Finding("late_care_missing", sentence, LATE_CARE, "attendance:late-care-places")
