"""How groups are called: 三（1）班服务班, 三（8）班一组, 三（4、5）混合班."""

from collections import Counter
from collections.abc import Collection, Sequence

from afterschool.school.naming import chinese_number, class_name
from scheduling.grouping.values import GradeProposal, Kind, ProposedGroup

LONGEST_LIST = 8


def group_names(grade: GradeProposal) -> list[str]:
    """Return the names of a first grouping; groups of the very same classes are numbered."""
    plain = [_plain_name(group) for group in grade.groups]
    often = Counter(plain)
    seen: Counter[str] = Counter()
    names = []
    for name in plain:
        seen[name] += 1
        names.append(f"{name}{chinese_number(seen[name])}组" if often[name] > 1 else name)
    return names


def _plain_name(group: ProposedGroup) -> str:
    numbers = [part.class_number for part in group.parts]
    if group.kind == Kind.STANDALONE:
        name = class_name(group.grade, numbers[0])
        return f"{name}{chinese_number(group.index)}组" if group.of > 1 else f"{name}服务班"
    return mixed_name(group.grade, numbers)


def mixed_name(grade: int, numbers: Sequence[int]) -> str:
    """Return 三（4、5）混合班; a long list of classes is cut to its ends."""
    said = (
        "、".join(map(str, numbers))
        if len(numbers) <= LONGEST_LIST
        else f"{numbers[0]}至{numbers[-1]}等{len(numbers)}班"
    )
    return f"{chinese_number(grade)}（{said}）混合班"


def new_part_name(grade: int, number: int, beside: int, taken: Collection[str], *, only: bool = False) -> str:
    """Return the name of a new group of one class, with `beside` others before it: 三（2）班二组.

    The only group of its class is 三（2）班服务班.
    """
    name = class_name(grade, number)
    if only and f"{name}服务班" not in taken:
        return f"{name}服务班"
    return _next(name, beside + 1, taken)


def new_mixed_name(grade: int, numbers: Sequence[int], taken: Collection[str]) -> str:
    """Return the name of a new mixed group, numbered where one of the same classes stands."""
    name = mixed_name(grade, numbers)
    return _next(name, 2, taken) if name in taken else name


def _next(name: str, first: int, taken: Collection[str]) -> str:
    number = first
    while f"{name}{chinese_number(number)}组" in taken:
        number += 1
    return f"{name}{chinese_number(number)}组"
