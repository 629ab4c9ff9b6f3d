"""What families said: leave, early and late pick-ups."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from afterschool.overview.ask import Ask
from afterschool.overview.figures import Figure, Line, Source, having
from afterschool.overview.sources.lines import by_class, child_url, day_of, day_word, name_of, span_word
from attendance.enums import ChangeKind
from attendance.models import ChildDay, LeaveRequest, PickupChange


def leaves(ask: Ask) -> QuerySet[LeaveRequest]:
    """The leaves that stand and touch these days, of children at the school."""
    rows = LeaveRequest.objects.filter(
        term=ask.term,
        cancelled_at__isnull=True,
        first_day__lte=ask.span.last,
        last_day__gte=ask.span.first,
        student__school_class__isnull=False,
    )
    return rows.filter(ask.scope.of_student())


def _leave_line(row: Any, ask: Ask) -> Line:
    hint = f"{span_word(row.first_day, row.last_day)}　{row.get_source_display()}"
    return Line(name_of(row.student), hint, child_url(ask, row.student, row.child_day))


def _on_the_day(rows: QuerySet[Any], ask: Ask) -> QuerySet[Any]:
    days = ChildDay.objects.filter(
        student=OuterRef("student"),
        date__range=ask.span.days,
        date__gte=OuterRef("first_day"),
        date__lte=OuterRef("last_day"),
    )
    return rows.annotate(child_day=Subquery(days.order_by("-date").values("pk")[:1]))


LEAVES = Source(
    key="leaves",
    rows=leaves,
    figures=(Figure("leaves", "请假"),),
    line=_leave_line,
    related=("student__school_class",),
    order=("-first_day", *by_class()),
    dress=_on_the_day,
)


def pickups(ask: Ask) -> QuerySet[PickupChange]:
    """The early and late pick-ups that stand, of children at the school."""
    rows = PickupChange.objects.filter(
        term=ask.term, cancelled_at__isnull=True, date__range=ask.span.days, student__school_class__isnull=False
    )
    return rows.filter(ask.scope.of_student())


def _pickup_line(row: Any, ask: Ask) -> Line:
    hint = f"{day_word(row.date)} {row.time:%H:%M}　{row.get_source_display()}"
    return Line(name_of(row.student), hint, child_url(ask, row.student, row.child_day), "", row.get_kind_display())


PICKUPS = Source(
    key="pickups",
    rows=pickups,
    figures=(
        Figure("early", "早接", having(Q(kind=ChangeKind.EARLY))),
        Figure("late-asked", "晚接", having(Q(kind=ChangeKind.LATE))),
    ),
    line=_pickup_line,
    related=("student__school_class",),
    order=("-date", "time", *by_class()),
    dress=lambda rows, ask: rows.annotate(child_day=day_of("date")),
)
