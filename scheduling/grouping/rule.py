"""The rule of grouping (编班), plan section 6 (4): who has an own group, who is pooled, who goes where, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scheduling.grouping.arrange import arrange
from scheduling.grouping.pool import balanced, needed
from scheduling.grouping.values import (
    Child,
    ClassInput,
    Flag,
    GradeInput,
    GradeProposal,
    InvalidInput,
    Kind,
    Part,
    Proposal,
    ProposedGroup,
    Settings,
)
from scheduling.grouping.words import grade_sentence, mixed_sentence, standalone_sentence


def propose(grades: Iterable[GradeInput], settings: Settings) -> Proposal:
    """Return the groups of the whole school: deterministic, exact, independent of the order of the input.

    Raises InvalidInput with the class or the setting named. Rules of grouping, 1 to 10.
    """
    ordered = sorted(grades, key=lambda grade: grade.grade)
    check(ordered, settings)
    taken: set[int] = set()
    return Proposal(tuple(_grade(grade, settings, taken) for grade in ordered))


def check(grades: Sequence[GradeInput], settings: Settings) -> None:
    """Refuse what can't be grouped (rule 2)."""
    if settings.cap < 1:
        raise InvalidInput("cap_too_small", f"每班上限是{settings.cap}人，至少要1人。")
    if settings.smallest < 1:
        raise InvalidInput("smallest_too_small", f"开班最少人数是{settings.smallest}人，至少要1人。")
    if settings.mixed_share < 0 or settings.own_share < settings.mixed_share:
        raise InvalidInput(
            "shares_in_wrong_order",
            f"独立编班比例（{settings.own_share}）不能低于混合编班比例（{settings.mixed_share}）。",
        )
    numbers: set[int] = set()
    seen: set[int] = set()
    for grade in grades:
        if grade.grade in numbers:
            raise InvalidInput("grade_twice", f"{grade.grade}年级出现了两次。")
        numbers.add(grade.grade)
        inside: set[int] = set()
        for school_class in grade.classes:
            name = f"{grade.grade}年级{school_class.number}班"
            if school_class.number in inside:
                raise InvalidInput("class_twice", f"{name}出现了两次。")
            inside.add(school_class.number)
            if school_class.roll < 0:
                raise InvalidInput("roll_negative", f"{name}的在册人数是{school_class.roll}，不能为负。")
            if school_class.taking_part > school_class.size:
                raise InvalidInput(
                    "more_than_class",
                    f"{name}在册{school_class.size}人，参加{school_class.taking_part}人，参加的比在册的多。",
                )
            for child in school_class.children:
                if child.id in seen:
                    raise InvalidInput("child_twice", f"{name}学号{child.number}的孩子在名单中出现了两次。")
                seen.add(child.id)


def at_least(part: int, whole: int, share: Fraction) -> bool:
    """Compare as whole numbers: part/whole >= share."""
    return share.denominator * part >= share.numerator * whole


def kind_of(school_class: ClassInput, settings: Settings) -> tuple[Kind, bool]:
    """Return the kind of a class, and whether it is below the mixed share (rule 3)."""
    taking, size = school_class.taking_part, school_class.size
    if taking == 0:
        return Kind.NONE, False
    if at_least(taking, size, settings.own_share):
        return Kind.STANDALONE, False
    return Kind.MIXED, not at_least(taking, size, settings.mixed_share)


@dataclass(frozen=True)
class _Draft:
    """A group before it has a room."""

    group: ProposedGroup
    wishes: tuple[int, ...]  # rooms it may take, the first one first


def _grade(grade: GradeInput, settings: Settings, taken: set[int]) -> GradeProposal:
    classes = [replace(c, children=tuple(sorted(c.children))) for c in sorted(grade.classes, key=lambda c: c.number)]
    kinds = {c.id: kind_of(c, settings) for c in classes}
    drafts = [
        draft for c in classes if kinds[c.id][0] == Kind.STANDALONE for draft in _standalone(grade.grade, c, settings)
    ]
    pool = [c for c in classes if kinds[c.id][0] == Kind.MIXED]
    below = frozenset(c.id for c in pool if kinds[c.id][1])
    answer = arrange(tuple(c.taking_part for c in pool), tuple(c.number for c in pool), settings.cap, settings.effort)
    drafts += _mixed(grade.grade, pool, answer.columns, settings, below)
    return GradeProposal(
        grade=grade.grade,
        groups=_with_rooms(drafts, taken),
        objectives=answer.objectives,
        bound=answer.bound,
        proven=answer.proven,
        below_share=tuple(c.number for c in pool if c.id in below),
        cap_below_class=tuple(c.number for c in classes if c.taking_part > settings.cap),
        sentence=grade_sentence(
            len(pool), [sum(column) for column in answer.columns], answer.objectives, settings, answer.proven
        ),
    )


