"""The afternoons: what roll calls, leave and the chain of custody say of the same child."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from afterschool.school.enums import SERVICE_GROUPS, GroupKind, SessionState, StudentState
from afterschool.school.models import Placement, SchoolDay, Session, Term
from afterschool.support import clock
from attendance.enums import HERE, IN_CARE, OPEN, CustodyState, MarkState, PassState
from attendance.models import ChildDay, Handover, LeaveRequest, Mark, Pass, PickupChange, RollCall
from evaluation.enums import ClassTableState
from evaluation.models import ClassTable, ClassTableRow
from evaluation.queries.class_tables import span_of
from evaluation.queries.integrity.values import BEHIND, Line, day_word, where, who


def present_despite_leave(term: Term) -> Iterable[Line]:
    """A child with a standing leave of that day whom a roll call has as present or late."""
    leave = LeaveRequest.objects.filter(
        student=OuterRef("student"),
        first_day__lte=OuterRef("roll_call__session__date"),
        last_day__gte=OuterRef("roll_call__session__date"),
        cancelled_at__isnull=True,
    )
    marks = Mark.objects.filter(
        Exists(leave),
        roll_call__session__term=term,
        state__in=HERE,
        roll_call__session__date__gte=clock.today() - BEHIND,
    ).exclude(roll_call__session__group__kind=GroupKind.CLUB)
    for mark in marks.select_related("student", "roll_call__session__group").order_by(
        "-roll_call__session__date", "pk"
    ):
        session = mark.roll_call.session
        yield Line(
            f"{mark.student.name}，{where(session)}：有请假，点名为“{mark.get_state_display()}”",
            reverse("attendance:roll-call-child", args=[session.pk, mark.student_id]),
        )


def two_places(term: Term) -> Iterable[Line]:
    """A child whom two service groups have as present on one day."""
    here = Mark.objects.filter(
        roll_call__session__term=term,
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        roll_call__session__date__gte=clock.today() - BEHIND,
        state__in=HERE,
    ).order_by()
    twice = here.values("student", "student__name", "roll_call__session__date").annotate(
        n=Count("roll_call", distinct=True)
    )
    days = dict(ChildDay.objects.filter(term=term, date__gte=clock.today() - BEHIND).values_list("student", "pk"))
    for row in twice.filter(n__gt=1).order_by("-roll_call__session__date", "student"):
        day = row["roll_call__session__date"]
        url = reverse("attendance:board") + f"?day={day:%Y-%m-%d}"
        if day == clock.today() and row["student"] in days:
            url = reverse("attendance:child", args=[days[row["student"]]])
        yield Line(f"{row['student__name']}，{day.month}月{day.day}日：{row['n']} 个服务班都点了到", url)


def roll_of_others(term: Term) -> Iterable[Line]:
    """A closed roll call of today with a child due in the group that has no mark."""
    today = clock.today()
    weekday = SchoolDay.objects.filter(date=today).values_list("runs_weekday", flat=True).first()
    rolls = RollCall.objects.filter(
        session__term=term, session__date=today, closed_at__isnull=False, session__group__kind__in=SERVICE_GROUPS
    )
    by_group = {roll.session.group_id: roll for roll in rolls.select_related("session__group")}
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        group__in=by_group,
        starts_on__lte=today,
        weekdays__contains=str(weekday or today.isoweekday()),
        student__state=StudentState.ENROLLED,
    ).exclude(student__marks__roll_call__in=[roll.pk for roll in by_group.values()])
    for place in places.select_related("student"):
        session = by_group[place.group_id].session
        yield Line(
            f"{place.student.name}，{where(session)}：应该在班，点名册上没有",
            reverse("attendance:roll-call", args=[session.pk]),
        )


def open_before(term: Term) -> Iterable[Line]:
    """An earlier day on which a child is at no end: midnight closes nothing."""
    rows = ChildDay.objects.filter(term=term, date__lt=clock.today(), state__in=OPEN).order_by()
    for day, number in sorted(rows.values_list("date").annotate(n=Count("pk"))):
        yield Line(
            f"{day.month}月{day.day}日：{number} 个孩子没有去向",
            reverse("attendance:board") + f"?day={day:%Y-%m-%d}",
        )


def roll_not_closed(term: Term) -> Iterable[Line]:
    """A session of an earlier day whose roll nobody closed."""
    sessions = Session.objects.filter(
        term=term,
        state=SessionState.PLANNED,
        date__lt=clock.today(),
        date__gte=clock.today() - BEHIND,
        roll_call__closed_at__isnull=True,
    )
    for session in sessions.select_related("group").order_by("-date", "group__grade", "group__order"):
        yield Line(where(session), reverse("attendance:roll-call", args=[session.pk]))


def pass_undecided(term: Term) -> Iterable[Line]:
    """A child taken in unlisted whom nobody has accepted or refused."""
    rows = Pass.objects.filter(session__term=term, state=PassState.WAITING)
    for row in rows.select_related("child_day__student", "session__group").order_by("-at"):
        yield Line(
            f"{row.child_day.student.name}，{where(row.session)}：临时加入，没有人答复",
            reverse("attendance:child", args=[row.child_day_id]),
        )


def uncalled_in_closed(term: Term) -> Iterable[Line]:
    """A closed roll call with a child that nobody has looked at, neither there nor where it was taken in that day."""
    there = Mark.objects.filter(
        student=OuterRef("student"), roll_call__session__date=OuterRef("roll_call__session__date"), state__in=HERE
    )
    marks = Mark.objects.filter(
        ~Exists(there),
        roll_call__session__term=term,
        roll_call__session__date__gte=clock.today() - BEHIND,
        roll_call__closed_at__isnull=False,
        state=MarkState.NOT_CALLED,
    )
    for mark in marks.select_related("student", "roll_call__session__group").order_by("pk"):
        session = mark.roll_call.session
        yield Line(
            f"{mark.student.name}，{where(session)}：点名已完成，却没有点到这个孩子",
            reverse("attendance:roll-call-child", args=[session.pk, mark.student_id]),
        )


def roll_and_chain(term: Term) -> Iterable[Line]:
    """A child whom the closed roll of its own group has as here and the chain as never come, or the other way round."""
    days = ChildDay.objects.filter(
        student=OuterRef("student"),
        date=OuterRef("roll_call__session__date"),
        session=OuterRef("roll_call__session"),
    )
    marks = Mark.objects.filter(
        roll_call__session__term=term,
        roll_call__session__date__gte=clock.today() - BEHIND,
        roll_call__closed_at__isnull=False,
    ).annotate(chain=Subquery(days.values("state")[:1]), child_day=Subquery(days.values("pk")[:1]))
    never = Q(state__in=HERE, chain__in=[CustodyState.EXPECTED, CustodyState.AWAY])
    came = Q(state=MarkState.LEAVE, chain__in=[*IN_CARE, CustodyState.FETCHED, CustodyState.ALONE])
    for mark in marks.filter(never | came).select_related("student", "roll_call__session__group").order_by("pk"):
        session = mark.roll_call.session
        yield Line(
            f"{mark.student.name}，{where(session)}：点名是“{mark.get_state_display()}”，"
            f"去向是“{CustodyState(mark.chain).label}”",
            reverse("attendance:roll-call-child", args=[session.pk, mark.student_id]),
        )


def chain_broken(term: Term) -> Iterable[Line]:
    """A child whose last handover doesn't lead to where the portal says it is."""
    last = Handover.objects.filter(child_day=OuterRef("pk")).order_by("-number")
    rows = (
        ChildDay.objects.filter(term=term, date__gte=clock.today() - BEHIND)
        .annotate(led_to=Subquery(last.values("to_state")[:1]))
        .exclude(led_to=F("state"))
        .exclude(led_to__isnull=True, state=CustodyState.EXPECTED)
    )
    for row in rows.select_related("student").order_by("-date", "pk"):
        yield Line(
            f"{row.student.name}，{day_word(row.date)}：现在是“{row.get_state_display()}”，交接记录到不了这里",
            reverse("attendance:child", args=[row.pk]),
        )


