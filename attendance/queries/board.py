"""The board (孩子在哪里): counts, who is missing, which groups are not called yet, and each group's last record."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import Relation, SessionState
from afterschool.school.models import Guardianship, Session, Term
from afterschool.school.naming import class_name
from afterschool.school.templatetags.school import hm, tel, wrapname
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance.enums import ENDS, IN_CARE, OPEN, CallOutcome, CustodyState
from attendance.models import CallNote, ChildDay, ClosedDay, Handover, RollCall
from attendance.queries.custody import REGISTER, WHOLE_SCHOOL, scope

PHONES = 2  # of a missing child's adults on the board; all are on its own page
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
    def look(self) -> str:
        return self.tone

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the group's line (see `stamp`)."""
        return {
            "name": self.name, "room": self.room, "teacher": self.teacher or "没有安排教师", "expected": self.expected,
            "here": self.here, "gone": self.gone, "state": self.word, "last": hm(self.last),
        }  # fmt: skip

    @property
    def minutes(self) -> int:
        return max(0, int((clock.now() - self.starts_at).total_seconds() // 60))


class MissingLook(NamedTuple):
    """What the lines of two missing children can differ in besides their words."""

    has_head: bool
    adults: int


@dataclass(frozen=True)
class MissingRow:
    """One missing child: whom to call, who called the roll, and what came of the last call."""

    pk: int
    student_id: int
    since: datetime
    name: str
    grade: int | None
    number: int | None
    head: str | None
    head_phone: str | None
    seeker: str | None
    called_by: str | None
    call_at: datetime | None
    call_text: str | None
    call_outcome: str | None
    adults: list[tuple[str, str]]

    @property
    def progress(self) -> str:
        if self.call_at is None:
            return "还没打电话"
        reached = self.call_outcome == CallOutcome.REACHED
        return f"{hm(self.call_at)} {(self.call_text or '已联系上') if reached else '没联系上'}"

    @property
    def look(self) -> MissingLook:
        return MissingLook(self.head is not None, len(self.adults))

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the child's line (see `stamp`)."""
        words: dict[str, object] = {
            "child": self.pk, "plain_name": self.name, "name": wrapname(self.name),
            "class": class_name(self.grade, self.number) if self.grade and self.number else "",
            "called": f"{self.called_by or ''} {hm(self.since)}", "head": self.head or "",
            "head_tel": tel(self.head_phone or ""), "progress": self.progress, "seeker": self.seeker or "无人",
        }  # fmt: skip
        for place, (relation, phone) in enumerate(self.adults, 1):
            words |= {f"relation_{place}": relation, f"tel_{place}": tel(phone)}
        return words


@dataclass
class Board:
    """Everything on the board of one day, cut to who asks."""

    day: date
    counts: Counter[str]
    missing: list[MissingRow]
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


@prepared
def _tally(actor: Actor, term: Term, day: date, today: date) -> QuerySet[ChildDay, tuple[Any, ...]]:
    rows = ChildDay.objects.filter(scope(actor, today), term=term, date=day).order_by()
    placed = rows.annotate(where=Coalesce("at_session", "session")).values_list("where", "state")
    return placed.annotate(Count("pk"), Max("since"))


def read(actor: Actor, term: Term, day: date) -> Board:
    """Read the board of a day in at most four queries."""
    counts: Counter[str] = Counter()
    per_session: dict[int, Counter[str]] = {}
    last: dict[int, datetime] = {}
    for where, state, number, since in _tally(actor, term, day, clock.today()):
        counts[state] += number
        if where is not None:
            per_session.setdefault(where, Counter())[state] += number
            last[where] = max(since, last.get(where, since))
    groups, closed, before = _groups(actor, term, day, per_session, last)
    missing = _missing(actor, term, day) if counts[CustodyState.MISSING] else []
    return Board(day, counts, missing, groups, closed, before)


def _still_open(term: Term, before: date) -> QuerySet[ChildDay, Any]:
    return ChildDay.objects.filter(term=term, date__lt=before, state__in=OPEN).order_by("date").values("date")[:1]


@prepared
def _sessions(term: Term, day: date) -> QuerySet[Session, tuple[Any, ...]]:
    return (
        Session.objects.filter(term=term, date=day, state=SessionState.PLANNED)
        .annotate(
            active_duty=FilteredRelation("duties", condition=Q(duties__active=True)),
            earlier=Subquery(_still_open(term, day)),
            closed=Exists(ClosedDay.objects.filter(date=day)),
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


def _groups(
    actor: Actor, term: Term, day: date, states: dict[int, Counter[str]], last: dict[int, datetime]
) -> tuple[list[GroupRow], bool, date | None]:
    """Return the groups of the day, whether the day is closed, and the first earlier day that is still open."""
    groups, closed, before, any_session = [], False, None, False
    whole = actor.has(*WHOLE_SCHOOL)
    mine = actor.teacher.pk if actor.teacher else 0
    for pk, name, room, teacher, phone, on, starts, called, ended, is_closed, open_day, grade in _sessions(term, day):
        any_session, closed, before = True, is_closed, open_day
        if whole or pk in states or on == mine or grade in actor.grades:
            begins = clock.at(day, starts)
            row = GroupRow(pk, name, room or "", teacher or "", phone or "", begins, called, ended)
            row.states, row.last = states.get(pk, Counter()), last.get(pk)
            groups.append(row)
    if not any_session:
        before = next((row["date"] for row in _still_open(term, day)), None)
    return groups, closed, before


@prepared
def _missing_children(actor: Actor, term: Term, day: date, today: date) -> QuerySet[ChildDay, Any]:
    calls = CallNote.objects.filter(child_day=OuterRef("pk")).order_by("-at", "-pk")
    link = Handover.objects.filter(child_day=OuterRef("pk"), to_state=CustodyState.MISSING).order_by("-number")
    rows = ChildDay.objects.filter(scope(actor, today), term=term, date=day, state=CustodyState.MISSING)
    return rows.order_by(*REGISTER).values(
        "pk",
        "student_id",
        "since",
        name=F("student__name"),
        grade=F("student__school_class__grade"),
        number=F("student__school_class__number"),
        head=F("student__school_class__head_teacher__name"),
        head_phone=F("student__school_class__head_teacher__phone"),
        seeker=F("holder__name"),
        called_by=Subquery(link.values("by__name")[:1]),
        call_at=Subquery(calls.values("at")[:1]),
        call_text=Subquery(calls.values("text")[:1]),
        call_outcome=Subquery(calls.values("outcome")[:1]),
    )


@prepared
def _to_call(student_ids: list[int]) -> QuerySet[Guardianship, tuple[int, str, str]]:
    acting = Guardianship.objects.filter(student__pk__in=student_ids, acts=True)
    return acting.order_by("pk").values_list("student_id", "relation", "guardian__phone")


def _missing(actor: Actor, term: Term, day: date) -> list[MissingRow]:
    """Return the missing with the phones to call, who called the roll, and the last call that was noted: two queries."""
    missing = _missing_children(actor, term, day, clock.today())
    adults: dict[int, list[tuple[str, str]]] = {}
    for student_id, relation, phone in _to_call([child["student_id"] for child in missing]):
        adults.setdefault(student_id, []).append((Relation(relation).label, phone))
    return [MissingRow(**child, adults=adults.get(child["student_id"], [])[:PHONES]) for child in missing]


@prepared
def _last_changes(day: date) -> QuerySet[Session, tuple[int | None, ...]]:
    moved = Handover.objects.order_by("-pk")  # of any day: the newest is found at once, and moves of other days are few
    calls = CallNote.objects.order_by("-pk")
    rolls = RollCall.objects.filter(session__date=day).order_by().values("session__date")
    closed = ClosedDay.objects.filter(date=day).order_by().values("date").annotate(n=Count("pk"))
    anchor = Session.objects.filter(date=day).order_by("pk")
    return anchor.values_list(
        Subquery(moved.values("pk")[:1]),
        Subquery(calls.values("pk")[:1]),
        Subquery(rolls.annotate(n=Count("closed_at")).values("n")),
        Subquery(rolls.annotate(n=Count("ended_at")).values("n")),
        Subquery(rolls.annotate(n=Count("pk")).values("n")),
        Subquery(closed.values("n")),
    )[:1]


def version(day: date) -> str:
    """Return a mark that changes with every move, call and roll call of a day, and with the minute: one query."""
    found = next(iter(_last_changes(day)), ())
    return "-".join(str(part or 0) for part in found) + f"-{clock.now():%Y%m%d%H%M}"
