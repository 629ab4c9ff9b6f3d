"""A teacher's term in one statement: what was done, how it was scored, what was flagged and decided (G4)."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from attendance.enums import BreachState, FlagState, Verdict
from attendance.models import Breach, DayNote, Flag
from attendance.queries.teacher_attendance import Attendance, attendance_of
from evaluation.allowance import Turn
from evaluation.enums import FeedbackKind, Finding, PayKind, RubricKind, SheetState
from evaluation.models import Feedback, ScoreSheet, TermResult
from evaluation.queries.work_done import turns_between
from scheduling.enums import Attended, TeacherLeaveState, TrainingState
from scheduling.models import TeacherLeave, TrainingPerson

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Work:
    """Turns and minutes of one kind."""

    kind: PayKind
    turns: int
    minutes: int

    @property
    def hours(self) -> float:
        return self.minutes / 60


@dataclass
class Statement:
    """One teacher's term up to a day."""

    teacher: Teacher
    first: date
    last: date
    work: list[Work] = field(default_factory=list)
    attendance: Attendance | None = None
    trained: int = 0
    trainings: int = 0
    leaves: int = 0
    notes: int = 0
    sheets: list[ScoreSheet] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    breaches: int = 0
    praise: int = 0
    complaints: int = 0
    result: TermResult | None = None

    @property
    def turns(self) -> int:
        return sum(one.turns for one in self.work)

    @property
    def hours(self) -> float:
        return sum(one.hours for one in self.work)

    @property
    def average(self) -> float | None:
        """Return the mean of the finished sheets' points; nothing where none is finished."""
        points = [total for sheet in self.sheets if (total := getattr(sheet, "total", None)) is not None]
        return sum(points) / len(points) if points else None

    @property
    def decided(self) -> list[str]:
        """Return the decisions on flags in words: the last of each counts."""
        found = []
        for flag in self.flags:
            made = list(flag.decisions.all())
            if not made:
                continue
            last = made[-1]
            words = last.get_verdict_display()
            if last.verdict == Verdict.TRUANT:
                words += "，考核等第降级" if last.downgrades else ""
                words += "，评优评先暂缓推荐" if last.holds_awards else ""
            day = flag.first_day
            found.append(f"{day.month}月{day.day}日{flag.rule.get_kind_display()}：{words}")
        return found

    @property
    def undecided(self) -> int:
        return sum(flag.state in (FlagState.OPEN, FlagState.REVIEW) for flag in self.flags)


def readable(actor: Actor, term: Term) -> "QuerySet[Teacher]":
    """Return whose statements a person may read: all for office and leading group, else the own."""
    if actor.has(*READERS):
        return Teacher.objects.filter(Q(active=True) | Q(duties__session__term=term)).distinct()
    return Teacher.objects.filter(pk=actor.teacher.pk if actor.teacher else 0)


def statements(term: Term, teachers: Collection[Teacher] | None = None) -> list[Statement]:
    """Return the statements of some teachers, or of all who did anything this term, by staff number.

    About twenty questions, whatever the number of teachers.
    """
    last = max(term.starts_on, min(clock.today(), term.ends_on))
    one = next(iter(teachers)) if teachers is not None and len(teachers) == 1 else None
    turns = turns_between(term, term.starts_on, last, one)
    wanted = {teacher.pk for teacher in teachers} if teachers is not None else {turn.teacher for turn in turns}
    found = {
        teacher.pk: Statement(teacher, term.starts_on, last)
        for teacher in Teacher.objects.filter(pk__in=wanted).order_by("staff_number")
    }
    _put_work(found, turns)
    for row in attendance_of(term, term.starts_on, last, wanted):
        if row.teacher.pk in found:
            found[row.teacher.pk].attendance = row
    _put_training(found, term, last)
    _put_scores(found, term)
    _put_flags(found, term)
    return list(found.values())


def _put_work(found: dict[int, Statement], turns: list[Turn]) -> None:
    sums: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for turn in turns:
        sums[turn.teacher][turn.kind][0] += 1
        sums[turn.teacher][turn.kind][1] += turn.minutes
    for pk, kinds in sums.items():
        if pk in found:
            found[pk].work = [Work(kind, *kinds[kind.value]) for kind in PayKind if kind.value in kinds]


def _put_training(found: dict[int, Statement], term: Term, last: date) -> None:
    """Put in what was up to the last day: trainings that were not called off, leaves that have begun, day notes."""
    people = TrainingPerson.objects.filter(training__term=term, training__date__lte=last, teacher__in=found).order_by()
    people = people.exclude(training__state=TrainingState.CANCELLED)
    for pk, state in people.values_list("teacher", "state"):
        found[pk].trainings += 1
        found[pk].trained += state == Attended.PRESENT
    leaves = TeacherLeave.objects.filter(term=term, teacher__in=found, first_day__lte=last).order_by()
    leaves = leaves.filter(state=TeacherLeaveState.CONFIRMED)
    for pk, number in leaves.values_list("teacher").annotate(n=Count("pk")):
        found[pk].leaves = number
    by_user = {one.teacher.user_id: one for one in found.values() if one.teacher.user_id}
    notes = DayNote.objects.filter(session__term=term, session__date__lte=last, by__in=by_user).order_by()
    for user, number in notes.values_list("by").annotate(n=Count("pk")):
        by_user[user].notes = number


def _put_scores(found: dict[int, Statement], term: Term) -> None:
    sheets = ScoreSheet.objects.filter(
        term=term, teacher__in=found, rubric__kind=RubricKind.TEACHER, state=SheetState.FINAL
    ).annotate(total=Sum("lines__points"))
    for sheet in sheets.select_related("session__group").order_by("date", "pk"):
        found[sheet.teacher_id or 0].sheets.append(sheet)
    for result in TermResult.objects.filter(term=term, teacher__in=found).order_by("version"):
        found[result.teacher_id].result = result
    upheld = Feedback.objects.filter(term=term, teacher__in=found, finding=Finding.UPHELD).order_by()
    for pk, kind, number in upheld.values_list("teacher", "kind").annotate(n=Count("pk")):
        if kind == FeedbackKind.PRAISE:
            found[pk or 0].praise = number
        elif kind == FeedbackKind.COMPLAINT:
            found[pk or 0].complaints = number


def _put_flags(found: dict[int, Statement], term: Term) -> None:
    flags = Flag.objects.filter(term=term, teacher__in=found).exclude(state=FlagState.CLOSED)
    for flag in flags.select_related("rule").prefetch_related("decisions").order_by("first_day", "pk"):
        found[flag.teacher_id].flags.append(flag)
    confirmed: Counter[int] = Counter(
        Breach.objects.filter(term=term, teacher__in=found, state=BreachState.CONFIRMED).values_list(
            "teacher_id", flat=True
        )
    )
    for pk, number in confirmed.items():
        found[pk].breaches = number


def statement_of(term: Term, teacher: Teacher) -> Statement:
    """Return one teacher's statement."""
    return statements(term, [teacher])[0]
