"""The weekly rota: what it is made of, and what it says for the days of one week."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, PlacementKind, Role, SessionState
from afterschool.school.models import Group, Placement, SchoolDay, Session, StaffRole, Teacher, Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES, pack
from scheduling.enums import DutySource, RotaState
from scheduling.models import Duty, Rota, RotaTurn
from scheduling.queries.sessions import service_groups
from scheduling.rota import NO_TEACHERS, OPEN_TURN, UNEVEN, Person, Place


@dataclass(frozen=True)
class Column:
    """One day of the week as the rota shows it. `weekday` is the one whose turns it runs; 0 when there is no service."""

    date: date
    weekday: int
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """Who has a group on a day. Not `meets`: no meeting. `instead_of`: the rota's teacher, when another stands in."""

    meets: bool
    teacher: Teacher | None = None
    instead_of: Teacher | None = None
    turn_id: int | None = None
    mine: bool = False
    by_hand: bool = False
    day: str = ""


@dataclass(frozen=True)
class Line:
    """One group's week."""

    group: Group
    size: int
    cells: list[Cell]


@dataclass(frozen=True)
class GradeWeek:
    """One grade's groups."""

    grade: int
    lines: list[Line]
    leaders: list[str] = field(default_factory=list)

    @property
    def children(self) -> int:
        return sum(line.size for line in self.lines)


@dataclass(frozen=True)
class Week:
    """The rota of one week."""

    monday: date
    columns: list[Column]
    grades: list[GradeWeek]
    number: int

    @property
    def last(self) -> date:
        return self.columns[-1].date if self.columns else self.monday


def accepted_rota(term: Term) -> Rota | None:
    """Return the published rota of a term."""
    return Rota.objects.filter(term=term, state=RotaState.ACCEPTED).first()


def draft_rota(term: Term) -> Rota | None:
    """Return the newest draft of a term."""
    return Rota.objects.filter(term=term, state=RotaState.DRAFT).first()


def people_for_rota(term: Term) -> list[Person]:
    """Return the after-school teachers of all grades, with their turns so far in this term."""
    staff = Teacher.objects.filter(active=True, grade__isnull=False, roles__role=Role.TEACHER).distinct()
    past = Duty.objects.filter(session__term=term, active=True, session__state=SessionState.PLANNED)
    counts = dict(past.order_by().values_list("teacher").annotate(Count("pk")))
    return [Person(t.pk, t.grade or 0, t.days_off, counts.get(t.pk, 0)) for t in staff]


def places_for_rota(term: Term, day: date) -> list[Place]:
    """Return the groups that stand on `day` or later, each with the weekdays on which some child comes."""
    days: dict[int, set[str]] = defaultdict(set)
    open_ones = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), term=term)
    rows = open_ones.filter(kind=PlacementKind.SERVICE).order_by().values_list("group_id", "weekdays").distinct()
    for group_id, weekdays in rows:
        days[group_id] |= set(weekdays) & set(term.service_weekdays)
    groups = service_groups(term).exclude(ends_on__lt=day)
    return [Place(g.pk, g.grade or 0, pack(days[g.pk])) for g in groups if days[g.pk]]


def columns_of(term: Term, monday: date) -> list[Column]:
    """Return the days of a week: those of the service's weekdays, and any other day that is served."""
    days = {d.date: d for d in SchoolDay.objects.filter(date__range=(monday, monday + timedelta(days=6)), term=term)}
    found = []
    for day in (monday + timedelta(days=n) for n in range(7)):
        row = days.get(day)
        serves = row is not None and row.kind == DayKind.SERVICE
        if serves or str(day.isoweekday()) in term.service_weekdays:
            note = (row.note or row.get_kind_display()) if row and not serves else ""
            found.append(Column(day, row.runs_weekday if row and serves else 0, note))
    return found


def plain_columns(term: Term, monday: date) -> list[Column]:
    """Return a week without holidays: for a draft, where each weekday counts."""
    return [Column(monday + timedelta(days=int(d) - 1), int(d)) for d in term.service_weekdays]


