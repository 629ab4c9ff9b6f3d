"""Children whom nobody fetched in time: those who wait with a teacher, those in late care, those who left from there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from afterschool.school.access import Actor
from afterschool.school.models import StaffRole, Teacher, Term
from afterschool.support import clock
from attendance.enums import CallAbout, ChangeKind, CustodyState
from attendance.fetching import Person, allowed
from attendance.lateness import is_open, minutes_late
from attendance.models import CallNote, ChildDay, Handover, LateCarePlace
from attendance.queries.custody import GONE, REGISTER, children, search
from attendance.queries.gate import LIST_UP_TO, with_calls, with_words
from attendance.queries.gate_people import people_of


def dismissal_of(child: ChildDay) -> datetime | None:
    """Return when the child's service ends that day."""
    return clock.at(child.date, child.session.ends_at) if child.session else None


def is_reached(child: ChildDay, reached_at: datetime | None) -> bool:
    """Tell whether a guardian was reached since dismissal, or asked for a late pick-up beforehand (move 12).

    The child has its words added.
    """
    if getattr(child, "change_kind", None) == ChangeKind.LATE:
        return True
    dismissal = dismissal_of(child)
    return reached_at is not None and (dismissal is None or reached_at >= dismissal)


@dataclass(frozen=True)
class Waiting:
    """A child still with a teacher after dismissal and grace, and what came of the calls."""

    child: ChildDay  # with its words and calls
    people: list[Person]

    @property
    def reached(self) -> bool:
        return is_reached(self.child, self.child.reached_at)  # type: ignore[attr-defined]

    @property
    def tone(self) -> str:
        return "moved" if self.reached else "act"

    @property
    def word(self) -> str:
        if getattr(self.child, "change_kind", None) == ChangeKind.LATE:
            return f"家长说了晚接 {self.child.change_time:%H:%M}"  # type: ignore[attr-defined]
        if self.reached:
            return "已联系上，待接收"
        calls = self.child.calls_made  # type: ignore[attr-defined]
        return f"打了 {calls} 次，没联系上" if calls else "还没打电话"


@dataclass(frozen=True)
class Kept:
    """A child in late care: minutes past dismissal, and when its place has closed, if it has."""

    child: ChildDay
    people: list[Person]
    minutes: int
    closed_at: str

    @property
    def overdue(self) -> bool:
        return bool(self.closed_at)


@dataclass(frozen=True)
class LeftLate:
    """How a child left late care today: to whom, by whom, minutes past dismissal."""

    child: ChildDay
    minutes: int

    @property
    def to(self) -> str:
        row: Any = self.child
        if row.state == CustodyState.ALONE:
            return "自行离校"
        return str(row.left_to or row.left_other or row.left_note or "经同意的人")


@dataclass(frozen=True)
class LateCare:
    """Everything on the page of late care: the first to be received, the last who have left."""

    waiting: list[Waiting] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    left: list[LeftLate] = field(default_factory=list)

    @property
    def offered(self) -> list[Waiting]:
        return [one for one in self.waiting if one.reached]

    @property
    def not_reached(self) -> list[Waiting]:
        return [one for one in self.waiting if not one.reached]

    @property
    def offered_by_class(self) -> list[tuple[str, list[Waiting]]]:
        return _by_class(self.offered)

    @property
    def not_reached_by_class(self) -> list[tuple[str, list[Waiting]]]:
        return _by_class(self.not_reached)

    @property
    def is_long(self) -> bool:
        """Whether so many wait unreached that the page shows classes, each one tap away."""
        return len(self.not_reached) > LIST_UP_TO

    @property
    def to_decide(self) -> list[Waiting]:
        """Return those somebody called for in vain: only the duty leader orders the move."""
        return [one for one in self.not_reached if one.child.calls_made]  # type: ignore[attr-defined]

    @property
    def overdue(self) -> list[Kept]:
        return [one for one in self.kept if one.overdue]


