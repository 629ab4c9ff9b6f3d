"""The weekly rota: what it is made of, and what it says for the days of one week."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, PlacementKind, Role, SessionState
from afterschool.school.models import Group, Placement, SchoolDay, Session, StaffRole, Teacher, Term
from afterschool.support.weekdays import NAMES, pack
from scheduling.enums import DutySource, RotaState
from scheduling.hours import Hours, hours_on
from scheduling.models import Duty, Rota, RotaTurn
from scheduling.queries.sessions import hours_of_term, service_groups
from scheduling.rota import Code, Finding, Key, Kind, Names, Person, Post, finding_of, gap_sentences, part_of, sentence

PROOF = "proof"
WHOLE_DAY = 24 * 60


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


def people_for_rota(term: Term, day: date) -> list[Person]:
    """Return the after-school teachers of all grades, with their turns of this term before `day`."""
    staff = Teacher.objects.filter(active=True, grade__isnull=False, roles__role=Role.TEACHER).distinct()
    past = Duty.objects.filter(session__term=term, active=True, session__state=SessionState.PLANNED)
    counts = dict(past.filter(session__date__lt=day).order_by().values_list("teacher").annotate(Count("pk")))
    return [person_of(teacher, counts.get(teacher.pk, 0)) for teacher in staff]


def person_of(teacher: Teacher, past_turns: int = 0) -> Person:
    """Return a teacher as the rule of the rota sees one."""
    return Person(teacher.pk, teacher.grade, teacher.days_off, past_turns)


def post_of(turn: RotaTurn) -> Post:
    """Return the post of a turn that is kept, without its hours: two groups on one day are never one person's."""
    return Post(Kind.GROUP, turn.group_id or 0, turn.weekday, 0, WHOLE_DAY, turn.of_grade)


def posts_for_rota(term: Term, day: date) -> list[Post]:
    """Return the posts of the groups that stand on `day` or later: one on each weekday on which some child comes."""
    days: dict[int, set[str]] = defaultdict(set)
    open_ones = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), term=term)
    rows = open_ones.filter(kind=PlacementKind.SERVICE).order_by().values_list("group_id", "weekdays").distinct()
    for group_id, weekdays in rows:
        days[group_id] |= set(weekdays) & set(term.service_weekdays)
    hours, first = hours_of_term(term), max(day, term.service_starts_on)
    groups = service_groups(term).exclude(ends_on__lt=day)
    return [_post(g, int(d), hours.get(g.grade or 0, []), first) for g in groups for d in pack(days[g.pk])]


def _post(group: Group, weekday: int, tables: list[Hours], day: date) -> Post:
    """Return a group's post with its hours; a grade without a timetable takes the whole day."""
    table = hours_on(tables, weekday=weekday, day=day)
    start, end = (_minute(table.starts_at), _minute(table.dismissal)) if table else (0, WHOLE_DAY)
    return Post(Kind.GROUP, group.pk, weekday, start, end, group.grade)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def previous_turns(term: Term) -> dict[Key, int]:
    """Return who has which post in the published rota: what a new one is compared with."""
    rows = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, teacher__isnull=False)
    found = rows.values_list("group_id", "weekday", "teacher_id")
    return {(str(Kind.GROUP), group, weekday, 0): teacher for group, weekday, teacher in found if teacher is not None}


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
        Choice(t, counts[t.pk], t.pk in busy, str(turn.weekday) in t.days_off, t.grade == turn.of_grade) for t in staff
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
    still_open = set(RotaTurn.objects.filter(rota=rota, teacher=None).values_list("group_id", "weekday"))
    findings = [
        finding_of(row)
        for row in rota.findings
        if row["code"] != PROOF and (row["code"] != Code.OPEN_TURN or (row["group_id"], row["weekday"]) in still_open)
    ]
    names = _names(rota, findings)
    return [sentence(finding, names) for finding in findings]


def _names(rota: Rota, findings: list[Finding]) -> Names:
    people = {pk for f in findings for pk in (f.person_id, *f.off, *(h.person_id for h in f.helps)) if pk}
    return Names(
        people=dict(Teacher.objects.filter(pk__in=people).values_list("pk", "name")) if people else {},
        groups=dict(Group.objects.filter(term=rota.term_id).values_list("pk", "name")),
    )


def is_proven(rota: Rota) -> bool:
    """Tell whether the solver proved the proposal best in every stage."""
    return any(row.get("proven") for row in rota.findings if row["code"] == PROOF)


def gaps(rota: Rota) -> list[str]:
    """Return what the solver could not prove, with the bound it reached."""
    rows = [part for row in rota.findings if row["code"] == PROOF for part in row.get("parts", [])]
    return [text for row in rows for text in gap_sentences(part_of(row))]
