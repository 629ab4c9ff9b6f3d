"""What the roll call shows: the sessions of a person, the children of a session, what is known of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, Role, SessionState, StudentState
from afterschool.school.models import Placement, SchoolDay, Session, StaffRole, Student
from afterschool.school.naming import class_name
from afterschool.support import clock
from attendance import access
from attendance.enums import HERE, LeaveSource, MarkState
from attendance.models import ChildDay, LeaveRequest, Mark, PickupChange, RollCall
from scheduling.models import Duty

EARLY = timedelta(hours=1)  # from so long before its start a teacher's own session opens by itself
LONG_NAME = 5  # characters from which a name is set tighter
FEW_DIGITS = 99  # larger student numbers give way to the place in the list


@dataclass(frozen=True)
class Row:
    """One child on the roll call, as the page shows it."""

    student_id: int
    label: str
    number: str
    name: str
    state: MarkState
    note: str = ""
    news: str = ""
    is_pass: bool = False

    @property
    def is_long(self) -> bool:
        return len(self.name) >= LONG_NAME

    @property
    def has_small_print(self) -> bool:
        return bool(self.note or self.news)


@dataclass(frozen=True)
class Counts:
    """The figures in the head of the page, all of one list."""

    expected: int
    here: int
    leave: int
    absent: int
    not_called: int

    def as_dict(self) -> dict[str, int]:
        return {
            "expected": self.expected,
            "here": self.here,
            "leave": self.leave,
            "absent": self.absent,
            "not_called": self.not_called,
        }


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

    @property
    def per_column(self) -> int:
        """Rows of a column of the page: nine for 45 children, ten for 50."""
        return max(9, -(-len(self.rows) // 5))


def sessions_for(actor: Actor) -> QuerySet[Session]:
    """Return the sessions whose roll call this person may see, each with its active teacher's id and name."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return (
        Session.objects.filter(access.roll_call_scope(actor))
        .select_related("group", "room", "term", "roll_call", "roll_call__closed_by", "roll_call__opened_by")
        .annotate(
            duty_teacher_id=Subquery(active.values("teacher_id")[:1]),
            duty_teacher_name=Subquery(active.values("teacher__name")[:1]),
        )
        .distinct()
    )


def own_sessions(actor: Actor, day: date) -> list[Session]:
    """Return the sessions of one day in which this person has the duty, in order of time."""
    if actor.teacher is None:
        return []
    return list(
        sessions_for(actor)
        .filter(date=day, state=SessionState.PLANNED, duties__teacher=actor.teacher, duties__active=True)
        .order_by("starts_at", "group__order")
    )


def session_now(sessions: Iterable[Session], now: datetime) -> Session | None:
    """Return the one session that runs now or begins within the hour, if there is exactly one."""
    running = [s for s in sessions if opens_by_itself(s, now)]
    return running[0] if len(running) == 1 else None


def opens_by_itself(session: Session, now: datetime) -> bool:
    """Tell whether a session is so near that its teacher's page opens the roll call: one hour before until its end."""
    return clock.at(session.date, session.starts_at) - EARLY <= now <= clock.at(session.date, session.ends_at)


def next_session(actor: Actor, after: date) -> Session | None:
    """Return the person's next session after a date."""
    if actor.teacher is None:
        return None
    return (
        sessions_for(actor)
        .filter(date__gt=after, state=SessionState.PLANNED, duties__teacher=actor.teacher, duties__active=True)
        .order_by("date", "starts_at")
        .first()
    )


def placements_of(session: Session) -> QuerySet[Placement]:
    """Return who is due in a session: placed in its group that day and on the weekday whose timetable the day runs."""
    runs = SchoolDay.objects.filter(date=session.date).values_list("runs_weekday", flat=True).first()
    return Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=session.date),
        group=session.group_id,
        starts_on__lte=session.date,
        weekdays__contains=str(runs or session.date.isoweekday()),
        student__state=StudentState.ENROLLED,
    )


def leaves_on(day: date, students: Iterable[int]) -> dict[int, LeaveRequest]:
    """Return the standing leave of each of these children on a day: one query."""
    rows = LeaveRequest.objects.filter(
        student__in=list(students), first_day__lte=day, last_day__gte=day, cancelled_at__isnull=True
    ).order_by("pk")
    return {row.student_id: row for row in rows}


def changes_on(day: date, students: Iterable[int]) -> dict[int, PickupChange]:
    """Return the standing early or late pick-up of each of these children on a day: one query."""
    rows = PickupChange.objects.filter(student__in=list(students), date=day, cancelled_at__isnull=True)
    return {row.student_id: row for row in rows}


