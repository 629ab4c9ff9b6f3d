"""What grouping reads: the approved children and the rolls, and a kept proposal as a page shows it."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, Role, SessionState, StudentState
from afterschool.school.models import Group, Placement, Room, SchoolClass, Session, Student, Term
from afterschool.school.naming import class_name
from afterschool.support import clock
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.enums import GroupingKind, GroupingState
from scheduling.grouping import Child, ClassInput, GradeInput, Settings
from scheduling.models import Grouping

SEES_ALL = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER)


@dataclass(frozen=True)
class SchoolInput:
    """What the rule is given, with its fingerprint, and how many children can't be placed for want of a class."""

    grades: tuple[GradeInput, ...]
    settings: Settings
    fingerprint: str
    without_class: int

    @property
    def children(self) -> int:
        return sum(c.taking_part for grade in self.grades for c in grade.classes)


def approved(term: Term) -> QuerySet[Application]:
    """Return the applications that ask for a place: approved by the school, for at least one weekday, child still here."""
    return Application.objects.filter(
        term=term, state=ApplicationState.SCHOOL_APPROVED, student__state=StudentState.ENROLLED
    ).exclude(weekdays="")


def settings_of(term: Term) -> Settings:
    """Return the term's settings as the rule takes them."""
    return Settings(term.cap, term.own_share, term.mixed_share, term.smallest_size)


def school_input(term: Term) -> SchoolInput:
    """Return approved children and rolls of the term's school year: three queries."""
    children: dict[int, list[Child]] = {}
    rows = approved(term).order_by().values_list("student_id", "student__number", "student__school_class_id")
    for pk, number, class_id in rows:
        children.setdefault(class_id or 0, []).append(Child(number or 0, pk))
    enrolled = Student.objects.filter(state=StudentState.ENROLLED, school_class__school_year=term.school_year)
    rolls = Counter(enrolled.order_by().values_list("school_class_id", flat=True))
    grades: dict[int, list[ClassInput]] = {}
    for c in SchoolClass.objects.filter(school_year=term.school_year).order_by("grade", "number"):
        taking = tuple(sorted(children.pop(c.pk, [])))
        grades.setdefault(c.grade, []).append(ClassInput(c.pk, c.number, rolls[c.pk], taking, c.room_id))
    ordered = tuple(GradeInput(grade, tuple(classes)) for grade, classes in sorted(grades.items()))
    settings = settings_of(term)
    return SchoolInput(ordered, settings, fingerprint(ordered, settings), sum(map(len, children.values())))


def fingerprint(grades: tuple[GradeInput, ...], settings: Settings) -> str:
    """Return a hash of all that the proposal depends on."""
    values = [
        [settings.cap, str(settings.own_share), str(settings.mixed_share), settings.smallest],
        [
            [g.grade, c.id, c.number, c.roll, c.room, [[child.number, child.id] for child in c.children]]
            for g in grades
            for c in g.classes
        ],
    ]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def current_grouping(term: Term) -> Grouping | None:
    """Return the accepted grouping of a term, else its newest draft."""
    kept = (
        Grouping.objects.filter(term=term, kind=GroupingKind.FIRST)
        .exclude(state=GroupingState.SUPERSEDED)
        .select_related("made_by")
    )
    return kept.order_by("state", "-made_at", "-pk").first()  # "accepted" sorts before "draft"


def grouping_before(grouping: Grouping) -> Grouping | None:
    """Return the proposal made before this one."""
    earlier = Grouping.objects.filter(term_id=grouping.term_id, kind=GroupingKind.FIRST, pk__lt=grouping.pk)
    return earlier.order_by("-pk").first()


def grades_of(grouping: Grouping) -> list[dict[str, Any]]:
    """Return the kept proposal by grade."""
    return list(grouping.result.get("grades", []))


def size_of(group: dict[str, Any]) -> int:
    """Children of a kept group."""
    return sum(len(part["children"]) for part in group["parts"])


