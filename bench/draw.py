"""How long a whole school's draw takes, and what other rules would have given with the same wishes.

python -m bench.draw
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from scheduling.draw import Child, Club, DrawInput, draw, full, lot_number

CHILDREN, CLUBS, WISHES, CLASSES = 2700, 80, 5, 60
SEED = "5eed"
Places = dict[str, int | None]


def school(seed: int, *, skew: float = 0.8, room: float = 1.0, pairs: int = 0) -> DrawInput:
    """Clubs of 0.6 to 1.4 of the mean size; the n-th is wished for as 1/n^skew; a third with places per grade, a quarter with three
    per class. A tenth of the children come first. Pairs go together; a third of them rank the same clubs in another order."""
    rng = random.Random(seed)
    mean = CHILDREN / CLUBS * room
    clubs = tuple(
        Club(
            number,
            int(mean * rng.uniform(0.6, 1.4)),
            per_grade=dict.fromkeys(range(1, 7), int(mean / 3)) if number % 3 == 0 else {},
            per_class=3 if number % 4 == 0 else None,
        )
        for number in range(CLUBS)
    )
    weights = [1 / (number + 1) ** skew for number in range(CLUBS)]
    children = []
    for number in range(CHILDREN):
        wishes: dict[int, None] = {}
        while len(wishes) < WISHES:
            wishes[rng.choices(range(CLUBS), weights)[0]] = None
        class_id = number % CLASSES
        children.append(Child(f"T{number:04d}", class_id // 10 + 1, class_id, tuple(wishes), rng.random() < 0.1))
    order = rng.sample(range(CHILDREN), 2 * pairs)
    for number, (one, other) in enumerate(zip(order[::2], order[1::2], strict=True)):
        wishes_of = children[one].wishes
        same = wishes_of if number % 3 else tuple(rng.sample(wishes_of, WISHES))
        children[one] = replace(children[one], together=f"f{number}")
        children[other] = replace(children[other], together=f"f{number}", wishes=same)
    return DrawInput(clubs, tuple(children))


class Taken:
    """Places given so far."""

    def __init__(self) -> None:
        self.used: Counter[tuple[str, int, int]] = Counter()

    def give(self, child: Child, club: Club) -> bool:
        limits = (
            ("club", 0, club.places),
            ("grade", child.grade, club.per_grade.get(child.grade)),
            ("class", child.class_id, club.class_places(child.class_id)),
        )
        if any(cap is not None and self.used[kind, club.id, key] >= cap for kind, key, cap in limits):
            return False
        self.used.update((kind, club.id, key) for kind, key, _ in limits)
        return True


def in_turn(given: DrawInput, order: Iterable[Child]) -> Places:
    """One after the other takes the best place that is left."""
    clubs, taken = {club.id: club for club in given.clubs}, Taken()
    return {child.ticket: next((w for w in child.wishes if taken.give(child, clubs[w])), None) for child in order}


def random_serial(given: DrawInput) -> Places:
    """Random serial dictatorship: priority first, then by the lot."""
    return in_turn(given, sorted(given.children, key=lambda c: (not c.priority, lot_number(SEED, c.ticket))))


def first_come(given: DrawInput) -> Places:
    """First come, first served, everybody in random order."""
    return in_turn(given, random.Random(1).sample(given.children, len(given.children)))


def deferred(given: DrawInput) -> Places:
    """Deferred acceptance, children proposing; each club has its own lot, priority first. (One lot for all: `random_serial`.)"""
    clubs = {club.id: club for club in given.clubs}
    kids = {child.ticket: child for child in given.children}
    held: dict[int, set[str]] = {number: set() for number in clubs}
    at = dict.fromkeys(kids, -1)
    waiting = sorted(kids)
    while waiting:
        asking: dict[int, set[str]] = {}
        for ticket in waiting:
            at[ticket] += 1
            if at[ticket] < len(kids[ticket].wishes):
                asking.setdefault(kids[ticket].wishes[at[ticket]], set()).add(ticket)
        waiting = []
        for number, new in sorted(asking.items()):
            taken, everybody = Taken(), held[number] | new
            order = sorted(everybody, key=lambda t: (not kids[t].priority, lot_number(f"{SEED}{number:04x}", t)))
            held[number] = {ticket for ticket in order if taken.give(kids[ticket], clubs[number])}
            waiting += sorted(everybody - held[number])
    got: Places = dict.fromkeys(kids)
    got.update((ticket, number) for number, tickets in held.items() for ticket in tickets)
    return got


def the_draw(given: DrawInput) -> Places:
    """The rule of the portal."""
    return draw(given, SEED).by_ticket()


RULES: dict[str, Callable[[DrawInput], Places]] = {
    "the draw": the_draw,
    "in the order of the lot": random_serial,
    "deferred acceptance, a lot for each club": deferred,
    "first come, first served": first_come,
}


def figures(given: DrawInput, got: Places) -> tuple[float, float, float, float]:
    """Percent with first choice, mean number of the wish met, percent without a place, the same of those who come first."""
    ranks = [c.wishes.index(club) + 1 for c in given.children if (club := got[c.ticket]) is not None]
    first = [child for child in given.children if child.priority]
    without = sum(got[child.ticket] is None for child in first)
    total = len(given.children)
    return (
        100 * ranks.count(1) / total,
        sum(ranks) / len(ranks),
        100 * (total - len(ranks)) / total,
        100 * without / len(first),
    )


def compare() -> None:
    for skew, room in ((0.4, 1.0), (0.8, 1.0), (0.8, 0.8)):
        print(f"\nskew {skew}, {room:.0%} of the places needed: first choice, mean wish, without, without of priority")
        schools = [school(seed, skew=skew, room=room) for seed in range(5)]
        for name, rule in RULES.items():
            rows = [figures(given, rule(given)) for given in schools]
            one, two, three, four = (sum(column) / len(rows) for column in zip(*rows, strict=True))
            print(f"{name}: {one:.1f} % | {two:.2f} | {three:.1f} % | {four:.1f} %")


def naming_one_club(rule: Callable[[DrawInput], Places]) -> None:
    """What children gain by naming their first choice alone: one in twenty of those without priority does."""
    rows = []
    for seed in range(5):
        given = school(seed)
        few = {child.ticket for child in given.children[::20] if not child.priority}
        short = tuple(replace(c, wishes=c.wishes[:1]) if c.ticket in few else c for c in given.children)
        for children in (given.children, short):
            got = rule(replace(given, children=children))
            mine = [(child, got[child.ticket]) for child in given.children if child.ticket in few]
            rows.append(
                (sum(c.wishes[0] == club for c, club in mine), sum(club is None for _, club in mine), len(mine))
            )
    for name, part in (("all their wishes", rows[::2]), ("the first alone", rows[1::2])):
        first, without, total = (sum(column) for column in zip(*part, strict=True))
        print(f"naming {name}: {100 * first / total:.1f} % first choice, {100 * without / total:.1f} % without")


def times() -> None:
    worst = 0.0
    for pairs in (0, 50, 150, 400):
        spent, proven = [], True
        for seed in range(5):
            given = school(seed, pairs=pairs)
            began = time.perf_counter()
            proven &= draw(given, SEED).proven
            spent.append(time.perf_counter() - began)
        worst = max(worst, *spent)
        print(
            f"{pairs} pairs of siblings together: {sorted(spent)[2]:.1f} s, at most {max(spent):.1f} s, proven {proven}"
        )
    began = time.perf_counter()
    full(school(0))
    print(
        f"worst {worst:.1f} s; the bar is 10 s; making and writing the input once takes {time.perf_counter() - began:.2f} s"
    )


def main() -> None:
    draw(school(9), SEED)  # the solver is loaded
    times()
    compare()
    for name in ("the draw", "in the order of the lot"):
        print(f"\n{name}:")
        naming_one_club(RULES[name])


if __name__ == "__main__":
    main()
