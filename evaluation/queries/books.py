"""A group's record book (工作记载本): cover, children, teachers, the roll of every day, what was done (H3).

Everything comes from the day's records; nothing is typed. No word of health or care stands in it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState
from afterschool.school.models import Group, Placement, Session, Student, Term
from afterschool.support import clock
from attendance.enums import HERE, MarkState
from attendance.models import DayNote, Mark, PlanLine
from evaluation.enums import BookRunState
from evaluation.models import BookCheck, BookRun, CheckedBook
from evaluation.month import Month, month_of, months_between
from scheduling.enums import DutySource
from scheduling.models import Duty

SIGNS = {
    MarkState.PRESENT: "√",
    MarkState.LATE: "◇",
    MarkState.LEAVE: "△",
    MarkState.ABSENT: "×",
    MarkState.NOT_CALLED: "",
}
TAKEN_OVER = (DutySource.STAND_IN, DutySource.SWAP)
DAYS_A_SHEET = 23  # columns of one roll: a month of school days
READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Child:
    """A line of the table of children."""

    pk: int
    number: int
    name: str
    school_class: str
    weekdays: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Guest:
    """A child that was called on some day without having a place: on the roll, not in the table of children."""

    pk: int
    name: str
    number: None = None


@dataclass(frozen=True)
class Turns:
    """A line of the table of teachers."""

    name: str
    subject: str
    turns: int
    stood_in: int


@dataclass
class Day:
    """One session: who had it, the figures, what was planned and done."""

    date: date
    teacher: str
    stood_in: bool
    counts: Counter[str] = field(default_factory=Counter)
    plan: list[str] = field(default_factory=list)
    note: str = ""
    followed: str = ""
    held: bool = False

    @property
    def expected(self) -> int:
        return sum(self.counts.values())

    @property
    def here(self) -> int:
        return sum(self.counts[state] for state in HERE)

    @property
    def leave(self) -> int:
        return self.counts[MarkState.LEAVE]

    @property
    def absent(self) -> int:
        return self.counts[MarkState.ABSENT]


@dataclass(frozen=True)
class RollRow:
    """One child's line on a sheet of the roll, a sign a day, and how often it came; no number: it came without a place."""

    number: int | None
    name: str
    signs: list[str]
    came: int


@dataclass(frozen=True)
class RollSheet:
    """The roll of a month, or of a part of it that fits a sheet."""

    month: Month
    days: list[date]
    rows: list[RollRow]


@dataclass(frozen=True)
class BookContent:
    """Everything a book holds."""

    term: Term
    group: Group
    first: date
    last: date
    children: list[Child]
    teachers: list[Turns]
    rolls: list[RollSheet]
    days: list[Day]
    still_open: int

    @property
    def here(self) -> int:
        return sum(day.here for day in self.days)

    @property
    def expected(self) -> int:
        return sum(day.expected for day in self.days)


def groups_with_books(term: Term, first: date, last: date) -> "QuerySet[Group]":
    """Return the service groups that met in a span, in the order of the register."""
    met = Session.objects.filter(term=term, state=SessionState.PLANNED, date__range=(first, last)).values("group")
    groups = Group.objects.filter(pk__in=met, kind__in=SERVICE_GROUPS)
    return groups.select_related("room", "term").order_by("grade", "order", "name")


def readable(actor: Actor, term: Term) -> "QuerySet[Group]":
    """Return the groups whose book a person may have: all for office and leading group, the own grade, those of own turns."""
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS).select_related("room", "term")
    if actor.has(*READERS):
        return groups
    mine = Q(grade__in=actor.grades)
    if actor.teacher is not None:
        mine |= Q(sessions__duties__teacher=actor.teacher, sessions__duties__active=True)
    return groups.filter(mine).distinct()


def book_of(group: Group, first: date, last: date) -> BookContent:
    """Return a group's book of a span: seven questions, whatever the number of children and days."""
    until = min(last, clock.today())  # what is still to come is no record
    sessions = Session.objects.filter(group=group, state=SessionState.PLANNED, date__range=(first, until))
    rows = list(sessions.select_related("roll_call").order_by("date", "starts_at"))
    children = _children(group, first, last)
    days, marks = _days(group, rows)
    closed = [one for one in rows if _closed(one)]
    return BookContent(
        group.term,
        group,
        first,
        last,
        children,
        _teachers(rows),
        _rolls([*children, *_unlisted(children, marks)], [one.date for one in closed], marks),
        days,
        len(rows) - len(closed),
    )


def _closed(session: Session) -> bool:
    roll = getattr(session, "roll_call", None)
    return roll is not None and roll.closed_at is not None


def _children(group: Group, first: date, last: date) -> list[Child]:
    """Return who had a place in the group on any day of the span, by class and number; a child once, with its last place."""
    places = (
        Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), group=group, starts_on__lte=last)
        .select_related("student__school_class")
        .order_by(
            F("student__school_class__grade").asc(nulls_last=True),
            "student__school_class__number",
            "student__number",
            "student_id",
            "starts_on",
        )
    )
    found: dict[int, Placement] = {}
    since: dict[int, date] = {}
    for place in places:
        found[place.student_id] = place
        since.setdefault(place.student_id, place.starts_on)
    return [
        Child(
            place.student_id,
            number,
            place.student.name,
            str(place.student.school_class or ""),
            place.weekdays,
            since[place.student_id],
            place.ends_on if place.ends_on and place.ends_on <= last else None,
        )
        for number, place in enumerate(found.values(), 1)
    ]


