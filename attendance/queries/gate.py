"""What the gate shows: who is still here, who may fetch whom, and what was asked for today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Event, Session, Teacher, User
from afterschool.school.naming import class_name
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance.enums import IN_CARE, CallOutcome, ChangeKind, CustodyState, PassState
from attendance.fetching import Person, allowed, banned
from attendance.models import CallNote, ChildDay, Handover, LateCarePlace, PickupChange
from attendance.queries.custody import GONE, REGISTER, children, family_of, of_session, search, still_here
from attendance.queries.fetchers import by_banned
from attendance.queries.gate_people import people_of, reads_bans
from enrollment.queries import alone_on

REFUSED_AT_GATE = "gate.refused"  # in the history: somebody came and was refused
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
    change = change.exclude(by_banned())
    standing = alone_on(OuterRef(OuterRef("date"))).filter(student=OuterRef("student"), term=OuterRef("term"))
    return rows.annotate(
        change_kind=Subquery(change.values("kind")[:1]),
        change_time=Subquery(change.values("time")[:1]),
        change_alone=Subquery(change.values("alone")[:1]),
        stands_alone=Exists(standing),
        pass_state=F("taken_in__state"),
    )


@prepared
def _child(actor: Actor, pk: int, today: date) -> QuerySet[ChildDay]:
    refused = Event.objects.filter(subject="childday", subject_id=OuterRef("pk"), verb=REFUSED_AT_GATE).order_by("-pk")
    seen = with_words(children(actor, today=today).filter(pk=pk)).order_by()
    seen = seen.annotate(
        refused_at=Subquery(refused.values("at")[:1]), refused_who=Subquery(refused.values("note__text")[:1])
    )
    return seen.select_related(None).select_related("student__school_class__head_teacher", "holder", "session")


def child_of(actor: Actor, pk: int) -> ChildDay:
    """Return one child this person may see, with what guardians said and who was refused last; or 404. One query."""
    child = next(iter(_child(actor, pk, clock.today())), None)
    if child is None:
        raise Http404
    return child


def left_meanwhile(actor: Actor, pks: Collection[int]) -> list[ChildDay]:
    """Return those children of today who were at this person's gate or in its care and are outside its scope by now.

    Somebody else was faster, so the page says where such a child is, and nothing more of it. One query, none for nobody.
    """
    if not pks:
        return []
    had = Q(to_state__in=IN_CARE) if actor.has(Role.GATEKEEPER) else Q(to_holder=actor.teacher, to_holder__isnull=False)
    links = Handover.objects.filter(had, child_day=OuterRef("pk"))
    rows = ChildDay.objects.filter(Exists(links), pk__in=pks, date=clock.today())
    rows = rows.exclude(pk__in=children(actor).values("pk")).order_by(*REGISTER)
    return list(rows.select_related("student__school_class", "holder", "at_session__group"))


@prepared
def _siblings(actor: Actor, student_ids: list[int], day: date, today: date) -> QuerySet[ChildDay]:
    return with_words(still_here(actor, day, today).filter(student__pk__in=student_ids))


def siblings(child: ChildDay, actor: Actor) -> list[ChildDay]:
    """Return children of the same family who are still here, in any group that this person may see, with words.

    Two queries, as the database looks through the whole day when it is asked at once; one where there are none.
    """
    others = family_of(child.student_id)
    return _siblings(actor, others, child.date, clock.today()) if others else []


def last_link(child: ChildDay) -> Handover | None:
    """Return the last link of a child's day, with whom it was given to and the words beside it."""
    links = child.handovers.select_related("released_to", "released_to_other", "note", "by")
    return links.order_by("-number").first()


@dataclass(frozen=True)
class Release:
    """One child at the gate: who may fetch it, what was said, and whether it may go now."""

    child: ChildDay
    everybody: list[Person]
    may_go_alone: bool
    before_dismissal: bool
    tone: str
    word: str
    is_mine: bool = (
        True  # the person who looks may let the child go: who answers for it, the gatekeeper, the late-care person
    )
    reads_bans: bool = False
    alone_by: str = ""  # may go alone, but only who answers for the child lets it: that teacher

    @property
    def may_go_now(self) -> bool:
        """Whether the hour lets the child go: dismissed, or fetched early by the family's or the school's word."""
        return not self.before_dismissal or self._early

    @property
    def people(self) -> list[Person]:
        """Return who may fetch the child today, those named for the day first."""
        return allowed(self.everybody)

    @property
    def banned(self) -> list[Person]:
        return banned(self.everybody)

    @property
    def to_call(self) -> list[Person]:
        """Return whom to call when nobody comes: those who act for the child."""
        acting = [one for one in self.everybody if one.acts and not one.banned]
        return acting or [one for one in self.people if not one.named]

    @property
    def may_release(self) -> bool:
        """Whether somebody on the list may take the child now, without a decision."""
        return bool(self.people) and self.may_go_now

    @property
    def _early(self) -> bool:
        """Early pick-up was asked for, or the school itself asked the family to come."""
        refused = getattr(self.child, "pass_state", None) == PassState.REFUSED
        return refused or getattr(self.child, "change_kind", None) == ChangeKind.EARLY


def may_let_go(actor: Actor, child: ChildDay, *, late_care: bool) -> bool:
    """Tell whether this person may release the child by the rules (moves 10 and 13)."""
    if child.state == CustodyState.LATE:
        return late_care
    return actor.has(Role.GATEKEEPER) or (actor.teacher is not None and child.holder_id == actor.teacher.pk)


