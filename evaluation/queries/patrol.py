"""A patrol's walk: today's sessions by floor and room, how many are expected at this minute, what was found (F3)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from attendance.access import CHECKERS
from attendance.enums import CustodyState
from attendance.models import ChildDay, LeaveRequest
from attendance.queries.staff_checks import walk_order
from evaluation.enums import ExplanationState, FollowUpState
from evaluation.floors import floor_of
from evaluation.models import FollowUp, PatrolRound, PatrolVisit
from scheduling.models import Duty
from scheduling.queries.patrol import patrols_between

PATROLLERS = (*CHECKERS, Role.GRADE_LEADER)
IN_THE_ROOM = (CustodyState.GROUP, CustodyState.CLUB)
BEFORE = timedelta(minutes=30)  # as for any look into a session
SIGNER = Signer(salt="evaluation.patrol.expected")


@dataclass(frozen=True)
class Expected:
    """How many children should be in a session's room, and when the portal said so."""

    session_id: int
    number: int
    at: datetime

    @property
    def token(self) -> str:
        """Return it signed: a page without the network keeps it, and can't make one up."""
        return SIGNER.sign(f"{self.session_id}.{self.number}.{int(self.at.timestamp())}")


def read_token(token: str, session_id: int) -> Expected | None:
    """Return what the portal once said of this session today, or nothing where it never did."""
    try:
        session, number, at = SIGNER.unsign(token).split(".")
    except (BadSignature, ValueError):
        return None
    moment = datetime.fromtimestamp(int(at), clock.SHANGHAI)
    if int(session) != session_id or moment.date() != clock.today():
        return None
    return Expected(session_id, int(number), moment)


def expected_in(term: Term, day: date, sessions: Iterable[int]) -> dict[int, Expected]:
    """Return how many children should be in each room at this minute: one query.

    Those in the room by the chain of custody, and those not called yet, less who is on leave; who was fetched, is at a
    club or known to be missing is not expected here.
    """
    away = LeaveRequest.objects.filter(
        student=OuterRef("student"), first_day__lte=day, last_day__gte=day, cancelled_at=None
    )
    rows = ChildDay.objects.filter(term=term, date=day).filter(
        Q(state__in=IN_THE_ROOM) | Q(state=CustodyState.EXPECTED) & ~Exists(away)
    )
    placed = rows.order_by().annotate(where=Coalesce("at_session", "session")).values_list("where")
    counts = dict(placed.annotate(n=Count("pk")).values_list("where", "n"))
    now = clock.now()
    return {pk: Expected(pk, counts.get(pk, 0), now) for pk in sessions}


@dataclass(frozen=True)
class Line:
    """One session of the walk."""

    session: Session
    teacher: Teacher | None
    expected: Expected
    visit: PatrolVisit | None
    own: bool

    @property
    def opens(self) -> datetime:
        """Return from when it can be visited."""
        return clock.at(self.session.date, self.session.starts_at) - BEFORE

    @property
    def running(self) -> bool:
        return self.opens <= clock.now()

    @property
    def seen(self) -> tuple[str, str]:
        """Return tone and words of what was found."""
        return words_of(self.visit) if self.visit else ("wait", "没有巡")


def words_of(visit: PatrolVisit) -> tuple[str, str]:
    """Return tone and words of a visit: the time, then what is not as it should be."""
    check = visit.check_made
    found = []
    if check is not None and not check.there:
        found.append(f"由{check.held_by.name}看着" if check.held_by else "没有教师")
    if visit.counted is None:
        found.append("没有清点")
    elif visit.differs:
        found.append(f"清点 {visit.counted}，应有 {visit.expected}")
    at = f"{visit.at.astimezone(clock.SHANGHAI):%H:%M}"
    if not found:
        return "done", f"{at} {visit.counted} 人，相符"
    return "returned", f"{at} {'，'.join(found)}"


@dataclass(frozen=True)
class Floor:
    """The walk's sessions on one floor."""

    number: int
    lines: list[Line]

    @property
    def name(self) -> str:
        return f"{self.number} 楼" if self.number else "其他地点"


def walk_of(actor: Actor, term: Term, day: date) -> QuerySet[Session]:
    """Return the sessions of a day on this person's walk: the school, or the grade led."""
    rows = Session.objects.filter(term=term, date=day, state=SessionState.PLANNED).select_related(
        "group", "room", "term"
    )
    return rows if actor.has(*CHECKERS) else rows.filter(group__grade__in=actor.grades)


def lines_of(actor: Actor, term: Term, day: date, walk: PatrolRound | None) -> list[Line]:
    """Return the walk in order of floor and room: at most four queries."""
    sessions = sorted(
        walk_of(actor, term, day),
        key=lambda one: (_floor(one) or 99, walk_order(one), one.starts_at, one.pk),
    )
    duties = Duty.objects.filter(session__in=sessions, active=True).select_related("teacher")
    people = {duty.session_id: duty.teacher for duty in duties}
    numbers = expected_in(term, day, [one.pk for one in sessions])
    visits: dict[int, PatrolVisit] = {}
    if walk is not None:
        rows = walk.visits.select_related("check_made__held_by", "session")
        visits = {visit.session_id: visit for visit in rows}
    mine = actor.teacher.pk if actor.teacher else 0
    found = []
    for one in sessions:
        teacher = people.get(one.pk)
        own = teacher is not None and teacher.pk == mine
        found.append(Line(one, teacher, numbers[one.pk], visits.get(one.pk), own))
    return found


