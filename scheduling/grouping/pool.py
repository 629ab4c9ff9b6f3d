"""The mixed pool of one grade, arranged exactly (plan section 6 (4); rules of grouping, 5).

Given p children of each class and the cap K, `G = ceil(P/K)` groups are filled so that five numbers are least, one after
the other. What makes an exact search small:

- Groups that share a class hang together. Where pieces are fewest there is no ring of shared classes (children could be
  passed round it until a piece vanishes), so each such component of `g` groups has exactly `g - 1` extra pieces.
- All groups together have fewer than K free places, hence so has each component: a set of classes knows its `g`.
  The best arrangement is a partition of the classes into such sets: a search over subsets.
- Fewest split classes: an unsplit class can always be exchanged for a smaller one, so it is asked how many of the smallest
  classes can be packed whole.
- In a component without rings some group is tied to the rest by one class only: it takes other classes whole and one in
  part. Taking away one such group after another reaches every arrangement.
- The order of tables (line 5) is kept when the same groups are added to both, so parts can be optimised one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scheduling.grouping.values import Objectives

Column = tuple[int, ...]
Columns = tuple[Column, ...]


@dataclass(frozen=True)
class Arrangement:
    """The groups as columns (children of each class), the numbers reached, and the best that could be."""

    columns: Columns
    objectives: Objectives
    bound: Objectives
    proven: bool


@dataclass(frozen=True)
class Part:
    """An arrangement of some classes, while searching."""

    squares: int
    distance: int
    columns: Columns


class OutOfEffort(Exception):
    """The search was stopped by its limit."""


def needed(children: int, cap: int) -> int:
    """Return the fewest groups for so many children."""
    return -(-children // cap)


@cache
def balanced_squares(children: int, groups: int) -> int:
    """Return the least sum of squares of so many groups."""
    if groups == 0:
        return 0
    low, more = divmod(children, groups)
    return (groups - more) * low * low + more * (low + 1) ** 2


def balanced(children: int, groups: int) -> list[int]:
    """Return sizes that differ by at most 1, larger first."""
    low, more = divmod(children, groups)
    return [low + 1] * more + [low] * (groups - more)


def numbered(columns: Columns) -> Columns:
    """Number the groups so that the table, read class by class, is lexicographically largest."""
    return tuple(sorted(columns, reverse=True))


def table(columns: Columns) -> tuple[Column, ...]:
    """Return the table read class by class."""
    return tuple(zip(*columns, strict=True))


def better(part: Part, than: Part | None) -> bool:
    """Compare by lines 3, 4 and 5."""
    if than is None:
        return True
    if (part.squares, part.distance) != (than.squares, than.distance):
        return (part.squares, part.distance) < (than.squares, than.distance)
    return table(part.columns) > table(than.columns)


def measure(columns: Columns, numbers: tuple[int, ...]) -> Objectives:
    """Return the four numbers of an arrangement."""
    pieces = [sum(value > 0 for value in row) for row in table(columns)] if columns else []
    return Objectives(
        split_classes=sum(count > 1 for count in pieces),
        extra_pieces=sum(count - 1 for count in pieces if count),
        squares=sum(sum(column) ** 2 for column in columns),
        distance=sum(span(column, numbers) for column in columns),
    )


def span(column: Column, numbers: tuple[int, ...]) -> int:
    """Return last class number less first class number of a group."""
    inside = [number for number, value in zip(numbers, column, strict=True) if value]
    return inside[-1] - inside[0]


class Search:
    """One search. Sets of classes are bit masks; bit i is the class of the i-th lowest number."""

    MOST_CLASSES = 18

    def __init__(self, sizes: tuple[int, ...], numbers: tuple[int, ...], cap: int, effort: int) -> None:
        self.sizes, self.numbers, self.cap, self.effort = sizes, numbers, cap, effort
        self.count = len(sizes)
        self.all = (1 << self.count) - 1
        self.sums: dict[int, int] = {0: 0}
        self._splits: dict[int, int] = {}
        self._first: dict[int, tuple[int, int]] = {0: (0, 0)}
        self._best: dict[int, Part] = {0: Part(0, 0, ())}
        self._joined: dict[int, Part] = {}

    def step(self) -> None:
        self.effort -= 1
        if self.effort < 0:
            raise OutOfEffort

    def total(self, mask: int) -> int:
        """Children of a set of classes."""
        found = self.sums.get(mask)
        if found is None:
            low = mask & -mask
            found = self.sums[mask] = self.total(mask ^ low) + self.sizes[low.bit_length() - 1]
        return found

    def groups(self, mask: int) -> int:
        return needed(self.total(mask), self.cap)

    def members(self, mask: int) -> list[int]:
        return [index for index in range(self.count) if mask >> index & 1]

    # Lines 1 and 2: classes split, extra pieces.

    def splits(self, mask: int) -> int:
        """Return the fewest classes of a set that must be split when it has its groups to itself."""
        found = self._splits.get(mask)
        if found is None:
            sizes = sorted(self.sizes[index] for index in self.members(mask))
            whole = sum(size <= self.cap for size in sizes)
            bins = self.groups(mask)
            while whole and not self.packs(sizes[:whole], bins):
                whole -= 1
            found = self._splits[mask] = len(sizes) - whole
        return found

    def packs(self, sizes: list[int], bins: int) -> bool:
        """Tell whether these classes fit whole into so many groups."""
        falling = sorted(sizes, reverse=True)
        rooms = [self.cap] * bins
        if sum(falling) > self.cap * bins:
            return False
        seen: set[tuple[int, tuple[int, ...]]] = set()

        def place(index: int, rooms: list[int]) -> bool:
            self.step()
            if index == len(falling):
                return True
            key = (index, tuple(sorted(rooms)))
            if key in seen:
                return False
            for room in sorted(set(rooms)):
                if room >= falling[index]:
                    left = rooms.copy()
                    left[left.index(room)] -= falling[index]
                    if place(index + 1, left):
                        return True
            seen.add(key)
            return False

        return place(0, rooms)

    def ways(self, mask: int) -> Iterator[tuple[int, int]]:
        """Yield each set of classes that may hang together with the lowest class of `mask`, and what is left.

        Only such as need no group more than `mask` itself does.
        """
        low = mask & -mask
        rest = mask ^ low
        groups = self.groups(mask)
        sub = rest
        while True:
            self.step()
            taken = sub | low
            if self.groups(taken) + self.groups(rest ^ sub) == groups:
                yield taken, rest ^ sub
            if not sub:
                return
            sub = (sub - 1) & rest

    def first_lines(self, mask: int) -> tuple[int, int]:
        """Return the least (split classes, extra pieces) of a set of classes."""
        found = self._first.get(mask)
        if found is None:
            if self.splits(mask) == 0:
                found = (0, 0)
            else:
                found = min(self._joined_lines(taken, left) for taken, left in self.ways(mask))
            self._first[mask] = found
        return found

    def _joined_lines(self, taken: int, left: int) -> tuple[int, int]:
        splits, extra = self.first_lines(left)
        return self.splits(taken) + splits, self.groups(taken) - 1 + extra

    # Lines 3 to 5: squares, distance, tie.

    def best(self, mask: int) -> Part:
        """Return the best arrangement of a set of classes by all five lines."""
        found = self._best.get(mask)
        if found is not None:
            return found
        if self.count > self.MOST_CLASSES:
            raise OutOfEffort
        goal = self.first_lines(mask)
        ways = []
        for taken, left in self.ways(mask):
            groups = self.groups(taken)
            if groups - 1 <= goal[1] and self._joined_lines(taken, left) == goal:
                least = balanced_squares(self.total(taken), groups)
                least += balanced_squares(self.total(left), self.groups(left))
                ways.append((least, taken, left))
        best: Part | None = None
        for least, taken, left in sorted(ways):
            if best is not None and least > best.squares:
                break
            part = self.joined(taken)
            if best is not None:
                more = balanced_squares(self.total(left), self.groups(left))
                if part.squares + more > best.squares:
                    continue
            rest = self.best(left)
            whole = Part(
                part.squares + rest.squares,
                part.distance + rest.distance,
                numbered(part.columns + rest.columns),
            )
            if better(whole, best):
                best = whole
        assert best is not None  # noqa: S101 (the set as one component is always a way)
        self._best[mask] = best
        return best

    def joined(self, mask: int) -> Part:
        """Return the best arrangement of a set of classes whose groups all hang together."""
        found = self._joined.get(mask)
        if found is None:
            found = self._joined[mask] = self._single(mask) if self.groups(mask) == 1 else Joined(self, mask).solve()
        return found

    def _single(self, mask: int) -> Part:
        column = tuple(size if mask >> index & 1 else 0 for index, size in enumerate(self.sizes))
        return Part(self.total(mask) ** 2, span(column, self.numbers), (column,))


class Joined:
    """The search inside one component: groups are taken away one after another, each tied to the rest by one class."""

    def __init__(self, search: Search, mask: int) -> None:
        self.search = search
        self.cap = search.cap
        self.start = tuple(size if mask >> index & 1 else 0 for index, size in enumerate(search.sizes))
        self.groups = search.groups(mask)
        self.splits = search.splits(mask)
        self.known: dict[tuple[Column, int, int, int], Part] = {}
        self.failed: dict[tuple[Column, int, int, int], int] = {}

    def solve(self) -> Part:
        """Return the best arrangement: the allowance over perfectly even sizes grows until one is found."""
        owners = [index for index, size in enumerate(self.start) if size]
        if len(owners) == 1:
            return self._one_class(owners[0])
        allowance = 0
        while True:
            found = self.take(self.start, self.groups, self.splits, 0, allowance)
            if found is not None:
                return found
            allowance = 2 * allowance + 2

    def _one_class(self, index: int) -> Part:
        sizes = balanced(self.start[index], self.groups)
        columns = tuple(tuple(size if i == index else 0 for i in range(len(self.start))) for size in sizes)
        return Part(sum(size * size for size in sizes), 0, columns)

    def take(self, left: Column, groups: int, splits: int, pure_from: int, allowance: int) -> Part | None:
        """Return the best arrangement of what is left if its squares exceed even sizes by `allowance` at most.

        Groups of one class alone come first, in order of class (`pure_from`), so that each arrangement is met less often.
        """
        children = sum(left)
        if groups == 1:
            if children > self.cap:
                return None
            return Part(children * children, span(left, self.search.numbers), (left,))
        key = (left, groups, splits, pure_from)
        if (known := self.known.get(key)) is not None:
            return known
        if self.failed.get(key, -1) >= allowance:
            return None
        self.search.step()
        even = balanced_squares(children, groups)
        best: Part | None = None
        room = allowance
        for column, tied, pure in self.leaves(left, groups, splits, pure_from, allowance):
            size = sum(column)
            excess = size * size + balanced_squares(children - size, groups - 1) - even
            if excess > room:
                continue
            rest = self.take(
                tuple(a - b for a, b in zip(left, column, strict=True)),
                groups - 1,
                splits - (left[tied] == self.search.sizes[tied]),
                pure,
                room - excess,
            )
            if rest is None:
                continue
            squares = size * size + rest.squares
            if best is not None and squares > best.squares:
                continue
            part = Part(squares, span(column, self.search.numbers) + rest.distance, numbered((column, *rest.columns)))
            if better(part, best):
                best = part
                room = best.squares - even
        if best is None:
            self.failed[key] = allowance
        else:
            self.known[key] = best
        return best

    def sizes(self, children: int, groups: int, allowance: int) -> range:
        """Return the sizes the next group may have."""
        even = balanced_squares(children, groups)
        low = max(1, self.cap - (groups * self.cap - children))
        high = min(self.cap, children - groups + 1)
        fits = [
            size
            for size in range(low, high + 1)
            if size * size + balanced_squares(children - size, groups - 1) - even <= allowance
        ]
        return range(fits[0], fits[-1] + 1) if fits else range(0)

    def leaves(
        self, left: Column, groups: int, splits: int, pure_from: int, allowance: int
    ) -> Iterator[tuple[Column, int, int]]:
        """Yield each group that can be taken away: its children, the class that ties it to the rest, the next `pure_from`."""
        sizes = self.sizes(sum(left), groups, allowance)
        if not sizes:
            return
        last = len(left)
        for tied, owned in enumerate(left):
            if owned < 2 or (splits == 0 and owned == self.search.sizes[tied]):
                continue
            others = [index for index, value in enumerate(left) if value and index != tied]
            for whole, total in self.wholes(left, others, sizes[0] - owned + 1, sizes[-1] - 1):
                if not whole and tied < pure_from:
                    continue
                for size in range(max(sizes[0], total + 1), min(sizes[-1], total + owned - 1) + 1):
                    self.search.step()
                    column = [0] * last
                    for index in whole:
                        column[index] = left[index]
                    column[tied] = size - total
                    yield tuple(column), tied, last if whole else tied

    def wholes(self, left: Column, others: list[int], low: int, high: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield the sets of classes taken whole, with their children, between `low` and `high`, but never all."""
        reach = [0] * (len(others) + 1)
        for place in range(len(others) - 1, -1, -1):
            reach[place] = reach[place + 1] + left[others[place]]

        def grow(place: int, chosen: tuple[int, ...], total: int) -> Iterator[tuple[tuple[int, ...], int]]:
            if total + reach[place] < low:
                return
            if place == len(others):
                yield chosen, total
                return
            value = left[others[place]]
            if total + value <= high:
                yield from grow(place + 1, (*chosen, others[place]), total + value)
            yield from grow(place + 1, chosen, total)

        return grow(0, (), 0)
