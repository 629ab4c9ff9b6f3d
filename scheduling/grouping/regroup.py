"""Regrouping after the start (rule 12): children stay where they are, the fewest move, the office says yes to the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from scheduling.grouping.names import new_mixed_name, new_part_name
from scheduling.grouping.placing import Column, Placing, column_of, place
from scheduling.grouping.present import (
    Change,
    ChildChange,
    GradeRegrouping,
    GroupAfter,
    KindHint,
    Present,
    PresentGroup,
    Regrouping,
    key_of,
    new_key,
)
from scheduling.grouping.regroup_words import kind_sentence, reasons
from scheduling.grouping.rule import give_rooms, kind_of
from scheduling.grouping.standing import School, Standing, read, stand
from scheduling.grouping.values import Flag, GradeInput, Kind, Part, Settings


def regroup(grades: Iterable[GradeInput], settings: Settings, present: Present) -> Regrouping:
    """Return the groups after children joined, left or changed class: deterministic, whatever the order of the input.

    Raises InvalidInput as `propose`, and with `group_twice` or `child_in_two_groups`.
    """
    school = read(grades, settings, present)
    built = [_Build(stand(grade, school), school) for grade in school.grades]
    taken = {g.room for b in built for g in b.standing.groups if g.room is not None and b.members.get(column_of(g))}
    return Regrouping(tuple(b.answer(taken) for b in built))


@dataclass(frozen=True)
class _New:
    """A new group before it has a room."""

    group: GroupAfter
    wishes: tuple[int, ...]


class _Build:
    """The answer for one grade."""

    def __init__(self, standing: Standing, school: School) -> None:
        self.standing, self.school = standing, school
        self.placing: Placing = place(standing, school)
        self.members: dict[Column, list[int]] = {}
        for child in school.in_order(self.placing.target):
            self.members.setdefault(self.placing.target[child], []).append(child)
        new = [column for column in self.members if column.group_id is None]
        order = {c.id: c.number for c in standing.classes}
        new.sort(key=lambda c: (c.class_id is None, order.get(c.class_id or 0, 0), c.number))
        self.keys = {column: new_key(standing.grade, number) for number, column in enumerate(new, 1)}
        self.keys |= {column_of(group): key_of(group) for group in standing.groups}
        self.new = new

    def answer(self, taken: set[int]) -> GradeRegrouping:
        after = [self._present(group) for group in self.standing.groups] + self._opened(taken)
        changes = self._changes()
        filled = self.placing.filled
        return GradeRegrouping(
            grade=self.standing.grade,
            groups=tuple(after),
            children=changes,
            moved=sum(change.change == Change.MOVES for change in changes),
            opened=sum(group.opened for group in after),
            closed=sum(group.closed for group in after),
            objectives=filled.objectives,
            bound=filled.bound,
            proven=filled.proven,
            hints=self._hints(),
            reasons=reasons(self.standing, self.school, self.placing, after, changes),
        )

    # Groups

    def _present(self, group: PresentGroup) -> GroupAfter:
        before = next(g for g in self.school.present.groups if g.id == group.id)
        children = self.members.get(column_of(group), [])
        inside, was = set(children), set(before.children)
        flags = self._flags(len(children), group.room)
        if group.capacity is not None and len(children) > group.capacity:
            flags.add(Flag.ROOM_TOO_SMALL)
        return GroupAfter(
            key=key_of(group),
            id=group.id,
            name=group.name,
            kind=group.kind,
            grade=group.grade,
            class_id=group.class_id,
            parts=self._parts(children),
            room=group.room,
            flags=frozenset(flags),
            stays=tuple(c for c in children if c in was),
            came=tuple(c for c in children if c not in was),
            went=tuple(c for c in before.children if c in self.school.children and c not in inside),
            left=tuple(c for c in before.children if c not in self.school.children),
        )

    def _opened(self, taken: set[int]) -> list[GroupAfter]:
        names = {group.name for group in self.school.present.groups}
        drafts = []
        for column in self.new:
            draft = self._draft(column, names)
            names.add(draft.group.name)
            drafts.append(draft)
        rooms = give_rooms([draft.wishes for draft in drafts], taken)
        return [
            replace(draft.group, room=rooms.get(place), flags=self._with_room(draft.group, rooms.get(place)))
            for place, draft in enumerate(drafts)
        ]

    def _draft(self, column: Column, names: set[str]) -> _New:
        children = self.members[column]
        parts = self._parts(children)
        grade = self.standing.grade
        rooms = {c.id: c.room for c in self.standing.classes}
        if column.class_id is None:
            name = new_mixed_name(grade, [part.class_number for part in parts], names)
            order = sorted(parts, key=lambda part: (-part.count, part.class_number))
        else:
            beside = len(self.standing.own(column.class_id)) + column.number
            only = beside == 0 and self.placing.openings[column.class_id].opened == 1
            name = new_part_name(grade, parts[0].class_number, beside, names, only=only)
            order = list(parts)
        group = GroupAfter(
            key=self.keys[column],
            id=None,
            name=name,
            kind=Kind.MIXED if column.class_id is None else Kind.STANDALONE,
            grade=grade,
            class_id=column.class_id,
            parts=parts,
            room=None,
            flags=frozenset(),
            stays=(),
            came=tuple(children),
            went=(),
            left=(),
        )
        return _New(group, tuple(room for part in order if (room := rooms[part.class_id]) is not None))

    def _parts(self, children: Sequence[int]) -> tuple[Part, ...]:
        own = self.school.classes
        runs = groupby(children, key=lambda child: own[child].id)
        return tuple(Part(class_id, own[run[0]].number, tuple(run)) for class_id, it in runs if (run := list(it)))

    def _with_room(self, group: GroupAfter, room: int | None) -> frozenset[Flag]:
        return frozenset(self._flags(group.size, room))

    def _flags(self, size: int, room: int | None) -> set[Flag]:
        settings = self.school.settings
        flags: set[Flag] = set()
        if not size:
            return flags
        if size < settings.smallest:
            flags.add(Flag.BELOW_MINIMUM)
        if room is None:
            flags.add(Flag.NEEDS_ROOM)
        if size > settings.cap:
            flags.add(Flag.OVER_CAP_KEPT)
        return flags

    # Children

    def _changes(self) -> tuple[ChildChange, ...]:
        """Return what becomes of the grade's own children, and of those who left its groups."""
        changes = [self._change(child.id) for c in self.standing.classes for child in c.children]
        for group in self.school.present.groups:
            if group.grade == self.standing.grade:
                gone = (c for c in group.children if c not in self.school.children)
                changes += [ChildChange(child, Change.LEAVES, key_of(group), None) for child in gone]
        return tuple(changes)

    def _change(self, child: int) -> ChildChange:
        before = self.school.group_of.get(child)
        source = key_of(before) if before else None
        column = self.placing.target.get(child)
        target = self.keys[column] if column else source  # put by hand into another grade's group: stays there
        if before is None:
            return ChildChange(child, Change.NEW, None, target)
        if source == target:
            return ChildChange(child, Change.STAYS, source, target)
        return ChildChange(child, Change.MOVES, source, target, self.placing.causes[child])

    def _hints(self) -> tuple[KindHint, ...]:
        hints = []
        for c in self.standing.classes:
            would, _ = kind_of(c, self.school.settings)
            now = self.standing.kinds[c.id]
            if c.id in self.standing.known and would not in (Kind.NONE, now):
                sentence = kind_sentence(self.standing.grade, c, now, self.school.settings)
                hints.append(KindHint(c.id, c.number, now, would, sentence))
        return tuple(hints)
