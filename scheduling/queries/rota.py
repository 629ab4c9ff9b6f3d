"""The weekly rota: what it is made of, and what it says for the days of one week."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, Role, SessionState
from afterschool.school.models import Group, Placement, SchoolDay, Session, StaffRole, Teacher, Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES
from scheduling.enums import DutySource, RotaState, TurnKind
from scheduling.models import Duty, Rota, RotaTurn
from scheduling.queries.rota_given import in_force, published_rotas

PROOF = "proof"
WHOLE_SCHOOL = 99  # after all grades


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
    """One group's week, or a club's, or a floater's (no group)."""

    label: str
    place: str
    size: int | None
    cells: list[Cell]
    group: Group | None = None

    @property
    def open_days(self) -> list[str]:
        """The days on which nobody has it."""
        return [cell.day for cell in self.cells if cell.meets and cell.teacher is None]


@dataclass(frozen=True)
class GradeWeek:
    """One grade's groups and floaters; grade 0 holds the clubs."""

    grade: int
    lines: list[Line]
    leaders: list[str] = field(default_factory=list)
    floaters: list[Line] = field(default_factory=list)

    @property
    def name(self) -> str:
        return grade_name(self.grade) if self.grade else "社团"

    @property
    def children(self) -> int:
        return sum(line.size or 0 for line in self.lines)

    @property
    def all_lines(self) -> list[Line]:
        return [*self.lines, *self.floaters]

    @property
    def open_turns(self) -> list[str]:
        """The turns of the week that nobody has, as said on paper."""
        return [f"{day} {line.label}" for line in self.all_lines for day in line.open_days]


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
    """Return the draft of a term."""
    return Rota.objects.filter(term=term, state=RotaState.DRAFT).first()


def asked_rota(term: Term) -> Rota | None:
    """Return the rota that is being solved, or that could not be."""
    return Rota.objects.filter(term=term, state__in=[RotaState.SOLVING, RotaState.FAILED]).first()


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
    """Return what the rota says for a week, stand-ins counted: a constant number of queries.

    A draft is shown as it would be; else each day shows the rota that holds on it, which may be one published before.
    """
    draft = rota.state == RotaState.DRAFT
    columns = plain_columns(term, monday) if draft else columns_of(term, monday)
    rotas = [rota] if draft else published_rotas(term)
    by_day = {c.date: rota if draft else in_force(rotas, c.date) for c in columns}
    held = {row.pk for row in by_day.values() if row}
    turns = RotaTurn.objects.filter(rota__in=held).select_related("teacher", "group__room", "group__club")
    by_turn: dict[tuple[object, ...], RotaTurn] = {(t.rota_id, _place(t), t.weekday): t for t in turns}
    duties = {} if draft else _duties(term, columns)
    sizes = group_sizes(term, columns[-1].date if columns else monday)
    own = actor.teacher.pk if actor.teacher else None
    weeks: dict[int, GradeWeek] = {}
    leaders = _leaders()
    for place, sample in sorted({_place(t): t for t in by_turn.values()}.items(), key=lambda item: _order(item[1])):
        grade = 0 if sample.kind == TurnKind.CLUB else sample.of_grade or 0
        if grades and grade not in grades:
            continue
        cells = []
        for column in columns:
            holding = by_day[column.date]
            turn = by_turn.get((holding.pk, place, column.weekday)) if holding else None
            duty = duties.get((sample.group_id, column.date)) if sample.group_id else None
            cells.append(_cell(column, turn, duty, own, rota))
        week = weeks.setdefault(grade, GradeWeek(grade, [], leaders.get(grade, [])))
        line = _line(sample, sizes, cells)
        (week.lines if sample.group_id else week.floaters).append(line)
    first = term.starts_on - timedelta(days=term.starts_on.weekday())
    in_order = sorted(weeks.values(), key=lambda w: w.grade or WHOLE_SCHOOL)
    return Week(monday, columns, in_order, (monday - first).days // 7 + 1)


def _place(turn: RotaTurn) -> tuple[str, int, int]:
    return (turn.kind, turn.group_id or turn.grade or 0, 0 if turn.group_id else turn.number)


def _order(turn: RotaTurn) -> tuple[object, ...]:
    group = turn.group
    if group is None:
        return (turn.grade or 0, 1, turn.number, 0)
    return (turn.of_grade or WHOLE_SCHOOL, 0, group.order, group.pk)


def _line(sample: RotaTurn, sizes: dict[int, int], cells: list[Cell]) -> Line:
    group = sample.group
    if group is None:
        return Line(sample.label, "", None, cells)
    return Line(group.name, str(group.room or ""), sizes.get(group.pk, 0), cells, group)


def _cell(column: Column, turn: RotaTurn | None, duty: Duty | None, own: int | None, current: Rota) -> Cell:
    teacher = duty.teacher if duty else (turn.teacher if turn else None)
    stands_in = duty is not None and duty.source in (DutySource.STAND_IN, DutySource.SWAP) and turn is not None
    return Cell(
        meets=turn is not None or duty is not None,
        teacher=teacher,
        instead_of=turn.teacher if turn and stands_in else None,
        turn_id=turn.pk if turn and turn.rota_id == current.pk else None,
        mine=teacher is not None and teacher.pk == own,
        by_hand=bool(turn and turn.by_hand),
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


@dataclass(frozen=True)
class OwnTurn:
    """One turn of a person on a date: which, and when and where."""

    date: date
    label: str
    words: str


def own_turns(teacher: Teacher | None, week: Week) -> list[OwnTurn]:
    """Return what this teacher has in a week, sessions with hours and place, days at hand as a floater: one query."""
    if teacher is None:
        return []
    rows = Session.objects.filter(
        date__range=(week.monday, week.monday + timedelta(days=6)),
        state=SessionState.PLANNED,
        duties__teacher=teacher,
        duties__active=True,
    ).select_related("group", "room")
    found = [
        OwnTurn(s.date, s.group.name, f"{s.starts_at:%H:%M}—{s.ends_at:%H:%M}，{s.room or '地点待定'}")
        for s in rows.order_by("date", "starts_at")
    ]
    for grade in week.grades:
        for line in grade.floaters:
            days = zip(week.columns, line.cells, strict=True)
            found += [OwnTurn(c.date, "机动", "不带班，有人请假时代课") for c, cell in days if cell.mine]
    return sorted(found, key=lambda turn: turn.date)
