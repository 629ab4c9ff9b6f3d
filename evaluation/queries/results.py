"""A term's results: what each teacher's is made of, what is proposed, what a person decided (rules, section 9)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum

from afterschool.school.access import Actor
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from attendance.enums import BreachState
from attendance.models import Breach, FlagDecision
from attendance.queries.breaches import period
from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import Rubric, RubricBand, ScoreSheet, TermResult
from evaluation.month import Month, month_of, months_between
from evaluation.queries.sheets import active_rubric
from evaluation.rubric import Band, Placed, band_of, below, by_shares, places, points_of_term, too_few
from scheduling.models import Duty

UNQUALIFIED = "不合格"
NOTICES = {"unqualified": "有已确认的违纪", "downgraded": "考勤决定降级", "tied": "{} 人同分跨线"}


@dataclass(frozen=True)
class Case:
    """One teacher's term: the finished sheets, points by the stated rule, what overrules them, the last decision."""

    teacher: Teacher
    bands: list[Band]
    sheets: list[ScoreSheet]
    unqualified: bool
    unqualified_months: list[Month]
    breaches: list[int]
    downgrades: list[int]
    result: TermResult | None = None
    placed: Placed | None = None  # by shares, among all who have points

    def of(self, occasion: Occasion) -> list[ScoreSheet]:
        return [sheet for sheet in self.sheets if sheet.occasion == occasion]

    @property
    def visits(self) -> list[ScoreSheet]:
        return self.of(Occasion.VISIT)

    @property
    def months(self) -> list[ScoreSheet]:
        return self.of(Occasion.MONTH)

    @property
    def of_term(self) -> list[ScoreSheet]:
        return self.of(Occasion.TERM)

    @property
    def _points(self) -> tuple[Decimal | None, str]:
        visits, months, own = ([total_of(one) for one in of] for of in (self.visits, self.months, self.of_term))
        return points_of_term(visits, months, next(iter(own), None))

    @property
    def points(self) -> Decimal | None:
        return self._points[0]

    @property
    def rule(self) -> str:
        """Return what the points come from: `term`, `months`, `visits` or nothing."""
        return self._points[1]

    @property
    def choices(self) -> list[str]:
        """Return the grades that can be given, 不合格 always among them."""
        names = [band.name for band in self.bands]
        return names if UNQUALIFIED in names else [*names, UNQUALIFIED]

    @property
    def proposed(self) -> str:
        """Return the grade that points (or their share) and records propose; empty where nothing was scored."""
        if self.unqualified:
            return UNQUALIFIED
        found = self.placed.band if self.placed else None
        if self.placed is None and self.points is not None:
            found = band_of(self.bands, self.points)
        if found is None:
            return ""
        return below(self.bands, found).name if self.downgrades else found.name

    @property
    def notices(self) -> list[str]:
        """Return what a person should know before deciding, in words."""
        found = (
            [NOTICES["unqualified"]] if self.unqualified else [f"{month}不合格" for month in self.unqualified_months]
        )
        if self.downgrades:
            found.append(NOTICES["downgraded"])
        return found + ([NOTICES["tied"].format(self.placed.tied)] if self.placed and self.placed.tied else [])

    @property
    def make_up(self) -> dict[str, Any]:
        """Return ids and points of everything the result is made of, to be kept with it."""
        return {
            "rule": self.rule,
            "sheets": {str(sheet.pk): str(total_of(sheet)) for sheet in self.sheets},
            "breaches": self.breaches,
            "decisions": self.downgrades,
            "proposed": self.proposed,
            "tied": self.placed.tied if self.placed else 0,
        }


def total_of(sheet: ScoreSheet) -> Decimal:
    """Return the points of a sheet loaded with its total."""
    return Decimal(getattr(sheet, "total", None) or 0)


@dataclass(frozen=True)
class Overview:
    """A term's teachers by staff number, how many of each grade are given so far, and how many places each has."""

    rubric: Rubric | None
    bands: list[Band]
    cases: list[Case]
    given: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def shared(self) -> int:
        """Return among how many the shares are counted: who has points and is not 不合格 anyway."""
        return sum(self.places.values())

    @property
    def unscored(self) -> int:
        return sum(1 for case in self.cases if case.points is None and not case.unqualified)

    @property
    def ratio(self) -> str:
        """Return 4:4:2, or nothing where grades go by points."""
        return ":".join(str(band.share) for band in self.bands if band.share)

    @property
    def too_few(self) -> bool:
        return too_few(self.bands, self.shared)

    def plain(self, but: Teacher | None) -> list[Case]:
        """Return the cases with a proposal, no decision yet and nothing to be heeded, without this teacher's own."""
        return [
            case
            for case in self.cases
            if case.proposed and not case.result and not case.notices and case.teacher != but
        ]

    def of(self, teacher: Teacher) -> Case:
        """Return the case of one of the teachers asked for."""
        return next(case for case in self.cases if case.teacher == teacher)

    @property
    def shares(self) -> list[tuple[str, int, int]]:
        """Return each grade with how many have it and how many may: for grades by shares."""
        return [(name, self.given.get(name, 0), most) for name, most in self.places.items()]


