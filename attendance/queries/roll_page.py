"""What the roll call's page shows: the children of a session, what is known of each, and the figures."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, Role, SessionState, StudentState
from afterschool.school.models import Placement, SchoolDay, Session, StaffRole
from afterschool.school.naming import class_name
from afterschool.school.templatetags.school import wrapname
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance import access
from attendance.enums import IN_CARE, CustodyState, LeaveSource, MarkState
from attendance.models import LeaveRequest, Mark, PickupChange, RollCall
from attendance.queries.fetchers import first_named
from attendance.queries.roll_calls import (
    Counts,
    changes_on,
    count,
    leaves_on,
    opens_at,
    standing_changes,
    standing_leaves,
)
from attendance.queries.roll_elsewhere import ELSEWHERE, NOT_APART, SPOT, Apart, Spot, apart

LONG_NAME = 5  # characters from which a name is set tighter
LEAVE_NOTED = {MarkState.LEAVE, MarkState.NOT_CALLED, MarkState.ABSENT}  # rows that show where a leave comes from
FEW_DIGITS = 99  # larger student numbers give way to the place in the list


class Look(NamedTuple):
    """All that the tiles of two children can differ in besides their words."""

    state: MarkState
    is_long: bool
    has_note: bool
    has_small_print: bool
    apart: str


@dataclass(frozen=True)
class Row:
    """One child on the roll call, as the page shows it."""

    student_id: int
    label: str
    number: str
    name: str
    state: MarkState
    spelling: str = ""
    note: str = ""
    news: str = ""
    is_pass: bool = False
    on_leave: bool = False
    apart: str = ""  # not called, and elsewhere or looked for
    club_until: time | None = None  # in a club now, whose hour ends then

    @property
    def is_long(self) -> bool:
        return len(self.name) >= LONG_NAME

    @property
    def look(self) -> Look:
        return Look(self.state, self.is_long, bool(self.note), self.has_small_print, self.apart)

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the tile (see `stamp`)."""
        return {
            "child": self.student_id, "label": self.label, "number": self.number, "name": wrapname(self.name),
            "spelling": self.spelling, "note": self.note, "small_print": self.news or self.note,
        }  # fmt: skip

    @property
    def has_small_print(self) -> bool:
        return bool(self.note or self.news)


