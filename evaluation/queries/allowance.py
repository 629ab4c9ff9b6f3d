"""The allowance list of a month: as it was sent, or as of now; beside the month before (G5)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Teacher, Term
from evaluation.allowance import Change, Line, Rates, explain, reckon, total, without_rate
from evaluation.enums import PaperState, PayKind
from evaluation.models import AllowanceLine, AllowanceList, AllowanceRate
from evaluation.month import Month, month_of
from evaluation.queries.work_done import sessions_still_open, turns_between

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Cell:
    """One kind of work of one person: turns and cents."""

    turns: int = 0
    minutes: int = 0
    cents: int = 0


@dataclass
class PersonRow:
    """One person of the list."""

    teacher: Teacher
    cells: dict[str, Cell] = field(default_factory=dict)

    @property
    def cents(self) -> int:
        return sum(cell.cents for cell in self.cells.values())

    @property
    def turns(self) -> int:
        return sum(cell.turns for cell in self.cells.values())


@dataclass(frozen=True)
class ChangeRow:
    """One change since the month before, with its person."""

    teacher: Teacher
    kind: PayKind
    change: Change


@dataclass(frozen=True)
class Allowance:
    """A month's list: rows in order of staff number, the sums, what has no rate, what changed."""

    month: Month
    kinds: list[PayKind]
    rows: list[PersonRow]
    sums: dict[str, Cell]
    cents: int
    no_rate: list[PayKind]
    before: int | None
    changes: list[ChangeRow]

    @property
    def by_turns(self) -> int:
        return sum(one.change.by_turns for one in self.changes)

    @property
    def by_rate(self) -> int:
        return sum(one.change.by_rate for one in self.changes)

    @property
    def difference(self) -> int:
        return self.by_turns + self.by_rate

    def as_data(self) -> list[object]:
        """Return what is paid as plain data, to be compared."""
        return [[row.teacher.pk, {kind: vars(cell) for kind, cell in row.cells.items()}] for row in self.rows]


def may_read(actor: Actor) -> bool:
    """Tell whether this person may read the lists: the office and the leading group."""
    return actor.has(*READERS)


def rates_of(term: Term) -> Rates:
    """Return the rates of a term in cents: one question."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for kind, starts, rate in AllowanceRate.objects.filter(term=term).values_list("kind", "starts_on", "rate"):
        found[kind].append((starts, int(rate * 100)))
    return found


def lines_now(term: Term, month: Month) -> list[Line]:
    """Return a month's lines as of now."""
    return reckon(turns_between(term, month.first, month.last), rates_of(term))


def lines_of(row: AllowanceList) -> list[Line]:
    """Return the lines of a list: as sent, or as of now."""
    if row.state == PaperState.DRAFT:
        return lines_now(row.term, month_of(row.month))
    kept = AllowanceLine.objects.filter(list=row).values_list("teacher", "kind", "rate", "turns", "minutes")
    return [
        Line(who, kind, None if rate is None else int(rate * 100), turns, minutes)
        for who, kind, rate, turns, minutes in kept
    ]


def still_open(row: AllowanceList) -> int:
    """Return how many sessions of a draft's month are not paid yet, because their roll call is not closed."""
    month = month_of(row.month)
    return sessions_still_open(row.term, month.first, month.last) if row.state == PaperState.DRAFT else 0


def month_before(row: AllowanceList) -> AllowanceList | None:
    """Return the standing list of the month before."""
    earlier = (row.month - timedelta(days=1)).replace(day=1)
    lists = AllowanceList.objects.filter(term=row.term_id, month=earlier, state=PaperState.SENT)
    return lists.select_related("term").order_by("-version").first()


def allowance_of(row: AllowanceList) -> Allowance:
    """Return a list as its page, paper and workbook show it."""
    lines, before = lines_of(row), month_before(row)
    old = lines_of(before) if before else []
    changes = explain(lines, old) if before else []
    people = Teacher.objects.in_bulk({line.teacher for line in lines} | {one.teacher for one in changes})
    rows: dict[int, PersonRow] = {}
    sums: dict[str, Cell] = defaultdict(Cell)
    for line in lines:
        person = rows.setdefault(line.teacher, PersonRow(people[line.teacher]))
        person.cells[line.kind] = _add(person.cells.get(line.kind, Cell()), line)
        sums[line.kind] = _add(sums[line.kind], line)
    return Allowance(
        month_of(row.month),
        [kind for kind in PayKind if kind.value in sums],
        sorted(rows.values(), key=lambda one: one.teacher.staff_number),
        dict(sums),
        total(lines),
        [PayKind(kind) for kind in without_rate(lines)],
        total(old) if before else None,
        [
            ChangeRow(people[one.teacher], PayKind(one.kind), one)
            for one in sorted(changes, key=lambda one: (people[one.teacher].staff_number, one.kind))
        ],
    )


def _add(cell: Cell, line: Line) -> Cell:
    return Cell(cell.turns + line.turns, cell.minutes + line.minutes, cell.cents + line.cents)


def versions_of(row: AllowanceList) -> list[AllowanceList]:
    """Return all versions of a month's list, the newest first."""
    return list(AllowanceList.objects.filter(term=row.term_id, month=row.month).order_by("-version"))


def lists_of(term: Term) -> list[AllowanceList]:
    """Return the standing lists of a term, newest month first; drafts of corrections among them."""
    rows = AllowanceList.objects.filter(term=term).exclude(state=PaperState.REPLACED).select_related("sent_by", "term")
    return list(rows.order_by("-month", "-version"))
