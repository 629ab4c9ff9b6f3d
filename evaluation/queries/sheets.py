"""Teachers' sheets: which sessions of a day can be scored, what has been written, what a sheet says."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Sum

from afterschool.school.access import Actor
from afterschool.school.models import Placement, Session, Student, Teacher, Term
from evaluation.access import REPORT_READERS, child_sheets, own_sheets, sessions_to_score, teacher_sheets
from evaluation.enums import FactCode, ObjectionState, Occasion, RubricKind, SheetState
from evaluation.models import Rubric, RubricItem, ScoreLine, ScoreSheet, SheetObjection
from evaluation.month import Month
from evaluation.proposals import KINDS
from evaluation.rubric import Item
from scheduling.models import Duty


@dataclass(frozen=True)
class Visit:
    """A session of a day with its teacher, and the sheet this person has begun for it, if any."""

    session: Session
    teacher: Teacher | None
    sheet: ScoreSheet | None
    own: bool


@dataclass(frozen=True)
class Row:
    """One item of a rubric with what a sheet gives it."""

    item: RubricItem
    points: int | None
    note: str
    hint: str
    proposed: int | None = None
    basis: str = ""

    @property
    def sources(self) -> list[str]:
        """Return what kinds of records the portal can show for this item; none where only people know."""
        return list(dict.fromkeys(str(code.label) for code in FactCode if KINDS[code] == self.item.facts))


def active_rubric(kind: RubricKind) -> Rubric | None:
    """Return the rubric in use for teachers or children with its items, or nothing where a school has none: two queries."""
    return Rubric.objects.filter(kind=kind, active=True).prefetch_related("items").first()


def rubric_shown(kind: RubricKind, pk: str | None) -> Rubric | None:
    """Return the version a page says it was made from, or nothing where it says none."""
    if not pk or not pk.isascii() or not pk.isdigit() or len(pk) > 9:
        return None
    return Rubric.objects.filter(kind=kind, pk=int(pk)).prefetch_related("items").first()


def items_of(rubric: Rubric) -> list[Item]:
    """Return the items as the rule wants them, keyed by their id."""
    return [Item(item.pk, item.points) for item in rubric.items.all()]


def with_duty(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Load who is in charge of each session: one query more."""
    turns = Duty.objects.filter(active=True).select_related("teacher")
    return sessions.select_related("group", "room").prefetch_related(Prefetch("duties", turns, to_attr="now_on_duty"))


def teacher_of(session: Session) -> Teacher | None:
    """Return who is in charge of a session loaded by `with_duty`."""
    turns: Sequence[Duty] = session.now_on_duty  # type: ignore[attr-defined]
    return turns[0].teacher if turns else None


def with_total(sheets: QuerySet[ScoreSheet]) -> QuerySet[ScoreSheet]:
    """Add the points given, how many items have some, and out of how many: nothing of it is kept."""
    return sheets.annotate(total=Sum("lines__points"), given=Count("lines"))


def visits(actor: Actor, term: Term, day: date) -> list[Visit]:
    """Return the sessions of a day whose teacher this person may score, in the order of grades and groups: three queries."""
    sessions = list(
        with_duty(sessions_to_score(actor, term).filter(date=day)).order_by("group__grade", "group__order", "group_id")
    )
    mine = with_total(
        ScoreSheet.objects.filter(session__in=sessions, scored_by_id=actor.user_id, occasion=Occasion.VISIT)
    )
    begun = {(sheet.session_id, sheet.teacher_id): sheet for sheet in mine}
    found = []
    for session in sessions:
        teacher = teacher_of(session)
        sheet = begun.get((session.pk, teacher.pk)) if teacher else None
        found.append(Visit(session, teacher, sheet, own=teacher is not None and teacher == actor.teacher))
    return found


def sheets_of_month(actor: Actor, term: Term, month: Month) -> QuerySet[ScoreSheet]:
    """Return the sheets of a month, in order of staff number and date, never of points."""
    sheets = teacher_sheets(actor, term).filter(date__range=(month.first, month.last))
    return (
        with_total(sheets)
        .select_related("teacher", "session__group", "scored_by")
        .order_by("teacher__staff_number", "date", "pk")
    )


