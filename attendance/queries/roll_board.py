"""The rolls of a day by slot, those not taken first; and the sessions of the last days whose roll was never finished."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.models import Session, Term
from afterschool.support import clock
from attendance.enums import HERE, MarkState
from attendance.models import RollCall
from attendance.queries.roll_calls import sessions_for
from attendance.queries.settings import afternoon
from scheduling.models import Duty

LOOKED_BACK = timedelta(days=14)


@dataclass(frozen=True)
class SessionLine:
    """One session of a day, as leaders and the office see it. `minutes_late`: since its start, from when it is overdue."""

    session: Session
    tone: str
    word: str
    teacher_name: str
    teacher_phone: str
    minutes_late: int
    expected: int
    here: int
    leave: int
    absent: int
    not_called: int


@dataclass(frozen=True)
class Slot:
    """The sessions that begin together."""

    starts_at: time
    lines: list[SessionLine]

    @property
    def not_taken(self) -> int:
        return sum(line.tone == "act" for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.tone == "done" for line in self.lines)


def sessions_of_day(actor: Actor, day: date, term: Term | None) -> list[Slot]:
    """Return a day's sessions in the person's scope by slot: those not taken first, then open, then closed. Two queries."""
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
    sessions = (
        _with_teacher(Session.objects.filter(pk__in=scoped))
        .select_related("group", "room", "roll_call")
        .annotate(**tally)
        .order_by("starts_at", "group__grade", "group__order", "pk")
    )
    grace = afternoon(term).not_taken_minutes if term else 0
    slots = groupby((_line(session, grace) for session in sessions), key=lambda line: line.session.starts_at)
    return [Slot(starts_at, sorted(lines, key=_urgency)) for starts_at, lines in slots]


def _with_teacher(sessions: QuerySet[Session]) -> QuerySet[Session]:
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return sessions.annotate(
        duty_teacher_name=Subquery(active.values("teacher__name")[:1]),
        duty_teacher_phone=Subquery(active.values("teacher__phone")[:1]),
    )


def _line(session: Session, grace: int) -> SessionLine:
    roll_call: RollCall | None = getattr(session, "roll_call", None)
    here, leave = session.n_here, session.n_leave  # type: ignore[attr-defined]
    absent, wait = session.n_absent, session.n_wait  # type: ignore[attr-defined]
    late = 0
    if roll_call is None:
        past = int((clock.now() - clock.at(session.date, session.starts_at)).total_seconds() // 60)
        late = past if past >= max(grace, 1) else 0
        tone, word = ("act", "未开始") if late else ("wait", "刚到时间" if past >= 0 else "未到时间")
    elif roll_call.closed_at is None:
        tone, word = "now", "点名中"
    else:
        tone, word = "done", "已完成"
    return SessionLine(
        session=session,
        tone=tone,
        word=word,
        teacher_name=getattr(session, "duty_teacher_name", "") or "",
        teacher_phone=getattr(session, "duty_teacher_phone", "") or "",
        minutes_late=late,
        expected=here + leave + absent + wait,
        here=here,
        leave=leave,
        absent=absent,
        not_called=wait,
    )


def _urgency(line: SessionLine) -> tuple[int, int]:
    return ({"act": 0, "now": 1, "wait": 2, "done": 3}[line.tone], -line.minutes_late)


def overdue(term: Term, now: datetime) -> list[Session]:
    """Return the sessions that began so many minutes ago as the school set, are not over, and whose roll nobody opened."""
    limit = now - timedelta(minutes=afternoon(term).not_taken_minutes)
    if limit.date() != now.date():
        return []
    return list(
        Session.objects.filter(
            term=term,
            date=now.date(),
            state=SessionState.PLANNED,
            starts_at__lte=limit.time(),
            ends_at__gt=now.time(),
            roll_call__isnull=True,
        )
        .select_related("group")
        .order_by("starts_at", "pk")
    )


def not_finished(term: Term, today: date) -> list[Session]:
    """Return the sessions of the last 14 days before today whose roll was never taken or never finished, newest first."""
    open_ones = Session.objects.filter(
        term=term, date__gte=today - LOOKED_BACK, date__lt=today, state=SessionState.PLANNED
    ).filter(Q(roll_call__isnull=True) | Q(roll_call__closed_at__isnull=True))
    return list(
        _with_teacher(open_ones)
        .select_related("group", "room", "roll_call")
        .order_by("-date", "starts_at", "group__grade", "group__order", "pk")
    )
