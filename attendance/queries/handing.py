"""What is handed over: lists that wait for a person or were given by one, where children go next, and passes to answer."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet, Value
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, PlacementKind, Role, SessionState
from afterschool.school.models import Placement, SchoolDay, Session
from afterschool.support import clock
from attendance.enums import CustodyState, OfferState, PassState
from attendance.models import ChildDay, HandoverOffer, OfferChild, Pass
from attendance.queries.custody import REGISTER, WHOLE_SCHOOL
from scheduling.models import Duty

HANDED = (CustodyState.GROUP, CustodyState.CLUB)
SOON = timedelta(minutes=30)  # from so long before its hour children are handed to a club


def _to(actor: Actor) -> Q:
    """Offers that this person receives: to the sessions on duty at now, or by name; to nobody's session for leaders."""
    if actor.teacher is None:
        return Q(pk__in=())
    mine = Duty.objects.filter(teacher=actor.teacher, active=True).values("session_id")
    to_me = Q(receiver=actor.teacher, to_session=None) | Q(to_session__in=mine)
    if actor.has(Role.ADMINISTRATOR, Role.DUTY_LEADER):
        on_duty = Duty.objects.filter(session=OuterRef("to_session"), active=True)
        to_me |= Q(~Exists(on_duty), to_session__isnull=False)
    return to_me


def _from(actor: Actor) -> Q:
    """Offers of children this person answers for, or that it made."""
    given = Q(offered_by=actor.user)
    return given | Q(giver=actor.teacher) if actor.teacher else given


def _with_children(rows: "QuerySet[HandoverOffer]") -> "QuerySet[HandoverOffer]":
    children = OfferChild.objects.select_related("child_day__student__school_class", "child_day__term").order_by(
        *(f"child_day__{name}" for name in REGISTER)
    )
    return rows.select_related("giver", "receiver", "to_session__group", "to_session__room", "term").prefetch_related(
        Prefetch("children", children)
    )


@dataclass(frozen=True)
class Lists:
    """The lists of a day that concern one person: to be received, and given."""

    received: list[HandoverOffer] = field(default_factory=list)
    given: list[HandoverOffer] = field(default_factory=list)


def lists_of(actor: Actor, day: date, *, all_states: bool = False) -> Lists:
    """Return the lists of a day that wait for this person, and those it gave: two queries, one where there are none."""
    rows = HandoverOffer.objects.filter(_to(actor) | _from(actor), date=day)
    if not all_states:
        rows = rows.filter(state=OfferState.WAITING)
    marked = _with_children(rows.annotate(to_me=ExpressionWrapper(_to(actor), output_field=BooleanField())))
    found = Lists()
    for row in marked:
        to_me_now = getattr(row, "to_me", False) and row.state == OfferState.WAITING
        (found.received if to_me_now else found.given).append(row)
    return found


def pending(actor: Actor, day: date, also: "Mapping[str, QuerySet[Any]] | None" = None) -> Counter[str]:
    """Return how many of what waits, in one query: `list` for lists that this person receives or gave, `kept` for children
    it keeps elsewhere, and under their own words the rows of whatever else a page wants to know of."""
    lists = HandoverOffer.objects.filter(_to(actor) | _from(actor), date=day, state=OfferState.WAITING)
    kept = ChildDay.objects.filter(holder=actor.teacher, date=day, state=CustodyState.STAFF)
    asked: dict[str, QuerySet[Any]] = {"list": lists, "kept": kept, **(also or {})}
    first, *others = [rows.order_by().values_list(Value(word), "pk") for word, rows in asked.items()]
    return Counter(word for word, _ in first.union(*others, all=True))


