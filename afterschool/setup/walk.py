"""The walk through a term's set-up, step by step in the order of the year: what is set, what is the plan's, what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from afterschool.school.enums import DayKind, Role
from afterschool.school.models import GradeBand, School, StaffRole, Term
from afterschool.setup.actions import CONSENT, PLAN_BANDS
from afterschool.support.tones import Toned
from attendance.defaults import PLACES, RULES
from attendance.models import (
    AfternoonSettings,
    AttendanceRule,
    CheckList,
    EmergencyNumber,
    EmergencyPost,
    LateCarePlace,
)
from enrollment.enums import FeeBasis, NoticeState
from enrollment.models import FeePlan, Notice
from evaluation.enums import RubricKind
from evaluation.models import AllowanceRate, FigureColumn, Rubric
from scheduling.models import PatrolTurn, RotaSettings, Timetable, WorkItem
from scheduling.work_defaults import PLAN as WORK_PLAN

POSTS = (Role.LEADING_GROUP, Role.DUTY_LEADER, Role.GRADE_LEADER, Role.SERVICE_CENTRE, Role.GATEKEEPER)


class StepState(Toned):
    """How far a step is."""

    SET = "set", "done", "设好"
    DEFAULT = "default", "none", "用默认"
    MISSING = "missing", "act", "还缺"


@dataclass(frozen=True)
class Step:
    """One step: what it is, how far, in a few words, and the page where it is set."""

    word: str
    state: StepState
    said: str
    url: str


def steps_of(term: Term, school: School) -> list[Step]:
    """Return all steps of a term, in the order in which a school sets them: eighteen queries, whatever the number of rows."""
    bands = list(GradeBand.objects.filter(term=term).order_by("first_grade"))
    return [
        _school(school),
        _term(term),
        _bands(term, bands),
        _timetables(bands),
        _calendar(term),
        *_families(term),
        _clubs(term),
        *_afternoon(term),
        *_judging(term),
        *_safety(term),
        *_work(term),
    ]


def missing(steps: list[Step]) -> int:
    """Return how many steps lack something."""
    return sum(step.state == StepState.MISSING for step in steps)


def first_missing(steps: list[Step]) -> int:
    """Return the number of the first step that lacks something; the first of all where none does."""
    return next((number for number, step in enumerate(steps, 1) if step.state == StepState.MISSING), 1)


def _step(word: str, page: str, said: str, *, lacks: str = "", plain: bool = False, key: int | None = None) -> Step:
    """Build a step: what it lacks goes before what is the plan's own."""
    state = StepState.MISSING if lacks else StepState.DEFAULT if plain else StepState.SET
    return Step(word, state, lacks or said, reverse(page, args=[] if key is None else [key]))


def _school(school: School) -> Step:
    lacks = "" if school.public_url else "公开网址没填，不能打印绑定单"
    return _step("学校", "setup:school", school.name, lacks=lacks)


def _term(term: Term) -> Step:
    said = f"{term.name}，每班最多 {term.cap} 人，满 {term.smallest_size} 人开班"
    return _step("学期", "setup:term-edit", said, key=term.pk)


def _bands(term: Term, bands: list[GradeBand]) -> Step:
    said = "，".join(f"{band} {band.served_from:%H:%M}—{band.served_until:%H:%M}" for band in bands)
    hours = [(b.first_grade, b.last_grade, b.served_from, b.served_until) for b in bands]
    plan = [(b.first_grade, b.last_grade, b.served_from, b.served_until) for b in PLAN_BANDS]
    lacks = "" if bands else "没有年级段，不知道几点服务"
    return _step("年级段", "setup:bands", said, lacks=lacks, plain=hours == plan, key=term.pk)


def _timetables(bands: list[GradeBand]) -> Step:
    rows = list(Timetable.objects.filter(band__in=[b.pk for b in bands]).values_list("band_id", flat=True))
    bare = [str(band) for band in bands if band.pk not in rows]
    lacks = f"{'、'.join(bare)}没有课表" if bare else "" if rows else "没有课表"
    return _step("课表", "scheduling:timetables", f"{len(rows)} 份", lacks=lacks)


def _calendar(term: Term) -> Step:
    kinds = list(term.days.values_list("kind", flat=True))
    served = sum(kind != DayKind.OFF for kind in kinds)
    lacks = "" if served else "还没有排校历，哪天有服务不知道"
    return _step("校历", "scheduling:calendar", f"{served} 天上课", lacks=lacks)