def waiting(actor: Actor, term: Term) -> list[SheetObjection]:
    """Return the objections that this person may answer, oldest first: one query."""
    if not actor.has(*REPORT_READERS):
        return []
    rows = SheetObjection.objects.filter(state=ObjectionState.OPEN, sheet__term=term).exclude(
        sheet__scored_by_id=actor.user_id or 0
    )
    if actor.teacher is not None:
        rows = rows.exclude(sheet__teacher=actor.teacher)
    return list(rows.select_related("sheet__teacher").order_by("at", "pk"))


def my_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Return the finished sheets about this teacher, newest first."""
    return with_total(own_sheets(actor)).select_related("session__group", "scored_by").order_by("-date", "-pk")


def readable_sheets(actor: Actor, term: Term) -> QuerySet[ScoreSheet]:
    """Return the sheets of teachers that this person may open: those scored or overseen, and the finished ones about oneself."""
    readable = teacher_sheets(actor, term).order_by().values("pk").union(own_sheets(actor).order_by().values("pk"))
    return with_total(ScoreSheet.objects.filter(pk__in=readable)).select_related(
        "teacher", "session__group", "session__room", "scored_by", "rubric"
    )


def finished_for(actor: Actor, pk: int) -> ScoreSheet | None:
    """Return a finished sheet that this person may read: a teacher's, or a child's of the own groups or family."""
    found = ScoreSheet.objects.filter(pk=pk, state=SheetState.FINAL).select_related(
        "term", "rubric", "teacher", "student__school_class", "session__group", "scored_by"
    )
    sheet = found.first()
    if sheet is None:
        return None
    if sheet.teacher_id is not None:
        return sheet if readable_sheets(actor, sheet.term).filter(pk=pk).exists() else None
    mine = actor.is_office or child_sheets(actor).filter(pk=pk).exists()
    return sheet if mine or children_in_groups(actor, sheet.term).filter(pk=sheet.student_id or 0).exists() else None


def children_in_groups(actor: Actor, term: Term) -> QuerySet[Student]:
    """Return the children of the groups this person has a turn with at any time of the term."""
    turns = Duty.objects.filter(active=True, teacher=actor.teacher, session__group=OuterRef("group"))
    if actor.teacher is None:
        return Student.objects.none()
    placed = Placement.objects.filter(Exists(turns), term=term)
    return Student.objects.filter(pk__in=placed.values("student"))


def rows_of(rubric: Rubric, sheet: ScoreSheet | None) -> list[Row]:
    """Return the items of a rubric in order with what the sheet gives them; without a sheet all are empty."""
    lines: dict[int, ScoreLine] = {}
    if sheet is not None:
        lines = {line.item_id: line for line in sheet.lines.prefetch_related("facts")}
    return [_row(item, lines.get(item.pk)) for item in rubric.items.order_by("position")]


def _row(item: RubricItem, line: ScoreLine | None) -> Row:
    if line is None:
        return Row(item, None, "", item.hint)
    return Row(item, line.points, line.note, item.hint, line.proposed, basis_of(line))


def basis_of(line: ScoreLine) -> str:
    """Return the records a score rests on as one sentence: 迟到 2 次（9月8日、9月15日）."""
    days: dict[str, list[date | None]] = defaultdict(list)
    for fact in line.facts.all():
        days[fact.code].append(fact.date)
    labels = dict(FactCode.choices)
    return "；".join(f"{labels.get(code, code)}{_dates(found)}" for code, found in days.items())


def _dates(days: Sequence[date | None]) -> str:
    known = "、".join(f"{day.month}月{day.day}日" for day in days if day)
    return f" {len(days)} 次（{known}）" if known else ""


def most_of(rubric: Rubric) -> int:
    """Return what a sheet of this rubric can bring at most."""
    return rubric.items.aggregate(most=Sum(F("points")))["most"] or 0
