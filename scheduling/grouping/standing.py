"""How one grade stands before regrouping: which kind each class has, who may stay, who must go and why, who is new."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduling.grouping.present import Cause, Present, PresentGroup
from scheduling.grouping.rule import check, kind_of
from scheduling.grouping.values import Child, ClassInput, GradeInput, InvalidInput, Kind, Settings


@dataclass(frozen=True)
class School:
    """The whole input, looked up by child."""

    grades: tuple[GradeInput, ...]
    present: Present
    settings: Settings
    children: Mapping[int, Child]
    classes: Mapping[int, ClassInput]  # by child
    grade_of: Mapping[int, int]
    group_of: Mapping[int, PresentGroup]

    def kept_in(self, group: PresentGroup) -> tuple[int, ...]:
        """Return the children put into a group by hand who still take part."""
        return tuple(c for c in group.children if c in self.present.kept and c in self.children)

    def in_order(self, children: Iterable[int]) -> list[int]:
        """Sort children by grade, class and student number."""
        return sorted(children, key=lambda c: (self.grade_of[c], self.classes[c].number, self.children[c]))


def read(grades: Iterable[GradeInput], settings: Settings, present: Present) -> School:
    """Return the input in a fixed order, whatever the order it came in; refuse what can't be true (rules 2 and 12)."""
    ordered = sorted(grades, key=lambda grade: grade.grade)
    check(ordered, settings)
    groups = tuple(
        replace(g, children=tuple(sorted(g.children))) for g in sorted(present.groups, key=lambda group: group.id)
    )
    group_of: dict[int, PresentGroup] = {}
    for number, group in enumerate(groups):
        if number and groups[number - 1].id == group.id:
            raise InvalidInput("group_twice", f"{group.name}出现了两次。")
        for child in group.children:
            if child in group_of:
                raise InvalidInput(
                    "child_in_two_groups", f"有一名孩子同时在{group_of[child].name}和{group.name}，请先改正。"
                )
            group_of[child] = group
    have = {grade.grade for grade in ordered}
    missing = {group.grade for group in groups} - have
    every = [*ordered, *(GradeInput(grade, ()) for grade in missing)]
    return School(
        grades=tuple(sorted(every, key=lambda grade: grade.grade)),
        present=replace(present, groups=groups),
        settings=settings,
        children={child.id: child for grade in ordered for c in grade.classes for child in c.children},
        classes={child.id: c for grade in ordered for c in grade.classes for child in c.children},
        grade_of={child.id: grade.grade for grade in ordered for c in grade.classes for child in c.children},
        group_of=group_of,
    )


@dataclass(frozen=True)
class Standing:
    """One grade. `groups` have the kind and class that hold from now on; `stay` and `forced` name the group each child is in."""

    grade: int
    classes: tuple[ClassInput, ...]
    groups: tuple[PresentGroup, ...]
    kinds: Mapping[int, Kind]
    known: frozenset[int]  # classes that take part already
    stay: Mapping[int, PresentGroup]
    forced: Mapping[int, tuple[PresentGroup, Cause]]
    new: tuple[int, ...]
    held: Mapping[int, tuple[int, ...]]  # by group

    def stayers(self, group: PresentGroup) -> list[int]:
        return [child for child, where in self.stay.items() if where.id == group.id]

    def own(self, class_id: int) -> list[PresentGroup]:
        """Return the standalone groups of a class."""
        return [g for g in self.groups if g.kind == Kind.STANDALONE and g.class_id == class_id]

    @property
    def mixed(self) -> list[PresentGroup]:
        return [g for g in self.groups if g.kind == Kind.MIXED]


def stand(grade: GradeInput, school: School) -> Standing:
    """Return how a grade stands."""
    classes = tuple(
        replace(c, children=tuple(sorted(c.children))) for c in sorted(grade.classes, key=lambda c: c.number)
    )
    groups = [with_owner(g, school) for g in school.present.groups if g.grade == grade.grade]
    kinds, known = _kinds(classes, groups, school)
    wanted = {c.id: kind_of(c, school.settings)[0] for c in classes}
    turned = {c for c in school.present.kinds_accepted & known if wanted.get(c) not in (None, Kind.NONE, kinds[c])}
    groups = [_turned(g, turned, wanted, school) for g in groups]
    kinds |= {c: wanted[c] for c in turned}
    by_id = {g.id: g for g in groups}
    stay: dict[int, PresentGroup] = {}
    forced: dict[int, tuple[PresentGroup, Cause]] = {}
    new: list[int] = []
    for c in classes:
        for child in c.children:
            where = school.group_of.get(child.id)
            if where is None:
                new.append(child.id)
            elif child.id not in school.present.kept:
                group = by_id.get(where.id, where)
                cause = _must_go(c, group, grade.grade, turned)
                if cause is None:
                    stay[child.id] = group
                else:
                    forced[child.id] = (group, cause)
    held = {g.id: school.kept_in(g) for g in groups}
    return Standing(grade.grade, classes, tuple(groups), kinds, frozenset(known), stay, forced, tuple(new), held)


def _must_go(own: ClassInput, group: PresentGroup, grade: int, turned: set[int]) -> Cause | None:
    if group.grade != grade:
        return Cause.OTHER_GRADE
    if group.kind == Kind.STANDALONE:
        return None if group.class_id == own.id else Cause.OTHER_CLASS
    return Cause.KIND if own.id in turned else None


def with_owner(group: PresentGroup, school: School) -> PresentGroup:
    """Name the class of a standalone group: as given, else that of most children in it, then the lowest number."""
    if group.kind == Kind.MIXED or group.class_id is not None:
        return group
    inside = [c for c in _counting(group, school) if school.grade_of[c] == group.grade]
    many = Counter(school.classes[c].number for c in inside)
    if not many:
        return group
    number = min(many, key=lambda number: (-many[number], number))
    return replace(group, class_id=next(school.classes[c].id for c in inside if school.classes[c].number == number))


def _counting(group: PresentGroup, school: School) -> list[int]:
    return [c for c in group.children if c in school.children and c not in school.present.kept]


def _kinds(
    classes: Sequence[ClassInput], groups: Sequence[PresentGroup], school: School
) -> tuple[dict[int, Kind], set[int]]:
    """Return the kind each class has at present, and which classes take part already; a new one has that of its share."""
    alone = {g.class_id for g in groups if g.kind == Kind.STANDALONE}
    pooled = {school.classes[c].id for g in groups if g.kind == Kind.MIXED for c in _counting(g, school)}
    kinds, known = {}, set()
    for c in classes:
        if c.id in alone or c.id in pooled:
            known.add(c.id)
            kinds[c.id] = Kind.STANDALONE if c.id in alone else Kind.MIXED
        else:
            kinds[c.id] = kind_of(c, school.settings)[0]
    return kinds, known


def _turned(group: PresentGroup, turned: set[int], wanted: Mapping[int, Kind], school: School) -> PresentGroup:
    """Let a group take the kind the office accepted, where nobody has to move for it."""
    if group.kind == Kind.STANDALONE:
        pooled = group.class_id in turned and wanted[group.class_id or 0] == Kind.MIXED
        return replace(group, kind=Kind.MIXED, class_id=None) if pooled else group
    inside = {school.classes[c].id for c in _counting(group, school)}
    if len(inside) == 1 and (only := inside.pop()) in turned and wanted[only] == Kind.STANDALONE:
        return replace(group, kind=Kind.STANDALONE, class_id=only)
    return group
