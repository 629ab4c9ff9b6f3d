"""Stages five and six of one piece: whole weeks. Fewest (teacher, group) pairs, then fewest changes.

Naming who has which group makes a solver meet the same answer in thousands of orders. So a teacher's week is a choice of slots
cut into *chunks*, each the slots of one group; a group's week is cut into chunks too; and each chunk is given as often as it is
taken, whichever group it is of. A chunk carries a group's name only where that matters: to a teacher who holds, wishes, or had
that group. People of one kind, for whom all weeks are worth the same, are counted instead of named.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduling.rota.board import Piece, Seat
from scheduling.rota.days import Working
from scheduling.rota.measure import met
from scheduling.rota.solver import Program
from scheduling.rota.values import Key, Kind, Post, Wish, WishKind

MOST_COLUMNS = 60_000
Chunk = tuple[int, ...]
Named = tuple[Chunk, int]  # a chunk with its group; 0: any group
Week = tuple[tuple[int, ...], tuple[Named, ...]]
Given = dict[int, list[tuple[int, int]]]  # person -> (slot, group; 0: no group)


class Worth(NamedTuple):
    """What one week of one person adds to each figure."""

    turns: int
    helpers: int
    even: int
    past: int
    refused: int
    pairs: int
    kept: int


class TooLarge(Exception):
    """More weeks than the solver can weigh."""


@dataclass(frozen=True)
class Habit:
    """What makes a person's weeks differ from another's; people with equal habits are one kind."""

    days: tuple[tuple[tuple[int, ...], ...], ...]
    loads: tuple[int, int]
    even: tuple[int, ...]
    past: tuple[int, ...]
    helps_in: frozenset[int]
    wishes: tuple[Wish, ...]
    holds: frozenset[int]
    had: frozenset[tuple[int, int]]


class Weeks:
    """The program of one piece. `previous`: (person, slot, group) of the rota before, empty for the stage of pairs."""

    def __init__(self, piece: Piece, working: Working, previous: Collection[tuple[int, int, int]]) -> None:
        self.piece, self.working = piece, working
        self.weekday = {slot.number: slot.sample.weekday for slot in piece.slots}
        self.of_groups = {slot.number for slot in piece.slots if slot.is_group}
        self.groups = _groups(piece)
        self.full = sum(map(len, working.slots.values())) == piece.needed
        had: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for person, number, group in previous:
            had[person].add((number, group))
        self.kinds: dict[Habit, list[int]] = defaultdict(list)
        for seat in piece.seats:
            self.kinds[self._habit(seat, frozenset(had[seat.person.id]))].append(seat.person.id)
        self.kind_of = {pk: habit for habit, members in self.kinds.items() for pk in members}
        self.chunks_of = {chunk for own in self.groups.values() for chunk in _subsets(own)}
        self.program = Program()
        self.weeks: dict[tuple[Habit, Week], int] = {}
        self.worth: dict[int, Worth] = {}
        self._people()
        self.wanted = {group: own for group, own in self.groups.items() if self._is_named(group)}
        self.alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for group, own in self.groups.items():
            if group not in self.wanted:
                self.alike[own].append(group)
        self.cuts: dict[tuple[object, tuple[Chunk, ...]], int] = {}
        self._places()

    def _habit(self, seat: Seat, had: frozenset[tuple[int, int]]) -> Habit:
        person, pk = seat.person, seat.person.id
        low, high = self.working.loads[pk]
        days = []
        for day in seat.days:
            here = {number for choice in day for number in choice}
            must = {number for number in here if (pk, number) in self.working.must}
            allowed = [c for c in day if must <= set(c) and not any((pk, n) in self.working.never for n in c)]
            days.append(tuple(allowed))
        squares = [seat.share * (seat.base + n) ** 2 for n in range(low, high + 1)]
        samples = {slot.number: slot.sample for slot in self.piece.slots}
        return Habit(
            days=tuple(days),
            loads=(low, high),
            even=tuple(value - squares[0] for value in squares),
            past=tuple(seat.share * person.past_turns * n for n in range(high - low + 1)),
            helps_in=frozenset(n for n in seat.slots if samples[n].candidates and samples[n].candidates[0] != pk),
            wishes=tuple(w for w in sorted(set(person.wishes)) if met(w, seat.held) == (w.kind == WishKind.AVOID_DAY)),
            holds=frozenset(post.of for post in seat.held if post.kind == Kind.GROUP) & frozenset(self.groups),
            had=had,
        )

    # People

    def _people(self) -> None:
        for habit, members in self.kinds.items():
            row = []
            for slots in _choices(habit.days, *habit.loads):
                for named in self._named(habit, slots):
                    column = self.program.column(len(members))
                    self.weeks[habit, (slots, named)] = column
                    self.worth[column] = self._weigh(habit, slots, named)
                    row.append(column)
                    if len(self.weeks) > MOST_COLUMNS:
                        raise TooLarge
            self.program.row(len(members), len(members), [(column, 1) for column in row])

    def _named(self, habit: Habit, slots: tuple[int, ...]) -> Iterator[tuple[Named, ...]]:
        ours = tuple(number for number in slots if number in self.of_groups)
        for cut in _partitions(ours, self.chunks_of):
            yield from self._names(habit, cut, ())

    def _names(self, habit: Habit, rest: Sequence[Chunk], made: tuple[Named, ...]) -> Iterator[tuple[Named, ...]]:
        if not rest:
            yield made
            return
        used = {group for _, group in made}
        for group in [0, *self._names_for(habit, rest[0])]:
            if group == 0 or group not in used:
                yield from self._names(habit, rest[1:], (*made, (rest[0], group)))

    def _names_for(self, habit: Habit, chunk: Chunk) -> list[int]:
        always = habit.holds | {w.value for w in habit.wishes if w.kind == WishKind.PREFER_GROUP}
        again = {group for number, group in habit.had if group and number in chunk}
        return [g for g in sorted(always | again) if g in self.groups and set(chunk) <= set(self.groups[g])]

    def _weigh(self, habit: Habit, slots: tuple[int, ...], named: tuple[Named, ...]) -> Worth:
        n = len(slots) - habit.loads[0]
        days = {self.weekday[number] for number in slots}
        mine = {group for _, group in named}
        refused = 0
        for wish in habit.wishes:
            there = wish.value in (mine if wish.kind == WishKind.PREFER_GROUP else days)
            refused += there == (wish.kind == WishKind.AVOID_DAY)
        kept = sum((number, group) in habit.had for chunk, group in named if group for number in chunk)
        kept += sum((number, 0) in habit.had for number in slots if number not in self.of_groups)
        return Worth(
            turns=len(slots),
            helpers=len(habit.helps_in.intersection(slots)),
            even=habit.even[n],
            past=habit.past[n],
            refused=refused,
            pairs=sum(group not in habit.holds for _, group in named),
            kept=kept,
        )

    # Groups and the other slots

    def _is_named(self, group: int) -> bool:
        return any(group == name for _, (_, named) in self.weeks for _, name in named)

    def _places(self) -> None:
        given: dict[Chunk, list[tuple[int, int]]] = defaultdict(list)
        covers: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (_, (slots, named)), column in self.weeks.items():
            for number in slots:
                uses[number].append((column, 1))
            for chunk, group in named:
                if group == 0:
                    given[chunk].append((column, 1))
                for number in chunk if group else ():
                    covers[group, number].append((column, 1))
        for own, members in self.alike.items():
            self._cut(own, own, len(members), given, whole=self.full)
        for group, own in self.wanted.items():
            self._cut(group, own, 1, given, whole=False)
            for number in own:
                plans = [
                    (c, 1) for (who, cut), c in self.cuts.items() if who == group and any(number in k for k in cut)
                ]
                self.program.row(int(self.full), 1, [*covers[group, number], *plans])
        for chunk in sorted(given):
            self.program.row(0, 0, given[chunk])
        for slot in self.piece.slots:
            if uses[slot.number]:
                self.program.at_most(len(slot.posts), uses[slot.number])

    def _cut(
        self, who: object, own: Sequence[int], number: int, given: dict[Chunk, list[tuple[int, int]]], *, whole: bool
    ) -> None:
        row = []
        for part in [tuple(own)] if whole else _subsets(own, empty=True):
            for cut in _partitions(part, given.keys()):
                column = self.cuts[who, cut] = self.program.column(number)
                row.append((column, 1))
                for chunk in cut:
                    given[chunk].append((column, -1))
        self.program.row(number, number, row)

    # Solving

    def hold(self, given: Given, *, pairs: bool) -> list[int]:
        """Allow nothing worse than this answer in the stages before; return it as the solver's start."""
        values = self.encode(given)
        spent = {field: sum(getattr(w, field) * values[c] for c, w in self.worth.items()) for field in Worth._fields}
        for field in ("helpers", "even", "past", "refused", *(["pairs"] if pairs else [])):
            row = [(c, cost) for c, w in self.worth.items() if (cost := getattr(w, field))]
            if row:
                self.program.at_most(spent[field], row)
        self.program.row(spent["turns"], float("inf"), [(c, w.turns) for c, w in self.worth.items() if w.turns])
        return values

    def costs(self, field: str) -> dict[int, int]:
        """Return what a stage makes small: pairs, or what is kept, which is made large."""
        sign = -1 if field == "kept" else 1
        return {c: sign * cost for c, w in self.worth.items() if (cost := getattr(w, field))}

    def encode(self, given: Given) -> list[int]:
        """Return the columns' values of an answer."""
        values = [0] * len(self.program.low)
        loose: dict[int, list[Chunk]] = defaultdict(list)
        for pk, turns in given.items():
            habit = self.kind_of[pk]
            chunks: dict[int, list[int]] = defaultdict(list)
            for number, group in turns:
                if group:
                    chunks[group].append(number)
            named = []
            for group, numbers in chunks.items():
                chunk = tuple(sorted(numbers))
                label = group if group in self._names_for(habit, chunk) else 0
                named.append((chunk, label))
                if not label:
                    loose[group].append(chunk)
            slots = tuple(sorted(number for number, _ in turns))
            values[self.weeks[habit, (slots, tuple(sorted(named)))]] += 1
        for group, own in self.groups.items():
            who: object = group if group in self.wanted else own
            values[self.cuts[who, tuple(sorted(loose[group]))]] += 1
        return values

    def decode(self, values: Sequence[int]) -> Given:
        """Give the counted weeks to people and groups in order, chunk by chunk."""
        queues: dict[Chunk, deque[int]] = defaultdict(deque)
        left = {habit: iter(members) for habit, members in self.kinds.items()}
        given: Given = {}
        for (habit, (slots, named)), column in self.weeks.items():
            for _ in range(values[column]):
                pk = next(left[habit])
                given[pk] = [(number, 0) for number in slots if number not in self.of_groups]
                for chunk, group in named:
                    if group:
                        given[pk] += [(number, group) for number in chunk]
                    else:
                        queues[chunk].append(pk)
        places: dict[object, Iterator[int]] = {own: iter(members) for own, members in self.alike.items()}
        places |= {group: iter([group]) for group in self.wanted}
        for (who, cut), column in self.cuts.items():
            for group in [next(places[who]) for _ in range(values[column])]:
                for chunk in cut:
                    given[queues[chunk].popleft()] += [(number, group) for number in chunk]
        return given


