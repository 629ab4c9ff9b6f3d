"""The records behind the half-monthly figures, in a fixed number of questions whatever the size of the school (H1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, Q

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, SessionState, StudentState
from afterschool.school.models import ClassMembership, Placement, Session, Student, Teacher, Term
from afterschool.support import clock
from attendance.enums import HERE
from attendance.models import Mark
from enrollment.models import Charge
from evaluation.access import REPORT_READERS
from evaluation.enums import PaperState
from evaluation.halfmonth import BY_KEY, COLUMNS, DUE_DAYS, TABLE_DAYS, Row, Span, school_of, spans
from evaluation.models import FigureColumn, HalfMonth
from evaluation.queries.work_done import sessions_still_open
from scheduling.duedates import monthly
from scheduling.models import Duty, VolunteerTurn
from scheduling.queries.work import calendar_of


@dataclass(frozen=True)
class Head:
    """A column as a report shows it: one of the portal's, or the school's own that is typed."""

    id: int
    key: str
    title: str

    @property
    def kind(self) -> str:
        return BY_KEY[self.key].kind if self.key else "text"


@dataclass(frozen=True)
class Figures:
    """The numbers of one report by grade (0: no grade), the school's sum, and the day as of which children count."""

    as_of: date | None
    grades: dict[int, Row]
    school: Row
    still_open: int

    def as_data(self) -> dict[str, Any]:
        """Return plain numbers to be frozen."""
        return {
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "grades": {str(grade): vars(row) for grade, row in self.grades.items()},
            "days": self.school.days,
            "still_open": self.still_open,
        }


def from_data(data: dict[str, Any]) -> Figures:
    """Return frozen figures as they stood."""
    grades = {int(grade): Row(**values) for grade, values in data.get("grades", {}).items()}
    as_of = date.fromisoformat(data["as_of"]) if data.get("as_of") else None
    return Figures(as_of, grades, school_of(grades.values(), days=data.get("days", 0)), data.get("still_open", 0))


def may_read(actor: Actor) -> bool:
    """Tell whether this person may read the figures: the office and the leading group."""
    return actor.has(*REPORT_READERS)


def spans_of(term: Term) -> list[Span]:
    """Return the reports of a term: due on the 15th and 30th, on the school day before where there is none."""
    return spans(monthly(DUE_DAYS, calendar_of(term)), term.service_starts_on)


def table_days_of(term: Term) -> list[date]:
    """Return when the classes' tables are due: the 14th and 29th, likewise, from the first day of service on."""
    return [day for day in monthly(TABLE_DAYS, calendar_of(term)) if day >= term.service_starts_on]


def heads(term: Term, *, active_only: bool = True) -> list[Head]:
    """Return the columns of the term's reports in order; the usual ones where the office has set none."""
    own = FigureColumn.objects.filter(term=term)
    rows = list(own.filter(active=True) if active_only else own)
    if not rows and not own.exists():
        return [Head(0, column.key, column.title) for column in COLUMNS if column.usual]
    return [Head(row.pk, row.key, row.title) for row in rows]


def figures(term: Term, span: Span) -> Figures:
    """Count the figures of a span as of now: nine questions."""
    held = Session.objects.filter(term=term, state=SessionState.PLANNED, roll_call__closed_at__isnull=False)
    as_of = held.filter(date__lte=span.last).order_by("-date").values_list("date", flat=True).first()
    within = held.filter(date__range=(span.first, span.last))
    numbers: dict[int, Counter[str]] = defaultdict(Counter)
    _count_children(term, as_of or span.first, numbers)
    _count_teachers(within, numbers)
    _count_sessions(within.filter(group__kind__in=SERVICE_GROUPS), numbers)
    _count_fees(term, span, as_of or span.first, numbers)
    rows = {grade: Row(**numbers[grade]) for grade in sorted(numbers, key=lambda grade: grade or 99)}
    days = within.values("date").distinct().count()
    still_open = sessions_still_open(term, span.first, span.last)
    return Figures(as_of, rows, school_of(rows.values(), days=days), still_open)


def _grades_on(day: date) -> dict[int, int]:
    """Return the grade of each child that stood on a class roll on a day; by the class of today where none is on record."""
    found = dict(
        ClassMembership.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)
        .order_by("starts_on")
        .values_list("student_id", "school_class__grade")
    )
    others = Student.objects.filter(
        state=StudentState.ENROLLED, school_class__isnull=False, memberships__isnull=True
    ).values_list("pk", "school_class__grade")
    return dict(others) | found


