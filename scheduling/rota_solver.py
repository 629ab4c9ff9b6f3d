"""The one door to HiGHS: who works on which days, then who has which group. One thread, a fixed seed, nodes limited, no clock.

Who has which group is asked in *chunks*: a chunk is the set of weekdays one teacher has one group. A group's week is cut into
chunks, a teacher's week is made of chunks, and for each set of weekdays as many are given as taken. Groups of one kind and
teachers of one kind are counted instead of named, so that the solver meets no symmetry and proves its answer at once.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_NODES = 2000
Free = Mapping[int, Sequence[int]]
Chunk = tuple[int, ...]
Plan = tuple[Chunk, ...]


@dataclass(frozen=True)
class Places:
    """Who has which (group, weekday); the least number of (teacher, group) pairs proven; whether what was found is that."""

    taken: dict[tuple[int, int], int]
    bound: int
    proven: bool


def _solver(nodes: int | None = None) -> Any:
    import highspy

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.99)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    return solver


def _solve(solver: Any, objective: Any) -> None:
    import highspy

    solver.minimize(objective)
    status = solver.getModelStatus()
    good = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)
    if status not in good:
        raise RuntimeError(f"rota: solver ended with {status}")


def _squares(solver: Any, works: Mapping[int, Any], free: Free) -> Any:
    """Tie each person's turns to steps of rising cost 1, 3, 5, ...: their sum is the square of the turns."""
    total: Any = 0
    for pk, turns in works.items():
        steps = [solver.addVariable(0, 1) for _ in free[pk]]
        solver.addConstr(sum(steps) == turns)
        total += sum((2 * n + 1) * step for n, step in enumerate(steps))
    return total


def solve_days(free: Free, fill: Mapping[int, int], past: Mapping[int, int]) -> dict[int, list[int]]:
    """Return the days each person works: `fill` people a day, least squares of turns, then fewest turns for those with many."""
    people = [pk for pk in sorted(free) if free[pk]]
    if not people or not any(fill.values()):
        return {pk: [] for pk in free}
    solver = _solver()
    works = {(pk, day): solver.addBinary() for pk in people for day in free[pk]}
    for day, number in fill.items():
        if not number:
            continue
        solver.addConstr(sum(works[pk, day] for pk in people if day in free[pk]) == number)
    turns = {pk: sum(works[pk, day] for day in free[pk]) for pk in people}
    squares = _squares(solver, turns, free)
    _solve(solver, squares)
    best = round(solver.getObjectiveValue())
    solver.addConstr(squares <= best)
    if any(past[pk] for pk in people):
        _solve(solver, sum(past[pk] * turns[pk] for pk in people if past[pk]))
    values = solver.getSolution().col_value
    chosen = {key for key, variable in works.items() if values[variable.index] > 0.5}
    return {pk: [day for day in free[pk] if (pk, day) in chosen] for pk in free}


def plans(days: Sequence[int], loads: set[int], *, longest: int = 7) -> Iterator[Plan]:
    """Give every way to make chunks of some of these days, with as many days in all as `loads` allows."""

    def grow(rest: Sequence[int], made: list[list[int]], used: int) -> Iterator[Plan]:
        if not rest:
            if used in loads:
                yield tuple(tuple(chunk) for chunk in made)
            return
        day, later = rest[0], rest[1:]
        if used + len(later) >= min(loads):
            yield from grow(later, made, used)
        if used == max(loads):
            return
        for number, chunk in enumerate(made):
            if len(chunk) < longest:
                yield from grow(later, [*made[:number], [*chunk, day], *made[number + 1 :]], used + 1)
        yield from grow(later, [*made, [day]], used + 1)

    yield from grow(sorted(days), [], 0)


def solve_places(*, free: Free, past: Mapping[int, int], places: Free, start: Free, full: bool) -> Places:
    """Return who has which group with the fewest (teacher, group) pairs, at the loads of `start`, which is best before.

    The least sum of squares has one sorted list of loads only, so the number of people with each load is fixed. `full`:
    every turn can be filled; else a group's week may have holes, as many as the days of `start` leave.
    """
    loads = Counter(len(days) for days in start.values())
    if not any(loads):
        return Places({}, 0, True)
    solver = _solver(MOST_NODES)
    model = _Model(solver, free=free, past=past, places=places, loads=loads, full=full)
    model.fix_loads(start)
    _solve(solver, model.pairs())
    values = solver.getSolution().col_value
    chosen = {key: round(values[variable.index]) for key, variable in model.counts.items()}
    taken = _name(model, chosen)
    pairs = len({(pk, group) for (group, _), pk in taken.items()})
    bound = min(pairs, _ceil(solver.getInfo().mip_dual_bound))
    return Places(taken, bound, bound >= pairs)


