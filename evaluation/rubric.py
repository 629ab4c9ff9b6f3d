"""Points of a rubric and of a sheet scored by it (plan section 8; rules 9).

Plain values in, plain values out. A person scores: nothing here fills in a point that nobody gave, and what is missing
stays missing until it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FULL = 100


@dataclass(frozen=True)
class Item:
    """One line of a rubric: a key, and the most points it can bring."""

    key: int
    points: int


@dataclass(frozen=True)
class Fault:
    """Why a rubric or a sheet is not accepted: a code, and the items it is about."""

    code: str
    keys: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tally:
    """A sheet added up: points so far, the most that could be, and the items nobody has scored yet."""

    total: int
    most: int
    missing: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


def faults_of_rubric(items: Sequence[Item]) -> list[Fault]:
    """Return what keeps these lines from being a rubric; an empty list is a good one. The points must add up to 100.

    Codes: `no_items`, `item_twice`, `item_without_points`, `not_100`.
    """
    if not items:
        return [Fault("no_items")]
    keys = [item.key for item in items]
    twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    empty = tuple(item.key for item in items if item.points < 1)
    found = [Fault("item_twice", twice)] if twice else []
    if empty:
        found.append(Fault("item_without_points", empty))
    if sum(item.points for item in items) != FULL:
        found.append(Fault("not_100"))
    return found


def faults_of_sheet(items: Sequence[Item], given: Mapping[int, int]) -> list[Fault]:
    """Return what is wrong with the points given: `unknown_item`, `below_zero`, `over_limit`. Missing ones are no fault."""
    limits = {item.key: item.points for item in items}
    unknown = tuple(key for key in given if key not in limits)
    below = tuple(key for key, points in given.items() if points < 0)
    over = tuple(key for key, points in given.items() if key in limits and points > limits[key])
    named = [("unknown_item", unknown), ("below_zero", below), ("over_limit", over)]
    return [Fault(code, keys) for code, keys in named if keys]


def tally(items: Sequence[Item], given: Mapping[int, int]) -> Tally:
    """Add up the points given, and name the items still without any, in the order of the rubric."""
    return Tally(
        total=sum(given[item.key] for item in items if item.key in given),
        most=sum(item.points for item in items),
        missing=tuple(item.key for item in items if item.key not in given),
    )