def pickup_despite_leave(term: Term) -> Iterable[Line]:
    """A child on leave that is to be fetched early or late on the same day, from today on."""
    leave = LeaveRequest.objects.filter(
        student=OuterRef("student"),
        first_day__lte=OuterRef("date"),
        last_day__gte=OuterRef("date"),
        cancelled_at__isnull=True,
    )
    rows = PickupChange.objects.filter(Exists(leave), term=term, date__gte=clock.today(), cancelled_at__isnull=True)
    for row in rows.select_related("student__school_class").order_by("date", "pk"):
        yield Line(
            f"{who(row.student)}，{day_word(row.date)}：请了假，又说{row.get_kind_display()}",
            reverse("attendance:leave-list"),
        )


def table_differs(term: Term) -> Iterable[Line]:
    """A confirmed class table of the last due day whose turns are no longer those of the records."""
    confirmed = ClassTable.objects.filter(term=term, state=ClassTableState.CONFIRMED)
    newest = confirmed.order_by("-due_on").first()
    if newest is None:
        return
    tables = confirmed.filter(due_on=newest.due_on).select_related("school_class")
    rows = ClassTableRow.objects.filter(table__in=tables, version=F("table__version"))
    frozen: dict[int, dict[int, tuple[int, ...]]] = defaultdict(dict)
    for row in rows:
        frozen[row.table_id][row.student_id] = (row.due, row.here, row.leave, row.absent)
    counted = _counted(term, newest)
    for table in tables.order_by("school_class__grade", "school_class__number"):
        children = sum(numbers != counted.get(pk, (0, 0, 0, 0)) for pk, numbers in frozen[table.pk].items())
        if children:
            yield Line(
                f"{table.school_class}，{day_word(table.due_on)}的表：{children} 个孩子的次数和现在的点名不同",
                reverse("evaluation:class-table", args=[table.pk]),
            )


def _counted(term: Term, table: ClassTable) -> dict[int, tuple[int, ...]]:
    """Count every child's turns over the days of a table: due, here, on leave, absent."""
    marks = Mark.objects.filter(
        roll_call__session__term=term,
        roll_call__session__date__range=span_of(table),
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        roll_call__closed_at__isnull=False,
    ).order_by()
    numbers: dict[int, Counter[str]] = defaultdict(Counter)
    for student, state, number in marks.values_list("student", "state").annotate(n=Count("pk")):
        numbers[student][state] += number
    return {
        pk: (sum(of.values()), sum(of[state] for state in HERE), of[MarkState.LEAVE], of[MarkState.ABSENT])
        for pk, of in numbers.items()
    }
