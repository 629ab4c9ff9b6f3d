"""Statements of a term: what each child would owe for a period, beside what was issued. A few queries for the whole school."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from django.db.models import Q

from afterschool.school.enums import DayKind, PlacementKind
from afterschool.school.models import ClassMembership, Placement, SchoolClass, SchoolDay, Student, Term
from afterschool.school.naming import grade_name
from afterschool.support import clock, weekdays
from enrollment import fees
from enrollment.enums import ApplicationState, ChargeState, FeeBasis
from enrollment.facts import attendance_of
from enrollment.models import Application, CareRecord, Charge, FeePlan
from enrollment.queries.fees import plan_of, terms_of

WHOLE_TERM = "term"


@dataclass(frozen=True)
class PeriodChoice:
    """A period that statements can be issued for, with its word in the address."""

    slug: str
    period: fees.Period


def service_days(term: Term) -> list[fees.Day]:
    """Return the service days of the term, the cancelled ones too: one query."""
    rows = SchoolDay.objects.filter(
        term=term, kind__in=[DayKind.SERVICE, DayKind.CANCELLED], date__gte=term.service_starts_on
    )
    return [
        fees.Day(on, weekday, kind == DayKind.CANCELLED)
        for on, weekday, kind in rows.order_by("date").values_list("date", "runs_weekday", "kind")
    ]


def periods(term: Term, basis: str, days: Collection[fees.Day]) -> list[PeriodChoice]:
    """Return the periods to choose from: the term, or its months with service days; per lesson either."""
    found = []
    if basis != FeeBasis.TERM:
        for year, month in sorted({(day.date.year, day.date.month) for day in days}):
            first = date(year, month, 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            label = f"{year}年{month}月"
            found.append(PeriodChoice(f"{year}-{month:02}", fees.Period(label, first, last)))
    if basis != FeeBasis.MONTH:
        found.append(PeriodChoice(WHOLE_TERM, fees.Period("全学期", term.starts_on, term.ends_on)))
    return found


@dataclass(frozen=True)
class Sample:
    """What a child who comes on every day of service would owe, for the office to check the settings by."""

    who: str
    label: str
    statement: fees.Statement


def samples(term: Term, rule: fees.Terms, days: Collection[fees.Day], percent: Decimal) -> list[Sample]:
    """Return a worked case for each amount, and where there are waivers one of the largest. No query."""
    choices = periods(term, rule.basis, days)
    if not choices or rule.basis == FeeBasis.NONE:
        return []
    period, found = choices[0].period, []
    every = frozenset(day.date for day in days if not day.cancelled)
    span = (fees.Span(term.starts_on, term.ends_on, term.service_weekdays),)
    for rate in sorted(rule.rates, key=lambda rate: rate.first_grade):
        for spared in [fees.ZERO, percent] if percent and rate == rule.rates[0] else [fees.ZERO]:
            child = fees.Child(rate.first_grade, span, attended=every, percent=spared)
            who = f"{grade_name(rate.first_grade)}孩子，{weekdays.show(term.service_weekdays)}都参加"
            who += f"，减免 {spared.normalize():f}%" if spared else ""
            found.append(Sample(who, period.label, fees.statement(rule, period, days, child)))
    return found


class Standing(Enum):
    """How what is owed now stands to what was issued."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"

    @property
    def tone(self) -> str:
        return {"new": "wait", "same": "done", "changed": "act"}[self.value]

    @property
    def word(self) -> str:
        return {"new": "未出账", "same": "已出账", "changed": "有变动"}[self.value]


@dataclass(frozen=True)
class Row:
    """One child of a period: what is owed by what is known now, and the statement that holds, if any."""

    student: Student
    school_class: SchoolClass | None
    statement: fees.Statement
    charge: Charge | None

    @property
    def standing(self) -> Standing:
        if self.charge is None:
            return Standing.NEW
        return Standing.SAME if self.charge.amount == self.statement.amount else Standing.CHANGED

    @property
    def difference(self) -> Decimal:
        return self.statement.amount - (self.charge.amount if self.charge else fees.ZERO)


@dataclass
class Sum:
    """Children and yuan of a class, a grade or the school."""

    children: int = 0
    amount: Decimal = fees.ZERO
    waived: Decimal = fees.ZERO
    new: int = 0
    changed: int = 0
    difference: Decimal = fees.ZERO

    def add(self, row: Row) -> None:
        self.children += 1
        self.amount += row.statement.amount
        self.waived -= row.statement.sum_of(fees.LineKind.WAIVER)
        self.new += row.standing == Standing.NEW
        self.changed += row.standing == Standing.CHANGED
        if row.standing == Standing.CHANGED:
            self.difference += row.difference


