"""Stages one to four of one piece: who works in which slots, groups still without names but where somebody wishes one.

Mostly a flow from people over their days to slots, with steps of rising cost for each further turn, so that the relaxed program
gives whole numbers at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from scheduling.rota.board import Piece, Seat
from scheduling.rota.measure import met
from scheduling.rota.solver import Program
from scheduling.rota.values import Kind, StageCode, Wish, WishKind, clash

Column = tuple[int, int]


@dataclass(frozen=True)
class Working:
    """Who works where after four stages. `slots` by person; `named`: (person, slot) -> group, where a wish was met.

    `gaps`: for each stage what may still be missing to the best; `loads`: fewest and most turns of each person that the
    best allows; `must`, `never`: (person, slot) that every best answer has, or none has.
    """

    slots: dict[int, list[int]]
    named: dict[Column, int]
    gaps: dict[StageCode, int]
    loads: dict[int, tuple[int, int]]
    must: frozenset[Column]
    never: frozenset[Column]


class _Days:
    def __init__(self, piece: Piece) -> None:
        self.piece, self.program = piece, Program()
        self.slot = {slot.number: slot for slot in piece.slots}
        self.works: dict[Column, int] = {
            (seat.person.id, number): self.program.column() for seat in piece.seats for number in seat.slots
        }
        self.steps: dict[int, list[int]] = {}
        self.named: dict[tuple[int, int, int], int] = {}
        self.unmet: list[int] = []
        for seat in piece.seats:
            self._one_place_at_a_time(seat)
            self._count(seat)
        for slot in piece.slots:
            row = [(self.works[s.person.id, slot.number], 1) for s in piece.seats if slot.number in s.slots]
            self.program.at_most(len(slot.posts), row)
        self._wishes()

    def _one_place_at_a_time(self, seat: Seat) -> None:
        by_day = defaultdict(list)
        for number in seat.slots:
            by_day[self.slot[number].sample.weekday].append(number)
        for own in by_day.values():
            pairs = [(a, b) for a, b in combinations(own, 2) if clash(self.slot[a].sample, self.slot[b].sample)]
            rows = [tuple(own)] if len(pairs) == len(own) * (len(own) - 1) // 2 and len(own) > 1 else pairs
            for row in rows:
                self.program.at_most(1, [(self.works[seat.person.id, number], 1) for number in row])

    def _count(self, seat: Seat) -> None:
        self.steps[seat.person.id] = steps = [self.program.column() for _ in range(seat.most)]
        row = [(self.works[seat.person.id, number], 1) for number in seat.slots]
        self.program.row(0, 0, [*row, *((step, -1) for step in steps)])

    def _wishes(self) -> None:
        places: dict[tuple[int, int], list[int]] = defaultdict(list)
        for seat, wish in self._open_wishes():
            refused = self.program.column()
            self.unmet.append(refused)
            if wish.kind == WishKind.PREFER_GROUP:
                own = self._in_group(seat, wish.value, places)
            else:
                own = [self.works[seat.person.id, n] for n in seat.slots if self.slot[n].sample.weekday == wish.value]
            if wish.kind == WishKind.AVOID_DAY:
                for column in own:
                    self.program.row(0, float("inf"), [(refused, 1), (column, -1)])
            else:
                self.program.row(1, float("inf"), [(refused, 1), *((column, 1) for column in own)])
        for columns in places.values():
            self.program.at_most(1, [(column, 1) for column in columns])
        turns: dict[Column, list[int]] = defaultdict(list)
        for (person, _, number), column in self.named.items():
            turns[person, number].append(column)
        for key, columns in turns.items():
            self.program.at_most(0, [*((column, 1) for column in columns), (self.works[key], -1)])

    def _in_group(self, seat: Seat, group: int, places: dict[tuple[int, int], list[int]]) -> list[int]:
        own = []
        for number in seat.slots:
            if any(post.kind == Kind.GROUP and post.of == group for post in self.slot[number].posts):
                column = self.named[seat.person.id, group, number] = self.program.column()
                places[group, number].append(column)
                own.append(column)
        return own

    def _open_wishes(self) -> Iterator[tuple[Seat, Wish]]:
        """Give the wishes that what is held does not decide."""
        for seat in self.piece.seats:
            for wish in sorted(set(seat.person.wishes)):
                if met(wish, seat.held) == (wish.kind == WishKind.AVOID_DAY):
                    yield seat, wish

    def costs(self) -> Iterator[tuple[StageCode, dict[int, int]]]:
        """Give what each stage makes small."""
        yield StageCode.OPEN, dict.fromkeys(self.works.values(), -1)
        helping = {
            column: 1
            for (person, number), column in self.works.items()
            if (post := self.slot[number].sample).candidates and post.candidates[0] != person
        }
        yield StageCode.HELPERS, helping
        even, past = {}, {}
        for seat in self.piece.seats:
            for n, step in enumerate(self.steps[seat.person.id], seat.base):
                even[step] = seat.share * (2 * n + 1)
                past[step] = seat.share * seat.person.past_turns
        yield StageCode.EVEN, even
        yield StageCode.PAST, {step: cost for step, cost in past.items() if cost}
        yield StageCode.WISHES, dict.fromkeys(self.unmet, 1)


def solve_days(piece: Piece, nodes: int) -> Working:
    """Solve the stages one after the other, each best held before the next."""
    model = _Days(piece)
    gaps: dict[StageCode, int] = {}
    values: list[int] | None = None
    for code, costs in model.costs():
        gaps[code] = 0
        if not costs:
            continue
        answer = model.program.minimise(costs, start=values, nodes=nodes, hold=True)
        if answer is None:
            raise RuntimeError(f"rota: nothing found for {code}")
        values, gaps[code] = answer.values, answer.cost - answer.bound
        model.program.at_most(answer.cost, costs.items())
    return _read(model, values or [], gaps)


def _read(model: _Days, values: list[int], gaps: Mapping[StageCode, int]) -> Working:
    slots: dict[int, list[int]] = {seat.person.id: [] for seat in model.piece.seats}
    for (person, number), column in model.works.items():
        if values[column]:
            slots[person].append(number)
    named = {(person, number): group for (person, group, number), column in model.named.items() if values[column]}
    low, high = model.program.low, model.program.high
    return Working(
        slots=slots,
        named=named,
        gaps=dict(gaps),
        loads={
            person: (round(sum(low[s] for s in steps)), round(sum(high[s] for s in steps)))
            for person, steps in model.steps.items()
        },
        must=frozenset(key for key, column in model.works.items() if low[column] > 0.5),
        never=frozenset(key for key, column in model.works.items() if high[column] < 0.5),
    )


def could_fill(piece: Piece) -> bool:
    """Tell whether every post of a piece can be filled."""
    model = _Days(piece)
    _, costs = next(model.costs())
    answer = model.program.minimise(costs)
    return answer is not None and -answer.cost == piece.needed