def count(states: Iterable[str]) -> Counts:
    """Return the figures of a list of marks."""
    by_state = Counter(states)
    return Counts(
        expected=sum(by_state.values()),
        here=sum(by_state[state] for state in HERE),
        leave=by_state[MarkState.LEAVE],
        absent=by_state[MarkState.ABSENT],
        not_called=by_state[MarkState.NOT_CALLED],
    )


def counts_of(roll_call: RollCall) -> Counts:
    """Return the figures of one roll call: one query."""
    return count(roll_call.marks.order_by().values_list("state", flat=True))


def leave_note(leave: LeaveRequest, day: date) -> str:
    """Return where the word of a leave comes from: 家长 7:40, 家长 昨晚 as 家长 9月20日, 纸质假条."""
    if leave.source != LeaveSource.GUARDIAN:
        return leave.get_source_display()
    asked = leave.asked_at.astimezone(clock.SHANGHAI)
    when = f"{asked.hour}:{asked.minute:02}" if asked.date() == day else f"{asked.month}月{asked.day}日"
    return f"家长 {when}"


def change_note(change: PickupChange) -> str:
    """Return 早接 16:30 or 晚接 18:00."""
    return f"{change.get_kind_display()} {change.time:%H:%M}"


def roll_page(session: Session, actor: Actor) -> RollPage:
    """Return the page of one session, taken from `sessions_for`: three queries before and after it is opened."""
    roll_call: RollCall | None = getattr(session, "roll_call", None)
    marks = _marks(roll_call, session) if roll_call else _unopened(session)
    ids = [mark.student_id for mark in marks]
    leaves, changes = leaves_on(session.date, ids), changes_on(session.date, ids)
    numbered = all((mark.student.number or 0) <= FEW_DIGITS for mark in marks)
    classes = {mark.student.school_class_id for mark in marks}
    rows = [
        _row(mark, place, session, leaves, changes, numbered=numbered, mixed=len(classes) > 1)
        for place, mark in enumerate(marks, 1)
    ]
    teacher_id: int | None = getattr(session, "duty_teacher_id", None)
    return RollPage(
        session=session,
        roll_call=roll_call,
        rows=rows,
        counts=count(row.state for row in rows),
        teacher_name=getattr(session, "duty_teacher_name", None) or "",
        may_call=access.may_call_roll(actor, session, teacher_id),
        is_mine=actor.teacher is not None and actor.teacher.pk == teacher_id,
    )


def _marks(roll_call: RollCall, session: Session) -> list[Mark]:
    day = ChildDay.objects.filter(student=OuterRef("student"), date=session.date)
    office = StaffRole.objects.filter(teacher__user=OuterRef("marked_by"), role=Role.ADMINISTRATOR)
    return list(
        roll_call.marks.select_related("student__school_class", "marked_by")
        .annotate(
            by_office=Exists(office),
            custody=Subquery(day.values("state")[:1]),
            is_pass=Subquery(day.values("is_pass")[:1]),
        )
        .order_by(
            F("student__school_class__grade").asc(nulls_last=True),
            "student__school_class__number",
            "student__number",
            "student_id",
        )
    )


def _unopened(session: Session) -> list[Mark]:
    runs = SchoolDay.objects.filter(date=session.date).values("runs_weekday")[:1]
    placed = (
        Placement.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=session.date),
            group=session.group_id,
            starts_on__lte=session.date,
            student__state=StudentState.ENROLLED,
        )
        .annotate(runs=Subquery(runs))
        .select_related("student__school_class")
        .order_by("student__school_class__grade", "student__school_class__number", "student__number", "student_id")
    )
    return [
        Mark(student=row.student, state=MarkState.NOT_CALLED)
        for row in placed
        if str(row.runs or session.date.isoweekday()) in row.weekdays
    ]


def _row(
    mark: Mark,
    place: int,
    session: Session,
    leaves: dict[int, LeaveRequest],
    changes: dict[int, PickupChange],
    *,
    numbered: bool,
    mixed: bool,
) -> Row:
    student = mark.student
    number = str(student.number if numbered and student.number else place)
    school_class = student.school_class
    if mixed and numbered and school_class:
        number = f"{school_class.number}-{number}"
    state, leave, change = MarkState(mark.state), leaves.get(student.pk), changes.get(student.pk)
    note = leave_note(leave, session.date) if leave and state in (MarkState.LEAVE, MarkState.NOT_CALLED) else ""
    if not note and change:
        note = change_note(change)
    if not note and state == MarkState.LEAVE and leave is None:
        note = "待补假条"
    if not note and getattr(mark, "is_pass", False):
        note = "临时加入"
    whole = f"{class_name(school_class.grade, school_class.number)} " if mixed and school_class else ""
    return Row(
        student_id=student.pk,
        label=f"{whole}{student.number or place} 号 {student.name}",
        number=number,
        name=student.name,
        state=state,
        note=note,
        news=_news(mark, session, state),
        is_pass=bool(getattr(mark, "is_pass", False)),
    )


