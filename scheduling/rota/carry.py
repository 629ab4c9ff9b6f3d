"""What is carried from one term to the next: how many turns somebody had beyond the fair share of the days they were there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """One person's load: turns had (what was carried before included), and the weekdays they were there for."""

    person_id: int
    grade: int
    turns: int
    days: int


def share(load: Load, others: Iterable[Load]) -> float:
    """Return the fair share of one person among all of the grade: the turns of all, by the days each is there for."""
    rows = list(others)
    there = sum(row.days for row in rows)
    return sum(row.turns for row in rows) * load.days / there if there else 0


def carried(loads: Iterable[Load]) -> dict[int, int]:
    """Return by person how many turns more (or fewer) than the fair share of the own grade each has had, whole turns.

    Whoever was there half the week owes half the turns: a part-time teacher carries nothing for being part-time.
    """
    grades: dict[int, list[Load]] = defaultdict(list)
    for load in loads:
        grades[load.grade].append(load)
    return {row.person_id: round(row.turns - share(row, rows)) for rows in grades.values() for row in rows}
