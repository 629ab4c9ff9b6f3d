"""What the draw is given and what it answers: plain values, no tables behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

EFFORT = 2_000


@dataclass(frozen=True)
class Club:
    """A club with the places that are left to draw (reserved and taken ones are subtracted by the caller).

    `per_grade`: places for a grade; a grade that isn't in it has no limit of its own. `per_class`: one number for each
    class, or numbers for some. `grades`: who is admitted, None for all. `smallest`: reported on, never decided by the draw.
    """

    id: int
    places: int
    per_grade: Mapping[int, int] = field(default_factory=dict)
    per_class: int | Mapping[int, int] | None = None
    grades: frozenset[int] | None = None
    smallest: int = 0

    def admits(self, grade: int) -> bool:
        """Tell whether children of this grade may take part."""
        return self.grades is None or grade in self.grades

    def class_places(self, class_id: int) -> int | None:
        """Return the places for this class, None without a limit."""
        return self.per_class.get(class_id) if isinstance(self.per_class, Mapping) else self.per_class


@dataclass(frozen=True)
class Child:
    """A child with its ranked wishes (club ids, first choice first).

    Wishes the child can't take (times that cross, days it doesn't attend) are left out by the caller. `together`: a key
    shared by brothers and sisters who go to the same club or to none. `id` is the caller's own: the draw never looks at it.
    """

    ticket: str
    grade: int
    class_id: int
    wishes: tuple[int, ...]
    priority: bool = False
    together: str = ""
    id: int = 0


@dataclass(frozen=True)
class DrawInput:
    """All of one draw, in any order. `salt`: random hex that stays in the full file, so that the fingerprint can't be guessed."""

    clubs: tuple[Club, ...]
    children: tuple[Child, ...]
    salt: str = ""


class Stage(StrEnum):
    """What is made as large as can be, each before the next."""

    PRIORITY = "priority"
    PLACED = "placed"
    CHOICE = "choice"


@dataclass(frozen=True)
class StageValue:
    """Children counted in a stage: reached, and the most that any result could reach. `choice`: which, from 1; else 0."""

    stage: Stage
    choice: int
    reached: int
    bound: int

    @property
    def proven(self) -> bool:
        """Tell whether no result can do better."""
        return self.reached >= self.bound


class Why(StrEnum):
    """Why a child has not got a club it wished for."""

    NOT_ADMITTED = "not_admitted"
    NOT_COMMON = "not_common"
    CLASS_FULL = "class_full"
    GRADE_FULL = "grade_full"
    CLUB_FULL = "club_full"
    TOO_FEW = "too_few"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class Reason:
    """Why not the wish of this number (from 1), with the numbers of the limit that was met (the club, the grade in it, the class).

    `places` under the limit, `asked`: children who wished for the club at all, `first`: those of them who put it first,
    `left`: places that stayed free, `needed`: children who had to be placed together.
    """

    wish: int
    club: int
    why: Why
    places: int = 0
    asked: int = 0
    first: int = 0
    left: int = 0
    needed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a child got: `club` and the number of that wish on its own list, or None; why not each wish it had higher.

    `turn`: the place in the drawn order, from 1, shared by brothers and sisters who stay together.
    """

    ticket: str
    id: int
    turn: int
    club: int | None
    wish: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class ClubOutcome:
    """A club after the draw: children placed, who wished for it at all and as first choice, whether it stays too small."""

    club: int
    places: int
    placed: int
    asked: int
    first: int
    smallest: int

    @property
    def too_small(self) -> bool:
        """Tell whether fewer were placed than the club needs; the office decides what becomes of it."""
        return self.placed < self.smallest


@dataclass(frozen=True)
class Result:
    """The answer: outcomes by ticket, clubs by id, what each stage reached, whether all of it is proven best."""

    outcomes: tuple[Outcome, ...]
    clubs: tuple[ClubOutcome, ...]
    stages: tuple[StageValue, ...]
    proven: bool

    def by_ticket(self) -> dict[str, int | None]:
        """Return what is published: the club of each ticket."""
        return {outcome.ticket: outcome.club for outcome in self.outcomes}


class InvalidInput(Exception):
    """Input that can't be true: a code for tests, a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
