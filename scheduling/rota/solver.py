"""The one door to HiGHS: whole-number programs, one thread, a fixed seed, effort limited in nodes and never by the clock."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

MOST_NODES = 2000
NEAR = 1e-6
FEASIBLE = 2
NO_BOUND = -(10**9)
# Presolve costs ten times what the search of whole weeks then takes.
OPTIONS: dict[str, Any] = {
    "presolve": "off",
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.99,
}
Terms = Iterable[tuple[int, float]]


@dataclass(frozen=True)
class Answer:
    """Values by column, what they cost, and the least cost proven."""

    values: list[int]
    cost: int
    bound: int


class Program:
    """Columns between bounds, rows between bounds; costs are given anew for each stage."""

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []

    def column(self, high: float = 1, low: float = 0) -> int:
        """Add a whole-number column and return its number."""
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def row(self, low: float, high: float, terms: Terms) -> None:
        """Hold a sum between two bounds; a column may be named more than once."""
        merged: dict[int, float] = {}
        for column, weight in terms:
            merged[column] = merged.get(column, 0) + weight
        self.rows.append((low, high, list(merged), list(merged.values())))

    def at_most(self, high: float, terms: Terms) -> None:
        self.row(-float("inf"), high, terms)

    def minimise(
        self,
        costs: Mapping[int, int],
        *,
        start: Sequence[int] | None = None,
        nodes: int = MOST_NODES,
        hold: bool = False,
    ) -> Answer | None:
        """Solve for these costs; none if nothing was found within the nodes. `hold`: narrow the columns to what the best allows.

        The relaxed program goes first: most stages are flows, whose corners are whole numbers.
        """
        lp, solver = self._load(costs, whole=False)
        solver.run()
        status = str(solver.getModelStatus())
        if not status.endswith("kOptimal"):
            return None
        solution = solver.getSolution()
        relaxed, duals = list(solution.col_value), list(solution.col_dual)
        floor = solver.getInfo().objective_function_value
        if all(abs(value - round(value)) < NEAR for value in relaxed):
            values = [round(value) for value in relaxed]
            answer = Answer(values, cost_of(costs, values), cost_of(costs, values))
        else:
            found = self._whole(lp, costs, start, nodes)
            if found is None:
                return None
            answer = replace(found, bound=max(found.bound, _up(floor, found.cost)))
        if hold:
            self._narrow(relaxed, duals, answer.cost - floor)
        return answer

    def _whole(self, lp: Any, costs: Mapping[int, int], start: Sequence[int] | None, nodes: int) -> Answer | None:
        """Search whole numbers, from `start` if there is one.

        HiGHS 1.16 at times reports a better cost than that of the values it hands back, which are then those of the start:
        what does not add up is solved once more without a start.
        """
        import highspy

        for known in (start, None) if start is not None else (None,):
            _, solver = self._load(costs, whole=True, lp=lp)
            solver.setOptionValue("mip_max_nodes", nodes)
            if known is not None:
                solution = highspy.HighsSolution()
                solution.col_value = [float(value) for value in known]
                solver.setSolution(solution)
            solver.run()
            info = solver.getInfo()
            if info.primal_solution_status != FEASIBLE:
                continue
            values = [round(value) for value in solver.getSolution().col_value]
            cost = cost_of(costs, values)
            if cost == round(info.objective_function_value):
                return Answer(values, cost, _up(info.mip_dual_bound, cost))
        if start is None:
            return None
        return Answer(list(start), cost_of(costs, start), NO_BOUND)

    def _load(self, costs: Mapping[int, int], *, whole: bool, lp: Any = None) -> tuple[Any, Any]:
        import highspy

        if lp is None:
            lp = highspy.HighsLp()
            lp.num_col_, lp.num_row_ = len(self.low), len(self.rows)
            lp.col_lower_, lp.col_upper_ = self.low, self.high
            lp.col_cost_ = [float(costs.get(n, 0)) for n in range(len(self.low))]
            lp.row_lower_ = [row[0] for row in self.rows]
            lp.row_upper_ = [row[1] for row in self.rows]
            lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
            lp.a_matrix_.start_ = [0, *accumulate(len(row[2]) for row in self.rows)]
            lp.a_matrix_.index_ = [column for row in self.rows for column in row[2]]
            lp.a_matrix_.value_ = [weight for row in self.rows for weight in row[3]]
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        lp.integrality_ = [kind] * len(self.low)
        solver = highspy.Highs()
        for option, value in OPTIONS.items():
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return lp, solver

    def _narrow(self, relaxed: Sequence[float], duals: Sequence[float], slack: float) -> None:
        """Pin each column whose reduced cost says that moving it would cost more than the best answer allows."""
        for n, (value, dual) in enumerate(zip(relaxed, duals, strict=True)):
            if abs(dual) <= slack + 0.01:
                continue
            if dual > 0 and abs(value - self.low[n]) < NEAR:
                self.high[n] = self.low[n]
            elif dual < 0 and abs(value - self.high[n]) < NEAR:
                self.low[n] = self.high[n]


def cost_of(costs: Mapping[int, int], values: Sequence[int]) -> int:
    """Return what these values cost."""
    return sum(cost * values[column] for column, cost in costs.items())


def _up(bound: float, cost: int) -> int:
    """Return the least whole cost that a bound allows, the cost reached at most."""
    return NO_BOUND if math.isinf(bound) else min(cost, math.ceil(bound - 1e-5))
