"""The draw by trying every result: an implementation of its own, to hold the fast one against."""

import hashlib
from itertools import product

from scheduling.draw import Child, Club, DrawInput


def families(given: DrawInput) -> list[list[Child]]:
    """Children who go together, elders first."""
    made: dict[str, list[Child]] = {}
    for child in sorted(given.children, key=lambda c: (-c.grade, c.ticket)):
        made.setdefault(child.together or f"alone {child.ticket}", []).append(child)
    return list(made.values())


def list_of(family: list[Child], clubs: dict[int, Club]) -> list[int]:
    """The one list of a family."""
    lists = [
        [wish for wish in child.wishes if clubs[wish].grades is None or child.grade in clubs[wish].grades]
        for child in family
    ]
    shared = [club for club in lists[0] if all(club in one for one in lists)]
    return sorted(shared, key=lambda club: (sum(one.index(club) for one in lists), lists[0].index(club)))


def fits(given: DrawInput, got: dict[str, int | None]) -> bool:
    """Whether no club, grade or class has more than its places."""
    for club in given.clubs:
        inside = [child for child in given.children if got[child.ticket] == club.id]
        if len(inside) > club.places:
            return False
        if any(sum(c.grade == grade for c in inside) > limit for grade, limit in club.per_grade.items()):
            return False
        for key in {child.class_id for child in inside}:
            limit = club.per_class if isinstance(club.per_class, int | None) else club.per_class.get(key)
            if limit is not None and sum(c.class_id == key for c in inside) > limit:
                return False
    return True


def best(given: DrawInput, seed: str) -> tuple[tuple[int, ...], dict[str, int | None]]:
    """The stages' values and the one result that is left after the lot."""
    clubs = {club.id: club for club in given.clubs}
    units = sorted(families(given), key=lambda f: hashlib.sha256(f"{seed}:{f[0].ticket}".encode()).hexdigest())
    lists = [list_of(unit, clubs) for unit in units]
    longest = max(map(len, lists), default=0)
    found = None
    for picks in product(*(range(len(one) + 1) for one in lists)):  # the last number: no place
        got = {
            child.ticket: (one[pick] if pick < len(one) else None)
            for unit, one, pick in zip(units, lists, picks, strict=True)
            for child in unit
        }
        taken = [(unit, pick) for unit, one, pick in zip(units, lists, picks, strict=True) if pick < len(one)]
        values = (
            sum(child.priority for unit, _ in taken for child in unit),
            sum(len(unit) for unit, _ in taken),
            *(sum(len(unit) for unit, pick in taken if pick == n) for n in range(longest)),
        )
        key = (values, tuple(-pick for pick in picks))
        if (found is None or key > found[0]) and fits(given, got):
            found = (key, got)
    assert found is not None
    return found[0][0], found[1]
