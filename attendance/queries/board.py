"""The board (孩子在哪里): counts, who is missing, which groups are not called yet, and each group's last record."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, FilteredRelation, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.models import Guardianship, Session, Term
from afterschool.support import clock
from attendance.enums import ENDS, IN_CARE, OPEN, CustodyState
from attendance.models import CallNote, ChildDay, ClosedDay, Handover, RollCall
from attendance.queries.custody import REGISTER, WHOLE_SCHOOL, scope

GONE = {CustodyState.FETCHED, CustodyState.ALONE}


@dataclass
class GroupRow:
    """One group or club of the day: where, who, how many should be there and are."""

    pk: int
    name: str
    room: str
    teacher: str
    phone: str
    starts_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    states: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None

    @property
    def expected(self) -> int:
        """Children of the day, those on leave among them: the same 应到 as on the roll call."""
        return sum(self.states.values())

    @property
    def here(self) -> int:
        return sum(self.states[state] for state in IN_CARE)

    @property
    def missing(self) -> int:
        return self.states[CustodyState.MISSING]

    @property
    def gone(self) -> int:
        return sum(self.states[state] for state in GONE)

    @property
    def tone(self) -> str:
        if self.missing:
            return "missing"
        return "done" if self.called_at else "wait"

    @property
    def word(self) -> str:
        if self.missing:
            return f"未到 {self.missing} 人"
        if self.ended_at:
            return "已结束"
        return "已点名" if self.called_at else "未点名"

    @property
    def minutes(self) -> int:
        return max(0, int((clock.now() - self.starts_at).total_seconds() // 60))


@dataclass
class Board:
    """Everything on the board of one day, cut to who asks."""

    day: date
    counts: Counter[str]
    missing: list[ChildDay]
    groups: list[GroupRow]
    closed: bool
    open_before: date | None

    @property
    def expected(self) -> int:
        """Children of the day, those on leave among them: the same 应到 as on the roll call."""
        return sum(self.counts.values())

    @property
    def gone(self) -> int:
        return sum(self.counts[state] for state in GONE)

    @property
    def away(self) -> int:
        return self.counts[CustodyState.AWAY]

    @property
    def still_open(self) -> int:
        return sum(count for state, count in self.counts.items() if state not in ENDS)

    @property
    def shown_counts(self) -> list[tuple[str, int]]:
        states = [CustodyState.EXPECTED, CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF, CustodyState.LATE]
        always = {CustodyState.EXPECTED, CustodyState.GROUP}
        return [(state.label, self.counts[state]) for state in states if self.counts[state] or state in always]

    @property
    def not_called(self) -> list[GroupRow]:
        now = clock.now()
        return [one for one in self.groups if not one.called_at and one.starts_at <= now]


def read(actor: Actor, term: Term, day: date) -> Board:
    """Read the board of a day in at most four queries."""
    rows = ChildDay.objects.filter(scope(actor), term=term, date=day)
    counts: Counter[str] = Counter()
    per_session: dict[int, Counter[str]] = {}
    last: dict[int, datetime] = {}
    tally = rows.order_by().annotate(where=Coalesce("at_session", "session"))
    for where, state, number, since in tally.values_list("where", "state").annotate(Count("pk"), Max("since")):
        counts[state] += number
        if where is not None:
            per_session.setdefault(where, Counter())[state] += number
            last[where] = max(since, last.get(where, since))
    groups, closed, before = _groups(actor, term, day, per_session, last)
    missing = _missing(rows) if counts[CustodyState.MISSING] else []
    return Board(day, counts, missing, groups, closed, before)


def _groups(
    actor: Actor, term: Term, day: date, states: dict[int, Counter[str]], last: dict[int, datetime]
) -> tuple[list[GroupRow], bool, date | None]:
    """Return the groups of the day, whether the day is closed, and the first earlier day that is still open."""
    earlier = ChildDay.objects.filter(term=term, date__lt=day, state__in=OPEN).order_by("date")
    found = (
        Session.objects.filter(term=term, date=day, state=SessionState.PLANNED)
        .annotate(
            active_duty=FilteredRelation("duties", condition=Q(duties__active=True)),
            earlier=Subquery(earlier.values("date")[:1]),
            closed=Exists(ClosedDay.objects.filter(date=OuterRef("date"))),
        )
        .order_by("group__grade", "group__order", "group__name")
        .values_list(
            "pk",
            "group__name",
            "room__name",
            "active_duty__teacher__name",
            "active_duty__teacher__phone",
            "active_duty__teacher",
            "starts_at",
            "roll_call__closed_at",
            "roll_call__ended_at",
            "closed",
            "earlier",
            "group__grade",
        )
    )
    groups, closed, before, any_session = [], False, None, False
    for pk, name, room, teacher, phone, on, starts, called, ended, is_closed, open_day, grade in found:
        any_session, closed, before = True, is_closed, open_day
        mine = actor.teacher is not None and on == actor.teacher.pk
        if pk in states or mine or grade in actor.grades or actor.has(*WHOLE_SCHOOL):
            begins = clock.at(day, starts)
            row = GroupRow(pk, name, room or "", teacher or "", phone or "", begins, called, ended)
            row.states, row.last = states.get(pk, Counter()), last.get(pk)
            groups.append(row)
    if not any_session:
        before = earlier.values_list("date", flat=True).first()
    return groups, closed, before


def _missing(rows: "QuerySet[ChildDay]") -> list[ChildDay]:
    """Return the missing with the phones to call, who called the roll, and the last call that was noted."""
    calls = CallNote.objects.filter(child_day=OuterRef("pk")).order_by("-at", "-pk")
    link = Handover.objects.filter(child_day=OuterRef("pk"), to_state=CustodyState.MISSING).order_by("-number")
    found = (
        ChildDay.objects.filter(pk__in=rows.filter(state=CustodyState.MISSING).values("pk"))
        .annotate(
            call_text=Subquery(calls.values("text")[:1]),
            call_outcome=Subquery(calls.values("outcome")[:1]),
            call_at=Subquery(calls.values("at")[:1]),
            called_by=Subquery(link.values("by__name")[:1]),
        )
        .select_related("student__school_class__head_teacher", "holder", "session__group")
        .prefetch_related(
            Prefetch(
                "student__links",
                Guardianship.objects.filter(acts=True).select_related("guardian").order_by("pk"),
            )
        )
    )
    return list(found.order_by(*REGISTER))


def version(day: date) -> str:
    """Return a mark that changes with every move, call and roll call of a day, and with the minute: one query."""
    now = clock.now()
    moved = Handover.objects.filter(child_day__date=day).order_by().values("child_day__date").annotate(n=Max("pk"))
    calls = CallNote.objects.filter(child_day__date=day).order_by().values("child_day__date").annotate(n=Max("pk"))
    rolls = RollCall.objects.filter(session__date=day).order_by().values("session__date")
    row = ClosedDay.objects.filter(date=day).order_by().values("date").annotate(n=Count("pk")).values("n")
    anchor = Session.objects.filter(date=day).order_by("pk")
    found = anchor.values_list(
        Subquery(moved.values("n")),
        Subquery(calls.values("n")),
        Subquery(rolls.annotate(n=Count("closed_at")).values("n")),
        Subquery(rolls.annotate(n=Count("ended_at")).values("n")),
        Subquery(rolls.annotate(n=Count("pk")).values("n")),
        Subquery(row),
    ).first()
    return "-".join(str(part or 0) for part in (found or ())) + f"-{now:%Y%m%d%H%M}"
