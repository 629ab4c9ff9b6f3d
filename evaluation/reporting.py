"""The figures of a month (requirement H4): sums over what closed roll calls and the chain of custody say.

Plain values in, plain values out; whole numbers only. A roll call that is not closed counts nowhere but among the open
ones. The school's sum is the sum over its grades. Nothing is in order of figures: classes and groups stand in the order
of the register.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Attendance:
    """Turns of children at sessions: on time, late, on leave, absent. Expected is all of them."""

    present: int = 0
    late: int = 0
    leave: int = 0
    absent: int = 0

    @property
    def expected(self) -> int:
        return self.present + self.late + self.leave + self.absent

    @property
    def here(self) -> int:
        return self.present + self.late

    @property
    def percent(self) -> int | None:
        """Who came, of those expected, in whole percent rounded down, so that 100 means everybody."""
        return self.here * 100 // self.expected if self.expected else None

    def __add__(self, other: "Attendance") -> "Attendance":
        return Attendance(
            self.present + other.present, self.late + other.late, self.leave + other.leave, self.absent + other.absent
        )


@dataclass(frozen=True)
class Place:
    """A class or a group: its id, what it is called, its grade, and where it stands in the register."""

    key: int
    name: str
    grade: int
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fact:
    """What the closed roll calls of one date say of one class's children in one group."""

    day: date
    school_class: int
    group: int
    marks: Attendance


@dataclass(frozen=True)
class Turns:
    """One teacher's turns at sessions that were held: all, those as a stand-in or in a swap, and on how many days."""

    staff_number: str
    name: str
    turns: int
    stood_in: int
    days: int


@dataclass(frozen=True)
class Incidents:
    """What the chain of custody says of a grade: searches, late pick-ups asked for, late care, releases."""

    missing: int = 0
    late_asked: int = 0
    late_care: int = 0
    fetched: int = 0
    alone: int = 0

    def __add__(self, other: "Incidents") -> "Incidents":
        return Incidents(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True)
class Line:
    """One row of a table of attendance."""

    name: str
    grade: int
    marks: Attendance


@dataclass(frozen=True)
class GradeLine:
    """One grade with all its figures."""

    grade: int
    marks: Attendance
    incidents: Incidents


@dataclass(frozen=True)
class DayLine:
    """One date."""

    day: date
    marks: Attendance


@dataclass(frozen=True)
class Report:
    """A month in figures."""

    held: int
    still_open: int
    days: Sequence[DayLine]
    grades: Sequence[GradeLine]
    classes: Sequence[Line]
    groups: Sequence[Line]
    turns: Sequence[Turns]
    total: Attendance = field(default_factory=Attendance)
    incidents: Incidents = field(default_factory=Incidents)

    @property
    def all_turns(self) -> int:
        return sum(teacher.turns for teacher in self.turns)

    @property
    def all_stood_in(self) -> int:
        return sum(teacher.stood_in for teacher in self.turns)


def add_up(facts: Iterable[Fact], by: Callable[[Fact], Key]) -> dict[Key, Attendance]:
    """Return the sums of the facts by whatever `by` says of each."""
    sums: dict[Key, Attendance] = defaultdict(Attendance)
    for fact in facts:
        sums[by(fact)] += fact.marks
    return dict(sums)


def lines(places: Iterable[Place], sums: dict[int, Attendance]) -> list[Line]:
    """Return one row per place in the order of the register, places with nothing on record too."""
    ordered = sorted(places, key=lambda place: (place.grade, place.order, place.key))
    return [Line(place.name, place.grade, sums.get(place.key, Attendance())) for place in ordered]


def report(
    *,
    facts: Sequence[Fact],
    classes: Sequence[Place],
    groups: Sequence[Place],
    turns: Sequence[Turns],
    incidents: dict[int, Incidents],
    held: int,
    still_open: int,
) -> Report:
    """Make the month's report. `incidents` by grade; each fact's class must be among `classes` (KeyError otherwise)."""
    grade_of = {place.key: place.grade for place in classes}
    by_grade = add_up(facts, lambda fact: grade_of[fact.school_class])
    grades = [
        GradeLine(grade, by_grade.get(grade, Attendance()), incidents.get(grade, Incidents()))
        for grade in sorted({*grade_of.values(), *incidents})
    ]
    return Report(
        held=held,
        still_open=still_open,
        days=[DayLine(day, marks) for day, marks in sorted(add_up(facts, lambda fact: fact.day).items())],
        grades=grades,
        classes=lines(classes, add_up(facts, lambda fact: fact.school_class)),
        groups=lines(groups, add_up(facts, lambda fact: fact.group)),
        turns=sorted(turns, key=lambda teacher: teacher.staff_number),
        total=sum((line.marks for line in grades), Attendance()),
        incidents=sum((line.incidents for line in grades), Incidents()),
    )


@dataclass(frozen=True)
class Bar:
    """One bar of the picture: who came stands on the line in black, who did not stands on top as an outline."""

    day: date
    x: int
    y_expected: int
    y_here: int
    height_expected: int
    height_here: int
    here: int
    expected: int


BAR_STEP, BAR_FOOT, BAR_HEIGHT = 36, 180, 150


def bars(days: Sequence[DayLine]) -> list[Bar]:
    """Return the bars of the days, in units of a picture 220 high, the highest day filling it."""
    most = max((line.marks.expected for line in days), default=0) or 1
    drawn = []
    for number, line in enumerate(days):
        expected = line.marks.expected * BAR_HEIGHT // most
        here = line.marks.here * BAR_HEIGHT // most
        drawn.append(
            Bar(
                line.day,
                x=10 + number * BAR_STEP,
                y_expected=BAR_FOOT - expected,
                y_here=BAR_FOOT - here,
                height_expected=expected,
                height_here=here,
                here=line.marks.here,
                expected=line.marks.expected,
            )
        )
    return drawn
