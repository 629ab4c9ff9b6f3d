"""What regrouping and moves by hand read: the groups as they are, what people decided, and a kept proposal as pages show it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from afterschool.school.enums import SERVICE_GROUPS, DayKind, GroupKind
from afterschool.school.models import Event, Group, Room, SchoolDay, Student, Term
from afterschool.support import clock
from scheduling.enums import GroupingKind, GroupingState
from scheduling.grouping import Board, Kind, Present, PresentGroup, Regrouping, regroup, survey
from scheduling.grouping.words import flag_words
from scheduling.models import Grouping
from scheduling.queries.grouping import SchoolInput, open_places, school_input, settings_of

MOVES = ("placement.made", "placement.moved")
LOOK_BACK = 200  # a move by hand is of a class at most; older ones are not "the last"


def present_of(term: Term, kinds: Collection[int] = ()) -> Present:
    """Return the open groups with their children, and what a person decided with a reason: three queries."""
    inside: dict[int, list[int]] = defaultdict(list)
    for group_id, student_id in open_places(term).order_by().values_list("group_id", "student_id"):
        inside[group_id].append(student_id)
    rows = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, ends_on=None).select_related("room").order_by("pk")
    groups = tuple(
        PresentGroup(
            id=group.pk,
            name=group.name,
            kind=Kind.MIXED if group.kind == GroupKind.MIXED else Kind.STANDALONE,
            grade=group.grade or 0,
            children=tuple(inside[group.pk]),
            room=group.room_id,
            capacity=group.room.capacity if group.room else None,
        )
        for group in rows
    )
    kept, allowed = _decided(term, {c: g for g in groups for c in g.children})
    return Present(groups, frozenset(kept), allowed, frozenset(kinds))


def _decided(term: Term, group_of: dict[int, PresentGroup]) -> tuple[set[int], dict[int, int]]:
    """Return the children put by hand with a reason where they still are, and the sizes allowed so over the cap."""
    kept: set[int] = set()
    allowed: dict[int, int] = {}
    rows = Event.objects.filter(subject="placement", verb__in=MOVES, term_id=term.pk, note__isnull=False).order_by("pk")
    for child, data in rows.values_list("student_id", "data"):
        group = group_of.get(child or 0)
        if child is not None and group is not None and data.get("group") == group.id:
            kept.add(child)
            if "over_cap" in data.get("codes", ["over_cap"]):
                allowed[group.id] = max(allowed.get(group.id, 0), data.get("size", len(group.children)))
    return kept, allowed


def board_of(term: Term) -> Board:
    """Return the board on which moves by hand are looked at: six queries. Raises InvalidInput."""
    given = school_input(term)
    return survey(given.grades, given.settings, present_of(term))


@dataclass(frozen=True)
class RegroupInput:
    """What regrouping is given, with its fingerprint."""

    school: SchoolInput
    present: Present
    fingerprint: str

    def solve(self) -> Regrouping:
        """Return the answer of the rule. Raises InvalidInput."""
        return regroup(self.school.grades, self.school.settings, self.present)


def regroup_input(term: Term, kinds: Collection[int] = ()) -> RegroupInput:
    """Return approved children, rolls and present groups; `kinds` are classes whose new kind the office accepts: six queries."""
    school, present = school_input(term), present_of(term, kinds)
    values = [
        school.fingerprint,
        [[g.id, g.name, g.kind, sorted(g.children), g.room, g.capacity] for g in present.groups],
        sorted(present.kept),
        sorted(present.allowed_over.items()),
        sorted(present.kinds_accepted),
    ]
    return RegroupInput(school, present, hashlib.sha256(json.dumps(values).encode()).hexdigest())


def regroupings(term: Term) -> QuerySet[Grouping]:
    """Return the regroupings of a term, newest first."""
    return Grouping.objects.filter(term=term, kind=GroupingKind.REGROUP).select_related("decided_by")


def first_accepted(term: Term) -> bool:
    """Tell whether the term's first grouping is accepted."""
    first = Grouping.objects.filter(term=term, kind=GroupingKind.FIRST)
    return first.filter(state=GroupingState.ACCEPTED).exists()


def earliest_day(term: Term) -> date:
    """Return the first day from which places may change: what has begun stays as it is."""
    return max(clock.today() + timedelta(days=1), term.service_starts_on)


def next_service_day(term: Term) -> date:
    """Return the next day with service on which places may change; where the calendar has none, the earliest day."""
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__gte=earliest_day(term))
    return days.order_by("date").values_list("date", flat=True).first() or earliest_day(term)


# Taking the last move back


