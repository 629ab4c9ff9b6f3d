"""What the records may support: facts in, a proposal per item out (rules, section 9; docs/rules/rubric.md).

Pure. A person scores; a proposal stands beside the field and never in it. No fact of the list: no proposal. More facts
never raise a proposal, and it is never below 0 nor above the item's points.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from evaluation.enums import FactCode, FactKind, RubricKind

# What one record takes off as 建议, in points, unless the rubric says otherwise; 0: it is shown and speaks for the person.
COSTS: dict[FactCode, int] = {
    FactCode.LATE: 2,
    FactCode.ABSENT: 5,
    FactCode.LEFT: 3,
    FactCode.ORDER_GOOD: 0,
    FactCode.ORDER_FAIR: 2,
    FactCode.ORDER_POOR: 5,
    FactCode.PLAN_LATE: 2,
    FactCode.PLAN_MISSING: 3,
    FactCode.NOTE_MISSING: 1,
    FactCode.DOING_WELL: 0,
    FactCode.DOING_NOTHING: 5,
    FactCode.DOING_TEACHING: 3,
    FactCode.BREACH: 10,
    FactCode.COUNT: 5,
    FactCode.FOLLOWED: 0,
    FactCode.NOT_FOLLOWED: 2,
    FactCode.SATISFACTION: 0,
    FactCode.COMPLAINT: 5,
    FactCode.PRAISE: 0,
    FactCode.CHILD_LATE: 2,
    FactCode.CHILD_LEFT: 3,
    FactCode.CHILD_ORDER: 2,
    FactCode.HOMEWORK: 2,
    FactCode.CLUB: 2,
    FactCode.NO_LEAVE: 5,
}
KINDS: dict[FactCode, FactKind] = {
    FactCode.LATE: FactKind.ON_TIME,
    FactCode.ABSENT: FactKind.ON_TIME,
    FactCode.LEFT: FactKind.ON_TIME,
    FactCode.ORDER_GOOD: FactKind.ORDER,
    FactCode.ORDER_FAIR: FactKind.ORDER,
    FactCode.ORDER_POOR: FactKind.ORDER,
    FactCode.PLAN_LATE: FactKind.CONTENT,
    FactCode.PLAN_MISSING: FactKind.CONTENT,
    FactCode.NOTE_MISSING: FactKind.CONTENT,
    FactCode.DOING_WELL: FactKind.CONTENT,
    FactCode.DOING_NOTHING: FactKind.CONTENT,
    FactCode.DOING_TEACHING: FactKind.CONTENT,
    FactCode.BREACH: FactKind.BREACH,
    FactCode.COUNT: FactKind.COUNT,
    FactCode.FOLLOWED: FactKind.COURSE,
    FactCode.NOT_FOLLOWED: FactKind.COURSE,
    FactCode.SATISFACTION: FactKind.COURSE,
    FactCode.COMPLAINT: FactKind.COURSE,
    FactCode.PRAISE: FactKind.COURSE,
    FactCode.CHILD_LATE: FactKind.CHILD_ON_TIME,
    FactCode.CHILD_LEFT: FactKind.CHILD_ON_TIME,
    FactCode.CHILD_ORDER: FactKind.CHILD_ORDER,
    FactCode.HOMEWORK: FactKind.HOMEWORK,
    FactCode.CLUB: FactKind.CLUB,
    FactCode.NO_LEAVE: FactKind.LEAVE,
}
CHILD_KINDS = frozenset(
    {FactKind.CHILD_ON_TIME, FactKind.CHILD_ORDER, FactKind.HOMEWORK, FactKind.CLUB, FactKind.LEAVE}
)
ONCE = frozenset({FactCode.BREACH})  # the rating is 不合格 anyway: a second one takes nothing off again


def settable(kind: str) -> list[FactCode]:
    """Return the records that can take something off from a person of this kind (`RubricKind`), in order."""
    of_children = kind == RubricKind.STUDENT
    return [code for code in FactCode if COSTS[code] and (KINDS[code] in CHILD_KINDS) == of_children]


def costs_with(own: Mapping[str, int]) -> dict[FactCode, int]:
    """Return what each record takes off by a rubric that sets some of them itself."""
    return COSTS | {FactCode(code): points for code, points in own.items() if code in FactCode.values}


@dataclass(frozen=True)
class Fact:
    """One record: what it shows, its row, its day. `words` is what a person wrote about it."""

    code: FactCode
    record: int
    day: date | None = None
    words: str = field(default="", compare=False)

    @property
    def order(self) -> tuple[int, int, int]:
        return list(FactCode).index(self.code), self.day.toordinal() if self.day else 0, self.record


@dataclass(frozen=True)
class Asked:
    """An item of a rubric: its points, which facts bear on it, and why it can't be judged at all (then full points)."""

    key: int
    points: int
    kind: str
    untouched: str = ""


@dataclass(frozen=True)
class Heap:
    """The facts of one kind of an item, and what they take off together."""

    code: FactCode
    facts: tuple[Fact, ...]
    cost: int
    each: int = 0

    @property
    def word(self) -> str:
        return str(self.code.label)

    @property
    def count(self) -> int:
        return len(self.facts)


@dataclass(frozen=True)
class Proposal:
    """Points that the records support for one item, and these records; or the reason why there is nothing to judge."""

    points: int
    heaps: tuple[Heap, ...] = ()
    why: str = ""

    def costs(self) -> list[tuple[Fact, int]]:
        """Return each fact with what it takes off."""
        return [
            (fact, heap.each if heap.code not in ONCE or place == 0 else 0)
            for heap in self.heaps
            for place, fact in enumerate(heap.facts)
        ]


def propose(
    items: Sequence[Asked], facts: Iterable[Fact], costs: Mapping[FactCode, int] = COSTS
) -> dict[int, Proposal]:
    """Return the proposals by item. `costs`: what one record takes off by this rubric.

    Facts come in any order; the same record told twice counts once.
    """
    of_kind: dict[str, set[Fact]] = defaultdict(set)
    for fact in facts:
        of_kind[KINDS[fact.code]].add(fact)
    found = {}
    for item in items:
        own = of_kind.get(item.kind, set())
        if item.untouched and not own:
            found[item.key] = Proposal(item.points, why=item.untouched)
        elif own:
            heaps = _heaps(own, costs)
            found[item.key] = Proposal(max(0, item.points - sum(heap.cost for heap in heaps)), heaps)
    return found


def _heaps(facts: Iterable[Fact], costs: Mapping[FactCode, int]) -> tuple[Heap, ...]:
    by_code: dict[FactCode, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda one: one.order):
        by_code[fact.code].append(fact)
    return tuple(
        Heap(code, tuple(rows), costs[code] * (1 if code in ONCE else len(rows)), costs[code])
        for code, rows in by_code.items()
    )
