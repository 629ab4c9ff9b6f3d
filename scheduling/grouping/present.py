"""Regrouping: what the rule is given beside the grades (the groups as they are), and what it answers. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.grouping.values import Flag, Kind, Objectives, Part


@dataclass(frozen=True)
class PresentGroup:
    """A group as it is now. `class_id` names the class of a standalone group, `capacity` what its room holds, where known."""

    id: int
    name: str
    kind: Kind
    grade: int
    children: tuple[int, ...]
    room: int | None = None
    capacity: int | None = None
    class_id: int | None = None


@dataclass(frozen=True)
class Present:
    """All present groups, and what people decided about them.

    `kept`: children put where they are by hand, with a reason: they stay. `allowed_over`: how many a person allowed in a group
    over the cap. `kinds_accepted`: classes for which the office accepts the kind that a first grouping would give.
    """

    groups: tuple[PresentGroup, ...]
    kept: frozenset[int] = frozenset()
    allowed_over: Mapping[int, int] = field(default_factory=dict)
    kinds_accepted: frozenset[int] = frozenset()


class Change(StrEnum):
    """What becomes of a child."""

    STAYS = "stays"
    NEW = "new"
    MOVES = "moves"
    LEAVES = "leaves"


class Cause(StrEnum):
    """Why a child must change group."""

    OVER_CAP = "over_cap"
    OTHER_CLASS = "other_class"
    OTHER_GRADE = "other_grade"
    KIND = "kind"


@dataclass(frozen=True, order=True)
class ChildChange:
    """One child: `source` is the key of the group before, `target` that of the group after."""

    child: int
    change: Change
    source: str | None
    target: str | None
    cause: Cause | None = None


@dataclass(frozen=True)
class GroupAfter:
    """A group after regrouping. A new one has no `id`; one without children closes."""

    key: str
    id: int | None
    name: str
    kind: Kind
    grade: int
    class_id: int | None
    parts: tuple[Part, ...]
    room: int | None
    flags: frozenset[Flag]
    stays: tuple[int, ...]
    came: tuple[int, ...]
    went: tuple[int, ...]
    left: tuple[int, ...]

    @property
    def size(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def children(self) -> tuple[int, ...]:
        return tuple(child for part in self.parts for child in part.children)

    @property
    def opened(self) -> bool:
        return self.id is None

    @property
    def closed(self) -> bool:
        return not self.size

    @property
    def changed(self) -> bool:
        return bool(self.came or self.went or self.left or self.opened or self.closed)


@dataclass(frozen=True)
class KindHint:
    """A class whose share crossed a bound: it keeps its kind until the office accepts the other one."""

    class_id: int
    class_number: int
    now: Kind
    would_be: Kind
    sentence: str


@dataclass(frozen=True)
class GradeRegrouping:
    """One grade: first the children moved, then groups opened or closed, then the lines of the mixed pool."""

    grade: int
    groups: tuple[GroupAfter, ...]
    children: tuple[ChildChange, ...]
    moved: int
    opened: int
    closed: int
    objectives: Objectives
    bound: Objectives
    proven: bool
    hints: tuple[KindHint, ...]
    reasons: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return any(group.changed for group in self.groups)


@dataclass(frozen=True)
class Regrouping:
    """The whole school."""

    grades: tuple[GradeRegrouping, ...]

    @property
    def proven(self) -> bool:
        return all(grade.proven for grade in self.grades)

    @property
    def moved(self) -> int:
        return sum(grade.moved for grade in self.grades)

    @property
    def opened(self) -> int:
        return sum(grade.opened for grade in self.grades)

    @property
    def closed(self) -> int:
        return sum(grade.closed for grade in self.grades)

    @property
    def changed(self) -> bool:
        return any(grade.changed for grade in self.grades)


def key_of(group: PresentGroup) -> str:
    """Return the name by which a present group is known in the answer."""
    return f"g{group.id}"


def new_key(grade: int, number: int) -> str:
    """Return the name by which the n-th new group of a grade is known."""
    return f"new-{grade}-{number}"
