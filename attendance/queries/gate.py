"""What the gate shows: who is still here, who may fetch whom, and what was asked for today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.models import Guardianship, Session, User
from afterschool.school.naming import class_name
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance.enums import IN_CARE, ChangeKind, CustodyState
from attendance.models import ChildDay, Handover, PickupChange
from attendance.queries.custody import GONE, REGISTER, adults_of, children, of_session, search, still_here
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

    look = None  # all classes look the same

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the class's line (see `stamp`)."""
        return {"query": f"{self.grade}-{self.number}", "name": self.name, "children": self.children}


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
    return rows.prefetch_related(Prefetch("student__links", adults_of()))


@prepared
def _child(actor: Actor, pk: int, today: date) -> QuerySet[ChildDay]:
    seen = with_words(children(actor, today=today).filter(pk=pk)).order_by()
    return seen.select_related(None).select_related("student__school_class__head_teacher", "holder", "session")


@prepared
def _adults(student_id: int) -> QuerySet[Guardianship]:
    return adults_of().filter(student=student_id)


def child_of(actor: Actor, pk: int) -> tuple[ChildDay, list[Guardianship]]:
    """Return one child this person may see, with what guardians said, and its adults; or 404. Two queries."""
    child = next(iter(_child(actor, pk, clock.today())), None)
    if child is None:
        raise Http404
    return child, _adults(child.student_id)


def last_link(child: ChildDay) -> Handover | None:
    """Return the last link of a child's day, with whom it was given to and the words beside it."""
    return child.handovers.select_related("released_to", "released_to_other", "note").order_by("-number").first()


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


@prepared
def _class_counts(actor: Actor, today: date) -> QuerySet[ChildDay, tuple[int, int, int]]:
    classes = ("student__school_class__grade", "student__school_class__number")
    here = still_here(actor, today, today).select_related(None)
    return here.order_by(*classes).values_list(*classes).annotate(n=Count("pk"))


def class_counts(actor: Actor) -> list[ClassCount]:
    """Return how many children of each class are still here today: one query."""
    return [ClassCount(*row) for row in _class_counts(actor, clock.today())]


def listed(actor: Actor, day: date, words: str) -> tuple[list[ChildDay], list[ChildDay]]:
    """Return who is still here, and with words to look for also who is found elsewhere: one query, or two."""
    here = still_here(actor, day)
    if not words:
        return list(with_words(here)[:LIST_UP_TO]), []
    elsewhere = search(children(actor, day), words).exclude(state__in=IN_CARE).order_by(*REGISTER)
    return list(with_words(search(here, words))[:LIST_UP_TO]), list(elsewhere[:LIST_UP_TO])


def own_sessions(actor: Actor, day: date) -> list[Session]:
    """Return the sessions of a day this person is on duty at now."""
    if actor.teacher is None:
        return []
    rows = Session.objects.filter(date=day, duties__teacher=actor.teacher, duties__active=True)
    return list(rows.select_related("group", "room", "roll_call").order_by("starts_at", "pk"))


def children_to_release(session: Session) -> list[ChildDay]:
    """Return the children of a session with all that its teacher needs at the gate."""
    return list(with_adults(with_words(of_session(session))).select_related("student__school_class", "holder"))


@prepared
def _just_released(user: User, day: date) -> QuerySet[Handover]:
    standing = Handover.objects.filter(by=user, child_day__date=day, to_state__in=GONE, number=F("child_day__links"))
    return (
        standing.select_related("child_day__student", "released_to", "released_to_other", "note")
        .only(
            "child_day__student__name",
            "at",
            "to_state",
            "released_to__name",
            "released_to_other__name",
            "released_to_other__relation",
            "note__text",
        )
        .order_by("-at", "-pk")[:3]
    )


def just_released(actor: Actor, day: date) -> list[Handover]:
    """Return the last three releases of this person on a day that still stand: each can be corrected."""
    return _just_released(actor.user, day) if actor.user else []
