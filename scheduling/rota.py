"""The weekly rota of one grade after another (plan section 6 (4): 由本年级教师负责课后看护; requirement D5).

Pure: plain values and the solver. `propose` solves each grade by itself, stage by stage, each optimum fixed before the next:

1. every turn filled that can be: on each day as many groups as teachers of the grade who are not off;
2. turns spread evenly: the least sum of squares of turns, which is even to within one wherever days off allow;
3. the further turns go to those with the fewest turns in the past;
4. as few different teachers per group as possible.

Nobody has two groups on one day, nobody works on a day off, nobody works in another grade. The same input in any order
gives the same rota.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scheduling.rota_solver import solve_days, solve_places

OPEN_TURN = "open_turn"
UNEVEN = "uneven"
NO_TEACHERS = "no_teachers"


@dataclass(frozen=True)
class Person:
    """A teacher who can be put on the rota: grade, ISO weekdays off, turns in the past."""

    id: int
    grade: int
    days_off: str = ""
    past_turns: int = 0


@dataclass(frozen=True)
class Place:
    """A group that needs one teacher on each of its ISO weekdays."""

    id: int
    grade: int
    weekdays: str


@dataclass(frozen=True)
class Turn:
    """Who has a group on a weekday; no person is an open turn."""

    group_id: int
    weekday: int
    teacher_id: int | None


@dataclass(frozen=True)
class Finding:
    """What could not be met: a code with its numbers; the page makes the sentence and says what would help."""

    code: str
    grade: int
    weekday: int = 0
    group_id: int = 0
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class GradeResult:
    """One grade's figures: turns filled, open, fewest and most turns of a person, different teachers over all groups."""

    grade: int
    filled: int
    open: int
    fewest: int
    most: int
    pairs: int
    bound: int
    proven: bool


@dataclass(frozen=True)
class Proposal:
    """The whole rota with what could not be met."""

    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
    grades: tuple[GradeResult, ...] = field(default=())

    @property
    def proven(self) -> bool:
        """Tell whether every grade is proven best in all its stages."""
        return all(grade.proven for grade in self.grades)


def propose(teachers: Iterable[Person], groups: Iterable[Place]) -> Proposal:
    """Return the rota of all grades."""
    people = sorted(teachers, key=lambda t: t.id)
    places = sorted(groups, key=lambda g: g.id)
    turns: list[Turn] = []
    findings: list[Finding] = []
    results = []
    for grade in sorted({g.grade for g in places}):
        own = [t for t in people if t.grade == grade]
        result, made, found = _one_grade(grade, own, [g for g in places if g.grade == grade])
        results.append(result)
        turns += made
        findings += found
    return Proposal(tuple(turns), tuple(findings), tuple(results))


def _one_grade(
    grade: int, people: Sequence[Person], places: Sequence[Place]
) -> tuple[GradeResult, list[Turn], list[Finding]]:
    days = sorted({int(day) for place in places for day in place.weekdays})
    needed = {day: sum(str(day) in place.weekdays for place in places) for day in days}
    free = {person.id: [day for day in days if str(day) not in person.days_off] for person in people}
    at_hand = {day: sum(day in own for own in free.values()) for day in days}
    fill = {day: min(needed[day], at_hand[day]) for day in days}
    past = {person.id: person.past_turns for person in people}
    working = solve_days(free, fill, past)
    solution = solve_places(
        free=free,
        past=past,
        places={place.id: [int(d) for d in place.weekdays] for place in places},
        start=working,
        full=fill == needed,
    )
    taken = solution.taken
    turns = [Turn(p.id, int(d), taken.get((p.id, int(d)))) for p in places for d in p.weekdays]
    loads = Counter(turn.teacher_id for turn in turns if turn.teacher_id is not None)
    counts = [loads[person.id] for person in people]
    result = GradeResult(
        grade,
        filled=sum(fill.values()),
        open=sum(needed.values()) - sum(fill.values()),
        fewest=min(counts, default=0),
        most=max(counts, default=0),
        pairs=len(set(taken_pairs(taken))),
        bound=solution.bound,
        proven=solution.proven,
    )
    return result, turns, _findings(result, turns, at_hand, needed, bool(people))


def taken_pairs(taken: Mapping[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Return (teacher, group) of each filled turn."""
    return [(teacher, group) for (group, _), teacher in taken.items()]


def _findings(
    result: GradeResult, turns: Sequence[Turn], at_hand: Mapping[int, int], needed: Mapping[int, int], anybody: bool
) -> list[Finding]:
    if not anybody:
        return [Finding(NO_TEACHERS, result.grade, numbers=(sum(needed.values()),))]
    found = [
        Finding(OPEN_TURN, result.grade, turn.weekday, turn.group_id, (at_hand[turn.weekday], needed[turn.weekday]))
        for turn in turns
        if turn.teacher_id is None
    ]
    if result.most - result.fewest > 1:
        found.append(Finding(UNEVEN, result.grade, numbers=(result.fewest, result.most)))
    return found
