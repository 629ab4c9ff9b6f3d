"""Leave and changed pick-ups: of a family's child, of a class, of a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.school.models import Guardianship, SchoolDay, Session, Student, Term
from attendance.enums import MarkState
from attendance.models import LeaveRequest, Mark, PickupChange

PARTIES = ("term", "student__school_class__head_teacher")  # whom an action on a leave turns to


def find(actor: Actor, words: str) -> list[Student]:
    """Return children of the scope by name, pinyin or initials; without words the own classes' children."""
    children = children_of(actor).order_by("school_class__grade", "school_class__number", "number")
    if words:
        hit = Q(name__contains=words) | Q(pinyin__contains=words) | Q(initials__contains=words)
        return list(children.filter(hit)[:30])
    return list(children.filter(school_class__in=actor.class_ids)[:80])


def children_of(actor: Actor) -> QuerySet[Student]:
    """Return the children this person may record leave for: own children, those of the own classes, all for the office."""
    children = Student.objects.filter(state="enrolled").select_related("school_class")
    if actor.is_office:
        return children
    scope = Q(school_class__in=actor.class_ids)
    if actor.guardian is not None:
        own = Guardianship.objects.filter(guardian=actor.guardian, acts=True)
        scope |= Q(pk__in=own.values("student_id"))
    return children.filter(scope)


def leaves_for(actor: Actor, term: Term | None) -> QuerySet[LeaveRequest]:
    """Return the leaves within this person's scope."""
    return LeaveRequest.objects.filter(term=term, student__in=children_of(actor).values("pk"))


def changes_for(actor: Actor, term: Term | None) -> QuerySet[PickupChange]:
    """Return the changed pick-ups within this person's scope."""
    return PickupChange.objects.filter(term=term, student__in=children_of(actor).values("pk"))


def session_of(student: Student, term: Term, day: date) -> Session | None:
    """Return the service session a child is due in on a day, or None: not a day of this child's service."""
    runs = SchoolDay.objects.filter(date=day).values_list("runs_weekday", flat=True).first()
    return (
        Session.objects.filter(
            Q(group__placements__ends_on__isnull=True) | Q(group__placements__ends_on__gte=day),
            term=term,
            date=day,
            state=SessionState.PLANNED,
            group__kind__in=SERVICE_GROUPS,
            group__placements__student=student,
            group__placements__starts_on__lte=day,
            group__placements__weekdays__contains=str(runs or day.isoweekday()),
        )
        .select_related("group", "room")
        .order_by("starts_at")
        .first()
    )


def next_session_of(student: Student, term: Term, day: date) -> Session | None:
    """Return the child's next meeting from a day on, by its group's sessions (weekdays of the child aside)."""
    return (
        Session.objects.filter(
            term=term,
            date__gte=day,
            state=SessionState.PLANNED,
            group__kind__in=SERVICE_GROUPS,
            group__placements__student=student,
            group__placements__ends_on__isnull=True,
        )
        .order_by("date", "starts_at")
        .first()
    )


@dataclass(frozen=True)
class LeaveLine:
    """A leave or a changed pick-up as the list shows it."""

    kind: str  # "leave" or "change"
    pk: int
    student: Student
    first_day: date
    last_day: date
    word: str
    tone: str
    source: str
    by_name: str
    asked_at: datetime
    reason: str
    called: str = ""

    @property
    def spans(self) -> bool:
        return self.first_day != self.last_day


def lines(actor: Actor, term: Term, today: date, *, student: Student | None = None) -> list[LeaveLine]:
    """Return standing leaves and changed pick-ups of today and later in the person's scope: three queries, today first."""
    leaves = leaves_for(actor, term).filter(last_day__gte=today, cancelled_at__isnull=True)
    changes = changes_for(actor, term).filter(date__gte=today, cancelled_at__isnull=True)
    if student is not None:
        leaves, changes = leaves.filter(student=student), changes.filter(student=student)
    related = ("student__school_class", "asked_by")
    found = [_leave(row) for row in leaves.select_related(*related)]
    found += [_change(row) for row in changes.select_related(*related)]
    called = marks_today(today, [line.student.pk for line in found])
    return sorted(
        (_with_mark(line, called.get(line.student.pk, "")) if line.first_day <= today else line for line in found),
        key=lambda line: (line.first_day > today, line.first_day, line.asked_at),
    )


def marks_today(today: date, students: list[int]) -> dict[int, str]:
    """Return what today's roll call says of these children, by child; nothing for those not on one that is open."""
    rows = Mark.objects.filter(student__in=students, roll_call__session__date=today)
    return {row.student_id: MarkState(row.state).label for row in rows}


def _with_mark(line: LeaveLine, called: str) -> LeaveLine:
    return replace(line, called=called)


def _leave(row: LeaveRequest) -> LeaveLine:
    return LeaveLine(
        "leave",
        row.pk,
        row.student,
        row.first_day,
        row.last_day,
        "请假",
        "leave",
        row.get_source_display(),
        row.asked_by.name,
        row.asked_at,
        row.reason,
    )


def _change(row: PickupChange) -> LeaveLine:
    word = f"{row.get_kind_display()} {row.time:%H:%M}{' 自行离校' if row.alone else ''}"
    return LeaveLine(
        "change",
        row.pk,
        row.student,
        row.date,
        row.date,
        word,
        "moved",
        row.get_source_display(),
        row.asked_by.name,
        row.asked_at,
        row.note,
    )
