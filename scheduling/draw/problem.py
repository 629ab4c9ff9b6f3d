"""The input as the search sees it: units in the order of the lot, their options, and the limits these use up.

A limit is the places of a club, of a grade in a club or of a class in a club. Each lies within the next wider one, so a place is
a way from its narrowest limit (`leaf`) up to the club's: without brothers and sisters together the whole is a network flow.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from scheduling.draw.paper import elder_first, lot_number
from scheduling.draw.values import Child, Club, DrawInput, InvalidInput

FREE = -1
"""The leaf of a place that no limit can stop."""


@dataclass(frozen=True)
class Unit:
    """A child, or brothers and sisters together: one place in the order, one list.

    Option k is the club `clubs[k]`: its children take places from `leaves[k]` up, in all `uses[k]` (limit, places).
    """

    children: tuple[Child, ...]
    clubs: tuple[int, ...]
    leaves: tuple[tuple[int, ...], ...]
    uses: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def size(self) -> int:
        """Children of the unit."""
        return len(self.children)

    @property
    def priority(self) -> int:
        """Children of the unit who come first."""
        return sum(child.priority for child in self.children)


@dataclass(frozen=True)
class Problem:
    """Units in the order of the lot; for each limit its places and the next wider limit (`FREE` above the widest)."""

    units: tuple[Unit, ...]
    caps: tuple[int, ...]
    parents: tuple[int, ...]

    def way(self, leaf: int) -> Iterator[int]:
        """Yield the limits from a leaf up."""
        return _way(self.parents, leaf)


def _way(parents: Sequence[int], leaf: int) -> Iterator[int]:
    while leaf != FREE:
        yield leaf
        leaf = parents[leaf]


def check(given: DrawInput) -> None:
    """Refuse what can't be true, by name: `club_twice`, `negative_places`, `ticket_twice`, `bad_ticket`, `unknown_club`,
    `wish_twice`, `class_in_two_grades`."""
    clubs: set[int] = set()
    for club in given.clubs:
        if club.id in clubs:
            raise InvalidInput("club_twice", f"社团{club.id}出现了两次。")
        clubs.add(club.id)
        per_class = (
            club.per_class if isinstance(club.per_class, int | None) else min(club.per_class.values(), default=0)
        )
        if min(club.places, per_class or 0, club.smallest, *club.per_grade.values(), 0) < 0:
            raise InvalidInput("negative_places", f"社团{club.id}的名额不能小于0。")
    tickets: set[str] = set()
    grades: dict[int, int] = {}
    for child in given.children:
        if not child.ticket or not child.ticket.isascii() or not child.ticket.isprintable():
            raise InvalidInput("bad_ticket", "签号只能由字母、数字和符号组成。")
        if child.ticket in tickets:
            raise InvalidInput("ticket_twice", f"签号{child.ticket}出现了两次。")
        tickets.add(child.ticket)
        if not clubs.issuperset(child.wishes):
            raise InvalidInput("unknown_club", f"签号{child.ticket}的志愿里有不存在的社团。")
        if len(set(child.wishes)) < len(child.wishes):
            raise InvalidInput("wish_twice", f"签号{child.ticket}的志愿重复。")
        if grades.setdefault(child.class_id, child.grade) != child.grade:
            raise InvalidInput("class_in_two_grades", f"班级{child.class_id}出现在两个年级。")


def possible(child: Child, clubs: dict[int, Club]) -> list[int]:
    """Return the wishes that admit the child's grade, in its order."""
    return [wish for wish in child.wishes if clubs[wish].admits(child.grade)]


def common(children: Sequence[Child], clubs: dict[int, Club]) -> tuple[int, ...]:
    """Return the one list of a unit: clubs possible for all, by the sum of their ranks, then in the order of the first's list."""
    lists = [possible(child, clubs) for child in children]
    shared = [club for club in lists[0] if all(club in other for other in lists)]
    return tuple(sorted(shared, key=lambda club: sum(one.index(club) for one in lists)))


def units_of(children: Sequence[Child]) -> list[tuple[Child, ...]]:
    """Return the units, the elder first in each, in no order among them."""
    families: dict[str, list[Child]] = defaultdict(list)
    for child in children:
        families[f"k{child.together}" if child.together else f"t{child.ticket}"].append(child)
    return [tuple(sorted(family, key=elder_first)) for family in families.values()]


def build(given: DrawInput, seed: str) -> Problem:
    """Return the problem, free of limits that can't be met. The lot of a unit is that of its first child's ticket."""
    clubs = {club.id: club for club in given.clubs}
    families = sorted(units_of(given.children), key=lambda unit: (lot_number(seed, unit[0].ticket), unit[0].ticket))
    lists = [common(family, clubs) for family in families]
    asked = [(child, club) for family, one in zip(families, lists, strict=True) for club in one for child in family]
    limits = _Limits(clubs, asked)
    units = tuple(_unit(family, one, limits) for family, one in zip(families, lists, strict=True))
    return Problem(units, tuple(limits.caps), tuple(limits.parents))


def _unit(family: tuple[Child, ...], clubs: tuple[int, ...], limits: "_Limits") -> Unit:
    leaves = tuple(tuple(limits.leaf(club, child) for child in family) for club in clubs)
    uses = (Counter(limit for leaf in row for limit in _way(limits.parents, leaf)) for row in leaves)
    return Unit(family, clubs, leaves, tuple(tuple(sorted(row.items())) for row in uses))


class _Limits:
    """Numbers the limits that more children ask for than they have places."""

    def __init__(self, clubs: dict[int, Club], asked: list[tuple[Child, int]]) -> None:
        self.caps: list[int] = []
        self.parents: list[int] = []
        self.leaves: dict[tuple[int, int], int] = {}
        places = sorted({(club, child.grade, child.class_id) for child, club in asked})
        by_class = Counter((club, child.class_id) for child, club in asked)
        by_grade = Counter((club, child.grade) for child, club in asked)
        by_club = Counter(club for _, club in asked)
        for number, of_club in groupby(places, key=lambda place: place[0]):
            club = clubs[number]
            top = self._add(club.places, by_club[number], FREE)
            for grade, of_grade in groupby(of_club, key=lambda place: place[1]):
                middle = self._add(club.per_grade.get(grade), by_grade[number, grade], top)
                for _, _, class_id in of_grade:
                    low = self._add(club.class_places(class_id), by_class[number, class_id], middle)
                    self.leaves[number, class_id] = low

    def _add(self, cap: int | None, asked: int, parent: int) -> int:
        if cap is None or cap >= asked:
            return parent
        self.caps.append(cap)
        self.parents.append(parent)
        return len(self.caps) - 1

    def leaf(self, club: int, child: Child) -> int:
        return self.leaves[club, child.class_id]
