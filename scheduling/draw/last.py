"""The last stage, the lot: in the drawn order each unit gets the best place still possible, given all stages and those before it.

Three answers, the cheap ones first. *Ruled out:* even with siblings parted the network has no way. *Passed on:* there is a way that
moves single children only. Else, rarely, only the solver knows; it nearly always says no, so many such options are asked about at
once: if no result has any of them, all are ruled out for good.
"""

from scheduling.draw.network import Network
from scheduling.draw.problem import Problem
from scheduling.draw.solver import Face, Option, OutOfEffort, find

ROUND = 50
"""Units settled between two divisions of the network into parts."""
WIDEST = 1 << 20


class LastStage:
    """Settles the units of a face one by one."""

    def __init__(self, problem: Problem, face: Face, effort: int) -> None:
        self.problem, self.face, self.effort = problem, face, effort
        self.network = Network(problem, face)
        self.certain = True
        self.ruled_out: set[Option] = set()
        self.window = 64

    def settle_all(self) -> bool:
        """Settle all units; tell whether every answer was certain."""
        for unit in range(len(self.problem.units)):
            if unit % ROUND == 0:
                self.network.divide()
                self.tied = self.network.tied()
            for option in self._better(unit):
                if self._give(unit, option):
                    break
            self.network.settle(unit)
        return self.certain

    def _better(self, unit: int) -> list[int]:
        """Return the options above the one in hand that the parts of the network don't rule out."""
        chosen = self.face.chosen[unit]
        higher = (k for k in self.face.options[unit] if chosen is None or k < chosen)
        return [k for k in higher if (unit, k) not in self.ruled_out and self.network.thinkable(unit, k)]

    def _give(self, unit: int, option: int) -> bool:
        if self.network.pass_on(unit, option):
            return True
        if not self._doubtful(unit, option):
            return False
        while True:
            group = self._group(unit, option)
            try:
                chosen = self._find(group)
            except OutOfEffort:
                self.certain = False
                return False
            if chosen is None:
                self.ruled_out.update(group)
                self.window = min(2 * self.window, WIDEST)
                return False
            if chosen[unit] == option:
                self.network.adopt(chosen)
                return True
            self.window = max(min(self.window, len(group)) // 4, 1)

    def _doubtful(self, unit: int, option: int) -> bool:
        """Tell whether only the solver can say, once single children have found no way."""
        if not self.face.kept and self.network.parts[self.network.here((unit, 0))] not in self.tied:
            return False
        return self.network.reachable(unit, option)

    def _group(self, unit: int, option: int) -> list[Option]:
        """Return this option and doubtful ones of units to come, as many as the window takes."""
        group = [(unit, option)]
        for later in range(unit + 1, len(self.problem.units)):
            if len(group) >= self.window:
                break
            for k in self._better(later):
                if not self.network.could_pass_on(later, k) and self._doubtful(later, k):
                    group.append((later, k))
        return group[: self.window]

    def _find(self, group: list[Option]) -> list[int | None] | None:
        """Ask the solver for a result that has at least one of these options."""
        if self.face.kept:
            among = [unit for unit, settled in enumerate(self.network.settled) if not settled]
        else:
            among = self.network.companions({unit for unit, _ in group})
        one_of = (dict.fromkeys(group, 1), 1)
        return find(self.problem, self.face, among, [*self.face.kept, one_of], self.effort)