@dataclass(frozen=True)
class RollPage:
    """All that the roll call page needs."""

    session: Session
    roll_call: RollCall | None
    rows: list[Row]
    counts: Counts
    teacher_name: str
    may_call: bool
    is_mine: bool
    by_office: bool = False

    @property
    def may_enter_paper(self) -> bool:
        """A paper roll is typed in once its hour has come, while the roll is not finished: that day, later by the office."""
        if not self.may_call or self.session.state == SessionState.CANCELLED:
            return False
        if self.roll_call is not None and self.roll_call.closed_at is not None:
            return False
        begun = opens_at(self.session) <= clock.now()
        return begun and (self.session.date == clock.today() or self.by_office)

    @property
    def taken_by_other(self) -> str:
        """Return who opened the roll call, if that was not the teacher on duty."""
        taker = self.roll_call.opened_by if self.roll_call else None
        return taker.name if taker and taker.pk != getattr(self.session, "duty_user_id", None) else ""

    @property
    def elsewhere(self) -> list[Row]:
        """Children who are with somebody else or gone, and whom this roll has not called."""
        return [row for row in self.rows if row.apart == ELSEWHERE]

    @property
    def in_clubs(self) -> int:
        """Children of a group who are in their clubs now."""
        return sum(row.club_until is not None for row in self.rows)

    @property
    def clubs_over(self) -> int:
        """Those of them whose club's hour is over: they should be on their way back."""
        now = clock.now()
        return sum(
            row.club_until is not None and clock.at(self.session.date, row.club_until) <= now for row in self.rows
        )

    @property
    def per_column(self) -> int:
        """Rows of a column of the page: nine for 45 children, ten for 50."""
        return max(9, -(-len(self.rows) // 5))


def leave_note(leave: LeaveRequest, day: date) -> str:
    """Return where the word of a leave comes from: 家长 7:40, 家长 昨晚 as 家长 9月20日, 纸质假条."""
    if leave.source != LeaveSource.GUARDIAN:
        return leave.get_source_display()
    asked = leave.asked_at.astimezone(clock.SHANGHAI)
    when = f"{asked.hour}:{asked.minute:02}" if asked.date() == day else f"{asked.month}月{asked.day}日"
    return f"家长 {when}"


def pickup_note(change: PickupChange | None, fetcher: str | None) -> str:
    """Return 早接 16:30, 晚接 18:00 姑姑 or 姑姑来接: when, and who fetches if it's somebody named for the day."""
    if change is None:
        return f"{fetcher}来接" if fetcher else ""
    return f"{change.get_kind_display()} {change.time:%H:%M} {fetcher or ''}".rstrip()


def _called(roll_call: RollCall | int) -> QuerySet[Mark, Any]:
    return Mark.objects.filter(roll_call=roll_call).order_by().values("student")


@prepared
def _leaves_called(roll_call: RollCall, day: date) -> QuerySet[LeaveRequest]:
    return standing_leaves(day).filter(student__in=_called(roll_call)).only("student", "source", "asked_at")


@prepared
def _changes_called(roll_call: RollCall, day: date) -> QuerySet[PickupChange]:
    return standing_changes(day).filter(student__in=_called(roll_call)).only("student", "kind", "time")


class _Line(NamedTuple):
    """One child of the list: who it is, and what the roll call says of it."""

    student_id: int
    name: str
    student_number: int | None
    class_id: int | None
    grade: int | None
    class_number: int | None
    pinyin: str
    initials: str
    state: str = MarkState.NOT_CALLED
    marked_by_id: int | None = None
    marked_by: str | None = None
    marked_at: datetime | None = None
    by_office: bool = False
    is_pass: bool | None = False
    fetcher: str | None = None
    club_until: time | None = None
    carried_from: str | None = None
    day_state: str | None = None
    at_session: int | None = None
    at_group: str | None = None
    holder: str | None = None
    at_place: str | None = None
    since: datetime | None = None

    @property
    def spot(self) -> Spot:
        return Spot(self.day_state, self.at_session, self.at_group, self.holder, self.at_place, self.since)


_CHILD = ("student_id", "student__name", "student__number", "student__school_class_id", "student__school_class__grade",
          "student__school_class__number", "student__pinyin", "student__initials")  # fmt: skip
_MARK = ("state", "marked_by_id", "marked_by__name", "marked_at", "by_office", "day__is_pass", "fetcher",
         "day__at_session__ends_at", "carried_from__session__group__name")  # fmt: skip
_SPOT = tuple(f"day__{name}" for name in SPOT)


def roll_page(session: Session, actor: Actor) -> RollPage:
    """Return the page of one session, taken from `session_of`: three queries before and after it is opened."""
    roll_call: RollCall | None = getattr(session, "roll_call", None)
    if roll_call is not None:
        lines = [_Line(*row) for row in _marks(roll_call, session.date)]
        leaves = {row.student_id: row for row in _leaves_called(roll_call, session.date)}
        changes = {row.student_id: row for row in _changes_called(roll_call, session.date)}
    else:
        lines = _unopened(session)
        ids = [line.student_id for line in lines]
        leaves, changes = leaves_on(session.date, ids), changes_on(session.date, ids)
    numbered = all((line.student_number or 0) <= FEW_DIGITS for line in lines)
    mixed = len({line.class_id for line in lines}) > 1
    rows = [
        _row(
            line, place, session, leaves.get(line.student_id), changes.get(line.student_id),
            numbered=numbered, mixed=mixed,
        )
        for place, line in enumerate(lines, 1)
    ]  # fmt: skip
    teacher_id: int | None = getattr(session, "duty_teacher_id", None)
    return RollPage(
        session=session,
        roll_call=roll_call,
        rows=rows,
        counts=count((row.state for row in rows), [row.apart for row in rows if row.apart]),
        teacher_name=getattr(session, "duty_teacher_name", None) or "",
        may_call=access.may_call_roll(actor, session, teacher_id),
        is_mine=actor.teacher is not None and actor.teacher.pk == teacher_id,
        by_office=actor.is_office,
    )


@prepared
def _marks(roll_call: RollCall, day: date) -> QuerySet[Mark, tuple[Any, ...]]:
    office = StaffRole.objects.filter(teacher__user=OuterRef("marked_by"), role=Role.ADMINISTRATOR)
    return (
        Mark.objects.filter(roll_call=roll_call)
        .annotate(
            by_office=Exists(office),
            day=FilteredRelation("student__child_days", condition=Q(student__child_days__date=day)),
            fetcher=first_named(day),
        )
        .order_by(
            F("student__school_class__grade").asc(nulls_last=True),
            "student__school_class__number",
            "student__number",
            "student_id",
        )
        .values_list(*_CHILD, *_MARK, *_SPOT)
    )


def _unopened(session: Session) -> list[_Line]:
    runs = SchoolDay.objects.filter(date=session.date).values("runs_weekday")[:1]
    placed = (
        Placement.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=session.date),
            group=session.group_id,
            starts_on__lte=session.date,
            student__state=StudentState.ENROLLED,
        )
        .order_by("student__school_class__grade", "student__school_class__number", "student__number", "student_id")
        .values_list(Subquery(runs), "weekdays", first_named(session.date), *_CHILD)
    )
    return [
        _Line(*child)._replace(fetcher=fetcher)
        for runs_weekday, weekdays, fetcher, *child in placed
        if str(runs_weekday or session.date.isoweekday()) in weekdays
    ]


