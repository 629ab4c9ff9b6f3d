"""One best result, and how places can be passed on from it so that every stage keeps its value.

The places of the last stage are tried by ways in the residual network of the face: a child takes a place, the one who had it takes
another, and so on until the place (or the lack of one) that the first child gave up. Nodes are limits, with `sink` above them for
places nothing limits, and `source` for children without a place. A child stands at the node of its narrowest limit.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scheduling.draw.parts import strong_parts
from scheduling.draw.problem import FREE, Problem
from scheduling.draw.solver import Face

Token = tuple[int, int]
"""A child: its unit, and which of the unit."""


@dataclass(frozen=True)
class _Step:
    """A step of a way: from a node, by a child who moves to an option (None: out), or along the limits."""

    origin: int
    token: Token | None = None
    option: int | None = None


class Network:
    """The result in hand. `settled` units no longer move."""

    def __init__(self, problem: Problem, face: Face) -> None:
        self.problem, self.face = problem, face
        self.sink = len(problem.caps)
        self.source = self.sink + 1
        self.below: dict[int, list[int]] = defaultdict(list)
        for limit, parent in enumerate(problem.parents):
            self.below[self._node(parent)].append(limit)
        self.settled = [False] * len(problem.units)
        self.loads = [0] * len(problem.caps)
        self.standing: dict[int, set[Token]] = defaultdict(set)
        self.parts: list[int] = []
        self.adopt(face.chosen)

    def adopt(self, chosen: list[int | None]) -> None:
        """Take over another result."""
        self.face.chosen = list(chosen)
        self.loads = [0] * len(self.problem.caps)
        self.standing = defaultdict(set)
        for unit, option in enumerate(chosen):
            for member in range(self.problem.units[unit].size):
                if option is not None:
                    for limit in self.problem.way(self.problem.units[unit].leaves[option][member]):
                        self.loads[limit] += 1
                if not self.settled[unit]:
                    self.standing[self.at((unit, member), option)].add((unit, member))

    def at(self, token: Token, option: int | None) -> int:
        """Return where a child stands with this option."""
        if option is None:
            return self.source
        return self._node(self.problem.units[token[0]].leaves[option][token[1]])

    def here(self, token: Token) -> int:
        """Return where a child stands."""
        return self.at(token, self.face.chosen[token[0]])

    def settle(self, unit: int) -> None:
        """Hold a unit where it is."""
        for member in range(self.problem.units[unit].size):
            self.standing[self.here((unit, member))].discard((unit, member))
        self.settled[unit] = True

    def _node(self, limit: int) -> int:
        return self.sink if limit == FREE else limit

    def _exits(self, unit: int) -> list[int | None]:
        """Return what a unit may have instead."""
        chosen = self.face.chosen[unit]
        out: list[int | None] = [k for k in self.face.options[unit] if k != chosen]
        return out if chosen is None or self.face.placed[unit] else [*out, None]

    def steps(self, node: int, *, single: bool = False) -> Iterator[tuple[int, _Step]]:
        """Yield where one too many at this node may go. `single`: brothers and sisters together stay where they are."""
        if node < self.sink and self.loads[node] < self.problem.caps[node]:
            yield self._node(self.problem.parents[node]), _Step(node)
        for limit in self.below[node]:
            least = self.problem.caps[limit] if self.face.used_up[limit] else 0
            if self.loads[limit] > least:
                yield limit, _Step(node)
        for token in self.standing[node]:
            if single and self.problem.units[token[0]].size > 1:
                continue
            for option in self._exits(token[0]):
                yield self.at(token, option), _Step(node, token, option)

    def divide(self) -> None:
        """Number the strongly connected parts: a child can only move inside one, whatever else moves (siblings parted too)."""
        self.parts = strong_parts(self.source + 1, lambda node: {to for to, _ in self.steps(node)})

    def thinkable(self, unit: int, option: int) -> bool:
        """Tell whether each child of a unit could have this option if brothers and sisters were parted: if not, it is ruled out."""
        members = range(self.problem.units[unit].size)
        return all(self.parts[self.here((unit, m))] == self.parts[self.at((unit, m), option)] for m in members)

    def reachable(self, unit: int, option: int) -> bool:
        """Like `thinkable`, but exactly for the network as it stands."""
        members = range(self.problem.units[unit].size)
        return all(self._search((unit, m), option, single=False) is not None for m in members)

    def pass_on(self, unit: int, option: int) -> bool:
        """Give a unit this option by moving single children only. False leaves all as it was; another way may still exist."""
        if self.problem.units[unit].size == 1:
            way = self._search((unit, 0), option, single=True)
            if way is None or not self._level(unit, option, way):
                return False
            self._walk(way)
            self._move((unit, 0), option)
            return True
        before = list(self.face.chosen)
        if self._pass_on_together(unit, option) and self._same_values(before):
            return True
        self.adopt(before)
        return False

    def could_pass_on(self, unit: int, option: int) -> bool:
        """Tell whether `pass_on` would do for a single child; nothing changes."""
        if self.problem.units[unit].size > 1:
            return False
        way = self._search((unit, 0), option, single=True)
        return way is not None and self._level(unit, option, way)

    def _pass_on_together(self, unit: int, option: int) -> bool:
        members = [(unit, member) for member in range(self.problem.units[unit].size)]
        for token in members:
            self.standing[self.here(token)].discard(token)
        for token in members:
            way = self._search(token, option, single=True)
            if way is None:
                return False
            self._walk(way)
        self.face.chosen[unit] = option
        for token in members:
            self.standing[self.here(token)].add(token)
        return True

    def _move(self, token: Token, option: int | None) -> None:
        self.standing[self.here(token)].discard(token)
        self.face.chosen[token[0]] = option
        self.standing[self.here(token)].add(token)

    def _search(self, token: Token, option: int, *, single: bool) -> list[tuple[int, _Step]] | None:
        goal = self.here(token)
        start = self.at(token, option)
        came: dict[int, _Step] = {}
        queue = deque([start])
        while queue and goal not in came and start != goal:
            node = queue.popleft()
            for to, step in self.steps(node, single=single):
                inside = not self.parts or self.parts[to] == self.parts[start]
                if to not in came and to != start and inside and step.token != token:
                    came[to] = step
                    queue.append(to)
        if start != goal and goal not in came:
            return None
        way = []
        node = goal
        while node != start:
            way.append((node, came[node]))
            node = came[node].origin
        return way

    def _walk(self, way: list[tuple[int, _Step]]) -> None:
        for to, step in way:
            if step.token is not None:
                self._move(step.token, step.option)
            elif step.origin < self.sink and self._node(self.problem.parents[step.origin]) == to:
                self.loads[step.origin] += 1
            else:
                self.loads[to] -= 1

    def _level(self, unit: int, option: int, way: list[tuple[int, _Step]]) -> bool:
        moves = [(step.token[0], step.option) for _, step in way if step.token is not None]
        return self._counts_alike((one, self.face.chosen[one], new) for one, new in [(unit, option), *moves])

    def _same_values(self, before: list[int | None]) -> bool:
        """Tell whether every stage counts as many children as before."""
        pairs = enumerate(zip(before, self.face.chosen, strict=True))
        return self._counts_alike((unit, old, new) for unit, (old, new) in pairs if old != new)

    def _counts_alike(self, moves: Iterable[tuple[int, int | None, int | None]]) -> bool:
        change: dict[tuple[str, int], int] = defaultdict(int)
        for unit, old, new in moves:
            one = self.problem.units[unit]
            for option, sign in ((old, -1), (new, 1)):
                if option is not None:
                    change["priority", 0] += sign * one.priority
                    change["choice", option] += sign * one.size
        return not any(change.values())

    def tied(self) -> set[int]:
        """Return the parts in which brothers and sisters together stand: only there can the network be too generous."""
        units = enumerate(self.problem.units)
        movable = ((n, m) for n, unit in units if unit.size > 1 and not self.settled[n] for m in range(unit.size))
        return {self.parts[self.here(token)] for token in movable}

    def companions(self, units: Iterable[int]) -> list[int]:
        """Return the units that can have any part in moving these, siblings tying parts of the network together."""
        by_part: dict[int, set[int]] = defaultdict(set)
        for number, one in enumerate(self.problem.units):
            if not self.settled[number]:
                for member in range(one.size):
                    by_part[self.parts[self.here((number, member))]].add(number)
        found = set(units)
        queue = sorted(found)
        while queue:
            number = queue.pop()
            for member in range(self.problem.units[number].size):
                new = by_part.pop(self.parts[self.here((number, member))], set()) - found
                found |= new
                queue += new
        return sorted(found)
