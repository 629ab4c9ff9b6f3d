"""The term's check as the office sees it: what scheduling finds, and what the other apps add. Warnings, never a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from afterschool.school.models import Term
from attendance.models import AttendanceRule, CheckList, EmergencyNumber, EmergencyPost, LateCarePlace
from attendance.queries.settings import afternoon
from enrollment.models import FeePlan
from evaluation.enums import RubricKind
from evaluation.models import Rubric
from scheduling.checking import AREAS, Finding
from scheduling.queries.checking import findings_of

FAMILIES, LATE_CARE, AFTERNOON, SAFETY, JUDGING = "families", "late_care", "afternoon", "safety", "judging"
WORDS = {
    **AREAS,
    FAMILIES: "家长和收费",
    LATE_CARE: "延时托管",
    AFTERNOON: "下午的设置",
    SAFETY: "应急和安全",
    JUDGING: "考勤和评价",
}


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
    """Return what disagrees in a term, of every app: twenty queries, whatever the number of rows."""
    parts = (findings_of, _families, _late_care, _afternoon, _safety, _judging)
    return [finding for part in parts for finding in part(term)]


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


def _afternoon(term: Term) -> Iterator[Finding]:
    settings = afternoon(term)
    page = "attendance:afternoon-settings"
    last = max((band.served_until for band in term.bands.all()), default=None)
    for word, until in (("请假", settings.leave_until), ("改接送", settings.change_until)):
        if until is not None and last is not None and until > last:
            sentence = f"当天{word}截止到 {until:%H:%M}，服务最晚 {last:%H:%M} 就结束了。"
            yield Finding("cut_off_late", sentence, AFTERNOON, page)
    if settings.group_minutes < settings.leader_minutes:
        sentence = (
            f"未到的孩子，{settings.group_minutes} 分钟就报领导小组，{settings.leader_minutes} 分钟才报值班行政。"
        )
        yield Finding("escalation_order", sentence, AFTERNOON, page)


def _safety(term: Term) -> Iterator[Finding]:
    posts = EmergencyPost.objects.filter(term=term)
    for post in posts:
        if post.teacher_id is None:
            sentence = f"应急预案的{post.get_party_display()}还没有人。"
            yield Finding("emergency_post_open", sentence, SAFETY, "attendance:emergency-posts")
    if not posts:
        sentence = "应急预案还没有设。"
        yield Finding("emergency_missing", sentence, SAFETY, "attendance:emergency-posts")
    for number in EmergencyNumber.objects.filter(term=term, phone=""):
        sentence = f"应急电话里{number.name}没有号码。"
        yield Finding("emergency_number_missing", sentence, SAFETY, "attendance:emergency-numbers")
    if not CheckList.objects.filter(active=True).exists():
        sentence = "没有在用的安全检查表，场地不会提醒检查。"
        yield Finding("check_lists_missing", sentence, SAFETY, "attendance:safety-lists")


def _judging(term: Term) -> Iterator[Finding]:
    if not AttendanceRule.objects.filter(term=term, active=True).exists():
        sentence = "教师考勤规则还没有设，缺席、迟到不会列出。"
        yield Finding("attendance_rules_missing", sentence, JUDGING, "attendance:attendance-rules")
    held = set(Rubric.objects.filter(active=True).order_by().values_list("kind", flat=True))
    for kind in RubricKind:
        if kind not in held:
            sentence = f"{kind.label}的评价表还没有设。"
            yield Finding("rubric_missing", sentence, JUDGING, "evaluation:rubrics")