def _news(mark: Mark, session: Session, state: MarkState) -> str:
    """Return what somebody else than the one who took the roll made of a mark."""
    roll_call = getattr(session, "roll_call", None)
    if roll_call is None or mark.marked_by is None or mark.marked_at is None:
        return ""
    if getattr(mark, "by_office", False) and mark.marked_by_id != roll_call.opened_by_id:
        return f"{mark.marked_at.astimezone(clock.SHANGHAI):%H:%M} 由{Role.ADMINISTRATOR.label}改为{state.label}"
    if mark.marked_by_id not in (roll_call.opened_by_id, None) and mark.marked_at > roll_call.opened_at:
        return f"{mark.marked_at.astimezone(clock.SHANGHAI):%H:%M} 由{mark.marked_by.name}改为{state.label}"
    return ""


def missing_names(roll_call: RollCall) -> list[str]:
    """Return the names of those nobody has called yet, in order of the list."""
    return list(
        roll_call.marks.filter(state=MarkState.NOT_CALLED)
        .order_by("student__school_class__number", "student__number")
        .values_list("student__name", flat=True)
    )


@dataclass(frozen=True)
class SessionLine:
    """One session of today, as leaders and the office see it."""

    session: Session
    tone: str
    word: str
    teacher_name: str
    minutes_late: int
    expected: int
    here: int
    leave: int
    absent: int
    not_called: int


def sessions_of_day(actor: Actor, day: date) -> list[SessionLine]:
    """Return a day's sessions in the person's scope: not yet called first, then open, then closed. Two queries."""
    tally = {
        name: Count("roll_call__marks", filter=Q(roll_call__marks__state__in=states))
        for name, states in {
            "n_here": HERE,
            "n_leave": [MarkState.LEAVE],
            "n_absent": [MarkState.ABSENT],
            "n_wait": [MarkState.NOT_CALLED],
        }.items()
    }
    scoped = sessions_for(actor).filter(date=day, state=SessionState.PLANNED).values("pk")
    active = Duty.objects.filter(session=OuterRef("pk"), active=True).values("teacher__name")[:1]
    sessions = (
        Session.objects.filter(pk__in=[row["pk"] for row in scoped])
        .select_related("group", "room", "roll_call")
        .annotate(duty_teacher_name=Subquery(active), **tally)
        .order_by("starts_at", "group__grade", "group__order", "pk")
    )
    return sorted((_line(session) for session in sessions), key=_urgency)


def _line(session: Session) -> SessionLine:
    roll_call: RollCall | None = getattr(session, "roll_call", None)
    here, leave = session.n_here, session.n_leave  # type: ignore[attr-defined]
    absent, wait = session.n_absent, session.n_wait  # type: ignore[attr-defined]
    late = 0
    if roll_call is None:
        past = (clock.now() - clock.at(session.date, session.starts_at)).total_seconds()
        late = max(0, int(past // 60))
        tone, word = ("act", "未开始") if late else ("wait", "未到时间")
    elif roll_call.closed_at is None:
        tone, word = "now", "点名中"
    else:
        tone, word = "done", "已完成"
    return SessionLine(
        session,
        tone,
        word,
        getattr(session, "duty_teacher_name", "") or "",
        late,
        here + leave + absent + wait,
        here,
        leave,
        absent,
        wait,
    )


def _urgency(line: SessionLine) -> tuple[int, int]:
    return ({"act": 0, "now": 1, "wait": 2, "done": 3}[line.tone], -line.minutes_late)


def unlisted(session: Session, words: str) -> list[Student]:
    """Return children of the grade (of any grade for a club) who are not on this roll, by name, pinyin or initials."""
    words = words.strip().lower().replace(" ", "")
    if not words:
        return []
    children = Student.objects.filter(
        Q(name__contains=words) | Q(pinyin__contains=words) | Q(initials__contains=words), state=StudentState.ENROLLED
    ).exclude(marks__roll_call__session=session)
    if session.group.grade is not None and session.group.kind != GroupKind.CLUB:
        children = children.filter(school_class__grade=session.group.grade)
    return list(children.select_related("school_class").order_by("school_class__number", "number")[:20])
