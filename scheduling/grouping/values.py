"""What the rule of grouping is given and what it answers: plain values, no tables behind them."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

EFFORT = 2_000_000


@dataclass(frozen=True)
class Settings:
    """The term's settings. `effort` bounds the search of one grade in steps, not seconds: the same input, the same answer."""

    cap: int = 45
    own_share: Fraction = Fraction(1, 2)
    mixed_share: Fraction = Fraction(1, 3)
    smallest: int = 1
    effort: int = EFFORT


@dataclass(frozen=True, order=True)
class Child:
    """A child with a school-approved application. One who is not on the class roll counts in both p and n."""

    number: int
    id: int
    on_roll: bool = True


@dataclass(frozen=True)
class ClassInput:
    """A class: its number in the grade, the children on its roll that day, those who applied, its home room."""

    id: int
    number: int
    roll: int
    children: tuple[Child, ...]
    room: int | None = None

    @property
    def size(self) -> int:
        """n: children of the class."""
        return self.roll + sum(not child.on_roll for child in self.children)

    @property
    def taking_part(self) -> int:
        """p: children who take part."""
        return len(self.children)


@dataclass(frozen=True)
class GradeInput:
    """A grade with its classes, in any order."""

    grade: int
    classes: tuple[ClassInput, ...]


class Kind(StrEnum):
    """How a class or a group is looked after."""

    NONE = "none"
    STANDALONE = "standalone"
    MIXED = "mixed"


class Flag(StrEnum):
    """What a person should look at. A flag never changes a place."""

    BELOW_SHARE = "below_share"
    BELOW_MINIMUM = "below_minimum"
    CAP_BELOW_CLASS = "cap_below_class"
    NEEDS_ROOM = "needs_room"
    OVER_CAP_KEPT = "over_cap_kept"
    ROOM_TOO_SMALL = "room_too_small"


@dataclass(frozen=True)
class Objectives:
    """The four numbers that are made small one after the other (the fifth line, the tie, has no number)."""

    split_classes: int
    extra_pieces: int
    squares: int
    distance: int


@dataclass(frozen=True)
class Part:
    """What one class gives to a group."""

    class_id: int
    class_number: int
    children: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.children)


@dataclass(frozen=True)
class ProposedGroup:
    """One group. `index` and `of` number the parts of a standalone class."""

    kind: Kind
    grade: int
    parts: tuple[Part, ...]
    index: int
    of: int
    room: int | None
    flags: frozenset[Flag]
    sentence: str

    @property
    def size(self) -> int:
        return sum(part.count for part in self.parts)


@dataclass(frozen=True)
class GradeProposal:
    """The groups of one grade. Where `proven` is false, `bound` says how good an answer could be at best."""

    grade: int
    groups: tuple[ProposedGroup, ...]
    objectives: Objectives
    bound: Objectives
    proven: bool
    below_share: tuple[int, ...]
    cap_below_class: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class Proposal:
    """The whole school."""

    grades: tuple[GradeProposal, ...]

    @property
    def proven(self) -> bool:
        return all(grade.proven for grade in self.grades)


class InvalidInput(ValueError):
    """The input can't be grouped: a code, and a Chinese sentence that names the class or the setting."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
