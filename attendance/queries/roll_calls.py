"""Roll calls: the sessions of a person, who is due in one, who may turn up, and the figures."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, SessionState, StudentState
from afterschool.school.models import Placement, SchoolDay, Session, Student
from afterschool.school.naming import class_name
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance import access
from attendance.enums import HERE, MarkState
from attendance.models import ClosedDay, LeaveRequest, PickupChange, RollCall
from attendance.queries.fetchers import by_banned
from attendance.queries.roll_elsewhere import ELSEWHERE
from scheduling.models import Duty

EARLY = timedelta(hours=1)  # from so long before its start a teacher's own session opens by itself


@dataclass(frozen=True)
class Counts:
    """The figures in the head of the page, all of one list."""

    expected: int
    here: int
    leave: int
    absent: int
    not_called: int
    elsewhere: int = 0  # not called, as they are with somebody else or gone
    sweep: int = 0  # whom "the rest are present" would mark


def sessions_for(actor: Actor) -> QuerySet[Session]:
    """Return the sessions whose roll call this person may see, each with its active teacher's id and name."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return (
        Session.objects.filter(access.roll_call_scope(actor))
        .select_related("group", "room", "term", "roll_call", "roll_call__closed_by", "roll_call__opened_by")
        .annotate(
            duty_teacher_id=Subquery(active.values("teacher_id")[:1]),
            duty_teacher_name=Subquery(active.values("teacher__name")[:1]),
            duty_user_id=Subquery(active.values("teacher__user_id")[:1]),
        )
        .distinct()
    )


@prepared
def _session(actor: Actor, pk: int) -> QuerySet[Session]:
    shown = (
        sessions_for(actor)
        .select_related(None)
        .select_related("group", "room", "roll_call__closed_by", "roll_call__opened_by")
    )
    return shown.filter(pk=pk)


def session_of(actor: Actor, pk: int) -> Session:
    """Return one of `sessions_for` with what its page shows, or 404."""
    found = next(iter(_session(actor, pk)), None)
    if found is None:
        raise Http404
    return found


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
    return opens_at(session) <= now <= ends_at(session)


def opens_at(session: Session) -> datetime:
    """Return from when a teacher's own session opens by itself."""
    return clock.at(session.date, session.starts_at) - EARLY


def ends_at(session: Session) -> datetime:
    """Return when a session is over."""
    return clock.at(session.date, session.ends_at)


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


def standing_leaves(day: date) -> QuerySet[LeaveRequest]:
    """Return the leaves of a day that nobody took back."""
    standing = LeaveRequest.objects.filter(first_day__lte=day, last_day__gte=day, cancelled_at__isnull=True)
    return standing.order_by("pk")


def standing_changes(day: date) -> QuerySet[PickupChange]:
    """Return the early and late pick-ups of a day that nobody took back; none by somebody banned since."""
    return PickupChange.objects.filter(date=day, cancelled_at__isnull=True).exclude(by_banned()).order_by()


def leaves_on(day: date, students: Iterable[int]) -> dict[int, LeaveRequest]:
    """Return the standing leave of each of these children on a day: one query."""
    return {row.student_id: row for row in standing_leaves(day).filter(student__in=list(students))}


def changes_on(day: date, students: Iterable[int]) -> dict[int, PickupChange]:
    """Return the standing early or late pick-up of each of these children on a day: one query."""
    return {row.student_id: row for row in standing_changes(day).filter(student__in=list(students))}


def count(states: Iterable[str], apart: Collection[str] = ()) -> Counts:
    """Return the figures of a list of marks; `apart`: the kinds of those not called who aren't waiting here."""
    by_state, by_kind = Counter(states), Counter(apart)
    waiting = by_state[MarkState.NOT_CALLED]
    return Counts(
        expected=sum(by_state.values()),
        here=sum(by_state[state] for state in HERE),
        leave=by_state[MarkState.LEAVE],
        absent=by_state[MarkState.ABSENT],
        not_called=waiting - by_kind[ELSEWHERE],
        elsewhere=by_kind[ELSEWHERE],
        sweep=waiting - by_kind.total(),
    )


def counts_of(roll_call: RollCall) -> Counts:
    """Return the figures of one roll call: one query."""
    return count(roll_call.marks.order_by().values_list("state", flat=True))


def missing_names(roll_call: RollCall, but: Collection[int] = ()) -> list[str]:
    """Return the names of those nobody has called yet, in order of the list, `but` for these."""
    return list(
        roll_call.marks.filter(state=MarkState.NOT_CALLED)
        .exclude(student__in=but)
        .order_by("student__school_class__number", "student__number")
        .values_list("student__name", flat=True)
    )


def needs_reason(roll_call: RollCall) -> bool:
    """Tell whether a change of a mark must say why: the session's day is over, or was closed after the roll call."""
    day = roll_call.session.date
    return day < clock.today() or (roll_call.closed_at is not None and ClosedDay.objects.filter(date=day).exists())


def _not_listed(session: Session) -> QuerySet[Student]:
    """Return children of the grade (of any grade for a club) who are not on this roll."""
    children = Student.objects.filter(state=StudentState.ENROLLED).exclude(marks__roll_call__session=session)
    if session.group.grade is not None and session.group.kind != GroupKind.CLUB:
        children = children.filter(school_class__grade=session.group.grade)
    return children.order_by("school_class__grade", "school_class__number", "number", "pk")


def unlisted(session: Session, words: str) -> list[Student]:
    """Return children who may turn up and are not on this roll, by name, pinyin or initials."""
    words = words.strip().lower().replace(" ", "")
    if not words:
        return []
    found = Q(name__contains=words) | Q(pinyin__contains=words) | Q(initials__contains=words)
    return list(_not_listed(session).filter(found).select_related("school_class")[:20])


def nearby(session: Session) -> list[tuple[int, str, str, str, int | None]]:
    """Return (id, name, class, pinyin with initials, number) of all who may turn up unlisted: one query."""
    rows = _not_listed(session).values_list(
        "pk", "name", "school_class__grade", "school_class__number", "pinyin", "initials", "number"
    )
    return [
        (pk, name, class_name(grade, number) if grade and number else "", f"{pinyin} {initials}", place)
        for pk, name, grade, number, pinyin, initials, place in rows
    ]
