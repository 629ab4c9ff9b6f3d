"""The home of those who work at school in the afternoon: my group now, my class, my grade or the whole house."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from afterschool.homes import handing, said
from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState, StudentState
from afterschool.school.models import Placement, Session, Term
from afterschool.support import clock
from attendance.enums import ENDS, IN_CARE, OPEN, CustodyState
from attendance.models import ChildDay
from attendance.queries import late_care
from attendance.queries.handing import pending
from attendance.queries.turn_plans import TurnPlans, plans_of, with_plans
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.queries import waiting_amendments
from evaluation.queries import class_tables
from scheduling.models import Duty, VolunteerTurn
from scheduling.queries import standins
from scheduling.queries.volunteers import helpers_of
from scheduling.queries.work import todo

LEADERS = (Role.GRADE_LEADER, Role.DUTY_LEADER, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Turn:
    """One session of today that this person answers for."""

    session: Session
    expected: int
    opened: bool
    closed: bool
    ended: bool
    helpers: list[VolunteerTurn] = field(default_factory=list)
    plans: TurnPlans | None = None


@dataclass(frozen=True)
class Today:
    """How many children of today stand where."""

    all: int
    expected: int
    here: int
    missing: int
    gone: int
    away: int


def _placed() -> QuerySet[Placement, int]:
    """Count who has a place in the group today: a club's children are on record only once its roll is begun."""
    day = clock.today()
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        group=OuterRef("session__group"),
        starts_on__lte=day,
        weekdays__contains=str(day.isoweekday()),
        student__state=StudentState.ENROLLED,
    )
    return places.order_by().values("group").annotate(n=Count("pk")).values_list("n", flat=True)


def turns(actor: Actor) -> list[Turn]:
    """Return today's sessions of this person in order of time: one query, and one where parents help today."""
    helped = Exists(VolunteerTurn.objects.filter(session=OuterRef("session")))
    duties = list(
        with_plans(Duty.objects.filter(teacher=actor.teacher, active=True, session__date=clock.today()), clock.today())
        .exclude(session__state=SessionState.CANCELLED)
        .select_related("session__group", "session__room", "session__roll_call")
        .annotate(expected=Count("session__child_days"), placed=Subquery(_placed()), helped=helped)
        .order_by("session__starts_at", "pk")
    )
    helpers = helpers_of(duty.session_id for duty in duties if duty.helped)
    found = []
    for duty in duties:
        roll = getattr(duty.session, "roll_call", None)
        found.append(
            Turn(
                duty.session,
                duty.expected or duty.placed or 0,
                roll is not None,
                bool(roll and roll.closed_at),
                bool(roll and roll.ended_at),
                helpers.get(duty.session_id, []),
                plans_of(duty, clock.today()),
            )
        )
    return found


def count_states(days: QuerySet[ChildDay]) -> Today:
    """Count today's children by where they are: one query."""
    counts = days.filter(date=clock.today()).aggregate(
        all=Count("pk"),
        expected=Count("pk", filter=Q(state=CustodyState.EXPECTED)),
        here=Count("pk", filter=Q(state__in=IN_CARE)),
        missing=Count("pk", filter=Q(state=CustodyState.MISSING)),
        gone=Count("pk", filter=Q(state__in=ENDS) & ~Q(state=CustodyState.AWAY)),
        away=Count("pk", filter=Q(state=CustodyState.AWAY)),
    )
    return Today(**counts)


def missing(days: QuerySet[ChildDay]) -> list[ChildDay]:
    """Return today's missing children by class, to be named at once: one query."""
    found = days.filter(date=clock.today(), state=CustodyState.MISSING).select_related(
        "student__school_class", "holder"
    )
    return list(found.order_by("student__school_class__grade", "student__school_class__number", "student__number"))


def open_before(term: Term) -> date | None:
    """Return the first earlier day on which a child is still at no end: midnight closes nothing. One query."""
    earlier = ChildDay.objects.filter(term=term, date__lt=clock.today(), state__in=OPEN).order_by("date")
    return earlier.values_list("date", flat=True).first()


def not_called(actor: Actor) -> list[Session]:
    """Return today's sessions that have begun and whose roll nobody has closed, longest waiting first."""
    sessions = Session.objects.filter(
        date=clock.today(),
        starts_at__lte=clock.now().time(),
        state=SessionState.PLANNED,
        roll_call__closed_at__isnull=True,
    ).select_related("group", "room")
    if not actor.has(Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR):
        sessions = sessions.filter(group__grade__in=actor.grades)
    return list(sessions.annotate(grade=F("group__grade")).order_by("starts_at", "group__grade", "group__order")[:60])


def waiting_review(actor: Actor, term: Term) -> int:
    """Count the applications of my class that wait for me."""
    return Application.objects.filter(
        term=term, state=ApplicationState.SUBMITTED, student__school_class__in=actor.class_ids
    ).count()


def context(actor: Actor, term: Term | None) -> dict[str, Any]:
    """Return what the home of a member of staff shows, part by part, for all roles that the person has."""
    values: dict[str, Any] = {"turns": turns(actor) if actor.teacher else []}
    if term is None:
        return values
    on_duty = bool(values["turns"])
    waits: Counter[str] = (
        pending(actor, clock.today(), said.asked(actor, term, on_duty=on_duty)) if actor.teacher else Counter()
    )
    values |= handing.context(actor, waits)
    values |= said.context(actor, term, waits, on_duty=on_duty)
    values["todo"] = todo(actor, term)
    values["asked_of_me"] = standins.asked_of(actor, term)
    days = ChildDay.objects.filter(term=term)
    if actor.class_ids:
        values["waiting"] = waiting_review(actor, term)
        values["changes"] = waiting_amendments(actor, term)
        values["tables_open"] = class_tables.open_tables(actor, term)
        mine = days.filter(student__school_class__in=actor.class_ids)
        values["my_class"] = count_states(mine)
        values["class_numbers"] = f"class-{min(actor.class_ids)}"
        values["class_missing"] = missing(mine) if values["my_class"].missing else []
    if actor.has(*LEADERS):
        wide = actor.has(Role.DUTY_LEADER, Role.LEADING_GROUP)
        values["leading"] = True
        led = days if wide else days.filter(student__school_class__grade__in=actor.grades)
        values["today"] = count_states(led)
        values["led_numbers"] = f"grade-{min(actor.grades)}" if actor.grades and not wide else ""
        values["missing"] = missing(led) if values["today"].missing else []
        values["open_before"] = open_before(term) if actor.has(Role.DUTY_LEADER) else None
        values["not_called"] = not_called(actor)
    if actor.has(Role.DUTY_LEADER):
        values["late_care"] = late_care.read(actor, term, clock.today(), late_care.places(term))
    if actor.has(Role.GRADE_LEADER):
        values["leaves_to_decide"] = standins.leaves_to_decide(actor, term)
        values["to_confirm"] = standins.to_confirm(actor, term)
        values["gaps"] = standins.gaps(actor, term)
    return values
