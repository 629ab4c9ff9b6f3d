"""What an import would do, and the register it was held against: plain values."""

import hashlib
from dataclasses import dataclass, field, fields

from afterschool.school.importing.matching import Known
from afterschool.school.importing.roster import (
    ClassKey,
    ClassRow,
    LinkRow,
    Problem,
    PupilKey,
    PupilRow,
    RoomRow,
    StaffRow,
)

GuardianKey = tuple[str, str, PupilKey | None]  # name, phone, and the child where there is no phone


@dataclass(frozen=True)
class KnownRoom:
    id: int
    row: RoomRow
    active: bool


@dataclass(frozen=True)
class KnownStaff:
    id: int
    row: StaffRow
    active: bool
    role_ids: dict[tuple[str, int | None], int]


@dataclass(frozen=True)
class KnownLink:
    id: int
    guardian: int
    pupil: int
    name: str
    phone: str
    relation: str
    acts: bool
    may_fetch: bool
    banned: bool
    by_hand: bool


@dataclass(frozen=True)
class Register:
    """The register as it is, seen from the school year of the file."""

    year: int
    newest_year: int | None
    rooms: dict[str, KnownRoom]
    staff: dict[str, KnownStaff]
    classes: dict[ClassKey, tuple[int, ClassRow]]  # of the file's year
    pupils: list[Known]
    guardians: dict[tuple[str, str], int]  # those with a phone
    links: list[KnownLink]

    @property
    def rises(self) -> bool:
        """Whether the file opens a new school year."""
        return self.newest_year is not None and self.year == self.newest_year + 1


@dataclass
class Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    leaving: int = 0


@dataclass
class Plan:
    """Everything an import would write. Ids are those of the register; keys are those of the file."""

    rooms_new: list[RoomRow] = field(default_factory=list)
    rooms_changed: list[tuple[int, RoomRow]] = field(default_factory=list)
    staff_new: list[StaffRow] = field(default_factory=list)
    staff_changed: list[tuple[int, StaffRow]] = field(default_factory=list)
    roles_new: list[tuple[str, str, int | None]] = field(default_factory=list)
    classes_new: list[ClassRow] = field(default_factory=list)
    classes_changed: list[tuple[int, ClassRow]] = field(default_factory=list)
    pupils_new: list[PupilRow] = field(default_factory=list)
    pupils_changed: list[tuple[int, PupilRow]] = field(default_factory=list)
    pupil_ids: dict[PupilKey, int] = field(default_factory=dict)
    numbers_freed: list[int] = field(default_factory=list)
    guardians_new: list[GuardianKey] = field(default_factory=list)
    guardians_changed: list[tuple[int, str]] = field(default_factory=list)
    links_new: list[tuple[LinkRow, GuardianKey, int | None]] = field(default_factory=list)
    links_changed: list[tuple[int, LinkRow]] = field(default_factory=list)
    graduates: list[int] = field(default_factory=list)
    pupils_missing: list[int] = field(default_factory=list)
    links_missing: list[int] = field(default_factory=list)
    staff_missing: list[int] = field(default_factory=list)
    roles_missing: list[int] = field(default_factory=list)
    numbers_taken: int = 0  # new children whose number still belongs to a missing child
    counts: dict[str, Counts] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many rows of the register are not in the file."""
        return len(self.pupils_missing) + len(self.links_missing) + len(self.staff_missing) + len(self.roles_missing)

    @property
    def writes(self) -> bool:
        """Whether accepting it changes anything, leaving aside what is missing from the file."""
        return any(getattr(self, one.name) for one in fields(self) if one.name.endswith(("_new", "_changed"))) or bool(
            self.graduates
        )

    @property
    def fingerprint(self) -> str:
        """The same plan has the same fingerprint: what was accepted is what is written."""
        text = repr([(one.name, getattr(self, one.name)) for one in fields(self)])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
