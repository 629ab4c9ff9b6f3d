"""The record of stand-ins and swaps (调代记录) for a span of days, and the load of each teacher ("why always me?")."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState
from afterschool.school.models import Teacher, Term
from scheduling.enums import DutySource, SubstitutionKind, SubstitutionState
from scheduling.models import Duty, Substitution
from scheduling.queries.standins import RELATED

WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Span:
    """From one day to another, of one grade or of all that the person may see."""

    first: date
    last: date
    grade: int | None = None


def grades_seen(actor: Actor, term: Term) -> list[int]:
    """Return the grades whose record this person reads: the own ones, or all."""
    if actor.has(*WHOLE_SCHOOL):
        return sorted({grade for band in term.bands.all() for grade in band.grades})
    return sorted(actor.grades)


def record_of(actor: Actor, term: Term, span: Span) -> list[Substitution]:
    """Return what was confirmed in a span, what was taken back afterwards too: one query.

    A swap stands in the record of both of its days and grades.
    """
    decided = Q(state=SubstitutionState.CONFIRMED) | Q(state=SubstitutionState.CANCELLED, decided_at__isnull=False)
    dates = (span.first, span.last)
    rows = Substitution.objects.filter(decided, term=term).filter(
        Q(duty__session__date__range=dates) | Q(back__session__date__range=dates)
    )
    if span.grade is not None:
        rows = rows.filter(_of_grades([span.grade]))
    if not actor.has(*WHOLE_SCHOOL):
        rows = rows.filter(_of_grades(sorted(actor.grades)))
    related = rows.select_related(*RELATED, "answered_by", "decided_by")
    return list(related.order_by("duty__session__date", "duty__session__starts_at", "pk"))


def _of_grades(grades: Sequence[int]) -> Q:
    return Q(duty__session__group__grade__in=grades) | Q(back__session__group__grade__in=grades)


@dataclass(frozen=True)
class Load:
    """One teacher's turns in a span: all, of them stood in and swapped; and how often another stood in."""

    teacher: Teacher
    turns: int
    stood_in: int
    swapped: int
    was_stood_in_for: int
    mine: bool = False


@dataclass(frozen=True)
class Loads:
    """The load of a grade, the most turns first."""

    rows: list[Load] = field(default_factory=list)

    @property
    def average(self) -> str:
        """Return the mean number of turns, one digit."""
        return f"{sum(row.turns for row in self.rows) / len(self.rows):.1f}" if self.rows else "0"

    @property
    def most(self) -> int:
        return max((row.turns for row in self.rows), default=0)


def load_of(actor: Actor, term: Term, span: Span, grades: Sequence[int]) -> Loads:
    """Return the load of the teachers of these grades, or of all with turns where no grade is asked for: three queries."""
    counts: Counter[tuple[int, str]] = Counter()
    duties = Duty.objects.filter(
        active=True,
        session__term=term,
        session__state=SessionState.PLANNED,
        session__date__range=(span.first, span.last),
    )
    for pk, source, number in duties.order_by().values_list("teacher", "source").annotate(Count("pk")):
        counts[pk, source] += number
    gone = Substitution.objects.filter(
        term=term,
        kind=SubstitutionKind.STAND_IN,
        state=SubstitutionState.CONFIRMED,
        duty__session__state=SessionState.PLANNED,
        duty__session__date__range=(span.first, span.last),
    )
    was = dict(gone.order_by().values_list("duty__teacher").annotate(Count("pk")))
    staff = Teacher.objects.filter(active=True, roles__role=Role.TEACHER)
    wanted = [span.grade] if span.grade is not None else list(grades)
    own = actor.teacher.pk if actor.teacher else None
    rows = [
        Load(
            t,
            sum(number for (pk, _), number in counts.items() if pk == t.pk),
            counts[t.pk, DutySource.STAND_IN],
            counts[t.pk, DutySource.SWAP],
            was.get(t.pk, 0),
            t.pk == own,
        )
        for t in staff.filter(grade__in=wanted).distinct()
    ]
    return Loads(sorted(rows, key=lambda row: (-row.turns, -row.stood_in, row.teacher.staff_number)))