def _count_children(term: Term, day: date, numbers: dict[int, Counter[str]]) -> None:
    grades = _grades_on(day)
    for grade in grades.values():
        numbers[grade]["roll"] += 1
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), term=term, kind=PlacementKind.SERVICE, starts_on__lte=day
    )
    every = set(term.service_weekdays)
    weekdays: dict[int, set[str]] = defaultdict(set)
    for student, days in places.values_list("student_id", "weekdays"):
        if days:
            weekdays[student] |= set(days)
    for student, of_child in weekdays.items():
        if student in grades:
            numbers[grades[student]]["part"] += 1
            numbers[grades[student]]["every_day"] += of_child >= every


def _count_teachers(within: Any, numbers: dict[int, Counter[str]]) -> None:
    for grade, count in Teacher.objects.filter(active=True).order_by().values_list("grade").annotate(n=Count("pk")):
        numbers[grade or 0]["staff"] += count
    turns = Duty.objects.filter(active=True, session__in=within.order_by(), teacher__active=True).order_by()
    for grade, count in turns.values_list("teacher__grade").annotate(n=Count("teacher", distinct=True)):
        numbers[grade or 0]["teachers"] += count
    came = VolunteerTurn.objects.filter(session__in=within.order_by(), came=True).order_by()
    for grade, count in came.values_list("session__group__grade").annotate(n=Count("pk")):
        numbers[grade or 0]["outside"] += count


def _count_sessions(within: Any, numbers: dict[int, Counter[str]]) -> None:
    """Count held sessions of service groups (clubs meet within them) and their minutes; children's turns by their rolls."""
    days: dict[int, set[date]] = defaultdict(set)
    for grade, day, starts, ends in within.order_by().values_list("group__grade", "date", "starts_at", "ends_at"):
        key = grade or 0
        numbers[key]["sessions"] += 1
        numbers[key]["minutes"] += _minutes(ends) - _minutes(starts)
        days[key].add(day)
    for key, found in days.items():
        numbers[key]["days"] = len(found)
    marks = Mark.objects.filter(roll_call__session__in=within.order_by()).order_by()
    turns = marks.values_list("roll_call__session__group__grade").annotate(
        expected=Count("pk"), here=Count("pk", filter=Q(state__in=HERE))
    )
    for grade, expected, here in turns:
        numbers[grade or 0]["expected"] += expected
        numbers[grade or 0]["here"] += here


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _count_fees(term: Term, span: Span, day: date, numbers: dict[int, Counter[str]]) -> None:
    """Count what was billed in the span: a corrected statement counts the difference to the version before."""
    first = clock.at(span.first, time.min)
    last = clock.at(span.last, time.max)
    billed = Charge.objects.filter(term=term, issued_at__range=(first, last))
    periods: set[tuple[int, date, date]] = set()
    now: Counter[tuple[int, date, date]] = Counter()
    for student, starts, ends, _, amount in _versions(billed):
        periods.add((student, starts, ends))
        now[student, starts, ends] = _cents(amount)  # the newest of the span stands last
    if not periods:
        return
    before: Counter[tuple[int, date, date]] = Counter()
    students = {student for student, _, _ in periods}
    older = Charge.objects.filter(term=term, issued_at__lt=first, student__in=students)
    for student, starts, ends, _, amount in _versions(older):
        before[student, starts, ends] = _cents(amount)
    grades = _grades_on(day)
    for key in periods:
        numbers[grades.get(key[0], 0)]["fee"] += now[key] - before[key]


def _versions(charges: Any) -> Iterable[tuple[int, date, date, int, Any]]:
    found: Iterable[tuple[int, date, date, int, Any]] = charges.order_by("version").values_list(
        "student_id", "starts_on", "ends_on", "version", "amount"
    )
    return found


def _cents(amount: Any) -> int:
    return int(amount * 100)


def reports_of(term: Term) -> list[HalfMonth]:
    """Return the reports of a term that stand, newest first: the latest version of each due day."""
    rows = HalfMonth.objects.filter(term=term).exclude(state=PaperState.REPLACED).select_related("sent_by")
    return list(rows.order_by("-due_on", "-version"))


def last_before(report: HalfMonth) -> HalfMonth | None:
    """Return the report sent before this one."""
    sent = HalfMonth.objects.filter(term=report.term_id, due_on__lt=report.due_on, state=PaperState.SENT)
    return sent.order_by("-due_on", "-version").first()


def versions_of(report: HalfMonth) -> list[HalfMonth]:
    """Return all versions for the due day of this report, newest first."""
    same = HalfMonth.objects.filter(term=report.term_id, due_on=report.due_on).select_related("sent_by")
    return list(same.order_by("-version"))


def sent_at(term: Term, due_on: date) -> datetime | None:
    """Return when the report of a due day was first sent, if it was."""
    sent = HalfMonth.objects.filter(term=term, due_on=due_on, sent_at__isnull=False).order_by(F("sent_at"))
    first = sent.first()
    return first.sent_at if first else None
