"""How long the whole school's grouping and regrouping take: 60 classes, against the floor of reading the same numbers once.

python -m bench.grouping
"""

import random
import time
from dataclasses import replace

from scheduling.grouping import Child, ClassInput, GradeInput, Kind, Proposal, Settings, propose
from scheduling.grouping.moves import survey, verdicts
from scheduling.grouping.present import Present, PresentGroup
from scheduling.grouping.regroup import regroup


def school(seed: int) -> list[GradeInput]:
    """Six grades of ten classes of 42 to 48 children with shares from a tenth to all."""
    rng = random.Random(seed)
    grades, child = [], 0
    for grade in range(1, 7):
        classes = []
        for number in range(1, 11):
            roll = rng.randint(42, 48)
            taking = rng.choice([rng.randint(4, 22), rng.randint(4, 22), rng.randint(23, roll)])
            children = tuple(Child(n, child + n) for n in range(1, taking + 1))
            child += taking
            classes.append(ClassInput(grade * 100 + number, number, roll, children, grade * 100 + number))
        grades.append(GradeInput(grade, tuple(classes)))
    return grades


def standing(proposal: Proposal) -> Present:
    """The groups of an accepted proposal."""
    groups = []
    for grade in proposal.grades:
        for g in grade.groups:
            children = tuple(child for part in g.parts for child in part.children)
            own = g.parts[0].class_id if g.kind == Kind.STANDALONE else None
            groups.append(PresentGroup(len(groups), "", g.kind, g.grade, children, g.room, class_id=own))
    return Present(tuple(groups))


def later(grades: list[GradeInput], seed: int, most: int) -> list[GradeInput]:
    """The same school after up to `most` children of each class left and as many joined."""
    rng = random.Random(seed)
    after = []
    for grade in grades:
        classes = []
        for c in grade.classes:
            stayed = rng.sample(c.children, max(0, len(c.children) - rng.randint(0, most)))
            come = [Child(100 + n, c.id * 1000 + 500_000 + n) for n in range(rng.randint(0, most))]
            classes.append(replace(c, roll=60, children=(*stayed, *come)))
        after.append(GradeInput(grade.grade, tuple(classes)))
    return after


def main() -> None:
    worst = 0.0
    for seed in range(10):
        grades = school(seed)
        began = time.perf_counter()
        floor_sum = sum(child.id for g in grades for c in g.classes for child in sorted(c.children))
        floor = time.perf_counter() - began
        began = time.perf_counter()
        proposal = propose(grades, Settings())
        took = time.perf_counter() - began
        worst = max(worst, took)
        print(f"school {seed}: {took:.3f} s, {took / floor:.0f} x floor, proven {proposal.proven}, {floor_sum % 10}")
    print(f"worst {worst:.3f} s; the bar is 1 s")
    for name, most, settings in [
        ("nothing changed", 0, Settings()),
        ("up to 2 a class join, up to 2 leave", 2, Settings()),
        ("up to 5 a class join, up to 5 leave", 5, Settings()),
        ("cap lowered to 40", 1, Settings(cap=40)),
    ]:
        regrouped(name, most, settings)
    by_hand()


def regrouped(name: str, most: int, settings: Settings) -> None:
    times, moved, proven = [], 0, True
    for seed in range(10):
        grades = school(seed)
        present, now = standing(propose(grades, Settings())), later(grades, seed, most)
        began = time.perf_counter()
        answer = regroup(now, settings, present)
        times.append(time.perf_counter() - began)
        moved, proven = moved + answer.moved, proven and answer.proven
    print(f"regrouping, {name}: worst of ten {max(times):.3f} s, {moved} moved in all, proven {proven}; the bar is 1 s")


def by_hand() -> None:
    grades = school(0)
    board = survey(grades, Settings(), standing(propose(grades, Settings())))
    began = time.perf_counter()
    for c in grades[0].classes:
        verdicts([child.id for child in c.children[:1]], board)
    print(f"what the rules say of one child in each group of the school: {(time.perf_counter() - began) * 100:.2f} ms")


if __name__ == "__main__":
    main()
