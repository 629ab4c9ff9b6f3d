"""What becomes of each child in the afternoon that is played: dealt out beforehand, so that everything can be counted after it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class End(StrEnum):
    """How a child's day ends, and who sees to it."""

    AWAY = "away"
    EARLY = "early"  # before dismissal, at the gate
    LINE = "line"  # by the group's teacher, with others
    GATE = "gate"  # by a gatekeeper
    BOTH = "both"  # by teacher and gatekeeper at the same time: one of them comes second
    WITH = "with"  # together with a brother or sister of another group
    ALONE = "alone"
    LATE = "late"  # late care, a guardian was reached
    ORDERED = "ordered"  # late care, nobody was reached: the duty leader's order


@dataclass(frozen=True)
class Fate:
    """One afternoon: what the roll says first, what becomes of it, the club, the way home."""

    called: str = "present"
    end: End = End.LINE
    settled: str = ""  # of a child that is absent: found, excused
    slip: bool = False  # called present, mended to late
    club: bool = False
    club_absent: bool = False  # offered to the club, not among those who came; found in the group
    corrected: bool = False  # released by a slip, taken back, released again


FATES: list[tuple[Fate, float]] = [
    (Fate("leave", End.AWAY), 1),
    (Fate("absent", End.AWAY, settled="excused"), 0.5),
    (Fate("absent", settled="found"), 0.7),
    (Fate(corrected=True, end=End.GATE), 0.3),
    (Fate("late"), 1.2),
    (Fate(club=True), 11),
    (Fate(club=True, club_absent=True, end=End.GATE), 0.4),
    (Fate(slip=True, end=End.BOTH), 0.5),
    (Fate(end=End.EARLY), 1),
    (Fate(end=End.ALONE), 1.5),
    (Fate(end=End.LATE), 2),
    (Fate(end=End.ORDERED), 0.3),
    (Fate(end=End.GATE), 8),
    (Fate(end=End.BOTH), 6),
    (Fate(), 11),
]
FOUND_TODAY = Fate(end=End.GATE)  # turned up unlisted


@dataclass
class Child:
    """One child with what is planned for it; `day` is its row of the day, known once the roll is called."""

    student: int
    name: str
    group: int
    guardian: int
    fate: Fate
    club: int | None = None
    joins: bool = False
    younger: "Child | None" = field(default=None, repr=False)  # fetched together, at the gate
    day: int = 0

    @property
    def mark(self) -> str:
        """What the group's roll says in the end."""
        if self.fate.settled == "found" or self.fate.slip:
            return "late"
        return self.fate.called

    @property
    def club_mark(self) -> str:
        return "absent" if self.fate.club_absent else "present"

    @property
    def state(self) -> str:
        """Where the child is when the day is closed."""
        return {End.AWAY: "away", End.ALONE: "alone"}.get(self.fate.end, "fetched")


def deal(number: int, rng: random.Random) -> list[Fate]:
    """Return what becomes of so many children: each kind once, then as often as it happens."""
    kinds, weights = zip(*FATES, strict=True)
    return [*kinds[:number], *rng.choices(kinds, weights, k=max(0, number - len(kinds)))]


def club_of(group: int, place: int, clubs: int) -> int:
    """Return the club of a group's child: each group sends to two."""
    return (group // 2 + place % 2) % clubs


def by_roll(club: int) -> bool:
    """Tell whether a club takes its children in by its own roll call; the others accept the lists they are given."""
    return club % 3 == 2


def somebody_comes(children: Sequence[Child]) -> None:
    """Let at least one child of each list come: a list of whom nobody came would be refused, not accepted."""
    lists: dict[tuple[int, int], list[Child]] = defaultdict(list)
    for child in children:
        if child.club is not None:
            lists[child.group, child.club].append(child)
    for listed in lists.values():
        if all(child.fate.club_absent for child in listed):
            listed[0].fate = replace(listed[0].fate, club_absent=False)


def families(children: Sequence[Child]) -> list[tuple[Child, Child]]:
    """Return (elder, younger) of different groups who are fetched together: of those whom the gate lets out."""
    elders = [child for child in children if child.fate.end == End.GATE and not child.fate.corrected]
    youngers = [child for child in children if child.fate == Fate()]
    found = []
    for elder, younger in zip(elders[::6], youngers[::6], strict=False):
        if elder.group != younger.group:
            elder.younger, younger.fate = younger, replace(younger.fate, end=End.WITH)
            found.append((elder, younger))
    return found
