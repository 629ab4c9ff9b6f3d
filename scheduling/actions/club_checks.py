"""What must be true of a club before it is kept: its own values, its hours, and that nobody and no room is taken twice.

Weekly: against the other approved clubs, the rooms of the groups and the published rota. The dated Occupancy stays the last word.
"""

from dataclasses import dataclass, field
from datetime import time

from afterschool.school.models import Group, Placement, Room, SchoolClass, Teacher, Term
from afterschool.school.naming import grade_name
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import NAMES
from scheduling.club_hours import Seasons, Span, Trouble, Wanted, span_on, troubles
from scheduling.enums import ClubState, RotaState
from scheduling.hours import Hours, hours_on
from scheduling.models import Club, RotaTurn
from scheduling.queries.club_hours import open_clubs, seasons, wanted_of
from scheduling.queries.clubs import clubs_per_teacher
from scheduling.queries.sessions import hours_of_term, service_groups

LED = (ClubState.PROPOSED, ClubState.RETURNED, ClubState.APPROVED)


@dataclass(frozen=True)
class ShareWish:
    """A grade or a class the club takes, and how many places it may have (none: no limit of its own)."""

    grade: int | None = None
    school_class: SchoolClass | None = None
    places: int | None = None

    @property
    def of_grade(self) -> int:
        return self.school_class.grade if self.school_class else self.grade or 0


@dataclass(frozen=True)
class Draft:
    """All that is written of a club, by its teacher or the office."""

    name: str
    kind: str
    activity: str
    description: str
    content: str
    teacher: Teacher
    weekdays: str
    largest: int
    shares: tuple[ShareWish, ...]
    smallest: int = 1
    nth: int = 1
    needs: str = ""
    room: Room | None = None
    helpers: tuple[Teacher, ...] = field(default=())

    @property
    def wanted(self) -> Wanted:
        return Wanted(frozenset(share.of_grade for share in self.shares), self.kind, self.nth, self.weekdays)


def check(draft: Draft, term: Term, *, club: Club | None = None) -> None:
    """Refuse what can't be kept.

    Codes: `no_name`, `name_taken`, `no_content`, `no_weekday`, `weekday_not_served`, `no_grade`, `sizes`, `room_small`,
    `teacher_left`, `too_many_clubs`, `no_slot`, `slots_differ`, `teacher_busy`, `room_taken`.
    """
    _values(draft, term, club)
    given = seasons(term)
    for trouble in troubles(given, draft.wanted):
        raise _no_hours(draft, trouble)
    _clubs_beside(draft, term, given, club)
    _groups_beside(draft, term, given)


def _values(draft: Draft, term: Term, club: Club | None) -> None:
    if not draft.name.strip():
        raise Refused("no_name", "请写社团的名称。")
    if not draft.content.strip() or not draft.description.strip():
        raise Refused("no_content", "请写明介绍和活动内容，审批时要看。")
    if not draft.weekdays:
        raise Refused("no_weekday", "请选活动的星期。")
    off = [day for day in draft.weekdays if day not in term.service_weekdays]
    if off:
        raise Refused("weekday_not_served", f"{NAMES[off[0]]}没有课后服务。")
    if not draft.shares:
        raise Refused("no_grade", "请选收哪些年级或班级。")
    if draft.smallest > draft.largest:
        raise Refused("sizes", "最少人数不能多于最多人数。")
    if draft.room is not None and draft.room.capacity is not None and draft.room.capacity < draft.largest:
        raise Refused("room_small", f"{draft.room}最多容 {draft.room.capacity} 人，社团最多 {draft.largest} 人。")
    others = Club.objects.filter(term=term, state__in=LED).exclude(pk=club.pk if club else 0)
    if others.filter(name=draft.name.strip()).exists():
        raise Refused("name_taken", f"本学期已有社团“{draft.name.strip()}”，请换一个名称。")
    if not draft.teacher.active:
        raise Refused("teacher_left", f"{draft.teacher.name}已不在职。")
    most = clubs_per_teacher(term)
    if most and others.filter(teacher=draft.teacher).count() >= most:
        raise Refused("too_many_clubs", f"{draft.teacher.name}已带 {most} 个社团，本校每位教师最多 {most} 个。")