def _floor(session: Session) -> int:
    if session.room is None:
        return 0
    return session.room.floor or floor_of(session.room.name)


def floors_of(lines: Iterable[Line]) -> list[Floor]:
    """Return the lines floor by floor; one part alone where nothing tells a floor."""
    return [Floor(number, list(rows)) for number, rows in groupby(lines, key=lambda line: _floor(line.session))]


def round_of(actor: Actor, day: date) -> PatrolRound | None:
    """Return this person's round of a day."""
    if actor.teacher is None:
        return None
    return PatrolRound.objects.filter(teacher=actor.teacher, date=day).select_related("term", "teacher").first()


def has_turn(actor: Actor, term: Term, day: date) -> bool:
    """Tell whether the patrol rota names this person on a day."""
    return actor.teacher is not None and (actor.teacher.pk, day) in patrols_between(term.pk, [day])


def visits_for(actor: Actor, term: Term) -> QuerySet[PatrolVisit]:
    """Return the visits this person may see.

    Office, leading group and duty leaders see all; a grade leader the grade; a teacher those of own turns; and everybody
    what one is asked to do after one.
    """
    rows = PatrolVisit.objects.filter(session__term=term).select_related(
        "session__group",
        "session__room",
        "session__term",
        "round__teacher",
        "check_made__teacher",
        "check_made__held_by",
    )
    if actor.has(*CHECKERS):
        return rows
    seen = Q(pk__in=[])
    if actor.grades:
        seen |= Q(session__group__grade__in=actor.grades)
    if actor.teacher is not None:
        seen |= Q(check_made__teacher=actor.teacher) | Q(
            pk__in=FollowUp.objects.filter(owner=actor.teacher, visit__isnull=False).values("visit")
        )
    return rows.filter(seen)


def differing(rows: QuerySet[PatrolVisit]) -> QuerySet[PatrolVisit]:
    """Keep the visits whose count was not what was expected."""
    return rows.filter(counted__isnull=False).exclude(counted=F("expected"))


def unexplained(rows: QuerySet[PatrolVisit]) -> QuerySet[PatrolVisit]:
    """Keep the differences that have no accepted explanation."""
    return differing(rows).exclude(explanation_state=ExplanationState.ACCEPTED)


def of_teacher(actor: Actor, term: Term) -> QuerySet[PatrolVisit]:
    """Return the visits to this teacher's own turns, the last first."""
    rows = (
        visits_for(actor, term).filter(check_made__teacher=actor.teacher)
        if actor.teacher
        else PatrolVisit.objects.none()
    )
    return rows.order_by("-at", "-pk")


def follow_ups_for(actor: Actor, term: Term) -> QuerySet[FollowUp]:
    """Return what this person may see of what needs doing: own, asked for by oneself, or all for those in charge."""
    rows = FollowUp.objects.filter(term=term).select_related(
        "owner", "asked_by", "done_by", "visit__session__group", "term"
    )
    if actor.has(Role.ADMINISTRATOR, Role.LEADING_GROUP):
        return rows
    return rows.filter(Q(owner=actor.teacher) | Q(asked_by=actor.user_id))


def overdue(rows: QuerySet[FollowUp], today: date) -> QuerySet[FollowUp]:
    """Keep what is not done and should have been."""
    return rows.filter(state=FollowUpState.OPEN, due_on__lt=today)


@dataclass(frozen=True)
class Record:
    """The patrols of a stretch."""

    rounds: list[PatrolRound]
    visits: list[PatrolVisit]
    follow_ups: list[FollowUp]

    @property
    def figures(self) -> Counter[str]:
        """Return how many visits, differences, unexplained ones, rooms without their teacher, things still to do."""
        found: Counter[str] = Counter(visits=len(self.visits), rounds=len(self.rounds))
        for visit in self.visits:
            found["differ"] += visit.differs
            found["unexplained"] += visit.differs and visit.explanation_state != ExplanationState.ACCEPTED
            found["away"] += visit.check_made is not None and not visit.check_made.there
        found["open"] = sum(row.state == FollowUpState.OPEN for row in self.follow_ups)
        return found


def record_of(actor: Actor, term: Term, first: date, last: date) -> Record:
    """Return rounds, visits and what was asked for between two days, as far as this person may see them: three queries."""
    visits = visits_for(actor, term).filter(round__date__range=(first, last))
    rounds = PatrolRound.objects.filter(term=term, date__range=(first, last)).select_related("teacher")
    if not actor.has(*CHECKERS):
        rounds = rounds.filter(Q(teacher=actor.teacher) | Q(pk__in=visits.values("round")))
    asked = follow_ups_for(actor, term).filter(
        asked_at__gte=clock.at(first, datetime.min.time()), asked_at__lte=clock.at(last, datetime.max.time())
    )
    return Record(
        list(rounds.annotate(n=Count("visits")).order_by("date", "started_at")),
        list(visits.order_by("round__date", "at", "pk")),
        list(asked.order_by("due_on", "pk")),
    )