def _days(group: Group, sessions: list[Session]) -> tuple[list[Day], dict[tuple[int, date], str]]:
    turns = Duty.objects.filter(session__in=sessions, active=True).select_related("teacher")
    on_duty = {duty.session_id: duty for duty in turns}
    notes = {note.session_id: note for note in DayNote.objects.filter(session__in=sessions)}
    planned: dict[date, list[str]] = defaultdict(list)
    lines = PlanLine.objects.filter(plan__group=group, date__in={one.date for one in sessions}).exclude(content="")
    for line in lines.order_by("date", "position"):
        planned[line.date].append(f"{line.title.split('（')[0]}：{line.content}")
    found: dict[int, Day] = {}
    for session in sessions:
        duty, note = on_duty.get(session.pk), notes.get(session.pk)
        found[session.pk] = Day(
            session.date,
            duty.teacher.name if duty else "",
            bool(duty and duty.source in TAKEN_OVER),
            plan=planned.get(session.date, []),
            note=note.text if note else "",
            followed=note.get_followed_display() if note else "",
            held=_closed(session),
        )
    marks: dict[tuple[int, date], str] = {}
    values = Mark.objects.filter(roll_call__session__in=sessions, roll_call__closed_at__isnull=False).order_by()
    for session_id, day, student, state in values.values_list(
        "roll_call__session", "roll_call__session__date", "student", "state"
    ):
        found[session_id].counts[state] += 1
        marks[student, day] = state
    return list(found.values()), marks


def _teachers(sessions: list[Session]) -> list[Turns]:
    """Return who had turns that were held, by the first of them."""
    held = [one.pk for one in sessions if _closed(one)]
    turns: dict[int, list[Any]] = {}
    rows = Duty.objects.filter(session__in=held, active=True).order_by("session__date", "pk")
    for pk, name, subject, source in rows.values_list("teacher", "teacher__name", "teacher__subject", "source"):
        line = turns.setdefault(pk, [name, subject, 0, 0])
        line[2] += 1
        line[3] += source in TAKEN_OVER
    return [Turns(*line) for line in turns.values()]


def _unlisted(children: list[Child], marks: dict[tuple[int, date], str]) -> list[Guest]:
    """Return who was called without a place in the group, so that the roll adds up to its days: a question if there are any."""
    extra = {student for student, _ in marks} - {child.pk for child in children}
    if not extra:
        return []
    rows = Student.objects.filter(pk__in=extra).order_by(
        F("school_class__grade").asc(nulls_last=True), "school_class__number", "number", "pk"
    )
    return [Guest(pk, f"{name}（临时）") for pk, name in rows.values_list("pk", "name")]


def _rolls(children: Sequence[Child | Guest], days: list[date], marks: dict[tuple[int, date], str]) -> list[RollSheet]:
    """Return the roll month by month, each split where a sheet is full; a child that was never marked has an empty line."""
    by_month: dict[Month, list[date]] = defaultdict(list)
    for day in dict.fromkeys(days):
        by_month[month_of(day)].append(day)
    sheets = []
    for month, of_month in sorted(by_month.items()):
        for start in range(0, len(of_month), DAYS_A_SHEET):
            part = of_month[start : start + DAYS_A_SHEET]
            rows = []
            for child in children:
                states = [marks.get((child.pk, day)) for day in part]
                signs = [SIGNS[MarkState(state)] if state else "" for state in states]
                rows.append(RollRow(child.number, child.name, signs, sum(state in HERE for state in states)))
            sheets.append(RollSheet(month, part, rows))
    return sheets


@dataclass(frozen=True)
class Listed:
    """A run with how many of its books are made."""

    run: BookRun
    made: int
    of: int

    @property
    def going(self) -> bool:
        return self.run.state in (BookRunState.QUEUED, BookRunState.RUNNING)


def runs(term: Term) -> list[Listed]:
    """Return the runs of a term, newest first, with how many books each has, and is to have: one query."""
    met = Session.objects.filter(
        term=OuterRef("term"),
        state=SessionState.PLANNED,
        date__range=(OuterRef("first_day"), OuterRef("last_day")),
        group__kind__in=SERVICE_GROUPS,
    )
    groups = met.order_by().values("term").annotate(n=Count("group", distinct=True)).values("n")
    rows = BookRun.objects.filter(term=term).select_related("asked_by")
    rows = rows.annotate(made=Count("books"), of=Coalesce(Subquery(groups), 0)).order_by("-asked_at", "-pk")
    return [Listed(row, row.made, max(row.made, row.of)) for row in rows]


def months_of(term: Term, today: date) -> list[Month]:
    """Return the months of the term that have begun, newest first."""
    return list(months_between(term.service_starts_on, min(today, term.ends_on)))[::-1]


def checks(term: Term) -> list[BookCheck]:
    """Return the draws of a term, newest first, with the books drawn."""
    rows = BookCheck.objects.filter(term=term).select_related("drawn_by").prefetch_related("books__group", "books__by")
    return list(rows)


def checked_of(actor: Actor, term: Term) -> "QuerySet[CheckedBook]":
    """Return the drawn books a person may see: all for office and leading group, else what was found of the own groups."""
    found = CheckedBook.objects.filter(check_drawn__term=term).select_related("group", "check_drawn", "by")
    if actor.has(*READERS):
        return found
    return found.filter(at__isnull=False, group__in=readable(actor, term).values("pk"))