def releases(actor: Actor, children: list[ChildDay], now: datetime) -> list[Release]:
    """Read these children of one day (with words added) as the gate shows them: one query, two with one in late care."""
    if not children:
        return []
    people = people_of([child.student_id for child in children], children[0].date)
    late = [child for child in children if child.state == CustodyState.LATE]
    late_care = bool(late) and keeps_late_care(actor, late[0].term_id)
    return [
        release_of(
            child,
            now,
            people.get(child.student_id, []),
            is_mine=may_let_go(actor, child, late_care=late_care),
            reads_bans=reads_bans(actor, child),
            answers=actor.teacher is not None and child.holder_id == actor.teacher.pk,
        )
        for child in children
    ]


def keeps_late_care(actor: Actor, term_id: int) -> bool:
    """Tell whether the person is one of those who keep a place of late care this term."""
    roles = LateCarePlace.objects.filter(term=term_id).order_by().values_list("role", flat=True)
    return actor.has(*(Role(role) for role in roles))


def release_of(
    child: ChildDay,
    now: datetime,
    people: list[Person],
    *,
    is_mine: bool = True,
    reads_bans: bool = False,
    answers: bool = True,
) -> Release:
    """Read one child (with words added) as the gate shows it; a list of names needs no people."""
    dismissal = clock.at(child.date, child.session.ends_at) if child.session else now
    kind, at = getattr(child, "change_kind", None), getattr(child, "change_time", None)
    alone_today, stands = getattr(child, "change_alone", None), getattr(child, "stands_alone", False)
    early_now = kind == ChangeKind.EARLY and at is not None and now >= clock.at(child.date, at)
    before = now < dismissal
    refused = getattr(child, "pass_state", None) == PassState.REFUSED  # kept until it is fetched
    alone = child.state in (CustodyState.GROUP, CustodyState.CLUB) and not refused
    alone = alone and bool((alone_today and (early_now or not before)) or (stands and not before))
    if child.state == CustodyState.LATE:
        tone, word = "late", f"延时托管，{child.place}"
    elif refused:
        tone, word = "refused", "没有同意留下，等家长来接"
    elif kind and at:
        tone, word = "late", f"{ChangeKind(kind).label} {at:%H:%M}"
    elif alone_today or stands:
        tone, word = "now", "可自行离校"
    else:
        tone, word = "now", f"{child.holder.name}负责" if child.holder else CustodyState(child.state).label
    alone_by = child.holder.name if alone and not answers and child.holder else ""
    return Release(child, people, alone and answers, before, tone, word, is_mine, reads_bans, alone_by)


def with_calls(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add the last call of the day about each child, and when a guardian was reached last."""
    calls = CallNote.objects.filter(child_day=OuterRef("pk")).order_by("-at", "-pk")
    return rows.annotate(
        call_at=Subquery(calls.values("at")[:1]),
        call_outcome=Subquery(calls.values("outcome")[:1]),
        call_text=Subquery(calls.values("text")[:1]),
        call_to=Subquery(calls.values("guardian__name")[:1]),
        reached_at=Subquery(calls.filter(outcome=CallOutcome.REACHED).values("at")[:1]),
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
    """Return who is still here, and with words to look for also who is found elsewhere: one query."""
    if not words:
        return list(with_words(still_here(actor, day))[:LIST_UP_TO]), []
    found = list(with_words(search(children(actor, day), words)).order_by(*REGISTER)[: 2 * LIST_UP_TO])
    return [one for one in found if one.state in IN_CARE], [one for one in found if one.state not in IN_CARE]


def own_sessions(actor: Actor, day: date) -> list[Session]:
    """Return the sessions of a day this person is on duty at now."""
    if actor.teacher is None:
        return []
    rows = Session.objects.filter(date=day, duties__teacher=actor.teacher, duties__active=True)
    return list(rows.select_related("group", "room", "roll_call").order_by("starts_at", "pk"))


@prepared
def _children_to_release(session: Session) -> QuerySet[ChildDay]:
    rows = with_calls(with_words(of_session(session)))
    return rows.select_related("student__school_class", "holder", "term", "session")


def children_to_release(session: Session) -> list[ChildDay]:
    """Return the children of a session with what guardians said and what came of the calls about them: one query."""
    return _children_to_release(session)


RELEASED = (
    "child_day__student__name", "at", "by_id", "by__name", "to_state", "released_to__name",
    "released_to_other__name", "released_to_other__relation", "note__text",
)  # fmt: skip


def _shown(links: QuerySet[Handover]) -> QuerySet[Handover]:
    joined = links.select_related("child_day__student", "released_to", "released_to_other", "note", "by")
    return joined.only(*RELEASED).order_by("-at", "-pk")[:3]


def _standing(day: date) -> QuerySet[Handover]:
    return Handover.objects.filter(child_day__date=day, to_state__in=GONE, number=F("child_day__links"))


@prepared
def _released_by(user: User, day: date) -> QuerySet[Handover]:
    return _shown(_standing(day).filter(by=user))


@prepared
def _released_of(user: User, teacher: Teacher, day: date) -> QuerySet[Handover]:
    return _shown(_standing(day).filter(Q(by=user) | Q(from_holder=teacher)))


def just_released(actor: Actor, day: date) -> list[Handover]:
    """Return the last three releases of this person on a day that still stand: each can be corrected."""
    return _released_by(actor.user, day) if actor.user else []


def released_of_mine(actor: Actor, day: date) -> list[Handover]:
    """Return the same for a teacher, with those of children the teacher answered for: whom the gate let go is seen at once."""
    return _released_of(actor.user, actor.teacher, day) if actor.user and actor.teacher else []