def _no_hours(draft: Draft, trouble: Trouble) -> Refused:
    kind = dict(Club._meta.get_field("kind").flatchoices)[draft.kind]
    day = NAMES[str(trouble.weekday)]
    if trouble.missing:
        which = f"第 {draft.nth} 个“{kind}”时段" if draft.nth > 1 else f"“{kind}”时段"
        grades = "、".join(grade_name(grade) for grade in trouble.missing)
        return Refused("no_slot", f"{grades}{day}的课表里没有{which}。")
    first = trouble.spans[0]
    other = next(row for row in trouble.spans if row[1] != first[1])
    return Refused(
        "slots_differ",
        f"{day}{grade_name(first[0])}是 {_hours(first[1])}，{grade_name(other[0])}是 {_hours(other[1])}，"
        "时间不同的年级不能在一个社团。",
    )


def _hours(span: Span) -> str:
    return f"{span[0]:%H:%M}—{span[1]:%H:%M}"


def _clubs_beside(draft: Draft, term: Term, given: Seasons, club: Club | None) -> None:
    rows = open_clubs(term).exclude(pk=club.pk if club else 0).select_related("teacher", "room")
    for other in rows:
        same_teacher = other.teacher_id == draft.teacher.pk
        same_room = draft.room is not None and other.room_id == draft.room.pk
        if not (same_teacher or same_room):
            continue
        clash = _clash(given, draft.wanted, wanted_of(other))
        if clash is None:
            continue
        weekday, span = clash
        when = f"{NAMES[str(weekday)]} {_hours(span)}"
        if same_teacher:
            raise Refused("teacher_busy", f"{draft.teacher.name}{when} 带“{other.name}”，不能同时带两个社团。")
        raise Refused("room_taken", f"{other.room}{when} 是“{other.name}”在用。")


def _clash(given: Seasons, one: Wanted, other: Wanted) -> tuple[int, Span] | None:
    for day in given.starts:
        for weekday in sorted(set(map(int, one.weekdays)) & set(map(int, other.weekdays))):
            a = span_on(given, one, weekday=weekday, day=day)
            b = span_on(given, other, weekday=weekday, day=day)
            if a and b and _overlap(a, b):
                return weekday, b
    return None


def _overlap(a: tuple[time, time], b: tuple[time, time]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _groups_beside(draft: Draft, term: Term, given: Seasons) -> None:
    """Refuse a room that a service group sits in then, and a teacher whom the published rota has there."""
    hours = hours_of_term(term)
    if draft.room is not None:
        groups = list(service_groups(term).filter(room=draft.room, ends_on=None))
        days = _days_of(groups)
        for group in groups:
            clash = _group_clash(draft, given, hours.get(group.grade or 0, []), days.get(group.pk, ""))
            if clash:
                raise Refused("room_taken", f"{draft.room}{NAMES[str(clash)]}这个时间是{group.name}在用。")
    turns = RotaTurn.objects.filter(
        rota__term=term, rota__state=RotaState.ACCEPTED, teacher=draft.teacher, group__club=None, group__isnull=False
    )
    for turn in turns.select_related("group"):
        grade = turn.group.grade if turn.group else None
        if _group_clash(draft, given, hours.get(grade or 0, []), str(turn.weekday)):
            day = NAMES[str(turn.weekday)]
            raise Refused(
                "teacher_busy", f"值班表上{draft.teacher.name}{day}带{turn.label}，时间冲突，请先调整值班表或换一天。"
            )


def _days_of(groups: list[Group]) -> dict[int, str]:
    found: dict[int, str] = {}
    rows = Placement.objects.filter(group__in=groups, ends_on=None).order_by()
    for pk, weekdays in rows.values_list("group", "weekdays").distinct():
        found[pk] = found.get(pk, "") + weekdays
    return found


def _group_clash(draft: Draft, given: Seasons, tables: list[Hours], weekdays: str) -> int | None:
    for day in given.starts:
        for weekday in map(int, draft.weekdays):
            if str(weekday) not in weekdays:
                continue
            table = hours_on(tables, weekday=weekday, day=day)
            span = span_on(given, draft.wanted, weekday=weekday, day=day)
            if table and span and _overlap(span, (table.starts_at, table.dismissal)):
                return weekday
    return None