@dataclass(frozen=True)
class GroupRow:
    """One line of the page and of the paper."""

    name: str
    kind: str
    word: str
    sign: str
    classes: str
    size: int
    cap: int
    room: str
    sentence: str
    flags: list[str]
    pk: int | None = None

    @property
    def bar(self) -> int:
        return min(self.size, self.cap)


@dataclass(frozen=True)
class GradeView:
    """One grade of a kept proposal."""

    grade: int
    rows: list[GroupRow]
    sentence: str
    proven: bool
    objectives: dict[str, int]
    bound: dict[str, int]

    @property
    def children(self) -> int:
        return sum(row.size for row in self.rows)

    @property
    def largest(self) -> int:
        return max((row.size for row in self.rows), default=0)

    @property
    def smallest(self) -> int:
        return min((row.size for row in self.rows), default=0)

    def _count(self, sign: str) -> int:
        return sum(row.sign == sign for row in self.rows)

    @property
    def own(self) -> int:
        return self._count("done")

    @property
    def split(self) -> int:
        return self._count("split")

    @property
    def mixed(self) -> int:
        return self._count("mix")

    @property
    def flagged(self) -> int:
        return sum(bool(row.flags) for row in self.rows)


def grade_views(grouping: Grouping) -> list[GradeView]:
    """Return a kept proposal as pages and papers show it: two queries."""
    rooms = dict(Room.objects.values_list("pk", "name"))
    made = dict(
        Group.objects.filter(term_id=grouping.term_id, kind__in=SERVICE_GROUPS, ends_on=None).values_list("name", "pk")
    )
    if grouping.state != GroupingState.ACCEPTED:
        made = {}
    return [
        GradeView(
            grade=grade["grade"],
            rows=[_row(group, grade["grade"], grouping, rooms, made) for group in grade["groups"]],
            sentence=grade["sentence"],
            proven=grade["proven"],
            objectives=grade["objectives"],
            bound=grade["bound"],
        )
        for grade in grades_of(grouping)
    ]


def _row(
    group: dict[str, Any], grade: int, grouping: Grouping, rooms: dict[int, str], made: dict[str, int]
) -> GroupRow:
    many = len(group["parts"]) > 1
    classes = "，".join(
        class_name(grade, part["number"]) + (f" {len(part['children'])}" if many else "") for part in group["parts"]
    )
    if group["kind"] == "mixed":
        word, sign = "混合", "mix"
    else:
        word, sign = ("拆分", "split") if group["of"] > 1 else ("独立", "done")
    words = {
        "below_share": "有班级不足" + str(grouping.settings.get("mixed_words", "三分之一")),
        "below_minimum": f"不足{grouping.settings.get('smallest', 1)}人",
        "cap_below_class": "有班级超过上限",
        "needs_room": "要安排教室",
    }
    return GroupRow(
        name=group["name"],
        kind=group["kind"],
        word=word,
        sign=sign,
        classes=classes,
        size=size_of(group),
        cap=int(grouping.settings["cap"]),
        room=rooms.get(group["room"], "") if group["room"] else "",
        sentence=group["sentence"],
        flags=[words[flag] for flag in group["flags"]],
        pk=made.get(group["name"]),
    )


def figures(views: list[GradeView]) -> dict[str, int]:
    """Return the counts in the head of the page."""
    return {
        "groups": sum(len(view.rows) for view in views),
        "children": sum(view.children for view in views),
        "own": sum(view.own for view in views),
        "split": sum(view.split for view in views),
        "mixed": sum(view.mixed for view in views),
        "largest": max((view.largest for view in views), default=0),
        "smallest": min((view.smallest for view in views if view.rows), default=0),
    }


@dataclass(frozen=True)
class GradeChange:
    """What differs from the proposal before, in one grade."""

    grade: int
    joined: list[int]
    left: list[int]
    moved: dict[int, tuple[str, str]]
    opened: list[str]
    closed: list[str]

    @property
    def any(self) -> bool:
        return bool(self.joined or self.left or self.moved or self.opened or self.closed)


