"""A move by hand: what the rules say of it before it is made (rules of grouping, 8), for one group or for all at once."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from afterschool.school.naming import class_name
from scheduling.grouping.present import Present, PresentGroup
from scheduling.grouping.rule import kind_of
from scheduling.grouping.standing import School, read, with_owner
from scheduling.grouping.values import ClassInput, GradeInput, Kind, Settings
from scheduling.grouping.words import share_words


@dataclass(frozen=True)
class Finding:
    """Something the rules say of a move. One that needs a reason is done only with a reason that is kept."""

    code: str
    sentence: str
    needs_reason: bool = False


@dataclass(frozen=True)
class Board:
    """All groups as they are, counted once."""

    school: School
    groups: dict[int, PresentGroup]
    inside: dict[int, frozenset[int]]  # children who take part, by group
    pieces: dict[int, Counter[int]]  # by class: how many of its children are in each group


def survey(grades: Iterable[GradeInput], settings: Settings, present: Present) -> Board:
    """Return the board on which moves are looked at. Raises InvalidInput as `regroup`."""
    school = read(grades, settings, present)
    groups = {group.id: with_owner(group, school) for group in school.present.groups}
    inside = {pk: frozenset(c for c in g.children if c in school.children) for pk, g in groups.items()}
    pieces: dict[int, Counter[int]] = {}
    for pk, children in inside.items():
        for child in children:
            pieces.setdefault(school.classes[child].id, Counter())[pk] += 1
    return Board(school, groups, inside, pieces)


def verdicts(children: Collection[int], board: Board) -> dict[int, tuple[Finding, ...]]:
    """Return what the rules say of moving these children to each group."""
    return {pk: check_move(children, pk, board) for pk in board.groups}


def check_move(children: Collection[int], to_group: int, board: Board) -> tuple[Finding, ...]:
    """Return what the rules say of moving these children to a group: nothing where all is as usual.

    A child who is in no class of the school year counts, as one of another grade.
    """
    group, school = board.groups[to_group], board.school
    coming = set(children) - board.inside[to_group]
    if not coming:
        return (Finding("same_group", f"已经在{group.name}。"),)
    known = school.in_order(child for child in coming if child in school.children)
    classes = {school.classes[child].id: school.classes[child] for child in known}
    found = [
        *_size(group, len(board.inside[to_group]) + len(coming), board),
        *_belonging(group, coming, classes, board),
        *(finding for c in classes.values() for finding in _shares(c, group, coming, board)),
        *_emptied(coming, board),
    ]
    return tuple(found)


def needs_reason(findings: Iterable[Finding]) -> bool:
    """Tell whether a move may be made only with a reason."""
    return any(finding.needs_reason for finding in findings)


def _size(group: PresentGroup, size: int, board: Board) -> list[Finding]:
    found = []
    cap = board.school.settings.cap
    if size > cap:
        found.append(Finding("over_cap", f"{group.name}将有{size}人，超过上限{cap}人。", True))
    if group.capacity is not None and size > group.capacity:
        found.append(Finding("room_too_small", f"教室只能坐{group.capacity}人，将有{size}人。", True))
    return found


def _belonging(group: PresentGroup, coming: set[int], classes: dict[int, ClassInput], board: Board) -> list[Finding]:
    grades = {board.school.grade_of.get(child) for child in coming}
    if grades != {group.grade}:
        return [Finding("other_grade", f"{group.name}是别的年级的服务班。", True)]
    if group.kind == Kind.STANDALONE and group.class_id is not None and set(classes) != {group.class_id}:
        return [Finding("other_class", f"{group.name}是别的班的独立班。", True)]
    return []


def _shares(school_class: ClassInput, group: PresentGroup, coming: set[int], board: Board) -> list[Finding]:
    """Say where a class would fall into more pieces, or whether the whole class is looked after as its share says."""
    settings = board.school.settings
    own = [child.id for child in school_class.children]
    name = class_name(board.school.grade_of[own[0]], school_class.number)
    after = Counter(board.pieces.get(school_class.id, Counter()))
    before = len(after)
    for child in coming.intersection(own):
        if (where := board.school.group_of.get(child)) is not None:
            after[where.id] -= 1
        after[group.id] += 1
    pieces = sum(count > 0 for count in after.values())
    if pieces > max(1, before):
        return [Finding("splits_class", f"{name}将分在{pieces}个组。")]
    if group.kind == Kind.MIXED and after[group.id] == len(own) and kind_of(school_class, settings)[0] != Kind.MIXED:
        head = f"{name}{school_class.size}人中参加{len(own)}人"
        return [Finding("own_share", f"{head}，达到{share_words(settings.own_share)}，按比例应独立编班。")]
    return []


def _emptied(coming: set[int], board: Board) -> list[Finding]:
    sources = {board.school.group_of[child].id for child in coming if child in board.school.group_of}
    return [
        Finding("empties_group", f"{board.groups[pk].name}将没有孩子。")
        for pk in sorted(sources)
        if board.inside[pk] <= coming
    ]
