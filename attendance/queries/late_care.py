"""Children whom nobody fetched in time: those who wait with a teacher, those in late care, those who left from there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Prefetch

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from attendance.enums import CallOutcome, ChangeKind, CustodyState
from attendance.fetching import Person, allowed
from attendance.lateness import is_open, minutes_late
from attendance.models import CallNote, ChildDay, Handover, LateCarePlace
from attendance.queries.custody import GONE, REGISTER, children
from attendance.queries.gate import with_words
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

    child: ChildDay
    calls: list[CallNote]
    people: list[Person]

    @property
    def reached(self) -> bool:
        times = [call.at for call in self.calls if call.outcome == CallOutcome.REACHED]
        return is_reached(self.child, max(times, default=None))

    @property
    def tone(self) -> str:
        return "moved" if self.reached else "act"

    @property
    def word(self) -> str:
        if getattr(self.child, "change_kind", None) == ChangeKind.LATE:
            return f"家长说了晚接 {self.child.change_time:%H:%M}"  # type: ignore[attr-defined]
        if self.reached:
            return "已联系上，待接收"
        return f"打了 {len(self.calls)} 次，没联系上" if self.calls else "还没打电话"


@dataclass(frozen=True)
class Kept:
    """A child in late care: since when past dismissal, and whether the place has closed."""

    child: ChildDay
    people: list[Person]
    minutes: int
    closed_at: str

    @property
    def overdue(self) -> bool:
        return bool(self.closed_at)


@dataclass(frozen=True)
class LeftLate:
    """How a child left late care today."""

    link: Handover
    minutes: int


def acting(people: Iterable[Person]) -> list[Person]:
    """Return whom to call: those who act for the child, else who may fetch it."""
    everybody = list(people)
    return [one for one in everybody if one.acts and not one.banned] or [
        one for one in allowed(everybody) if not one.named
    ]


def waiting(actor: Actor, term: Term, day: date) -> list[Waiting]:
    """Return who waits with a teacher though dismissal and grace are past: three queries."""
    until = (clock.now() - timedelta(minutes=term.late_grace_minutes)).time()
    rows = with_words(children(actor, day)).filter(state__in=[CustodyState.GROUP, CustodyState.CLUB])
    if day == clock.today():
        rows = rows.filter(session__ends_at__lte=until)
    calls = CallNote.objects.select_related("guardian", "by").order_by("at")
    found = list(rows.prefetch_related(Prefetch("calls", calls)).order_by(*REGISTER))
    people = people_of([child.student_id for child in found], day)
    return [Waiting(child, list(child.calls.all()), acting(people.get(child.student_id, []))) for child in found]


def in_late_care(actor: Actor, day: date, places: Iterable[LateCarePlace]) -> list[Kept]:
    """Return who is in late care now, those whose place has closed first: two queries."""
    found = list(children(actor, day).filter(state=CustodyState.LATE).order_by("since"))
    people = people_of([child.student_id for child in found], day)
    by_name, now = {place.name: place for place in places}, clock.now()
    kept = []
    for child in found:
        place, dismissal = by_name.get(child.place), dismissal_of(child)
        closed = bool(place and place.closes_at and not is_open(None, place.closes_at, now.time()))
        minutes = minutes_late(dismissal, now, 0) if dismissal else 0
        word = f"{place.closes_at:%H:%M}" if closed and place and place.closes_at else ""
        kept.append(Kept(child, acting(people.get(child.student_id, [])), minutes, word))
    return sorted(kept, key=lambda one: not one.overdue)


def left_late_care(actor: Actor, day: date) -> list[LeftLate]:
    """Return how children left late care on a day, the last first: one query."""
    links = Handover.objects.filter(
        child_day__in=children(actor, day).values("pk"),
        from_state=CustodyState.LATE,
        to_state__in=GONE,
        number=F("child_day__links"),
    ).select_related(
        "child_day__student__school_class", "child_day__session", "released_to", "released_to_other", "note", "by"
    )
    found = []
    for link in links.order_by("-at", "-pk"):
        dismissal = dismissal_of(link.child_day)
        found.append(LeftLate(link, minutes_late(dismissal, link.at, 0) if dismissal else 0))
    return found


def places(term: Term) -> list[LateCarePlace]:
    """Return the places of late care in their order."""
    return list(LateCarePlace.objects.filter(term=term))


def open_now(found: Iterable[LateCarePlace]) -> list[LateCarePlace]:
    """Return which of these places take children at this hour."""
    now = clock.now().time()
    return [place for place in found if is_open(place.opens_at, place.closes_at, now)]
