"""The mixed pool of one grade when groups stand already: who comes goes where lines 1 to 5 are best, who stays stays.

Each class is a row: how many give up their place (only where a group is over its limit), and how many come to each group. Rows
are settled in order of class number. What later rows need to know of earlier ones is little: how many came to each group and
left it, and the last class in each (for the distance). Of all beginnings with the same such state only the best can be part of
the best whole, since lines 1, 2 and 4 and the order of tables add up row by row, and line 3 depends on the state alone.
Beginnings that split more classes, or into more pieces, than is allowed are dropped; the allowance grows until one is whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from scheduling.grouping.pool import OutOfEffort
from scheduling.grouping.values import Objectives

Row = tuple[int, ...]
NOBODY = -1


@dataclass(frozen=True)
class Pool:
    """Classes as rows, present groups as columns. `opened` new groups follow them, and must not stay empty.

    `stay`: children in each group before any gives up the place. `come`: children without a place, by class. `free`: whose
    children may give up their place. `held`: children put by hand. `out`: how many must leave each group. `rooms`: how many
    may come to it. `taken`: of the groups with nobody in them, how many must be used.
    """

    numbers: Row
    stay: tuple[Row, ...]
    come: Row
    free: tuple[bool, ...]
    held: Row
    out: Row
    rooms: Row
    cap: int
    opened: int
    taken: int

    @property
    def still(self) -> bool:
        return not any(self.come) and not any(self.out)

    @property
    def sizes(self) -> Row:
        """Children in each column before anybody comes."""
        before = [
            held + sum(row[place] for row in self.stay) - out
            for place, (held, out) in enumerate(zip(self.held, self.out, strict=True))
        ]
        return (*before, *[0] * self.opened)

    @property
    def places(self) -> Row:
        """How many may come to each column."""
        return (*self.rooms, *[self.cap] * self.opened)


@dataclass(frozen=True)
class Filled:
    """For each class: how many give up their place in each group, how many come to each column."""

    out: tuple[Row, ...]
    into: tuple[Row, ...]
    objectives: Objectives
    bound: Objectives
    proven: bool

    def after(self, pool: Pool) -> tuple[Row, ...]:
        """Return the table: children of each class in each column."""
        return table_after(pool, self.out, self.into)


def table_after(pool: Pool, out: tuple[Row, ...], into: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the children of each class in each column."""
    new = (0,) * pool.opened
    return tuple(
        tuple(a - b + c for a, b, c in zip((*stay, *new), (*gone, *new), came, strict=True))
        for stay, gone, came in zip(pool.stay, out, into, strict=True)
    )


def measure_filled(pool: Pool, out: tuple[Row, ...], into: tuple[Row, ...]) -> Objectives:
    """Return lines 1 to 4; children put by hand count in the sizes alone."""
    rows = table_after(pool, out, into)
    pieces = [sum(value > 0 for value in row) for row in rows]
    came = [sum(column) for column in zip(*into, strict=True)] if into else [0] * len(pool.sizes)
    distance = 0
    for place in range(len(pool.sizes)):
        inside = [number for number, row in zip(pool.numbers, rows, strict=True) if row[place]]
        distance += inside[-1] - inside[0] if inside else 0
    return Objectives(
        split_classes=sum(count > 1 for count in pieces),
        extra_pieces=sum(count - 1 for count in pieces if count),
        squares=sum((a + b) ** 2 for a, b in zip(pool.sizes, came, strict=True)),
        distance=distance,
    )


def pour(sizes: Row, places: Row, children: int) -> Row:
    """Return how many come to each column when each child takes the smallest with a place, the first of equals."""
    came = [0] * len(sizes)
    for _ in range(children):
        open_columns = [place for place in range(len(sizes)) if came[place] < places[place]]
        came[min(open_columns, key=lambda place: (sizes[place] + came[place], place))] += 1
    return tuple(came)


def refill(pool: Pool, effort: int) -> Filled:
    """Return the best way to fill the pool by lines 1 to 5; a good one, and the bounds, where `effort` steps don't do."""
    if pool.still:
        nothing = tuple((0,) * len(pool.held) for _ in pool.numbers)
        into = tuple((0,) * len(pool.sizes) for _ in pool.numbers)
        reached = measure_filled(pool, nothing, into)
        return Filled(nothing, into, reached, reached, True)
    search = _Search(pool, effort)
    try:
        out, into = search.best()
    except OutOfEffort:
        out, into = _roughly(pool)
        return Filled(out, into, measure_filled(pool, out, into), search.bound(), False)
    reached = measure_filled(pool, out, into)
    return Filled(out, into, reached, reached, True)


