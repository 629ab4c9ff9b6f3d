"""What the gate shows: who is still here, who may fetch whom, and what was asked for today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.models import Guardianship, Session
from afterschool.school.naming import class_name
from afterschool.support import clock
from attendance.enums import ChangeKind, CustodyState
from attendance.models import ChildDay, Handover, PickupChange
from attendance.queries.custody import GONE, of_session, still_here
from enrollment.queries import alone_on

LIST_UP_TO = 60  # more children than these are shown by class, each class one tap away


@dataclass(frozen=True)
class ClassCount:
    """How many of a home class are still here."""

    grade: int
    number: int
    children: int

    @property
    def name(self) -> str:
        return class_name(self.grade, self.number)

    @property
    def words(self) -> str:
        return f"{self.grade}-{self.number}"


def with_words(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add what guardians said: today's early or late pick-up, and whether the child may go alone."""
    change = PickupChange.objects.filter(student=OuterRef("student"), date=OuterRef("date"), cancelled_at=None)
    standing = alone_on(OuterRef(OuterRef("date"))).filter(student=OuterRef("student"), term=OuterRef("term"))
    return rows.annotate(
        change_kind=Subquery(change.values("kind")[:1]),
        change_time=Subquery(change.values("time")[:1]),
        change_alone=Subquery(change.values("alone")[:1]),
        stands_alone=Exists(standing),
    )


def with_adults(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add the adults of each child, those who may fetch first: one query however many children."""
    links = Guardianship.objects.select_related("guardian").order_by("-may_fetch", "banned", "-acts", "pk")
    return rows.prefetch_related(Prefetch("student__links", links))


def last_link(child: ChildDay) -> Handover | None:
    """Return the last link of a child's day, with whom it was given to and the words beside it."""
    return child.handovers.select_related("released_to", "note").order_by("-number").first()


@dataclass(frozen=True)
class Release:
    """One child at the gate: who may fetch it, what was said, and whether it may go now."""

    child: ChildDay
    adults: list[Guardianship]
    banned: list[Guardianship]
    may_go_alone: bool
    before_dismissal: bool
    tone: str
    word: str

    @property
    def first(self) -> Guardianship | None:
        return self.adults[0] if self.adults else None

    @property
    def may_release(self) -> bool:
        """Whether somebody on the list may take the child now, without a decision."""
        return bool(self.adults) and (not self.before_dismissal or self._early)

    @property
    def _early(self) -> bool:
        return getattr(self.child, "change_kind", None) == ChangeKind.EARLY


def release_of(child: ChildDay, now: datetime, *, links: list[Guardianship] | None = None) -> Release:
    """Read one child (with words and adults added) as the gate shows it; a list needs no adults (`links=[]`)."""
    links = list(child.student.links.all()) if links is None else links
    dismissal = clock.at(child.date, child.session.ends_at) if child.session else now
    kind, at = getattr(child, "change_kind", None), getattr(child, "change_time", None)
    alone_today, stands = getattr(child, "change_alone", None), getattr(child, "stands_alone", False)
    early_now = kind == ChangeKind.EARLY and at is not None and now >= clock.at(child.date, at)
    before = now < dismissal
    alone = child.state in (CustodyState.GROUP, CustodyState.CLUB) and bool(
        (alone_today and (early_now or not before)) or (stands and not before)
    )
    if child.state == CustodyState.LATE:
        tone, word = "late", f"延时托管，{child.place}"
    elif kind and at:
        tone, word = "late", f"{ChangeKind(kind).label} {at:%H:%M}"
    elif alone_today or stands:
        tone, word = "now", "可自行离校"
    else:
        tone, word = "now", f"{child.holder.name}负责" if child.holder else CustodyState(child.state).label
    return Release(
        child,
        [link for link in links if link.may_fetch and not link.banned],
        [link for link in links if link.banned],
        alone,
        before,
        tone,
        word,
    )


def class_counts(actor: Actor, day: date) -> list[ClassCount]:
    """Return how many children of each class are still here: one query."""
    rows = (
        still_here(actor, day)
        .select_related(None)
        .order_by("student__school_class__grade", "student__school_class__number")
        .values_list("student__school_class__grade", "student__school_class__number")
        .annotate(n=Count("pk"))
    )
    return [ClassCount(*row) for row in rows]


def own_sessions(actor: Actor, day: date) -> list[Session]:
    """Return the sessions of a day this person is on duty at now."""
    if actor.teacher is None:
        return []
    rows = Session.objects.filter(date=day, duties__teacher=actor.teacher, duties__active=True)
    return list(rows.select_related("group", "room", "roll_call").order_by("starts_at", "pk"))


def children_to_release(session: Session) -> list[ChildDay]:
    """Return the children of a session with all that its teacher needs at the gate."""
    return list(
        with_adults(with_words(of_session(session))).select_related("student__school_class", "holder", "at_session")
    )


def is_in_club(child: ChildDay, session: Session | None, now: datetime) -> bool:
    """Tell whether a child of this session is in a club that is not over yet: its teacher waits, and takes nobody back."""
    where = child.at_session
    away = child.state == CustodyState.CLUB and where is not None and session is not None and where.pk != session.pk
    return away and where is not None and now < clock.at(child.date, where.ends_at)


def just_released(actor: Actor, day: date) -> list[Handover]:
    """Return the last three releases of this person today that still stand: each can be corrected."""
    rows = Handover.objects.filter(
        by=actor.user, child_day__date=day, to_state__in=GONE, number=F("child_day__links")
    ).select_related("child_day__student", "released_to", "note")
    return list(rows.order_by("-at", "-pk")[:3])