def _flags(size: int, classes: Iterable[ClassInput], settings: Settings) -> set[Flag]:
    flags: set[Flag] = set()
    if size < settings.smallest:
        flags.add(Flag.BELOW_MINIMUM)
    if any(c.taking_part > settings.cap for c in classes):
        flags.add(Flag.CAP_BELOW_CLASS)
    return flags


def _standalone(grade: int, school_class: ClassInput, settings: Settings) -> list[_Draft]:
    """Rule 4: the fewest parts, even, larger first, filled by student number."""
    sizes = balanced(school_class.taking_part, needed(school_class.taking_part, settings.cap))
    drafts, start = [], 0
    for index, size in enumerate(sizes, 1):
        children: tuple[Child, ...] = school_class.children[start : start + size]
        start += size
        group = ProposedGroup(
            kind=Kind.STANDALONE,
            grade=grade,
            parts=(Part(school_class.id, school_class.number, tuple(child.id for child in children)),),
            index=index,
            of=len(sizes),
            room=None,
            flags=frozenset(_flags(size, [school_class], settings)),
            sentence=standalone_sentence(
                school_class, settings, index, [child.number for child in children], len(sizes)
            ),
        )
        own = school_class.room
        drafts.append(_Draft(group, (own,) if index == 1 and own is not None else ()))
    return drafts


def _mixed(
    grade: int,
    pool: list[ClassInput],
    columns: tuple[tuple[int, ...], ...],
    settings: Settings,
    below: frozenset[int],
) -> list[_Draft]:
    """Rules 5 to 7: the arrangement turned into groups; children of a split class in order of student number."""
    used = dict.fromkeys((c.id for c in pool), 0)
    pieces = {c.id: sum(column[place] > 0 for column in columns) for place, c in enumerate(pool)}
    drafts = []
    for index, column in enumerate(columns, 1):
        inside = [(c, count) for c, count in zip(pool, column, strict=True) if count]
        parts = []
        for c, count in inside:
            children = c.children[used[c.id] : used[c.id] + count]
            used[c.id] += count
            parts.append(Part(c.id, c.number, tuple(child.id for child in children)))
        flags = _flags(sum(column), [c for c, _ in inside], settings)
        if any(c.id in below for c, _ in inside):
            flags.add(Flag.BELOW_SHARE)
        group = ProposedGroup(
            kind=Kind.MIXED,
            grade=grade,
            parts=tuple(parts),
            index=index,
            of=len(columns),
            room=None,
            flags=frozenset(flags),
            sentence=mixed_sentence(inside, settings, below, pieces),
        )
        by_count = sorted(inside, key=lambda item: (-item[1], item[0].number))
        drafts.append(_Draft(group, tuple(c.room for c, _ in by_count if c.room is not None)))
    return drafts


def _with_rooms(drafts: list[_Draft], taken: set[int]) -> tuple[ProposedGroup, ...]:
    rooms = give_rooms([draft.wishes for draft in drafts], taken)
    return tuple(
        replace(draft.group, room=rooms[place])
        if place in rooms
        else replace(draft.group, flags=draft.group.flags | {Flag.NEEDS_ROOM})
        for place, draft in enumerate(drafts)
    )


def give_rooms(wishes: Sequence[tuple[int, ...]], taken: set[int]) -> dict[int, int]:
    """Return the room of each place that gets one (rule 7), and add it to `taken`.

    First every group's first wish, in order; one whose room is gone takes its next.
    """
    rooms: dict[int, int] = {}
    for rank in range(max(map(len, wishes), default=0)):
        for place, wished in enumerate(wishes):
            if place not in rooms and rank < len(wished) and wished[rank] not in taken:
                rooms[place] = wished[rank]
                taken.add(wished[rank])
    return rooms