class _State(NamedTuple):
    """What later rows need to know of earlier ones. `same`: a new column is so far the same as the one before it."""

    out: Row
    came: Row
    last: Row
    same: tuple[bool, ...]


class _Worth(NamedTuple):
    """The numbers of a beginning, in order of weight; rows with their signs turned, so that the largest table is least."""

    split: int
    extra: int
    distance: int
    table: tuple[Row, ...]
    moves: tuple[tuple[Row, Row], ...]


class _Search:
    def __init__(self, pool: Pool, effort: int) -> None:
        self.pool, self.effort = pool, effort
        self.rows = len(pool.numbers)
        self.columns = len(pool.sizes)
        self.present = len(pool.held)
        self.least = [self._least_pieces(row) for row in range(self.rows)]
        self.later_split = [sum(p > 1 for p in self.least[row:]) for row in range(self.rows + 1)]
        self.later_extra = [sum(p - 1 for p in self.least[row:] if p) for row in range(self.rows + 1)]
        self.later_out = [
            tuple(
                sum(pool.stay[r][place] for r in range(row, self.rows) if pool.free[r]) for place in range(self.present)
            )
            for row in range(self.rows + 1)
        ]

    def _least_pieces(self, row: int) -> int:
        stay = self.pool.stay[row]
        if not sum(stay) + self.pool.come[row]:
            return 0
        gone = self.pool.out if self.pool.free[row] else (0,) * self.present
        return max(1, sum(have > out for have, out in zip(stay, gone, strict=True)))

    def bound(self) -> Objectives:
        """Return what could be reached at best in each line by itself."""
        pool = self.pool
        came = pour(pool.sizes, pool.places, sum(pool.come) + sum(pool.out))
        squares = sum((a + b) ** 2 for a, b in zip(pool.sizes, came, strict=True))
        return Objectives(self.later_split[0], self.later_extra[0], squares, 0)

    def best(self) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """Return the rows of the best whole: the fewest split classes that can be, then the fewest extra pieces."""
        for split in range(self.later_split[0], self.rows + 1):
            first, most = max(self.later_extra[0], split), self.rows * (self.columns - 1)
            for extra in sorted({first, first + 1, first + 3, max(first, most)}):
                found = self._within(split, extra)
                if found is not None:
                    return tuple(out for out, _ in found.moves), tuple(into for _, into in found.moves)
        raise AssertionError("a pool with places for all can be filled")  # pragma: no cover

    def _within(self, split: int, extra: int) -> _Worth | None:
        zero = (0,) * self.present
        start = _State(zero, (0,) * self.columns, (NOBODY,) * self.columns, self._all_same())
        level = {start: _Worth(0, 0, 0, (), ())}
        for row in range(self.rows):
            following: dict[_State, _Worth] = {}
            for state, worth in level.items():
                spare = extra - worth.extra - self.later_extra[row + 1]
                whole = worth.split + 1 + self.later_split[row + 1] > split
                for out, into in self._options(row, state, 1 if whole else spare + 1):
                    self._step()
                    after, reached = self._add(row, state, worth, out, into)
                    known = following.get(after)
                    if known is None or reached < known:
                        following[after] = reached
            level = following
        finished = [(self._final(state, worth), worth) for state, worth in level.items() if self._is_whole(state)]
        return min(finished, key=lambda pair: pair[0])[1] if finished else None

    def _all_same(self) -> tuple[bool, ...]:
        return tuple(place > self.present for place in range(self.columns))

    def _step(self) -> None:
        self.effort -= 1
        if self.effort < 0:
            raise OutOfEffort

    def _is_whole(self, state: _State) -> bool:
        pool = self.pool
        empty = [place for place in range(self.present) if not pool.sizes[place]]
        return (
            state.out == pool.out
            and all(state.came[self.present :])
            and sum(state.came[place] > 0 for place in empty) >= pool.taken
        )

    def _final(self, state: _State, worth: _Worth) -> tuple[int, int, int, int, tuple[Row, ...]]:
        squares = sum((a + b) ** 2 for a, b in zip(self.pool.sizes, state.came, strict=True))
        return worth.split, worth.extra, squares, worth.distance, worth.table

    def _options(self, row: int, state: _State, most_pieces: int) -> Iterator[tuple[Row, Row]]:
        """Yield what the class may give up and where its children may come, in at most so many pieces."""
        pool = self.pool
        for out in self._outs(row, state):
            left = tuple(a - b for a, b in zip(pool.stay[row], out, strict=True))
            has = tuple(value > 0 for value in left) + (False,) * pool.opened
            if sum(has) <= most_pieces:
                rooms = [a - b for a, b in zip(pool.places, state.came, strict=True)]
                for into in self._intos(pool.come[row] + sum(out), rooms, has, state.same, most_pieces - sum(has)):
                    yield out, into

    def _outs(self, row: int, state: _State) -> Iterator[Row]:
        pool = self.pool
        choices = []
        for place in range(self.present):
            wanted = pool.out[place] - state.out[place]
            low = max(0, wanted - self.later_out[row + 1][place])
            high = min(wanted, pool.stay[row][place]) if pool.free[row] else 0
            choices.append(range(low, high + 1))
        return product(*choices)

    def _intos(
        self, children: int, rooms: list[int], has: tuple[bool, ...], same: tuple[bool, ...], pieces: int
    ) -> Iterator[Row]:
        def grow(place: int, left: int, pieces: int, chosen: Row) -> Iterator[Row]:
            self._step()
            if not left:
                yield chosen + (0,) * (self.columns - place)
                return
            if place == self.columns:
                return
            most = min(left, rooms[place])
            if same[place]:
                most = min(most, chosen[-1])
            for number in range(most, -1, -1):
                cost = number > 0 and not has[place]
                if pieces >= cost:
                    yield from grow(place + 1, left - number, pieces - cost, (*chosen, number))

        return grow(0, children, pieces, ())

    def _add(self, row: int, state: _State, worth: _Worth, out: Row, into: Row) -> tuple[_State, _Worth]:
        pool = self.pool
        new = (0,) * pool.opened
        line = tuple(a - b + c for a, b, c in zip(pool.stay[row] + new, out + new, into, strict=True))
        last, distance = list(state.last), worth.distance
        for place, value in enumerate(line):
            if value:
                if last[place] != NOBODY:
                    distance += pool.numbers[row] - last[place]
                last[place] = pool.numbers[row]
        pieces = sum(value > 0 for value in line)
        after = _State(
            tuple(a + b for a, b in zip(state.out, out, strict=True)),
            tuple(a + b for a, b in zip(state.came, into, strict=True)),
            tuple(last),
            tuple(same and into[place] == into[place - 1] for place, same in enumerate(state.same)),
        )
        reached = _Worth(
            worth.split + (pieces > 1),
            worth.extra + max(0, pieces - 1),
            distance,
            (*worth.table, tuple(-value for value in line)),
            (*worth.moves, (out, into)),
        )
        return after, reached


