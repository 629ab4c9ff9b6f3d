"""Who goes where in one grade: fewest children moved, then fewest groups opened or closed, then lines 1 to 5 (rule 12).

The first two need no search. Who may not stay must move, and a group over its limit gives up what is over: nobody else moves,
since a group can always be opened. Groups are opened for those who find no place, and close when nobody is left for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from scheduling.grouping.arrange import arrange
from scheduling.grouping.pool import needed, table
from scheduling.grouping.present import Cause, PresentGroup
from scheduling.grouping.refill import Filled, Pool, Row, pour, refill
from scheduling.grouping.standing import School, Standing
from scheduling.grouping.values import ClassInput, Kind, Settings

STEP = 4  # a step of refilling takes about as long as four of the first grouping's search


@dataclass(frozen=True)
class Column:
    """A place for children: a present group, or the n-th new one of its kind (of its class, where standalone)."""

    group_id: int | None
    class_id: int | None
    number: int = 0


def column_of(group: PresentGroup) -> Column:
    return Column(group.id, group.class_id)


@dataclass(frozen=True)
class Opening:
    """How many groups one pool (a standalone class, or all mixed classes) opens, takes up again and closes, and why."""

    places: int
    waiting: int
    opened: int
    taken: int
    closed: int


@dataclass(frozen=True)
class Placing:
    """Where each child is after, and why those who move must; the pools by class (None: the mixed ones)."""

    target: Mapping[int, Column]
    causes: Mapping[int, Cause]
    over: Mapping[int, int]  # by group: how many it gives up
    openings: Mapping[int | None, Opening]
    filled: Filled

    @property
    def opened(self) -> int:
        return sum(opening.opened for opening in self.openings.values())


def limit(group: PresentGroup, school: School) -> int:
    """Return how many may stay in a group: the cap, or what a person allowed over it."""
    return max(school.settings.cap, school.present.allowed_over.get(group.id, 0))


class _Grade:
    def __init__(self, standing: Standing, school: School) -> None:
        self.standing, self.school = standing, school
        self.settings: Settings = school.settings
        self.stayers = {g.id: school.in_order(standing.stayers(g)) for g in standing.groups}
        self.over = {g.id: self._over(g) for g in standing.groups}
        self.alone = [c for c in standing.classes if standing.kinds[c.id] == Kind.STANDALONE]
        self.pooled = [c for c in standing.classes if standing.kinds[c.id] == Kind.MIXED]
        self.waiting: dict[int, list[int]] = {c.id: [] for c in standing.classes}
        for child in [*standing.new, *standing.forced]:
            self.waiting[school.classes[child].id].append(child)
        self.causes = {child: cause for child, (_, cause) in standing.forced.items()}
        for group in standing.groups:
            if group.kind == Kind.STANDALONE:
                self.give_up(group, self.stayers[group.id], self.over[group.id])

    def _over(self, group: PresentGroup) -> int:
        stayers = len(self.stayers[group.id])
        return min(stayers, max(0, stayers + len(self.standing.held[group.id]) - limit(group, self.school)))

    def give_up(self, group: PresentGroup, of: list[int], count: int) -> None:
        """Let the last `count` of these children by student number leave their group."""
        if not count:
            return
        for child in of[-count:]:
            self.stayers[group.id].remove(child)
            self.waiting[self.school.classes[child].id].append(child)
            self.causes[child] = Cause.OVER_CAP

    def inside(self, group: PresentGroup, school_class: ClassInput) -> list[int]:
        return [c for c in self.stayers[group.id] if self.school.classes[c].id == school_class.id]

    def size(self, group: PresentGroup) -> int:
        return len(self.stayers[group.id]) + len(self.standing.held[group.id])

    def room(self, group: PresentGroup, size: int) -> int:
        """Return how many may come to a group of this size: neither over the cap, nor over what its room holds."""
        most = self.settings.cap if group.capacity is None else min(self.settings.cap, group.capacity)
        return max(0, most - size)

    def opening(self, groups: Sequence[PresentGroup], sizes: Row, waiting: int) -> Opening:
        rooms = [self.room(g, size) for g, size in zip(groups, sizes, strict=True)]
        empty = sum(size == 0 for size in sizes)
        usable = sum(size == 0 and room > 0 for size, room in zip(sizes, rooms, strict=True))
        taken = min(usable, waiting)
        opened = needed(max(0, waiting - sum(rooms)), self.settings.cap)
        return Opening(sum(rooms), waiting, opened, taken, empty - taken)

    # Children of standalone classes who are in a mixed group that is over its limit: how many of them leave is open.

    def leavings(self) -> Iterator[dict[tuple[int, int], int]]:
        """Yield each choice of how many children of standalone classes give up their place in a mixed group."""
        mixed = [g for g in self.standing.mixed if self.over[g.id]]
        pairs = [(g, c) for g in mixed for c in self.alone if self.inside(g, c)]
        for counts in product(*(range(min(self.over[g.id], len(self.inside(g, c))) + 1) for g, c in pairs)):
            chosen = {(g.id, c.id): count for (g, c), count in zip(pairs, counts, strict=True)}
            if all(self._can_leave(g, chosen) for g in mixed):
                yield chosen

    def _can_leave(self, group: PresentGroup, chosen: dict[tuple[int, int], int]) -> bool:
        rest = self.over[group.id] - sum(count for (g, _), count in chosen.items() if g == group.id)
        return 0 <= rest <= sum(len(self.inside(group, c)) for c in self.pooled)

    def openings(self, chosen: dict[tuple[int, int], int]) -> dict[int | None, Opening]:
        found: dict[int | None, Opening] = {}
        for c in self.alone:
            groups = self.standing.own(c.id)
            more = sum(count for (_, of), count in chosen.items() if of == c.id)
            found[c.id] = self.opening(groups, tuple(map(self.size, groups)), len(self.waiting[c.id]) + more)
        mixed = self.standing.mixed
        waiting = sum(len(self.waiting[c.id]) for c in self.pooled)
        waiting += sum(self.over[g.id] for g in mixed) - sum(chosen.values())
        sizes = tuple(self.size(g) - self.over[g.id] for g in mixed)
        found[None] = self.opening(mixed, sizes, waiting)
        return found

    def pool(self, chosen: dict[tuple[int, int], int], opening: Opening) -> tuple[Pool, list[ClassInput]]:
        groups = self.standing.mixed
        rows, stay = [], []
        for c in self.standing.classes:
            line = tuple(len(self.inside(g, c)) - chosen.get((g.id, c.id), 0) for g in groups)
            if any(line) or (c in self.pooled and self.waiting[c.id]):
                rows.append(c)
                stay.append(line)
        out = tuple(
            self.over[g.id] - sum(count for (where, _), count in chosen.items() if where == g.id) for g in groups
        )
        pool = Pool(
            numbers=tuple(c.number for c in rows),
            stay=tuple(stay),
            come=tuple(len(self.waiting[c.id]) if c in self.pooled else 0 for c in rows),
            free=tuple(c in self.pooled for c in rows),
            held=tuple(len(self.standing.held[g.id]) for g in groups),
            out=out,
            rooms=tuple(self.room(g, self.size(g) - self.over[g.id]) for g in groups),
            cap=self.settings.cap,
            opened=opening.opened,
            taken=opening.taken,
        )
        return pool, rows

    def squares(self, openings: Mapping[int | None, Opening]) -> int:
        """Return the squares of the sizes of standalone groups, where children of their class came back to them."""
        total = 0
        for c in self.alone:
            sizes, places = self.parts(c, openings[c.id])
            came = pour(sizes, places, openings[c.id].waiting)
            total += sum((a + b) ** 2 for a, b in zip(sizes, came, strict=True))
        return total

    def parts(self, school_class: ClassInput, opening: Opening) -> tuple[Row, Row]:
        groups = self.standing.own(school_class.id)
        sizes = tuple(map(self.size, groups))
        rooms = tuple(self.room(g, size) for g, size in zip(groups, sizes, strict=True))
        return sizes + (0,) * opening.opened, rooms + (self.settings.cap,) * opening.opened


def place(standing: Standing, school: School) -> Placing:
    """Return where each child of a grade is after regrouping."""
    grade = _Grade(standing, school)
    choices = [(chosen, grade.openings(chosen)) for chosen in grade.leavings()]
    fewest = min(_changed(openings) for _, openings in choices)
    best = min(
        (
            (*_weight(grade, chosen, openings), number)
            for number, (chosen, openings) in enumerate(choices)
            if _changed(openings) == fewest
        ),
        key=lambda item: (item[0], item[-1]),
    )
    chosen, openings = choices[best[-1]]
    return _settle(grade, chosen, openings, best[1], best[2])


def _changed(openings: Mapping[int | None, Opening]) -> int:
    return sum(opening.opened + opening.closed for opening in openings.values())


def _weight(
    grade: _Grade, chosen: dict[tuple[int, int], int], openings: dict[int | None, Opening]
) -> tuple[tuple[int, ...], Filled, list[ClassInput]]:
    pool, rows = grade.pool(chosen, openings[None])
    filled = _fill(pool, grade.settings)
    reached = filled.objectives
    lines = (reached.split_classes, reached.extra_pieces, reached.squares, reached.distance, grade.squares(openings))
    return lines, filled, rows


def _fill(pool: Pool, settings: Settings) -> Filled:
    """Fill the pool; where no group stands yet, as the first grouping does."""
    if pool.held or not pool.numbers:
        return refill(pool, settings.effort // STEP)
    first = arrange(pool.come, pool.numbers, pool.cap, settings.effort)
    nothing: tuple[Row, ...] = tuple(() for _ in pool.numbers)
    return Filled(nothing, table(first.columns), first.objectives, first.bound, first.proven)


def _settle(
    grade: _Grade,
    chosen: dict[tuple[int, int], int],
    openings: dict[int | None, Opening],
    filled: Filled,
    rows: list[ClassInput],
) -> Placing:
    """Name the children: who gives up a place is last by student number; who comes takes the columns in order."""
    standing, school = grade.standing, grade.school
    mixed = standing.mixed
    by_group = {g.id: g for g in mixed}
    for (group_id, class_id), count in chosen.items():
        own = next(c for c in grade.alone if c.id == class_id)
        grade.give_up(by_group[group_id], grade.inside(by_group[group_id], own), count)
    for c, gone in zip(rows, filled.out, strict=True):
        for group, count in zip(mixed, gone, strict=True):
            grade.give_up(group, grade.inside(group, c), count)
    target = {child: column_of(group) for group in standing.groups for child in grade.stayers[group.id]}
    target |= {c: column_of(group) for group in standing.groups for c in standing.held[group.id]}
    columns = [column_of(g) for g in mixed] + [Column(None, None, n) for n in range(openings[None].opened)]
    for c, came in zip(rows, filled.into, strict=True):
        if c in grade.pooled:
            target |= _deal(school.in_order(grade.waiting[c.id]), columns, came)
    for c in grade.alone:
        sizes, places = grade.parts(c, openings[c.id])
        columns = [column_of(g) for g in standing.own(c.id)]
        columns += [Column(None, c.id, n) for n in range(openings[c.id].opened)]
        waiting = school.in_order(grade.waiting[c.id])
        target |= _deal(waiting, columns, pour(sizes, places, len(waiting)))
    return Placing(target, grade.causes, grade.over, openings, filled)


def _deal(children: list[int], columns: list[Column], came: Row) -> dict[int, Column]:
    dealt, start = {}, 0
    for column, count in zip(columns, came, strict=True):
        dealt.update(dict.fromkeys(children[start : start + count], column))
        start += count
    return dealt