def _row(
    line: _Line,
    place: int,
    session: Session,
    leave: LeaveRequest | None,
    change: PickupChange | None,
    *,
    numbered: bool,
    mixed: bool,
) -> Row:
    number = str(line.student_number if numbered and line.student_number else place)
    if mixed and numbered and line.class_id:
        number = f"{line.class_number}-{number}"
    state = MarkState(line.state)
    note = leave_note(leave, session.date) if leave and state in LEAVE_NOTED else ""
    if note and state != MarkState.LEAVE:
        note = f"请假 {note}"  # the mark itself doesn't say so
    if not note:
        note = pickup_note(change, line.fetcher)
    if not note and state == MarkState.LEAVE and leave is None:
        note = "待补假条"
    if not note and state == MarkState.ABSENT and line.carried_from:
        note = f"{line.carried_from}未到"
    if not note and line.is_pass:
        note = "临时加入"
    on_leave = leave is not None and line.day_state == CustodyState.AWAY
    where = NOT_APART if on_leave else _apart(line.spot, session, state)
    note = where.words or note
    whole = f"{class_name(line.grade, line.class_number)} " if mixed and line.grade and line.class_number else ""
    return Row(
        student_id=line.student_id,
        label=f"{whole}{line.student_number or place} 号 {line.name}",
        number=number,
        name=line.name,
        state=state,
        note=note,
        news=_news(line, session, state),
        is_pass=bool(line.is_pass),
        on_leave=leave is not None,
        apart=where.kind if state == MarkState.NOT_CALLED else "",
        spelling=f"{line.pinyin} {line.initials}",
        club_until=line.club_until
        if line.day_state == CustodyState.CLUB and session.group.kind != GroupKind.CLUB
        else None,
    )


def _apart(spot: Spot, session: Session, state: MarkState) -> Apart:
    """Return where a child is whom the roll has not called, or called absent and whom somebody else has in care now."""
    if state == MarkState.NOT_CALLED:
        return apart(spot, session)
    if state == MarkState.ABSENT and spot.state in IN_CARE:
        return apart(spot, session)
    return NOT_APART


def _news(line: _Line, session: Session, state: MarkState) -> str:
    """Return what somebody else than the one who took the roll made of a mark."""
    roll_call = getattr(session, "roll_call", None)
    if roll_call is None or line.marked_by_id is None or line.marked_at is None:
        return ""
    if line.by_office and line.marked_by_id != roll_call.opened_by_id:
        return f"{line.marked_at.astimezone(clock.SHANGHAI):%H:%M} 由{Role.ADMINISTRATOR.label}改为{state.label}"
    if line.marked_by_id not in (roll_call.opened_by_id, None) and line.marked_at > roll_call.opened_at:
        return f"{line.marked_at.astimezone(clock.SHANGHAI):%H:%M} 由{line.marked_by}改为{state.label}"
    return ""