@dataclass
class Preview:
    """All children of a period, with sums."""

    choice: PeriodChoice
    rows: list[Row]
    unclosed: int
    without_rate: list[int]
    total: Sum = field(default_factory=Sum)
    classes: dict[SchoolClass | None, Sum] = field(default_factory=dict)
    grades: dict[int, Sum] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            grade = row.school_class.grade if row.school_class else 0
            self.total.add(row)
            self.classes.setdefault(row.school_class, Sum()).add(row)
            self.grades.setdefault(grade, Sum()).add(row)

    @property
    def to_issue(self) -> int:
        return self.total.new + self.total.changed

    @property
    def changed_rows(self) -> list[Row]:
        return [row for row in self.rows if row.standing == Standing.CHANGED]

    @property
    def stamp(self) -> str:
        """What the office saw when it pressed the button: numbers and sums."""
        sums = self.total
        return f"{sums.new}.{sums.changed}.{sums.amount}.{sums.difference}"


def choice_of(term: Term, slug: str) -> tuple[FeePlan, list[fees.Day], PeriodChoice] | None:
    """Return plan, days and the period of this word; nothing where the term has no fee or no such period: four queries."""
    plan = plan_of(term)
    if plan is None:
        return None
    days = service_days(term)
    found = next((one for one in periods(term, plan.basis, days) if one.slug == slug), None)
    return (plan, days, found) if found else None


def preview(term: Term, plan: FeePlan, days: Collection[fees.Day], choice: PeriodChoice) -> Preview:
    """Return what every child owes for the period by what is known now: nine queries at most, however many children."""
    charges = {
        charge.student_id: charge
        for charge in Charge.objects.filter(
            term=term, label=choice.period.label, state=ChargeState.ISSUED
        ).select_related("student")
    }
    known = _Known(term, plan)
    rule = terms_of(plan)
    rows, without = [], set()
    for student, school_class, spans in known.children(charges):
        grade = school_class.grade if school_class else 0
        charge = charges.get(student.pk)
        forgotten = charge is not None and (student.erased_at or term.forgotten_at)  # the reason of a waiver is gone
        child = fees.Child(
            grade,
            spans,
            known.attendance.attended.get(student.pk, frozenset()),
            known.attendance.on_leave.get(student.pk, frozenset()),
            charge.percent if charge and forgotten else known.percent.get(student.pk, fees.ZERO),
        )
        found = fees.statement(rule, choice.period, days, child)
        if spans and rule.rate(grade) is None:
            without.add(grade)
        if found.lines or charge is not None:
            rows.append(Row(student, school_class, found, charge))
    return Preview(choice, rows, known.attendance.unclosed, sorted(without))


class _Known:
    """What the tables say of the children of a term."""

    def __init__(self, term: Term, plan: FeePlan) -> None:
        self.term = term
        self.spans: dict[int, list[fees.Span]] = defaultdict(list)
        places = Placement.objects.filter(term=term, kind=PlacementKind.SERVICE).order_by()
        for pk, first, last, digits in places.values_list("student_id", "starts_on", "ends_on", "weekdays"):
            self.spans[pk].append(fees.Span(first, last or term.ends_on, digits))
        waiting = Application.objects.filter(term=term, state=ApplicationState.SCHOOL_APPROVED).order_by()
        for pk, digits in waiting.values_list("student_id", "weekdays"):
            if (
                pk not in self.spans
            ):  # approved, not yet in a group: it owes for what lies ahead, not for days nobody served it
                first = max(term.service_starts_on, clock.today())
                self.spans[pk].append(fees.Span(first, term.ends_on, digits))
        waived = {row.category_id: row.percent for row in plan.waivers.all()}
        self.percent: dict[int, Decimal] = {}
        cared = CareRecord.objects.filter(term=term, category_id__in=list(waived)).order_by()
        for pk, category in cared.values_list("student_id", "category_id"):
            self.percent[pk] = max(self.percent.get(pk, fees.ZERO), waived[category])
        self.attendance = attendance_of(term, term.starts_on, term.ends_on)

    def children(self, charges: Iterable[int]) -> Iterable[tuple[Student, SchoolClass | None, tuple[fees.Span, ...]]]:
        """Yield the children by class and number, with their spans; who left school is of the class it left."""
        term = self.term
        placed = Q(placements__term=term) | Q(applications__term=term) | Q(charges__term=term)
        pupils = Student.objects.filter(placed).distinct().select_related("school_class")
        wanted = set(self.spans) | set(charges)
        found = [student for student in pupils if student.pk in wanted]
        gone = [student.pk for student in found if student.school_class is None]
        last = {
            row.student_id: row
            for row in ClassMembership.objects.filter(student_id__in=gone)
            .select_related("school_class")
            .order_by("starts_on", "pk")
        }
        known = []
        for student in found:
            spans, school_class = self.spans.get(student.pk, []), student.school_class
            if school_class is None and (row := last.get(student.pk)):
                school_class = row.school_class
                spans = [_until(span, row.ends_on) for span in spans if not row.ends_on or span.first <= row.ends_on]
            known.append((student, school_class, tuple(spans)))
        key = lambda row: (row[1].grade if row[1] else 0, row[1].number if row[1] else 0, row[0].number or 0, row[0].pk)  # noqa: E731
        return sorted(known, key=key)


def _until(span: fees.Span, end: date | None) -> fees.Span:
    return span if end is None else fees.Span(span.first, min(span.last, end), span.weekdays)