def last_move(term: Term, grade: int) -> list[Event]:
    """Return the rows of the newest move by hand into a group of this grade, where it can still be taken back."""
    groups = set(Group.objects.filter(term=term, grade=grade, ends_on=None).values_list("pk", flat=True))
    newest = Event.objects.filter(subject="placement", term_id=term.pk, verb__in=MOVES).order_by("-pk")[:LOOK_BACK]
    for row in newest:
        if row.data.get("group") in groups and (batch := row.data.get("batch")):
            rows = [r for r in newest if r.data.get("batch") == batch]
            return rows if move_stands(term, rows) else []
    return []


def move_stands(term: Term, rows: Sequence[Event]) -> bool:
    """Tell whether a move has not begun yet, and each child is still where it was put."""
    if not rows or any(date.fromisoformat(row.data["starts_on"]) <= clock.today() for row in rows):
        return False
    expected = {(row.student_id, row.data["group"]) for row in rows}
    places = open_places(term).filter(student__in=[row.student_id for row in rows])
    return set(places.values_list("student_id", "group_id")) == expected


# A kept proposal as the page shows it


@dataclass(frozen=True)
class ChangeLine:
    """One child who joins, changes group or leaves."""

    student: Student
    source: str
    target: str
    why: str


@dataclass(frozen=True)
class GroupLine:
    """A group before and after."""

    name: str
    kind: str
    before: int
    after: int
    stays: int
    came: int
    went: int
    left: int
    room: str
    flags: list[str]
    opened: bool

    @property
    def closed(self) -> bool:
        return not self.after

    @property
    def changed(self) -> bool:
        return bool(self.came or self.went or self.left or self.opened or self.closed)


@dataclass(frozen=True)
class GradeLines:
    """One grade of a regrouping."""

    grade: int
    groups: list[GroupLine]
    moves: list[ChangeLine]
    joins: list[ChangeLine]
    leaves: list[ChangeLine]
    reasons: list[str]
    hints: list[dict[str, Any]]
    objectives: dict[str, int]
    bound: dict[str, int]
    proven: bool

    @property
    def opened(self) -> int:
        return sum(group.opened for group in self.groups)

    @property
    def closed(self) -> int:
        return sum(group.closed for group in self.groups)

    @property
    def changed(self) -> bool:
        return any(group.changed for group in self.groups)


def totals(lines: Sequence[GradeLines]) -> dict[str, int]:
    """Return the counts in the head of the page."""
    return {
        "moved": sum(len(line.moves) for line in lines),
        "joined": sum(len(line.joins) for line in lines),
        "left": sum(len(line.leaves) for line in lines),
        "opened": sum(line.opened for line in lines),
        "closed": sum(line.closed for line in lines),
    }


CAUSES = {
    "over_cap": "超过上限",
    "other_class": "换了班级",
    "other_grade": "换了年级",
    "kind": "改了编班方式",
}


def grade_lines(grouping: Grouping) -> list[GradeLines]:
    """Return a kept regrouping as the page shows it: two queries."""
    kept = grouping.result.get("grades", [])
    names = {group["key"]: group["name"] for grade in kept for group in grade["groups"]}
    ids = {change[0] for grade in kept for change in grade["changes"]}
    students = Student.objects.select_related("school_class").in_bulk(ids)
    rooms = dict(Room.objects.values_list("pk", "name"))
    return [_lines(grade, grouping, names, students, rooms) for grade in kept]


def _lines(
    grade: dict[str, Any],
    grouping: Grouping,
    names: dict[str, str],
    students: dict[int, Student],
    rooms: dict[int, str],
) -> GradeLines:
    found: dict[str, list[ChangeLine]] = {"moves": [], "new": [], "leaves": []}
    for child, change, source, target, cause in grade["changes"]:
        if child in students:
            line = ChangeLine(students[child], names.get(source, ""), names.get(target, ""), CAUSES.get(cause, ""))
            found[change].append(line)
    return GradeLines(
        grade=grade["grade"],
        groups=[_group_line(group, grouping, rooms) for group in grade["groups"]],
        moves=found["moves"],
        joins=found["new"],
        leaves=found["leaves"],
        reasons=grade["reasons"],
        hints=grade["hints"],
        objectives=grade["objectives"],
        bound=grade["bound"],
        proven=grade["proven"],
    )


def _group_line(group: dict[str, Any], grouping: Grouping, rooms: dict[int, str]) -> GroupLine:
    settings = settings_of(grouping.term)
    words = [flag_words(flag, settings.smallest, settings.cap, settings.mixed_share) for flag in group["flags"]]
    stays, came = group["stays"], len(group["came"])
    return GroupLine(
        name=group["name"],
        kind=group["kind"],
        before=stays + len(group["went"]) + len(group["left"]),
        after=stays + came,
        stays=stays,
        came=came,
        went=len(group["went"]),
        left=len(group["left"]),
        room=rooms.get(group["room"], ""),
        flags=words,
        opened=group["id"] is None,
    )