def overview(term: Term, teacher: Teacher | None = None) -> Overview:
    """Return the cases of a term, with this teacher among them: eight queries, whatever their number.

    Always of everybody: a grade by shares rests on the points of all.
    """
    rubric = active_rubric(RubricKind.TEACHER)
    bands = bands_of(rubric) if rubric else []
    people = list(_teachers(term, teacher))
    sheets: dict[int, list[ScoreSheet]] = defaultdict(list)
    for sheet in _finished(term, people):
        sheets[sheet.teacher_id or 0].append(sheet)
    broken = _breaches(term, people)
    first, last = period(term, term.starts_on)
    whole = (first, last) == (term.starts_on, term.ends_on)
    downgraded = _downgrades(term, people)
    latest = {row.teacher_id: row for row in _results(term, people).order_by("version")}
    cases = [
        Case(
            teacher,
            bands,
            sheets[teacher.pk],
            unqualified=whole and bool(broken[teacher.pk]),
            unqualified_months=[] if whole else _months(term, broken[teacher.pk]),
            breaches=[pk for pk, _ in broken[teacher.pk]],
            downgrades=downgraded[teacher.pk],
            result=latest.get(teacher.pk),
        )
        for teacher in people
    ]
    points = {case.teacher.pk: case.points for case in cases if case.points is not None and not case.unqualified}
    placed = by_shares(bands, points)
    cases = [replace(case, placed=placed.get(case.teacher.pk)) for case in cases]
    given = Counter(case.result.band for case in cases if case.result)
    return Overview(rubric, bands, cases, dict(given), places(bands, len(points)))


def bands_of(rubric: Rubric) -> list[Band]:
    """Return the grades of a rubric, highest first."""
    rows = RubricBand.objects.filter(rubric=rubric).order_by("position")
    return [Band(row.name, row.from_points, row.share) for row in rows]


def _teachers(term: Term, teacher: Teacher | None) -> Any:
    turns = Duty.objects.filter(active=True, teacher=OuterRef("pk"), session__term=term)
    asked = Q(pk=teacher.pk) if teacher else Q()
    return Teacher.objects.filter(Exists(turns) | asked).order_by("staff_number", "pk")


def _finished(term: Term, people: list[Teacher]) -> Any:
    found = ScoreSheet.objects.filter(term=term, teacher__in=people, state=SheetState.FINAL)
    return found.annotate(total=Sum("lines__points")).select_related("session__group").order_by("date", "pk")


def _breaches(term: Term, people: list[Teacher]) -> dict[int, list[tuple[int, date]]]:
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    rows = Breach.objects.filter(term=term, teacher__in=people, state=BreachState.CONFIRMED).order_by("seen_at", "pk")
    for pk, teacher, at in rows.values_list("pk", "teacher_id", "seen_at"):
        found[teacher].append((pk, at.astimezone(clock.SHANGHAI).date()))
    return found


def _months(term: Term, broken: list[tuple[int, date]]) -> list[Month]:
    hit = {month_of(day) for _, day in broken}
    return [month for month in months_between(term.starts_on, term.ends_on) if month in hit]


def _downgrades(term: Term, people: list[Teacher]) -> dict[int, list[int]]:
    """Return the decisions that lower a grade: the last word on a flag counts, so an appeal may have lifted one."""
    last: dict[int, FlagDecision] = {}
    rows = FlagDecision.objects.filter(flag__term=term, flag__teacher__in=people).select_related("flag")
    for row in rows.order_by("at", "pk"):
        last[row.flag_id] = row
    found: dict[int, list[int]] = defaultdict(list)
    for row in last.values():
        if row.downgrades:
            found[row.flag.teacher_id].append(row.pk)
    return found


def _results(term: Term, people: list[Teacher]) -> Any:
    return TermResult.objects.filter(term=term, teacher__in=people).select_related("decided_by")


def versions(term: Term, teacher: Teacher) -> list[TermResult]:
    """Return what was decided for a teacher, newest first."""
    return list(_results(term, [teacher]).order_by("-version"))


def own_results(actor: Actor) -> list[TermResult]:
    """Return the last decision of each term about this teacher, newest term first."""
    rows = TermResult.objects.filter(teacher=actor.teacher).select_related("term") if actor.teacher else []
    latest = {row.term_id: row for row in sorted(rows, key=lambda row: row.version)}
    return sorted(latest.values(), key=lambda row: row.term.starts_on, reverse=True)