class _Model:
    """Counts of plans per kind of teacher and kind of group, balanced chunk by chunk."""

    def __init__(
        self, solver: Any, *, free: Free, past: Mapping[int, int], places: Free, loads: Counter[int], full: bool
    ) -> None:
        self.solver, self.past, self.loads = solver, past, loads
        self.people: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for pk in sorted(free):
            self.people["t", tuple(free[pk]), past[pk]].append(pk)
        self.groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for pk in sorted(places):
            self.groups["g", tuple(places[pk])].append(pk)
        self.counts: dict[tuple[tuple[Any, ...], Plan], Any] = {}
        longest = max(loads)
        for kind, members in self.people.items():
            self._add(kind, members, [p for p in plans(kind[1], set(loads)) if sum(map(len, p)) in loads])
        for kind, members in self.groups.items():
            whole = {len(kind[1])} if full else set(range(len(kind[1]) + 1))
            self._add(kind, members, list(plans(kind[1], whole, longest=longest)))
        self._balance()

    def _add(self, kind: tuple[Any, ...], members: list[int], choices: list[Plan]) -> None:
        row = [self.solver.addIntegral(0, len(members)) for _ in choices]
        self.counts.update(zip([(kind, plan) for plan in choices], row, strict=True))
        self.solver.addConstr(sum(row) == len(members))

    def _balance(self) -> None:
        chunks: dict[Chunk, Any] = {}
        for (kind, plan), variable in self.counts.items():
            for chunk in plan:
                chunks[chunk] = chunks.get(chunk, 0) + (variable if kind[0] == "t" else -1 * variable)
        for chunk in sorted(chunks):
            self.solver.addConstr(chunks[chunk] == 0)

    def _teachers(self) -> Iterator[tuple[tuple[Any, ...], Plan, Any]]:
        return ((kind, plan, v) for (kind, plan), v in self.counts.items() if kind[0] == "t")

    def fix_loads(self, start: Free) -> None:
        """Hold the turns of each day, the number of people with each load, and the past turns of those who have more."""
        by_day = Counter(day for days in start.values() for day in days)
        for day, number in by_day.items():
            row = [v for _, plan, v in self._teachers() if any(day in chunk for chunk in plan)]
            self.solver.addConstr(sum(row) == number)
        for load, number in self.loads.items():
            row = [v for _, plan, v in self._teachers() if sum(map(len, plan)) == load]
            self.solver.addConstr(sum(row) == number)
        if any(self.past.values()):
            best = sum(self.past[pk] * len(days) for pk, days in start.items())
            weights = [kind[2] * sum(map(len, plan)) * v for kind, plan, v in self._teachers() if kind[2] and plan]
            if weights:
                self.solver.addConstr(sum(weights) <= best)

    def pairs(self) -> Any:
        """Return what is made as small as can be: chunks, each one teacher with one group."""
        return sum(len(plan) * v for _, plan, v in self._teachers() if plan)


def _name(model: _Model, chosen: Mapping[tuple[tuple[Any, ...], Plan], int]) -> dict[tuple[int, int], int]:
    """Give the counted plans to people and groups by number, chunk by chunk."""
    queues: dict[Chunk, deque[int]] = defaultdict(deque)
    left = {kind: iter(members) for kind, members in [*model.people.items(), *model.groups.items()]}
    for (kind, plan), number in chosen.items():
        if kind[0] == "t":
            for pk in [next(left[kind]) for _ in range(number)]:
                for chunk in plan:
                    queues[chunk].append(pk)
    taken = {}
    for (kind, plan), number in chosen.items():
        if kind[0] == "g":
            for pk in [next(left[kind]) for _ in range(number)]:
                for chunk in plan:
                    teacher = queues[chunk].popleft()
                    taken.update({(pk, day): teacher for day in chunk})
    return taken


def _ceil(value: float) -> int:
    return int(-(-(value - 1e-6) // 1)) if value > 0 else 0
