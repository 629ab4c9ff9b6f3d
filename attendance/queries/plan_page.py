"""One group's plan of a week as its page shows it: a day after another, its lines copied or still those of the timetable."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time

from django.db.models import OuterRef, Prefetch, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, SchoolDay, Session
from attendance import access
from attendance.models import PlanFile, PlanLine, WeekPlan
from attendance.planning import BY_CHECKER, MOVES, Move
from attendance.queries.plans import PlanRow, due_of, hint_of, week_sessions
from scheduling.enums import SlotKind
from scheduling.hours import Hours, hours_on
from scheduling.models import Duty, Slot, SlotPart, Timetable

SHORT = 8  # characters that a bracket may have on paper


@dataclass(frozen=True)
class Line:
    """One line to write in. `key` names it in the form; `other` is what a colleague wrote there meanwhile."""

    date: date
    position: int
    kind: str
    title: str
    starts_at: time | None = None
    ends_at: time | None = None
    content: str = ""
    was: str = ""
    hints: list[str] = field(default_factory=list)
    other: str = ""

    @property
    def key(self) -> str:
        return f"{self.date.isoformat()}_{self.position}"

    @property
    def short(self) -> str:
        """Return the title without a long bracket: a sheet of paper holds five days."""
        name, _, added = self.title.replace("……", "").partition("（")
        return f"{name}（{added}" if added and len(added) <= SHORT else name


@dataclass(frozen=True)
class Day:
    """One day of the plan, and whose day it is. Without a session: the day was cancelled after it was planned."""

    date: date
    lines: list[Line]
    teacher: str = ""
    mine: bool = False
    stands: bool = True


@dataclass(frozen=True)
class PlanPage:
    """All that the page of one plan needs."""

    group: Group
    monday: date
    due: date
    plan: WeekPlan | None
    days: list[Day]
    files: list[PlanFile]
    moves: frozenset[Move]
    last_exists: bool

    @property
    def writes(self) -> bool:
        return Move.WRITE in self.moves

    @property
    def hints(self) -> list[str]:
        return list(dict.fromkeys(word for day in self.days for line in day.lines for word in line.hints))


def taught_lines(group: Group, sessions: list[Session]) -> dict[date, list[Line]]:
    """Return the lines of each session's day by the timetable that runs then; a club has one line. Three queries."""
    if group.kind == GroupKind.CLUB:
        return {s.date: [_club_line(group, s)] for s in sessions}
    parts = Prefetch("parts", SlotPart.objects.order_by("position"))
    slots = Prefetch("slots", Slot.objects.order_by("number").prefetch_related(parts))
    tables = [
        table
        for table in Timetable.objects.filter(band__term=group.term_id).select_related("band").prefetch_related(slots)
        if group.grade in table.band.grades
    ]
    by_id = {table.pk: table for table in tables}
    hours = [Hours(t.pk, t.weekdays, t.valid_from, time.min, t.dismissal) for t in tables]
    runs = dict(SchoolDay.objects.filter(date__in=[s.date for s in sessions]).values_list("date", "runs_weekday"))
    found = {}
    for session in sessions:
        weekday = runs.get(session.date) or session.date.isoweekday()
        fits = hours_on(hours, weekday=weekday, day=session.date)
        lines = _table_lines(by_id[fits.id], session.date) if fits else []
        found[session.date] = lines or [_whole(session)]
    return found


def _club_line(group: Group, session: Session) -> Line:
    club = getattr(group, "club", None)
    return Line(session.date, 1, club.kind if club else "school_club", group.name, session.starts_at, session.ends_at)


def _whole(session: Session) -> Line:
    """Return one line for a day whose hours nobody set."""
    return Line(session.date, 1, SlotKind.STUDY, "课后服务", session.starts_at, session.ends_at)


def _table_lines(table: Timetable, day: date) -> list[Line]:
    parts = [(slot, part) for slot in table.slots.all() for part in slot.parts.all()]
    return [
        Line(day, number, part.kind, part.text, slot.starts_at, slot.ends_at)
        for number, (slot, part) in enumerate(parts, 1)
    ]


