"""Where the children of a day are, cut to what the person who asks may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Session
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance.enums import IN_CARE, CustodyState
from attendance.models import CallNote, ChildDay, Handover, OfferChild
from scheduling.models import Duty

WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP, Role.SERVICE_CENTRE)


def scope(actor: Actor, today: date | None = None) -> Q:
    """Return which children of a day exist for this person.

    Own sessions for a teacher, own class, own grade, the whole school for those in charge; the gate: who is still here,
    and who was let out there today, to correct a slip. A prepared question says which day is today.
    """
    if actor.has(*WHOLE_SCHOOL):
        return Q()
    seen = Q(pk__in=())
    if actor.has(Role.GATEKEEPER):
        released = Handover.objects.filter(child_day=OuterRef("pk"), by=actor.user, to_state__in=GONE)
        seen |= Q(date=today or clock.today()) & (Q(state__in=IN_CARE) | Q(Exists(released)))
    if actor.grades:
        seen |= Q(student__school_class__grade__in=actor.grades)
    if actor.class_ids:
        seen |= Q(student__school_class__pk__in=actor.class_ids)
    if actor.teacher is not None:
        mine = Duty.objects.filter(teacher=actor.teacher, active=True).values("session_id")
        seen |= Q(holder=actor.teacher) | Q(session__in=mine) | Q(at_session__in=mine)
    return seen


GONE = [CustodyState.FETCHED, CustodyState.ALONE]


def standing(links: "QuerySet[Handover]") -> "QuerySet[Handover]":
    """Keep the links that still stand: neither undone later nor undoing another. Figures count these alone."""
    return links.filter(undoes__isnull=True).exclude(Exists(Handover.objects.filter(undoes=OuterRef("pk"))))


def children(actor: Actor, day: date | None = None, today: date | None = None) -> "QuerySet[ChildDay]":
    """Return the children of a day (or of all days) this person may see, with class, head teacher and holder."""
    rows = ChildDay.objects.filter(scope(actor, today))
    if day is not None:
        rows = rows.filter(date=day)
    return rows.select_related(
        "student__school_class__head_teacher", "holder", "session__group", "session__term", "at_session__group", "term"
    )


def still_here(actor: Actor, day: date, today: date | None = None) -> "QuerySet[ChildDay]":
    """Return who is still in somebody's care, by grade, class and number."""
    return children(actor, day, today).filter(state__in=IN_CARE).order_by(*REGISTER)


REGISTER = (
    "student__school_class__grade",
    "student__school_class__number",
    "student__number",
    "student__name",
)


def of_session(session: Session) -> "QuerySet[ChildDay]":
    """Return the children of a session: those placed there, and those who are there now."""
    return (
        ChildDay.objects.filter(Q(session=session) | Q(at_session=session))
        .select_related("student__school_class", "holder", "term", "session")
        .order_by(*REGISTER)
    )


GRADES = "一二三四五六七八九"
CLASS_WORDS = re.compile(r"^([一二三四五六七八九1-9])\s*[（(.\-年级 ]*\s*(\d{1,2})\s*[）)]?\s*班?$")


def search(rows: "QuerySet[ChildDay]", words: str) -> "QuerySet[ChildDay]":
    """Find children by name, pinyin, initials or class (二3, 2-3, 二（3）班)."""
    wanted = words.strip()
    if not wanted:
        return rows.none()
    if found := CLASS_WORDS.match(wanted):
        grade = GRADES.index(found[1]) + 1 if found[1] in GRADES else int(found[1])
        return rows.filter(student__school_class__grade=grade, student__school_class__number=int(found[2]))
    letters = re.sub(r"[\s·']", "", wanted).lower()
    return rows.filter(
        Q(student__name__contains=wanted)
        | Q(student__pinyin__startswith=letters)
        | Q(student__pinyin__contains=f" {letters}")
        | Q(student__initials__startswith=letters)
        | Q(student__initials__contains=f" {letters}")
    )


def adults_of() -> "QuerySet[Guardianship]":
    """Return the adults of children, those who may fetch first."""
    return Guardianship.objects.select_related("guardian").order_by("-may_fetch", "banned", "-acts", "pk")


def with_people(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add the adults of each child and the calls of the day: two queries however many children."""
    calls = CallNote.objects.select_related("guardian", "by").order_by("at")
    return rows.prefetch_related(Prefetch("student__links", adults_of()), Prefetch("calls", calls))


def chain(child: ChildDay) -> list[Handover]:
    """Return the links of a child's day in their order, with persons, places and words."""
    return list(
        child.handovers.select_related(
            "from_holder",
            "to_holder",
            "released_to",
            "released_to_other",
            "by",
            "note",
            "at_session__group",
            "at_session__room",
            "undoes",
        ).order_by("number")
    )


@prepared
def family_of(student_id: int) -> QuerySet[Guardianship, int]:
    """Return the other children whom somebody who may fetch this one may fetch too: one query."""
    fetching = Guardianship.objects.filter(may_fetch=True, banned=False)
    adults = fetching.filter(student=student_id).order_by().values("guardian")
    others = fetching.filter(guardian__in=adults).exclude(student=student_id).order_by()
    return others.values_list("student_id", flat=True).distinct()


@dataclass(frozen=True)
class SessionNames:
    """One session with its children that somebody may see."""

    session: Session
    rows: Sequence[ChildDay]


def names_of(actor: Actor, pk: int) -> SessionNames | None:
    """Return the children of one session whom this person may see, each with where it is now; None outside its scope."""
    session = Session.objects.select_related("group", "room").filter(pk=pk).first()
    if session is None:
        return None
    waits = OfferChild.objects.filter(child_day=OuterRef("pk"), taken=None)
    rows = children(actor).filter(Q(session=session) | Q(at_session=session)).annotate(waits=Exists(waits))
    found = list(rows.order_by(*REGISTER))
    if found or actor.has(*WHOLE_SCHOOL) or session.group.grade in actor.grades:
        return SessionNames(session, found)
    on_duty = Duty.objects.filter(session=session, teacher=actor.teacher, active=True)
    return SessionNames(session, found) if on_duty.exists() else None