def offer_of(actor: Actor, pk: int) -> HandoverOffer:
    """Return one list this person gives, receives or oversees, or 404."""
    rows = HandoverOffer.objects.all()
    if not actor.has(*WHOLE_SCHOOL):
        rows = rows.filter(_to(actor) | _from(actor) | Q(answered_by=actor.user) | Q(receiver=actor.teacher))
    found = _with_children(rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def giving_session(actor: Actor, pk: int) -> Session:
    """Return a session whose children this person may give away: on duty there, or holding some of them; or 404."""
    teacher = actor.teacher
    held = ChildDay.objects.filter(at_session=OuterRef("pk"), holder=teacher, state__in=HANDED)
    duty = Duty.objects.filter(session=OuterRef("pk"), teacher=teacher, active=True)
    rows = Session.objects.filter(Exists(held) | Exists(duty)).select_related("group", "room", "term")
    found = rows.filter(pk=pk).first() if teacher else None
    if found is None:
        raise Http404
    return found


def held_in(session: Session, actor: Actor) -> list[ChildDay]:
    """Return the children of a session whom this person answers for and who are on no list that waits."""
    waits = OfferChild.objects.filter(child_day=OuterRef("pk"), taken=None)
    rows = ChildDay.objects.filter(~Exists(waits), at_session=session, holder=actor.teacher, state__in=HANDED)
    return list(rows.select_related("student__school_class", "session__group").order_by(*REGISTER))


def staff_held(actor: Actor, day: date) -> list[ChildDay]:
    """Return the children whom this person keeps outside any session: at the health room, the office, a rehearsal."""
    rows = ChildDay.objects.filter(holder=actor.teacher, date=day, state=CustodyState.STAFF)
    return list(rows.select_related("student__school_class", "session__group").order_by(*REGISTER))


@dataclass
class Destination:
    """A session to which children of a list go next."""

    session: Session
    children: list[ChildDay] = field(default_factory=list)


def destinations(session: Session, held: Iterable[ChildDay], now: datetime) -> list[Destination]:
    """Return where these children go next: from a group to the clubs of this slot, from a club back to their groups."""
    rows = list(held)
    if session.group.kind == GroupKind.CLUB:
        return _back(rows)
    due = _clubs_due(session, rows, now)
    found: dict[int, Destination] = {}
    for row in rows:
        club = due.get(row.student_id)
        if club is not None:
            found.setdefault(club.pk, Destination(club)).children.append(row)
    return list(found.values())


def _back(rows: list[ChildDay]) -> list[Destination]:
    found: dict[int, Destination] = {}
    for row in rows:
        if row.session and row.session.pk != row.at_session_id:
            found.setdefault(row.session.pk, Destination(row.session)).children.append(row)
    return list(found.values())


def _clubs_due(session: Session, rows: list[ChildDay], now: datetime) -> dict[int, Session]:
    """Return the club of this slot for each child that has one, the earlier one first: three queries."""
    running = [
        club
        for club in Session.objects.filter(
            date=session.date, state=SessionState.PLANNED, group__kind=GroupKind.CLUB, ends_at__gt=now.time()
        )
        .select_related("group", "room")
        .order_by("-starts_at", "-pk")
        if clock.at(club.date, club.starts_at) - SOON <= now
    ]
    if not running or not rows:
        return {}
    runs = SchoolDay.objects.filter(date=session.date).values_list("runs_weekday", flat=True).first()
    placed = Placement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=session.date),
        kind=PlacementKind.CLUB,
        group__in=[club.group_id for club in running],
        student__in=[row.student_id for row in rows],
        weekdays__contains=str(runs or session.date.isoweekday()),
        starts_on__lte=session.date,
    )
    of_group: dict[int, list[int]] = {}
    for student, group in placed.values_list("student_id", "group_id"):
        of_group.setdefault(group, []).append(student)
    return {student: club for club in running for student in of_group.get(club.group_id, [])}


def passes_waiting(actor: Actor, day: date) -> list[Pass]:
    """Return the passes up to a day that this person must answer: its class's, or all for the duty leader; of closed terms none."""
    rows = Pass.objects.filter(state=PassState.WAITING, child_day__date__lte=day, child_day__term__closed_at=None)
    if not actor.has(Role.DUTY_LEADER):
        rows = rows.filter(child_day__student__school_class__in=actor.class_ids)
    return list(
        rows.select_related(
            "child_day__student__school_class", "child_day__holder", "session__group", "by", "child_day__term"
        ).order_by("at")
    )