def _roughly(pool: Pool) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Give up smallest pieces first; then each child goes where its class is already, else where most room is left."""
    out = [[0] * len(pool.held) for _ in pool.numbers]
    for place, wanted in enumerate(pool.out):
        left = wanted
        for row in sorted(range(len(out)), key=lambda row: (pool.stay[row][place], row)):
            if pool.free[row]:
                out[row][place] = min(left, pool.stay[row][place])
                left -= out[row][place]
    into = [[0] * len(pool.sizes) for _ in pool.numbers]
    rooms = list(pool.places)
    empty = [place for place, size in enumerate(pool.sizes) if not size and rooms[place]]
    must = [*empty[: pool.taken], *range(len(pool.held), len(rooms))]
    waiting = sum(pool.come) + sum(pool.out)
    for row in range(len(out)):
        for _ in range(pool.come[row] + sum(out[row])):
            bare = [place for place in must if rooms[place] == pool.places[place]]
            allowed = bare if len(bare) == waiting else [place for place, room in enumerate(rooms) if room]
            own = [p for p in allowed if into[row][p] or (p < len(pool.held) and pool.stay[row][p] > out[row][p])]
            place = min(own or allowed, key=lambda place: (-rooms[place], place))
            into[row][place] += 1
            rooms[place] -= 1
            waiting -= 1
    return tuple(map(tuple, out)), tuple(map(tuple, into))