def week_of(term: Term, rota: Rota, monday: date, *, actor: Actor, grades: list[int] | None = None) -> Week:
    """Return what the rota says for a week, stand-ins counted: seven queries, whatever the number of groups."""
    draft = rota.state == RotaState.DRAFT
    columns = plain_columns(term, monday) if draft else columns_of(term, monday)
    groups = service_groups(term).filter(turns__rota=rota).distinct()
    if grades:
        groups = groups.filter(grade__in=grades)
    turns = RotaTurn.objects.filter(rota=rota).select_related("teacher")
    by_turn = {(t.group_id, t.weekday): t for t in turns}
    duties = {} if draft else _duties(term, columns)
    sizes = group_sizes(term, columns[-1].date if columns else monday)
    own = actor.teacher.pk if actor.teacher else None
    lines: dict[int, list[Line]] = defaultdict(list)
    for group in groups:
        cells = [_cell(c, by_turn.get((group.pk, c.weekday)), duties.get((group.pk, c.date)), own) for c in columns]
        lines[group.grade or 0].append(Line(group, sizes.get(group.pk, 0), cells))
    leaders = _leaders()
    weeks = [GradeWeek(g, rows, leaders.get(g, [])) for g, rows in sorted(lines.items())]
    first = term.starts_on - timedelta(days=term.starts_on.weekday())
    return Week(monday, columns, weeks, (monday - first).days // 7 + 1)


def _cell(column: Column, turn: RotaTurn | None, duty: Duty | None, own: int | None) -> Cell:
    teacher = duty.teacher if duty else (turn.teacher if turn else None)
    stands_in = duty is not None and duty.source in (DutySource.STAND_IN, DutySource.SWAP) and turn is not None
    return Cell(
        meets=turn is not None or duty is not None,
        teacher=teacher,
        instead_of=turn.teacher if turn and stands_in else None,
        turn_id=turn.pk if turn else None,
        mine=teacher is not None and teacher.pk == own,
        by_hand=bool(turn and turn.reason),
        day=NAMES[str(column.date.isoweekday())],
    )


def _duties(term: Term, columns: list[Column]) -> dict[tuple[int, date], Duty]:
    dates = [c.date for c in columns]
    rows = Duty.objects.filter(
        session__term=term, session__date__in=dates, session__state=SessionState.PLANNED, active=True
    )
    return {(d.session.group_id, d.session.date): d for d in rows.select_related("session", "teacher")}


def group_sizes(term: Term, day: date) -> dict[int, int]:
    """Return how many children each group has on a date."""
    rows = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), term=term)
    return dict(rows.order_by().values_list("group").annotate(Count("student", distinct=True)))


def _leaders() -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in StaffRole.objects.filter(role=Role.GRADE_LEADER, teacher__active=True).select_related("teacher"):
        found[row.grade or 0].append(row.teacher.name)
    return found


def turn_counts(rota: Rota) -> Counter[int]:
    """Return how many weekly turns each teacher has in a rota."""
    rows = RotaTurn.objects.filter(rota=rota, teacher__isnull=False).values_list("teacher_id", flat=True)
    return Counter(pk for pk in rows if pk is not None)


@dataclass(frozen=True)
class Choice:
    """A teacher who could have a turn, with what speaks for or against."""

    teacher: Teacher
    turns: int
    busy: bool
    off: bool
    same_grade: bool


def choices_for(turn: RotaTurn) -> list[Choice]:
    """Return who could have this turn: same grade and free first, then by turns; each with the count of turns."""
    counts = turn_counts(turn.rota)
    busy = set(
        RotaTurn.objects.filter(rota=turn.rota_id, weekday=turn.weekday)
        .exclude(pk=turn.pk)
        .values_list("teacher_id", flat=True)
    )
    staff = Teacher.objects.filter(active=True, roles__role=Role.TEACHER).distinct()
    found = [
        Choice(t, counts[t.pk], t.pk in busy, str(turn.weekday) in t.days_off, t.grade == turn.group.grade)
        for t in staff
    ]
    return sorted(found, key=lambda c: (not c.same_grade, c.busy, c.off, c.turns, c.teacher.staff_number))


def own_sessions(teacher: Teacher, first: date, last: date) -> list[Session]:
    """Return the sessions this teacher has between two dates."""
    rows = Session.objects.filter(
        date__range=(first, last), state=SessionState.PLANNED, duties__teacher=teacher, duties__active=True
    )
    return list(rows.select_related("group", "room").order_by("date", "starts_at"))


def sentences(rota: Rota) -> list[str]:
    """Return what the rota could not meet, each as a sentence that says what would help."""
    names = dict(Group.objects.filter(term=rota.term_id).values_list("pk", "name"))
    still_open = set(RotaTurn.objects.filter(rota=rota, teacher=None).values_list("group_id", "weekday"))
    return [
        text
        for row in rota.findings
        if row["code"] != OPEN_TURN or (row["group_id"], row["weekday"]) in still_open
        if (text := _sentence(row, names))
    ]


def _sentence(row: dict[str, Any], names: dict[int, str]) -> str:
    if row["code"] == OPEN_TURN:
        at_hand, needed = row["numbers"]
        day, grade = NAMES[str(row["weekday"])], grade_name(row["grade"])
        return (
            f"{day}{names.get(row['group_id'], '')}没有教师：{grade}这一天可排 {at_hand} 人，服务班 {needed} 个。"
            "可改不排班的星期，或手工安排其他年级的教师。"
        )
    if row["code"] == NO_TEACHERS:
        return f"{grade_name(row['grade'])}没有课后服务教师，{row['numbers'][0]} 个班次空着。请在名册里给教师写明年级和岗位。"
    if row["code"] == UNEVEN:
        fewest, most = row["numbers"]
        return (
            f"{grade_name(row['grade'])}每人每周最少 {fewest} 次、最多 {most} 次：不排班的星期使班次不能更平均。"
            "减少不排班的星期可以改善。"
        )
    return ""


def is_proven(rota: Rota) -> bool:
    """Tell whether the solver proved the proposal best in every stage."""
    return any(row.get("proven") for row in rota.findings if row["code"] == "proof")
