"""Breaches before people: as few as possible see them, and every look is on record (F2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Event, Teacher, Term, User
from afterschool.support import clock
from attendance.breach_workflow import HELD_BACK, Move, Who, asked_at_once, moves
from attendance.discipline import span, unqualified
from attendance.enums import BreachKind, BreachState, Window
from attendance.models import Breach, BreachFile, CallNote
from attendance.queries.settings import afternoon
from scheduling.models import Duty

RECORDERS = (Role.DUTY_LEADER, Role.LEADING_GROUP)
NEAR = timedelta(minutes=10)
RELATED = ("teacher__user", "session__group", "session__room", "recorded_by", "confirmed_by", "term")
LOOKS_SHOWN = 30


def breaches_for(actor: Actor, term: Term) -> QuerySet[Breach]:
    """Return the breaches a person sees.

    Who recorded or confirmed one, and the leading group; the office but for 体罚; the teacher the own, a 体罚 once the
    leading group has asked for an explanation or has decided.
    """
    rows = Breach.objects.filter(term=term).select_related(*RELATED)
    if not actor.has(Role.LEADING_GROUP):
        mine = Q(recorded_by=actor.user_id) | Q(confirmed_by=actor.user_id)
        if actor.teacher is not None:
            mine |= Q(teacher=actor.teacher)
        if actor.is_office:
            mine |= ~Q(kind__in=HELD_BACK)
        rows = rows.filter(mine)
    unasked = Q(teacher=actor.teacher, kind__in=HELD_BACK, state=BreachState.RECORDED) & ~Q(pk__in=_asked())
    return rows.exclude(unasked)


def _asked() -> QuerySet[Event, int]:
    return Event.objects.filter(subject="breach", verb="breach.asked").values_list("subject_id", flat=True)


def was_asked(breach: Breach) -> bool:
    """Tell whether the teacher has been asked for an explanation."""
    return asked_at_once(BreachKind(breach.kind)) or _asked().filter(subject_id=breach.pk).exists()


def who_of(actor: Actor, breach: Breach) -> frozenset[Who]:
    """Return as whom the table of moves sees this person."""
    if actor.user is None:
        return frozenset()
    if breach.teacher.user_id == actor.user.pk:
        return frozenset({Who.TEACHER})
    if breach.recorded_by_id == actor.user.pk:
        return frozenset({Who.RECORDER})
    seconds = actor.has(Role.LEADING_GROUP) or (actor.is_office and breach.kind not in HELD_BACK)
    return frozenset({Who.SECOND}) if seconds else frozenset()


def calls_near(breach: Breach) -> list[CallNote]:
    """Return the calls about a child that this teacher noted in the portal about that minute: an answer to 接打电话."""
    if breach.kind != BreachKind.CALL or breach.teacher.user_id is None:
        return []
    rows = CallNote.objects.filter(by=breach.teacher.user_id, at__range=(breach.seen_at - NEAR, breach.seen_at + NEAR))
    return list(rows.order_by("at"))


@dataclass(frozen=True)
class Look:
    """Who looked at a breach, and when."""

    at: datetime
    name: str


@dataclass(frozen=True)
class BreachPage:
    """One breach with its files, the calls that may explain it, and what this person may do."""

    breach: Breach
    files: Sequence[BreachFile]
    calls: list[CallNote]
    asked: bool
    moves: list[Move]
    looks: list[Look]
    may_add_file: bool

    @property
    def may_ask(self) -> bool:
        return Move.ASK in self.moves

    @property
    def may_answer(self) -> bool:
        return Move.ANSWER in self.moves

    @property
    def may_decide(self) -> bool:
        return Move.CONFIRM in self.moves


def breach_page(actor: Actor, breach: Breach) -> BreachPage:
    """Return what the page of one breach shows; who looked is for the leading group."""
    who, asked = who_of(actor, breach), was_asked(breach)
    state = BreachState(breach.state)
    return BreachPage(
        breach,
        list(breach.files.all()),
        calls_near(breach),
        asked,
        moves(state, who, asked=asked, answered=breach.answered_at is not None),
        _looks(breach) if actor.has(Role.LEADING_GROUP) and Who.TEACHER not in who else [],
        Who.RECORDER in who and state == BreachState.RECORDED,
    )


def _looks(breach: Breach) -> list[Look]:
    rows = Event.objects.filter(subject="breach", subject_id=breach.pk, verb="breach.seen").order_by("-at")
    found = list(rows.values_list("at", "by_id")[:LOOKS_SHOWN])
    names = dict(User.objects.filter(pk__in={by for _, by in found if by}).values_list("pk", "name"))
    return [Look(at, names.get(by or 0, "已停用的账号")) for at, by in found]


def duty_at(term: Term, teacher: Teacher, moment: datetime) -> Duty | None:
    """Return the turn this teacher had at that time, if any."""
    here = moment.astimezone(clock.SHANGHAI)
    rows = Duty.objects.filter(teacher=teacher, active=True, session__term=term, session__date=here.date())
    return (
        rows.filter(session__starts_at__lte=here.time(), session__ends_at__gte=here.time())
        .select_related("session__room")
        .first()
    )


def confirmed_breaches(term: Term, teacher: Teacher, first: date, last: date) -> list[Breach]:
    """Return the breaches of a teacher that a second person confirmed, by the day they were seen: for ratings."""
    rows = Breach.objects.filter(term=term, teacher=teacher, state=BreachState.CONFIRMED).order_by("seen_at", "pk")
    return [row for row in rows if first <= _day(row) <= last]


def _day(row: Breach) -> date:
    return row.seen_at.astimezone(clock.SHANGHAI).date()


def period(term: Term, day: date) -> tuple[date, date]:
    """Return the period whose rating a breach on that day touches: the term or the month, as the school has set."""
    return span(Window(afternoon(term).breach_window), day, (term.starts_on, term.ends_on))


def is_unqualified(term: Term, teacher: Teacher, day: date) -> bool:
    """Tell whether the rating of the period in which that day lies is 不合格, whatever the points."""
    first, last = period(term, day)
    return unqualified([_day(row) for row in confirmed_breaches(term, teacher, first, last)], first, last)
