"""The one door to HiGHS: what each stage can reach, which options are left in best results, and whether a result exists.

One thread, a fixed seed, nodes limited, no clock. Of what it returns only values and what they rule out are used, never which of
many best results it happens to find. Each stage is a linear program over what the stages before left; where brothers and sisters
make its answer fractional, an integer program gives the value. Duals then rule out (see `_narrow`) whatever is in no best result.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scheduling.draw.problem import Problem
from scheduling.draw.values import Stage, StageValue

TINY = 1e-6
MOST_CUTTINGS = 12
INFINITE = float("inf")
Option = tuple[int, int]
Goals = dict[tuple[Stage, int], dict[Option, int]]
Kept = tuple[dict[Option, int], int]


@dataclass
class Face:
    """What is known of the best results: options left for each unit, units surely placed, limits surely used up, and one result.

    `kept`: stages that parted siblings could take further than whole ones: their values have to be asked for beside the face.
    Without any, whatever keeps to the face keeps all stages.
    """

    options: list[list[int]]
    placed: list[bool]
    used_up: list[bool]
    chosen: list[int | None]
    stages: list[StageValue] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    value: float
    bound: int
    columns: list[float]
    reduced: list[float]
    duals: list[float]


def goals(problem: Problem) -> Goals:
    """Return for each stage, in order, how many children an option adds to it; stages nothing adds to are left out."""
    longest = max((len(unit.clubs) for unit in problem.units), default=0)
    stages = [(Stage.PRIORITY, 0), (Stage.PLACED, 0), *((Stage.CHOICE, n) for n in range(1, longest + 1))]
    made: Goals = {key: {} for key in stages}
    for number, unit in enumerate(problem.units):
        for k in range(len(unit.clubs)):
            if unit.priority:
                made[Stage.PRIORITY, 0][number, k] = unit.priority
            made[Stage.PLACED, 0][number, k] = unit.size
            made[Stage.CHOICE, k + 1][number, k] = unit.size
    return {key: row for key, row in made.items() if row}


def solve_stages(problem: Problem, effort: int) -> Face:
    """Solve stage by stage, each optimum fixed before the next."""
    count = len(problem.units)
    face = Face(
        options=[list(range(len(unit.clubs))) for unit in problem.units],
        placed=[False] * count,
        used_up=[False] * len(problem.caps),
        chosen=[None] * count,
    )
    for (stage, choice), goal in goals(problem).items():
        model = _Model(problem, face, face.kept)
        found = model.relaxed(goal)
        reached, bound = round(found.value), round(found.value)
        if all(abs(value - round(value)) < TINY for value in found.columns):
            face.chosen = model.read(found.columns)
        else:
            reached, bound = _whole(model, face, goal, effort, bound=int(found.value + TINY))
            found = _tighten(model, found, goal, reached)
        gap = found.value - reached
        _narrow(face, model, found, max(gap, 0.0))
        cuts = model.cuts_in_use(found)
        if gap > TINY or cuts:
            face.kept += [(goal, reached), *cuts]
        face.stages.append(StageValue(stage, choice, reached, bound))
    return face


def find(
    problem: Problem, face: Face, among: Sequence[int], keep: Sequence[Kept], effort: int
) -> list[int | None] | None:
    """Return a result that differs for `among` only, keeps to the face and reaches the values of `keep`; None if there is none.

    Raises `OutOfEffort` where the limit of nodes stops the search.
    """
    model = _Model(problem, face, keep, among)
    found = model.whole({}, effort)
    return None if found is None else model.read(found.columns)


class OutOfEffort(Exception):
    """The search was stopped by its limit before it could tell."""


def _whole(model: "_Model", face: Face, goal: Mapping[Option, int], effort: int, bound: int) -> tuple[int, int]:
    """Return what whole places reach and its bound; the result of the stage before stands if nothing is found in time."""
    try:
        found = model.whole(goal, effort)
    except OutOfEffort:
        found = None
    if found is not None:
        bound = min(bound, found.bound)
        face.chosen = max(face.chosen, model.read(found.columns), key=lambda chosen: counted(goal, chosen))
    reached = counted(goal, face.chosen)
    return reached, max(bound, reached)


def counted(goal: Mapping[Option, int], chosen: Sequence[int | None]) -> int:
    """Return how many children a result counts in a stage."""
    return sum(value for (unit, k), value in goal.items() if chosen[unit] == k)


def _tighten(model: "_Model", found: _Found, goal: Mapping[Option, int], reached: int) -> _Found:
    """Cut off parted siblings while they take the relaxed value beyond what whole ones reach: duals rule out more then."""
    for _ in range(MOST_CUTTINGS):
        if found.value - reached < TINY:
            break
        cuts = list(model.cuts(found))
        if not cuts:
            break
        model.kept += cuts
        found = model.relaxed(goal)
    return found


def _narrow(face: Face, model: "_Model", found: _Found, gap: float) -> None:
    """Rule out what would cost more than the gap between the relaxed value and the one reached (complementary slackness).

    With no gap every best result leaves out each option with a reduced cost, and uses up each row with a price.
    """
    dropped = {option for option, cost in zip(model.columns, found.reduced, strict=True) if cost > gap + TINY}
    for unit in {unit for unit, _ in dropped}:
        face.options[unit] = [k for k in face.options[unit] if (unit, k) not in dropped]
    prices = [abs(price) > gap + TINY for price in found.duals]
    for row, unit in enumerate(model.units):
        face.placed[unit] = face.placed[unit] or prices[row]
    for row, limit in enumerate(model.limits, len(model.units)):
        face.used_up[limit] = face.used_up[limit] or prices[row]


class _Model:
    """Rows: units, limits, stages to keep. Columns: the options left of the units in question; the others stay as chosen."""

    def __init__(
        self,
        problem: Problem,
        face: Face,
        kept: Sequence[Kept],
        among: Sequence[int] | None = None,
    ) -> None:
        self.problem, self.face, self.kept = problem, face, list(kept)
        self.units = [u for u in (range(len(problem.units)) if among is None else among) if face.options[u]]
        self.columns = [(unit, k) for unit in self.units for k in face.options[unit]]
        self.others = self._others() if among is not None else {}
        self.entries = [problem.units[unit].uses[k] for unit, k in self.columns]
        self.limits = sorted({limit for entry in self.entries for limit, _ in entry})

    def _others(self) -> dict[int, int]:
        inside = set(self.units)
        chosen = enumerate(self.face.chosen)
        return {unit: k for unit, k in chosen if k is not None and unit not in inside}

    def _loads(self) -> dict[int, int]:
        loads: dict[int, int] = defaultdict(int)
        for unit, k in self.others.items():
            for limit, used in self.problem.units[unit].uses[k]:
                loads[limit] += used
        return loads

    def _rows(self) -> Iterator[tuple[float, float]]:
        """Yield the bounds of each row. Below no bound unless it is equal: else a price could mean "nothing" too."""
        loads = self._loads()
        for unit in self.units:
            yield (1 if self.face.placed[unit] else -INFINITE), 1
        for limit in self.limits:
            left = self.problem.caps[limit] - loads[limit]
            yield (left if self.face.used_up[limit] else -INFINITE), left
        for goal, least in self.kept:
            yield least - sum(goal.get(option, 0) for option in self.others.items()), INFINITE

    def _program(self, goal: Mapping[Option, int], *, whole: bool) -> Any:
        import highspy

        rows = list(self._rows())
        unit_rows = {unit: row for row, unit in enumerate(self.units)}
        limit_rows = {limit: row for row, limit in enumerate(self.limits, len(self.units))}
        starts, index = [0], []
        value: list[float] = []
        for (unit, k), entry in zip(self.columns, self.entries, strict=True):
            cells = [(unit_rows[unit], 1), *((limit_rows[limit], used) for limit, used in entry)]
            first = len(rows) - len(self.kept)
            cells += [(first + n, row[unit, k]) for n, (row, _) in enumerate(self.kept) if (unit, k) in row]
            index += [row for row, _ in cells]
            value += [float(used) for _, used in cells]
            starts.append(len(index))
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.columns), len(rows)
        program.col_cost_ = [-float(goal.get(column, 0)) for column in self.columns]
        program.col_lower_ = [0.0] * len(self.columns)
        program.col_upper_ = [1.0 if whole else INFINITE] * len(self.columns)
        program.row_lower_ = [float(low) for low, _ in rows]
        program.row_upper_ = [float(high) for _, high in rows]
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_, program.a_matrix_.index_, program.a_matrix_.value_ = starts, index, value
        if whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * len(self.columns)
        return program

    def _run(self, goal: Mapping[Option, int], *, whole: bool, effort: int = 0) -> Any:
        import highspy

        solver = highspy.Highs()
        solver.silent()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", 1)
        if whole:
            solver.setOptionValue("mip_rel_gap", 0.0)
            solver.setOptionValue("mip_abs_gap", 0.0)
            solver.setOptionValue("mip_max_nodes", effort)
        else:
            solver.setOptionValue("solver", "simplex")
        solver.passModel(self._program(goal, whole=whole))
        solver.run()
        return solver

    def relaxed(self, goal: Mapping[Option, int]) -> _Found:
        """Solve with places that may be parted: the value, and what each option and row would cost."""
        import highspy

        solver = self._run(goal, whole=False)
        if self.columns and solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"draw: solver ended with {solver.getModelStatus()}")
        solution, value = solver.getSolution(), -solver.getInfo().objective_function_value
        columns = list(solution.col_value)
        return _Found(value, int(value + TINY), columns, list(solution.col_dual), list(solution.row_dual))

    def whole(self, goal: Mapping[Option, int], effort: int) -> _Found | None:
        """Solve with whole places; None if no result exists."""
        import highspy

        solver = self._run(goal, whole=True, effort=effort)
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise OutOfEffort
        columns = [float(round(value)) for value in solver.getSolution().col_value]
        if not self.holds(columns):
            raise OutOfEffort
        bound = int(-info.mip_dual_bound + TINY) if abs(info.mip_dual_bound) < 1e9 else 10**9
        return _Found(-info.objective_function_value, bound, columns, [], [])

    def cuts(self, found: _Found) -> Iterator[Kept]:
        """Yield cuts of single limits that the found values break.

        Half the sum of a limit and of the rows of some units, rounded down: with 3 places a pair and a half are no pairs but one.
        Each unit of an odd use is taken in if that makes the cut deeper; the sum of the right sides has to be odd.
        """
        value = dict(zip(self.columns, found.columns, strict=True))
        inside: dict[int, list[tuple[Option, int]]] = defaultdict(list)
        for column, entry in zip(self.columns, self.entries, strict=True):
            for limit, used in entry:
                inside[limit].append((column, used))
        for limit, cells in sorted(inside.items()):
            odd = [column for column, used in cells if used % 2]
            taken = {column[0] for column in odd if value[column] > 0.5}
            if (self.problem.caps[limit] + len(taken)) % 2 == 0:
                if not odd:
                    continue
                taken ^= {min(odd, key=lambda column: abs(value[column] - 0.5))[0]}
            row = {column: (used + (column[0] in taken)) // 2 for column, used in cells}
            most = (self.problem.caps[limit] + len(taken)) // 2
            if sum(used * value[column] for column, used in row.items()) > most + 1e-4:
                yield {column: -used for column, used in row.items() if used}, -most

    def cuts_in_use(self, found: _Found) -> list[Kept]:
        """Return the cuts that have a price."""
        first = len(self.units) + len(self.limits)
        priced = zip(self.kept, found.duals[first:], strict=True)
        return [row for row, price in priced if abs(price) > TINY and row not in self.face.kept]

    def holds(self, columns: Sequence[float]) -> bool:
        """Count again in whole numbers whether a result keeps to every row: the solver's word isn't taken for it."""
        uses = dict.fromkeys(self.units, 0.0)
        loads = dict.fromkeys(self.limits, 0.0)
        kept = [0.0] * len(self.kept)
        for (unit, k), entry, value in zip(self.columns, self.entries, columns, strict=True):
            if value:
                uses[unit] += value
                for limit, used in entry:
                    loads[limit] += used * value
                for n, (row, _) in enumerate(self.kept):
                    kept[n] += row.get((unit, k), 0) * value
        sums = [*uses.values(), *loads.values(), *kept]
        return all(low <= count <= high for count, (low, high) in zip(sums, self._rows(), strict=True))

    def read(self, columns: Sequence[float]) -> list[int | None]:
        """Return the option of each unit."""
        chosen = list(self.face.chosen)
        for unit in self.units:
            chosen[unit] = None
        for (unit, k), value in zip(self.columns, columns, strict=True):
            if value > 0.5:
                chosen[unit] = k
        return chosen
