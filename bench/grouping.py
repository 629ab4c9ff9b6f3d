"""How long the whole school's grouping takes: 60 classes, against the floor of reading the same numbers once.

python -m bench.grouping
"""

import random
import time

from scheduling.grouping import Child, ClassInput, GradeInput, Settings, propose


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


if __name__ == "__main__":
    main()