def _by_class(waiting: list[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """Return children in the order of the register, class by class."""
    classes = groupby(waiting, key=lambda one: str(one.child.student.school_class or "没有班级"))
    return [(name, list(of_class)) for name, of_class in classes]


def acting(people: Iterable[Person]) -> list[Person]:
    """Return whom to call: those who act for the child, else who may fetch it."""
    everybody = list(people)
    return [one for one in everybody if one.acts and not one.banned] or [
        one for one in allowed(everybody) if not one.named
    ]


def _rows(actor: Actor, term: Term, day: date, words: str) -> list[ChildDay]:
    until = (clock.now() - timedelta(minutes=term.late_grace_minutes)).time()
    last = Handover.objects.filter(child_day=OuterRef("pk"), number=OuterRef("links"))
    wait = Q(state__in=[CustodyState.GROUP, CustodyState.CLUB], session__ends_at__lte=until)
    from_here = Q(Exists(last.filter(from_state=CustodyState.LATE)), state__in=GONE)
    noted = CallNote.objects.filter(child_day=OuterRef("pk")).exclude(about=CallAbout.MISSING)  # those are of before
    calls = noted.order_by().values("child_day")
    seen = children(actor, day).filter(wait | Q(state=CustodyState.LATE) | from_here)
    rows = with_calls(with_words(search(seen, words) if words else seen))
    return list(
        rows.annotate(
            calls_made=Subquery(calls.annotate(n=Count("pk")).values("n")),
            left_to=Subquery(last.values("released_to__name")[:1]),
            left_other=Subquery(last.values("released_to_other__name")[:1]),
            left_note=Subquery(last.values("note__text")[:1]),
            left_by=Subquery(last.values("by__name")[:1]),
        ).order_by(*REGISTER)
    )


def read(actor: Actor, term: Term, day: date, places: Iterable[LateCarePlace], words: str = "") -> LateCare:
    """Read today's late care as this person may see it, or those found by name, pinyin, initials or class: two queries.

    Who waits though dismissal and grace are past, who is kept (those whose place has closed first), who left from there.
    """
    rows = _rows(actor, term, day, words)
    people = people_of([row.student_id for row in rows if row.state not in GONE], day)
    found, by_name, now = LateCare(), {place.name: place for place in places}, clock.now()
    for row in rows:
        dismissal, whom = dismissal_of(row), acting(people.get(row.student_id, []))
        if row.state in GONE:
            found.left.append(LeftLate(row, minutes_late(dismissal, row.since, 0) if dismissal else 0))
        elif row.state == CustodyState.LATE:
            closes = by_name[row.place].closes_at if row.place in by_name else None
            word = f"{closes:%H:%M}" if closes and closes <= now.time() else ""
            found.kept.append(Kept(row, whom, minutes_late(dismissal, now, 0) if dismissal else 0, word))
        else:
            found.waiting.append(Waiting(row, whom))
    found.kept.sort(key=lambda one: (not one.overdue, one.child.since))
    found.left.sort(key=lambda one: one.child.since, reverse=True)
    return found


def places(term: Term) -> list[LateCarePlace]:
    """Return the places of late care in their order."""
    return list(LateCarePlace.objects.filter(term=term))


def open_now(found: Iterable[LateCarePlace]) -> list[LateCarePlace]:
    """Return which of these places take children at this hour."""
    now = clock.now().time()
    return [place for place in found if is_open(place.opens_at, place.closes_at, now)]


def keepers_of(found: Collection[LateCarePlace]) -> list[tuple[LateCarePlace, Teacher]]:
    """Return to whom the duty leader can order a child, place by place: one query."""
    roles = StaffRole.objects.filter(role__in={place.role for place in found}, teacher__active=True)
    people: dict[str, list[Teacher]] = {}
    for row in roles.select_related("teacher").order_by("teacher__staff_number"):
        people.setdefault(row.role, []).append(row.teacher)
    return [(place, keeper) for place in found for keeper in people.get(place.role, [])]
