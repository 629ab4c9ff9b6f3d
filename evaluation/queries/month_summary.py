"""The month in five minutes: what changed since the month before, and what needs a decision first (H4)."""

from dataclasses import dataclass, field
from datetime import date, time

from django.db.models import F
from django.urls import reverse

from afterschool.school.models import Term
from afterschool.school.naming import grade_name
from afterschool.support import clock
from attendance.enums import BreachState, DefectState, IncidentKind
from attendance.models import Breach, Defect, Incident
from attendance.queries.flags import undecided
from evaluation.enums import ClassTableState, ExplanationState, FeedbackKind, FeedbackState, Finding, FollowUpState
from evaluation.models import ClassTable, Feedback, FollowUp, PatrolVisit
from evaluation.month import Month, month_of
from evaluation.queries import reports
from evaluation.reporting import Report

GRADE_HEIGHT, GRADE_LEFT, GRADE_WIDTH = 26, 60, 420  # of one grade's bar, of its name, of a hundred percent


@dataclass(frozen=True)
class Change:
    """One figure of the month beside that of the month before; without one nothing to compare."""

    name: str
    now: int | None
    before: int | None
    unit: str = ""

    @property
    def difference(self) -> str:
        """Return what changed with its sign; a dash where nothing did or it can't be said."""
        if self.now is None or self.before is None or self.now == self.before:
            return "—"
        change = self.now - self.before
        return f"{'＋' if change > 0 else '－'}{abs(change)}{'个百分点' if self.unit == '%' else ''}"


@dataclass(frozen=True)
class Waits:
    """Something that needs a decision: how many, what, and where it is decided."""

    number: int
    what: str
    url: str


@dataclass(frozen=True)
class GradeBar:
    """One grade's share of turns that came, as a bar."""

    name: str
    percent: int
    y: int
    width: int

    @property
    def middle(self) -> int:
        return self.y + GRADE_HEIGHT // 2


@dataclass(frozen=True)
class Summary:
    """The first page of the monthly report."""

    before: Month | None
    changes: list[Change] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    grades: list[GradeBar] = field(default_factory=list)
    width: int = GRADE_LEFT + GRADE_WIDTH + 60

    @property
    def height(self) -> int:
        return max(1, len(self.grades)) * GRADE_HEIGHT + 8


def summary_of(term: Term, month: Month, report: Report) -> Summary:
    """Return the month's first page: twice the report's questions, and a dozen of what waits."""
    first_month = month_of(term.service_starts_on)
    before = _previous(month) if month > first_month else None
    old = reports.monthly(term, before) if before else None
    return Summary(before, _changes(term, month, report, before, old), _waits(term), _grades(report))


def _previous(month: Month) -> Month:
    return Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)


def _changes(term: Term, month: Month, now: Report, earlier: Month | None, before: Report | None) -> list[Change]:
    def both(name: str, get: str, unit: str = "") -> Change:
        values = [getattr(one.total, get) if one else None for one in (now, before)]
        return Change(name, values[0], values[1], unit)

    found = [
        both("到班人次", "here"),
        both("到班率", "percent", "%"),
        both("请假人次", "leave"),
        both("未到人次", "absent"),
        Change("已上场次", now.held, before.held if before else None),
        Change("代课、调课次数", now.all_stood_in, before.all_stood_in if before else None),
        Change("未到追查", now.incidents.missing, before.incidents.missing if before else None),
        Change("延时托管", now.incidents.late_care, before.incidents.late_care if before else None),
    ]
    for name, count in COUNTS:
        found.append(Change(name, count(term, month), count(term, earlier) if earlier else None))
    return found


def _span(month: Month) -> tuple[date, date]:
    return month.first, month.last


def _complaints(term: Term, month: Month) -> int:
    upheld = Feedback.objects.filter(term=term, kind=FeedbackKind.COMPLAINT, finding=Finding.UPHELD)
    return upheld.filter(sent_on__range=_span(month)).count()


def _praise(term: Term, month: Month) -> int:
    upheld = Feedback.objects.filter(term=term, kind=FeedbackKind.PRAISE, finding=Finding.UPHELD)
    return upheld.filter(sent_on__range=_span(month)).count()


def _differences(term: Term, month: Month) -> int:
    visits = PatrolVisit.objects.filter(round__term=term, round__date__range=_span(month), counted__isnull=False)
    return visits.exclude(counted=F("expected")).count()


def _incidents(term: Term, month: Month) -> int:
    first, last = clock.at(month.first, time.min), clock.at(month.last, time.max)
    return Incident.objects.filter(term=term, kind=IncidentKind.REAL, alarm_at__range=(first, last)).count()


COUNTS = [
    ("巡视清点不符", _differences),
    ("属实的投诉", _complaints),
    ("属实的表扬", _praise),
    ("突发事件", _incidents),
]


def _waits(term: Term) -> list[Waits]:
    """Return what waits now, whatever month is looked at; what does not wait is left out."""
    today = clock.today()
    found = [
        Waits(undecided(term).count(), "教师考勤预警没有处理", reverse("attendance:teacher-flags")),
        Waits(
            Breach.objects.filter(term=term, state=BreachState.RECORDED).count(),
            "违纪记录等第二人确认",
            reverse("attendance:breaches"),
        ),
        Waits(
            Feedback.objects.filter(term=term, state=FeedbackState.NEW).count(),
            "家长的话没有答复",
            reverse("evaluation:feedback"),
        ),
        Waits(
            PatrolVisit.objects.filter(round__term=term, counted__isnull=False)
            .exclude(counted=F("expected"))
            .exclude(explanation_state=ExplanationState.ACCEPTED)
            .count(),
            "巡视清点不符，没有认可的说明",
            reverse("evaluation:patrol-record"),
        ),
        Waits(
            FollowUp.objects.filter(term=term, state=FollowUpState.OPEN, due_on__lt=today).count(),
            "巡视后要办的事过了期",
            reverse("evaluation:patrol-record"),
        ),
        Waits(
            Defect.objects.filter(state=DefectState.OPEN, due_on__lt=today).count(),
            "安全隐患过了期还没修",
            reverse("attendance:safety"),
        ),
        Waits(
            ClassTable.objects.filter(term=term, state=ClassTableState.OPEN, due_on__lt=today).count(),
            "班级学生表过期没有确认",
            reverse("evaluation:class-tables"),
        ),
    ]
    return [one for one in found if one.number]


def _grades(report: Report) -> list[GradeBar]:
    """Return a bar a grade, in order of grades, whole percent of those expected who came."""
    return [
        GradeBar(
            grade_name(line.grade),
            line.marks.percent or 0,
            4 + place * GRADE_HEIGHT,
            (line.marks.percent or 0) * GRADE_WIDTH // 100,
        )
        for place, line in enumerate(report.grades)
    ]
