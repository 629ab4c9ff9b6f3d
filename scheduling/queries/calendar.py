"""The school calendar as its page shows it, month by month, and which of its days a change would reach."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import SchoolDay, Term
from afterschool.support import clock
from afterschool.support.weekdays import NAMES
from scheduling.calendar import BEFORE_START, UNDECIDED

WEEK = 7


@dataclass(frozen=True)
class Cell:
    """One date of the month's sheet: its sign and word, and whether it is worth a line of its own below."""

    day: SchoolDay
    tone: str
    word: str
    special: bool = False

    @property
    def label(self) -> str:
        """What a screen reader says of it."""
        return "，".join(part for part in (self.word, self.day.note) if part) or self.day.get_kind_display()


@dataclass(frozen=True)
class Month:
    """One month of the term's calendar, its weeks from Monday to Sunday; none where a date is of another month."""

    first: date
    cells: list[Cell]

    @property
    def served(self) -> int:
        return sum(cell.day.kind == DayKind.SERVICE for cell in self.cells)

    @property
    def weeks(self) -> list[list[Cell | None]]:
        by_date = {cell.day.date: cell for cell in self.cells}
        monday = self.first - timedelta(days=self.first.weekday())
        last = self.cells[-1].day.date
        dates = [monday + timedelta(days=n) for n in range((last - monday).days // WEEK * WEEK + WEEK)]
        sheet = [by_date.get(day) for day in dates]
        return [sheet[n : n + WEEK] for n in range(0, len(sheet), WEEK)]

    @property
    def special(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.special]


def cell_of(day: SchoolDay) -> Cell:
    """Return how a date is shown."""
    weekday = day.date.isoweekday()
    if day.kind == DayKind.CANCELLED:
        return Cell(day, "refused", "停办", special=True)
    if day.kind == DayKind.SERVICE:
        if day.runs_weekday != weekday:
            return Cell(day, "moved", f"按{NAMES[str(day.runs_weekday)]}", special=True)
        if day.source == DaySource.PROVISIONAL:
            return Cell(day, "wait", "暂定")
        return Cell(day, "done", "服务", special=day.source == DaySource.SCHOOL)
    if day.note == UNDECIDED:
        return Cell(day, "act", "待定", special=True)
    if day.note == BEFORE_START:
        return Cell(day, "none", "未开始")
    resting = weekday > 5 and day.source != DaySource.SCHOOL
    return Cell(day, "none", "" if resting else "放假", special=bool(day.note) and not resting)


def months_of(term: Term) -> list[Month]:
    """Return the term's days month by month: one query."""
    found: list[Month] = []
    for day in SchoolDay.objects.filter(term=term).order_by("date"):
        first = day.date.replace(day=1)
        if not found or found[-1].first != first:
            found.append(Month(first, []))
        found[-1].cells.append(cell_of(day))
    return found


def undecided(term: Term) -> list[SchoolDay]:
    """Return the moved working days from today on that wait for the office's word; what is past can't be decided."""
    days = SchoolDay.objects.filter(
        term=term, source=DaySource.CALENDAR, kind=DayKind.OFF, note=UNDECIDED, date__gte=clock.today()
    )
    return list(days.order_by("date"))


def days_to_change(term: Term, first: date, last: date, kind: DayKind) -> list[SchoolDay]:
    """Return the days of a span that lose their service, or, where school is off, their word of a cancelled day."""
    rows = SchoolDay.objects.filter(term=term, date__range=(first, last)).select_related("term").order_by("date")
    wanted = {DayKind.SERVICE, DayKind.CANCELLED} if kind == DayKind.OFF else {DayKind.SERVICE}
    return [day for day in rows if day.kind in wanted]


def days_to_restore(term: Term, first: date, last: date) -> list[SchoolDay]:
    """Return the days of a span that the school has set itself."""
    rows = SchoolDay.objects.filter(term=term, date__range=(first, last), source=DaySource.SCHOOL)
    return list(rows.select_related("term").order_by("date"))
