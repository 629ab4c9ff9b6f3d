"""What guardians said of their children, as the pages list it: leave, early and late pick-up, who else fetches."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind
from afterschool.school.models import Student, Term
from afterschool.school.templatetags.school import phone as spaced
from attendance.enums import MarkState
from attendance.models import DayFetcher, LeaveRequest, Mark, PickupChange
from attendance.queries.leaves import changes_for, fetchers_for, leaves_for

ADDRESSES = {"leave": "leave", "change": "pickup-change", "fetcher": "fetcher"}


@dataclass(frozen=True)
class Line:
    """One word of a guardian as a list shows it."""

    kind: str  # "leave", "change" or "fetcher"
    pk: int
    student: Student
    first_day: date
    last_day: date
    word: str
    tone: str
    source: str
    by_name: str
    asked_at: datetime
    reason: str
    called: str = ""

    @property
    def spans(self) -> bool:
        return self.first_day != self.last_day

    @property
    def address(self) -> str:
        """Return the name of the address that takes the word back."""
        return f"attendance:{ADDRESSES[self.kind]}-cancel"


@dataclass(frozen=True)
class OfChild:
    """All that stands for one child on a day."""

    student: Student
    lines: list[Line] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return "leave" if any(line.kind == "leave" for line in self.lines) else "moved"

    @property
    def sentence(self) -> str:
        """Return what holds today in one line: 请假, or 早接 16:30，由姑姑周小慧接."""
        words = {line.kind: line.word for line in reversed(self.lines)}
        if "leave" in words:
            return words["leave"]
        return "，".join(words[kind] for kind in ("change", "fetcher") if kind in words)


def lines(
    actor: Actor, term: Term, today: date, *, student: Student | None = None, until: date | None = None
) -> list[Line]:
    """Return what stands today and later (until a day) in the person's scope: four queries, today first."""
    leaves = leaves_for(actor, term).filter(last_day__gte=today, cancelled_at__isnull=True)
    changes = changes_for(actor, term).filter(date__gte=today, cancelled_at__isnull=True)
    fetchers = fetchers_for(actor, term).filter(last_day__gte=today, cancelled_at__isnull=True)
    if student is not None:
        leaves, changes = leaves.filter(student=student), changes.filter(student=student)
        fetchers = fetchers.filter(student=student)
    if until is not None:
        leaves, changes = leaves.filter(first_day__lte=until), changes.filter(date__lte=until)
        fetchers = fetchers.filter(first_day__lte=until)
    related = ("student__school_class", "asked_by")
    found = [_leave(row) for row in leaves.select_related(*related)]
    found += [_change(row) for row in changes.select_related(*related)]
    found += [_fetcher(row) for row in fetchers.select_related(*related)]
    called = marks_today(today, [line.student.pk for line in found if line.first_day <= today])
    return sorted(
        (replace(line, called=called.get(line.student.pk, "")) if line.first_day <= today else line for line in found),
        key=lambda line: (line.first_day > today, line.first_day, line.asked_at),
    )


def standing(actor: Actor, term: Term, day: date) -> dict[str, "QuerySet[Any]"]:
    """Return what stands on one day in the person's scope, by kind, for a page that first asks whether there is anything."""
    leaves = leaves_for(actor, term).filter(first_day__lte=day, last_day__gte=day, cancelled_at__isnull=True)
    changes = changes_for(actor, term).filter(date=day, cancelled_at__isnull=True)
    fetchers = fetchers_for(actor, term).filter(first_day__lte=day, last_day__gte=day, cancelled_at__isnull=True)
    return {"leave": leaves, "change": changes, "fetcher": fetchers}


def by_child(found: Iterable[Line]) -> list[OfChild]:
    """Put the lines of each child together, by class and number."""
    children: dict[int, OfChild] = {}
    for line in found:
        children.setdefault(line.student.pk, OfChild(line.student)).lines.append(line)
    return sorted(children.values(), key=lambda one: _register(one.student))


def _register(student: Student) -> tuple[int, int, int, int]:
    of = student.school_class
    return (of.grade if of else 0, of.number if of else 0, student.number or 0, student.pk)


def marks_today(today: date, students: list[int]) -> dict[int, str]:
    """Return what today's roll call says of these children, by child; nothing for those not on one that is open."""
    rows = Mark.objects.filter(student__in=students, roll_call__session__date=today)
    rows = rows.exclude(roll_call__session__group__kind=GroupKind.CLUB)
    return {row.student_id: MarkState(row.state).label for row in rows}


def pickup_word(change: PickupChange) -> str:
    """Return 早接 16:30, or 早接 16:30，自己离校."""
    return f"{change.get_kind_display()} {change.time:%H:%M}{'，自己离校' if change.alone else ''}"


def fetcher_word(fetcher: DayFetcher) -> str:
    """Return 由姑姑周小慧接."""
    return f"由{fetcher.relation}{fetcher.name}接"


def _leave(row: LeaveRequest) -> Line:
    return _line("leave", row, (row.first_day, row.last_day), word="请假", tone="leave", reason=row.reason)


def _change(row: PickupChange) -> Line:
    return _line("change", row, (row.date, row.date), word=pickup_word(row), tone="moved", reason=row.note)


def _fetcher(row: DayFetcher) -> Line:
    span = (row.first_day, row.last_day)
    return _line("fetcher", row, span, word=fetcher_word(row), tone="moved", reason=spaced(row.phone))


def _line(
    kind: str,
    row: LeaveRequest | PickupChange | DayFetcher,
    span: tuple[date, date],
    *,
    word: str,
    tone: str,
    reason: str,
) -> Line:
    source = row.get_source_display() + (f"，{row.said_by}说的" if row.said_by else "")
    return Line(kind, row.pk, row.student, *span, word, tone, source, row.asked_by.name, row.asked_at, reason)