def _families(term: Term) -> Iterator[Step]:
    plan = FeePlan.objects.filter(term=term).first()
    said = FeeBasis(plan.basis).label if plan else ""
    yield _step("收费", "enrollment:fees-settings", said, lacks="" if plan else "收费办法没有定，不收费也请写明")
    text = term.consent_text.strip()
    yield _step(
        "知情同意",
        "setup:term-edit",
        "方案的说法，请核对" if text == CONSENT else f"第 {term.consent_version} 版，{len(text)} 字",
        lacks="" if text else "没有写，家长看不到用途",
        plain=text == CONSENT,
        key=term.pk,
    )
    states = list(Notice.objects.filter(term=term).order_by().values_list("state", flat=True))
    out = sum(state == NoticeState.PUBLISHED for state in states)
    drafts = sum(state == NoticeState.DRAFT for state in states)
    lacks = "" if out else f"还没有发布（草稿 {drafts} 份）"
    yield _step("告家长书", "enrollment:letters", f"已发布 {out} 份，草稿 {drafts} 份", lacks=lacks)
    agreed = term.agreement_version is not None
    said = f"第 {term.agreement_version} 版" if agreed else "没有发布，家长不用签协议"
    yield _step("协议", "enrollment:agreements", said, plain=not agreed)


def _clubs(term: Term) -> Step:
    settings = RotaSettings.objects.filter(term=term).first()
    most = settings.clubs_per_teacher if settings else 0
    said = f"每位教师最多带 {most} 个" if most else "每位教师带几个不限"
    return _step("社团规则", "scheduling:clubs", said, plain=settings is None)


def _afternoon(term: Term) -> Iterator[Step]:
    places = list(LateCarePlace.objects.filter(term=term).values_list("name", "role"))
    said = "、".join(name for name, _ in places)
    lacks = "" if places else "没有地点，没有人接的孩子没有去处"
    yield _step("延时托管", "attendance:late-care-places", said, lacks=lacks, plain=places == PLACES)
    standing = AfternoonSettings.objects.filter(term=term).exists()
    said = "按本校的" if standing else "请假、接送、寻找、来访都按默认"
    yield _step("下午的设置", "attendance:afternoon-settings", said, plain=not standing)
    rules = list(AttendanceRule.objects.filter(term=term, active=True).values_list("kind", "count", "window", "text"))
    lacks = "" if rules else "没有规则，教师缺席不会列出"
    yield _step("考勤规则", "attendance:attendance-rules", f"{len(rules)} 条", lacks=lacks, plain=rules == RULES)


def _judging(term: Term) -> Iterator[Step]:
    versions = dict(Rubric.objects.filter(active=True).values_list("kind", "version"))
    bare = [kind.label for kind in RubricKind if kind not in versions]
    said = "，".join(f"{RubricKind(kind).label}第 {version} 版" for kind, version in sorted(versions.items()))
    lacks = f"{'、'.join(bare)}没有评价表" if bare else ""
    yield _step("评价表", "evaluation:rubrics", said, lacks=lacks, plain=set(versions.values()) == {1})
    columns = FigureColumn.objects.filter(term=term, active=True).count()
    said = f"{columns} 列" if columns else "常用的列"
    yield _step("上报的数据", "evaluation:figures-columns", said, plain=not columns)
    rates = AllowanceRate.objects.filter(term=term).order_by().values("kind").distinct().count()
    said = f"{rates} 种工作有标准" if rates else "没有标准，只数次数"
    yield _step("补助标准", "evaluation:allowance-rates", said, plain=not rates)


def _safety(term: Term) -> Iterator[Step]:
    posts = list(EmergencyPost.objects.filter(term=term).values_list("teacher_id", flat=True))
    numbers = list(EmergencyNumber.objects.filter(term=term).values_list("phone", flat=True))
    bare, silent = sum(one is None for one in posts), numbers.count("")
    words = [f"{bare} 个职责没有负责人"] * bool(bare) + [f"{silent} 个单位没有电话"] * bool(silent)
    lacks = "、".join(words) if posts else "没有应急预案"
    said = f"{len(posts)} 个职责，{len(numbers)} 个电话"
    yield _step("应急预案", "attendance:emergency", said, lacks=lacks)
    lists = CheckList.objects.filter(active=True).count()
    yield _step("检查表", "attendance:safety-lists", f"{lists} 张", lacks="" if lists else "没有安全检查表")


def _work(term: Term) -> Iterator[Step]:
    texts = set(WorkItem.objects.filter(term=term, active=True).values_list("text", flat=True))
    plain = texts == {line.text for line in WORK_PLAN}
    lacks = "" if texts else "没有工作一览表"
    yield _step("工作一览表", "scheduling:work-list", f"{len(texts)} 项工作", lacks=lacks, plain=plain)
    turns = list(PatrolTurn.objects.filter(term=term).values_list("teacher_id", flat=True))
    bare = sum(one is None for one in turns)
    lacks = f"{bare} 个巡视岗没有人" if bare else "" if turns else "没有排巡视"
    yield _step("巡视", "scheduling:patrol", f"{len(turns)} 个岗", lacks=lacks)
    held = StaffRole.objects.filter(role__in=POSTS, teacher__active=True)
    roles = set(held.order_by().values_list("role", flat=True).distinct())
    empty = [role.label for role in POSTS if role not in roles]
    lacks = f"{'、'.join(empty)}没有人" if empty else ""
    yield _step("岗位", "school:staff", "各岗位都有人", lacks=lacks)