def changes(now: Grouping, before: Grouping) -> list[GradeChange]:
    """Compare two proposals grade by grade: children who joined, left or changed group; groups opened and closed."""
    old, new = _places(before), _places(now)
    found = []
    for grade in sorted(old.keys() | new.keys()):
        was, becomes = old.get(grade, {}), new.get(grade, {})
        found.append(
            GradeChange(
                grade=grade,
                joined=sorted(becomes.keys() - was.keys()),
                left=sorted(was.keys() - becomes.keys()),
                moved={
                    pk: (was[pk], becomes[pk]) for pk in sorted(was.keys() & becomes.keys()) if was[pk] != becomes[pk]
                },
                opened=sorted(set(becomes.values()) - set(was.values())),
                closed=sorted(set(was.values()) - set(becomes.values())),
            )
        )
    return found


def _places(grouping: Grouping) -> dict[int, dict[int, str]]:
    return {
        grade["grade"]: {
            pk: group["name"] for group in grade["groups"] for part in group["parts"] for pk in part["children"]
        }
        for grade in grades_of(grouping)
    }


def unplaced(term: Term) -> QuerySet[Student]:
    """Return approved children who have no place in a service group: they came after the grouping was accepted."""
    placed = open_places(term).values("student_id")
    return (
        Student.objects.filter(pk__in=approved(term).values("student_id"))
        .exclude(pk__in=placed)
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "number")
    )


def open_places(term: Term) -> QuerySet[Placement]:
    """Return the places in service groups that have no end."""
    return Placement.objects.filter(term=term, kind=PlacementKind.SERVICE, ends_on=None)


def idle_places(term: Term) -> QuerySet[Placement]:
    """Return open places of children who no longer take part: withdrawn, no more approved, or gone from the school."""
    state = Application.objects.filter(term=term, student_id=OuterRef("student_id")).order_by().values("state")[:1]
    idle = open_places(term).exclude(student_id__in=approved(term).values("student_id"))
    return _in_order(idle.annotate(application_state=Subquery(state)))


def shifted_places(term: Term) -> QuerySet[Placement]:
    """Return open places whose weekdays are no longer those of the child's approved application (`asked`)."""
    asked = approved(term).filter(student_id=OuterRef("student_id")).order_by().values("weekdays")[:1]
    there = open_places(term).annotate(asked=Subquery(asked)).filter(asked__isnull=False)
    return _in_order(there.exclude(weekdays=F("asked")))


def _in_order(places: QuerySet[Any]) -> QuerySet[Any]:
    return places.select_related("student__school_class", "group").order_by(
        "group__grade", "group__order", "student__school_class__number", "student__number", "pk"
    )


@dataclass(frozen=True)
class Loose:
    """What the accepted groups and the applications no longer agree on: no child may be lost between the two."""

    unplaced: list[Student]
    idle: list[Placement]
    shifted: list[Placement]

    @property
    def any(self) -> bool:
        return bool(self.unplaced or self.idle or self.shifted)


def loose(term: Term) -> Loose:
    """Return children without a place, places without a child, and places on other weekdays: three queries."""
    return Loose(list(unplaced(term)), list(idle_places(term)), list(shifted_places(term)))


def groups_seen_by(actor: Actor, term: Term) -> QuerySet[Group]:
    """Return the open service groups a person may read: all, those of the own grade, or those in the person's care today."""
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, ends_on=None).select_related("room")
    if not actor.has(*SEES_ALL):
        today = Session.objects.filter(
            date=clock.today(), state=SessionState.PLANNED, duties__teacher=actor.teacher, duties__active=True
        )
        own = Q(grade__in=actor.grades) | Q(pk__in=today.values("group_id"))
        groups = groups.filter(own) if actor.teacher else groups.none()
    return groups.distinct().order_by("grade", "order", "pk")


def members(groups: list[Group]) -> dict[int, list[Placement]]:
    """Return the children of these groups by group, in order of class and number: one query."""
    rows = (
        Placement.objects.filter(group__in=groups, kind="service", ends_on=None)
        .select_related("student__school_class")
        .order_by("student__school_class__grade", "student__school_class__number", "student__number")
    )
    found: dict[int, list[Placement]] = {group.pk: [] for group in groups}
    for row in rows:
        found[row.group_id].append(row)
    return found