def sessions_of(group: Group, monday: date) -> list[Session]:
    """Return a group's sessions of a week in order, each with who answers for it: one query."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return list(
        week_sessions(monday)
        .filter(group=group)
        .annotate(
            duty_teacher_id=Subquery(active.values("teacher_id")[:1]),
            duty_teacher_name=Subquery(active.values("teacher__name")[:1]),
        )
        .order_by("date", "starts_at")
    )


def lines_of(plan: WeekPlan | None) -> dict[date, list[Line]]:
    """Return the lines of a plan as they were copied, by day."""
    found: dict[date, list[Line]] = defaultdict(list)
    rows = plan.lines.order_by("date", "position") if plan else []
    for row in rows:
        found[row.date].append(shown(row))
    return found


def shown(row: PlanLine) -> Line:
    """Return a line of a plan as its page shows it."""
    return Line(
        row.date, row.position, row.kind, row.title, row.starts_at, row.ends_at, row.content, row.content, hint_of(row)
    )


def plan_of(group: Group, monday: date) -> WeekPlan | None:
    """Return a group's plan of a week, if anybody has begun it."""
    people = ("handed_in_by", "seen_by", "written_by", "group", "term")
    return WeekPlan.objects.filter(group=group, monday=monday).select_related(*people).first()


def moves_for(actor: Actor, group: Group, monday: date, plan: WeekPlan | None) -> frozenset[Move]:
    """Return what this person may do with the plan now. Nobody looks through what they handed in themselves."""
    state = plan.state if plan else "draft"
    open_now = {move for at, move in MOVES if at == state}
    may: set[Move] = set()
    if open_now - BY_CHECKER and access.may_write_plan(actor, group, monday):
        may |= open_now - BY_CHECKER
    if open_now & BY_CHECKER and access.may_check_plan(actor, group):
        own = plan is not None and plan.handed_in_by_id == actor.user_id
        may |= set() if own else open_now & BY_CHECKER
    return frozenset(may)


def plan_page(actor: Actor, group: Group, monday: date) -> PlanPage:
    """Return the page of one plan, begun or not."""
    plan, sessions = plan_of(group, monday), sessions_of(group, monday)
    kept = lines_of(plan)
    missing = [s for s in sessions if s.date not in kept]
    lines = taught_lines(group, missing) if missing else {}
    days = {s.date: _day(s, kept.get(s.date) or lines.get(s.date, []), actor) for s in sessions}
    days |= {day: Day(day, rows, stands=False) for day, rows in kept.items() if day not in days}
    return PlanPage(
        group,
        monday,
        due_of(group.term, monday),
        plan,
        [days[day] for day in sorted(days)],
        list(plan.files.all()) if plan else [],
        moves_for(actor, group, monday, plan),
        last_of(group, monday) is not None,
    )


def _day(session: Session, lines: list[Line], actor: Actor) -> Day:
    teacher_id, name = session.duty_teacher_id, session.duty_teacher_name  # type: ignore[attr-defined]
    mine = actor.teacher is not None and actor.teacher.pk == teacher_id
    return Day(session.date, lines, name or "", mine)


def with_typed(page: PlanPage, typed: Mapping[str, str], others: Mapping[str, str]) -> PlanPage:
    """Return the page with what was typed and not taken still in its fields, beside what a colleague wrote meanwhile."""
    days = [
        replace(
            day,
            lines=[
                replace(line, content=typed.get(line.key, line.content), other=others.get(line.key, ""))
                for line in day.lines
            ],
        )
        for day in page.days
    ]
    return replace(page, days=days)


def last_of(group: Group, monday: date) -> WeekPlan | None:
    """Return the group's last plan before this week that has words in it."""
    earlier = WeekPlan.objects.filter(group=group, monday__lt=monday, lines__content__gt="")
    return earlier.order_by("-monday").first()


@dataclass(frozen=True)
class Sheet:
    """One plan as it is printed."""

    group: Group
    monday: date
    plan: WeekPlan | None
    days: list[Day]


def sheets_of(rows: Sequence[PlanRow], monday: date) -> list[Sheet]:
    """Return the plans of these rows (with their lines loaded) to be printed: one query for whose day it is."""
    duties = Duty.objects.filter(session__in=week_sessions(monday), active=True).order_by()
    named = duties.filter(session__group__in=[row.group.pk for row in rows])
    whose = {
        (group_id, day): name
        for group_id, day, name in named.values_list("session__group_id", "session__date", "teacher__name")
    }
    return [Sheet(row.group, monday, row.plan, _days_of(row, whose)) for row in rows]


def _days_of(row: PlanRow, whose: Mapping[tuple[int, date], str]) -> list[Day]:
    kept: dict[date, list[Line]] = defaultdict(list)
    for line in row.plan.lines.all() if row.plan else ():
        kept[line.date].append(shown(line))
    return [
        Day(day, lines, whose.get((row.group.pk, day), ""), stands=(row.group.pk, day) in whose)
        for day, lines in sorted(kept.items())
    ]
