"""What a checked file says, as plain values; and what was wrong with it."""

from dataclasses import dataclass, field

ClassKey = tuple[int, int]  # grade, number
PupilKey = tuple[int, int, int]  # grade, number of the class, number of the child


@dataclass(frozen=True)
class Problem:
    """One bad cell (or a sheet, when row is 0), with the reason in Chinese."""

    code: str
    sheet: str
    reason: str
    row: int = 0
    column: str = ""
    heading: str = ""
    value: str = ""

    @property
    def where(self) -> str:
        """Where to look: “学生”表第 12 行 C 列（学号）."""
        place = f"“{self.sheet}”表" if self.sheet else ""
        if self.row:
            place += f"第 {self.row} 行"
        if self.column:
            place += f" {self.column} 列"
        if self.heading:
            place += f"（{self.heading}）"
        return place


@dataclass(frozen=True)
class RoomRow:
    name: str
    kind: str
    capacity: int | None
    floor: int | None = None


@dataclass(frozen=True)
class StaffRow:
    number: str
    name: str
    phone: str
    subject: str
    grade: int | None
    days_off: str
    roles: tuple[tuple[str, int | None], ...]  # role, grade of a grade leader


@dataclass(frozen=True)
class ClassRow:
    grade: int
    number: int
    head: str  # staff number or ""
    room: str

    @property
    def key(self) -> ClassKey:
        return (self.grade, self.number)


@dataclass(frozen=True)
class PupilRow:
    grade: int
    class_number: int
    number: int
    name: str
    line: int = 0

    @property
    def key(self) -> PupilKey:
        return (self.grade, self.class_number, self.number)


@dataclass(frozen=True)
class LinkRow:
    """One adult of one child."""

    pupil: PupilKey
    name: str
    relation: str
    phone: str
    acts: bool
    may_fetch: bool


@dataclass
class Roster:
    """Everything a file says that could be understood."""

    rooms: dict[str, RoomRow] = field(default_factory=dict)
    staff: dict[str, StaffRow] = field(default_factory=dict)
    classes: dict[ClassKey, ClassRow] = field(default_factory=dict)
    pupils: dict[PupilKey, PupilRow] = field(default_factory=dict)
    links: dict[tuple[PupilKey, str, str], LinkRow] = field(default_factory=dict)

    def phones(self) -> dict[PupilKey, frozenset[str]]:
        """Return the phones of each child's adults: what tells namesakes apart."""
        found: dict[PupilKey, set[str]] = {}
        for link in self.links.values():
            if link.phone:
                found.setdefault(link.pupil, set()).add(link.phone)
        return {key: frozenset(value) for key, value in found.items()}


@dataclass
class Checked:
    """A roster with what was found wrong (stops the import) and what should be looked at (does not)."""

    roster: Roster = field(default_factory=Roster)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    named: set[tuple[str, object]] = field(default_factory=set)  # rows that were named, though they may have errors