def _groups(piece: Piece) -> dict[int, tuple[int, ...]]:
    """Return each group's slots in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for slot in piece.slots:
        for post in slot.posts if slot.is_group else ():
            found[post.of].append(slot.number)
    return {group: tuple(sorted(found[group])) for group in sorted(found)}


def _subsets(own: Sequence[int], *, empty: bool = False) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for number in own:
        found += [(*part, number) for part in found]
    return found if empty else found[1:]


def _choices(days: Sequence[Sequence[tuple[int, ...]]], low: int, high: int) -> Iterator[tuple[int, ...]]:
    """Give each way to pick one set of slots a day, with `low` to `high` slots in all."""
    most = [0]
    for day in reversed(days):
        most.append(most[-1] + max((len(choice) for choice in day), default=0))

    def grow(n: int, made: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(made) > high or len(made) + most[len(days) - n] < low:
            return
        if n == len(days):
            yield tuple(sorted(made))
            return
        for choice in days[n]:
            yield from grow(n + 1, (*made, *choice))

    yield from grow(0, ())


def _partitions(slots: Sequence[int], allowed: Collection[Chunk]) -> Iterator[tuple[Chunk, ...]]:
    """Give each way to cut slots into allowed chunks, in a fixed order."""
    if not slots:
        yield ()
        return
    first, rest = slots[0], slots[1:]
    for part in _subsets(rest, empty=True):
        chunk = (first, *part)
        if chunk in allowed:
            for others in _partitions([n for n in rest if n not in part], allowed):
                yield (chunk, *others)


def greedy(piece: Piece, working: Working) -> Given:
    """Name groups day by day: wished ones, then the same teacher again, then in order."""
    given: Given = {seat.person.id: [] for seat in piece.seats}
    seen: dict[int, Counter[int]] = {
        seat.person.id: Counter(post.of for post in seat.held if post.kind == Kind.GROUP) for seat in piece.seats
    }
    for slot in piece.slots:
        people = [pk for pk, slots in working.slots.items() if slot.number in slots]
        if not slot.is_group:
            for pk in people:
                given[pk].append((slot.number, 0))
            continue
        free = [post.of for post in slot.posts]
        chosen = {pk: working.named[pk, slot.number] for pk in people if (pk, slot.number) in working.named}
        for pk in people:
            known = [g for g in free if g not in chosen.values() and seen[pk][g]]
            if pk not in chosen and known:
                chosen[pk] = known[0]
        rest = iter([group for group in free if group not in chosen.values()])
        for pk in people:
            group = chosen.get(pk) or next(rest)
            seen[pk][group] += 1
            given[pk].append((slot.number, group))
    return given


def named_posts(piece: Piece, given: Given, previous: Mapping[Key, int]) -> dict[Key, int]:
    """Return who has which post; of posts that are alike each keeps the own one of the rota before."""
    taken: dict[Key, int] = {}
    for slot in piece.slots:
        people = {pk: group for pk, turns in sorted(given.items()) for number, group in turns if number == slot.number}
        if slot.is_group:
            at: dict[int, Post] = {post.of: post for post in slot.posts}
            taken |= {at[group].key: pk for pk, group in people.items()}
            continue
        mine = {previous[post.key]: post.key for post in slot.posts if previous.get(post.key) in people}
        kept = {key: pk for pk, key in mine.items()}
        others = iter([pk for pk in people if pk not in mine])
        for post in slot.posts:
            if post.key in kept:
                taken[post.key] = kept[post.key]
            elif (pk := next(others, None)) is not None:
                taken[post.key] = pk
    return taken


def before(piece: Piece, previous: Mapping[Key, int]) -> set[tuple[int, int, int]]:
    """Return (person, slot, group) of the rota before, as far as its posts are still here and to be solved."""
    return {
        (previous[post.key], slot.number, post.of if slot.is_group else 0)
        for slot in piece.slots
        for post in slot.posts
        if post.key in previous
    }
