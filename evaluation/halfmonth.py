"""The half-monthly "double reduction" figures: when they are due, which days they cover, how a row adds up (requirement H1).

Pure. Counts are as of the last closed session up to the due day; flows run from the day after the last due day, so that no
day is told twice and none is left out: the 31st stands in the next report.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

DUE_DAYS = (15, 30)
TABLE_DAYS = (14, 29)  # the classes' tables are due a day before


@dataclass(frozen=True)
class Span:
    """One report: the day it is due, and the days its flows cover."""

    due_on: date
    first: date
    last: date


@dataclass(frozen=True)
class Row:
    """The numbers of one grade, or of the school. Money in cents, time in minutes; whole numbers add up exactly."""

    roll: int = 0  # children on the class rolls
    part: int = 0  # children with a place in a service group
    every_day: int = 0  # of them, on all service days of the week
    staff: int = 0  # teachers of the grade
    teachers: int = 0  # of them, those who had a turn that was held
    outside: int = 0  # turns of volunteers who came
    days: int = 0  # days with a session held; the school's are counted, not added
    sessions: int = 0
    minutes: int = 0  # of all sessions held
    expected: int = 0  # turns of children, by closed roll calls
    here: int = 0
    fee: int = 0  # billed less what an earlier version billed

    def __add__(self, other: "Row") -> "Row":
        return Row(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Row))
Value = int | float | None


def spans(due: Iterable[date], first_day: date) -> list[Span]:
    """Return the reports of a term in order, the first from the first day of service on."""
    found: list[Span] = []
    begin = first_day
    for day in sorted(set(due)):
        if day >= begin:
            found.append(Span(day, begin, day))
            begin = day + timedelta(days=1)
    return found


def school_of(rows: Iterable[Row], *, days: int) -> Row:
    """Return the school's row: the sum of all rows, but for the days, on which several grades met at once."""
    total = sum(rows, Row())
    return Row(**(asdict(total) | {"days": days}))


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole as a fraction of one; nothing where there is no whole."""
    return part / whole if whole else None


@dataclass(frozen=True)
class Column:
    """A column that the portal fills: its key, its usual title, its kind in Excel, and whether it is on from the start."""

    key: str
    title: str
    kind: str
    get: Callable[[Row], Value]
    usual: bool = True


COLUMNS: Sequence[Column] = (
    Column("roll", "在校学生", "number", lambda row: row.roll),
    Column("part", "参加人数", "number", lambda row: row.part),
    Column("share", "参加比例", "percent", lambda row: share(row.part, row.roll)),
    Column("every_day", "每天都参加", "number", lambda row: row.every_day),
    Column("every_day_share", "每天都参加的比例", "percent", lambda row: share(row.every_day, row.part), usual=False),
    Column("staff", "在职教师", "number", lambda row: row.staff, usual=False),
    Column("teachers", "参加教师", "number", lambda row: row.teachers),
    Column("teacher_share", "教师比例", "percent", lambda row: share(row.teachers, row.staff)),
    Column("outside", "校外人员（人次）", "number", lambda row: row.outside),
    Column("hours", "每天几小时", "hours", lambda row: row.minutes / row.sessions / 60 if row.sessions else None),
    Column("days", "服务天数", "number", lambda row: row.days, usual=False),
    Column("expected", "应到（人次）", "number", lambda row: row.expected, usual=False),
    Column("here", "到班（人次）", "number", lambda row: row.here, usual=False),
    Column("rate", "到班率", "percent", lambda row: share(row.here, row.expected), usual=False),
    Column("fee", "收费（元）", "money", lambda row: row.fee / 100),
)
BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}


def own_key(pk: int) -> str:
    """Return under what key the form of columns knows one of the school's own."""
    return f"own-{pk}"


def rounded(value: int | float, places: int) -> Decimal:
    """Return a value with so many decimals, half up, as Excel shows it; Python's own way would say 2.12 for 2.125."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def shown(kind: str, value: Value) -> str:
    """Return a value as the page and the paper write it; a dash where there is nothing to count."""
    if value is None:
        return "—"
    match kind:
        case "percent":
            return f"{rounded(value * 100, 1)}%"
        case "hours":
            return f"{rounded(value, 2)}"
        case "money":
            return f"{value:,.2f}"
    return f"{value:g}"


def difference(kind: str, now: Value, before: Value) -> str:
    """Return what changed since the last report, with its sign; nothing where it can't be said or nothing changed."""
    if now is None or before is None or round(now - before, 6) == 0:
        return ""
    change = now - before
    size = f"{rounded(abs(change) * 100, 1)} 个百分点" if kind == "percent" else shown(kind, abs(change))
    if not any(digit in size for digit in "123456789"):  # less than what is shown
        return ""
    return f"{'＋' if change > 0 else '－'}{size}"
