"""Who is next on a club's waiting list. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A child on the list: its place in line, and the key it shares with brothers or sisters who want in with it ("": alone)."""

    id: int
    order: int
    together: str = ""


def next_in_line(waiting: Iterable[Waiting], fits: Callable[[tuple[Waiting, ...]], bool]) -> tuple[Waiting, ...]:
    """Return those to whom the free places go: the first in line for whom they are enough; nobody: an empty tuple.

    Brothers and sisters who wait together stand where the first of them stands, and are offered places for all or none.
    `fits` tells whether the club has places now for all of these children (its own, those of their grade and class).
    Who doesn't fit is passed over and keeps its place in line.
    """
    ordered = sorted(waiting, key=lambda one: (one.order, one.id))
    seen: set[str] = set()
    for one in ordered:
        if one.together in seen:
            continue
        unit = tuple(other for other in ordered if other.together == one.together) if one.together else (one,)
        if one.together:
            seen.add(one.together)
        if fits(unit):
            return unit
    return ()
