"""How long the whole school's rota takes, and what a new day off changes; the floor is a greedy rota of the same input.

python -m bench.rota
"""

import random
import time
from collections import Counter
from dataclasses import replace

from scheduling.rota import Key, Kind, Person, Post, Proposal, Window, Wish, WishKind, propose

START, END = 16 * 60, 17 * 60 + 30
SEEDS = 3


def school(seed: int, *, shared: int) -> tuple[list[Person], list[Post]]:
    """60 groups, 40 clubs, two floaters a grade and day, 170 teachers; `shared`: floaters a day that any teacher can be."""
    rng = random.Random(seed)
    people = [_person(n, n % 6 + 1 if n <= 165 else None, rng) for n in range(1, 171)]
    posts = [
        Post(Kind.GROUP, 100 * g + n, d, START, END, g) for g in range(1, 7) for n in range(10) for d in range(1, 6)
    ]
    for club in range(1, 41):
        led = rng.sample(people, 2 if club % 4 == 0 else 1)
        if len(led) == 2:
            led[1] = rng.choice([p for p in people if p.grade == led[0].grade and p != led[0]])
        day = rng.choice([d for d in range(1, 6) if str(d) not in led[0].days_off])
        start = rng.choice([START, START + 45])
        posts.append(Post(Kind.CLUB, club, day, start, start + 45, candidates=tuple(p.id for p in led)))
    posts += [
        Post(Kind.FLOATER, g, d, START, END, g, number=n) for g in range(1, 7) for d in range(1, 6) for n in range(2)
    ]
    posts += [Post(Kind.FLOATER, 0, d, START, END, number=n) for d in range(1, 6) for n in range(shared)]
    return people, posts


def _person(n: int, grade: int | None, rng: random.Random) -> Person:
    off = "".join(sorted(rng.sample("12345", rng.choice([0, 0, 0, 0, 0, 1, 1, 2]))))
    busy = (Window(rng.randint(1, 5), START, START + 30, "巡查"),) if rng.random() < 0.1 else ()
    wishes = []
    if rng.random() < 0.25:
        wishes.append(Wish(rng.choice([WishKind.AVOID_DAY, WishKind.PREFER_DAY]), rng.randint(1, 5)))
    if rng.random() < 0.1 and grade:
        wishes.append(Wish(WishKind.PREFER_GROUP, 100 * grade + rng.randrange(10)))
    most = 1 if rng.random() < 0.05 else None
    return Person(n, grade, off, rng.randint(0, 25), most, busy, tuple(wishes))


def greedy(people: list[Person], posts: list[Post]) -> int:
    """Give each post to the first who is free and has fewest turns; return how many are filled."""
    turns, busy, filled = Counter[int](), set[tuple[int, int]](), 0
    for post in posts:
        able = [
            p
            for p in people
            if (p.id in post.candidates if post.candidates else post.grade in (None, p.grade))
            and str(post.weekday) not in p.days_off
            and (p.id, post.weekday) not in busy
        ]
        if able:
            chosen = min(able, key=lambda p: (turns[p.id], p.past_turns, p.id))
            turns[chosen.id] += 1
            busy.add((chosen.id, post.weekday))
            filled += 1
    return filled


def as_map(proposal: Proposal) -> dict[Key, int]:
    return {t.post.key: t.teacher_id for t in proposal.turns if t.teacher_id is not None}


def show(name: str, proposal: Proposal, took: float, floor: float) -> None:
    stages = ", ".join(f"{s.code} {s.value}" + ("" if s.proven else f" (at least {s.bound})") for s in proposal.stages)
    proven = sum(part.proven for part in proposal.parts)
    print(
        f"{name}: {took:.2f} s, {took / floor:.0f} x greedy; {proven} of {len(proposal.parts)} parts proven; {stages}"
    )


def main() -> None:
    for shared in (0, 2):
        for seed in range(SEEDS):
            people, posts = school(seed, shared=shared)
            began = time.process_time()
            greedy(people, posts)
            floor = time.process_time() - began
            began = time.process_time()
            first = propose(people, posts)
            show(f"school {seed}, {shared} shared floaters a day", first, time.process_time() - began, floor)
            who = next(p for p in people if p.grade == 3 and not p.days_off)
            day = next(t.weekday for t in first.turns if t.teacher_id == who.id)
            people = [replace(p, days_off=str(day)) if p == who else p for p in people]
            began = time.process_time()
            second = propose(people, posts, previous=as_map(first))
            show("  one new day off", second, time.process_time() - began, floor)


if __name__ == "__main__":
    main()
