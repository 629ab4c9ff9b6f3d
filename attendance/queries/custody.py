"""Where the children of a day are, cut to what the person who asks may see."""

import re
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Session, Term
from afterschool.support import clock
from attendance.enums import IN_CARE, OPEN, CustodyState
from attendance.models import CallNote, ChildDay, Handover
from scheduling.models import Duty

WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP, Role.SERVICE_CENTRE)


def scope(actor: Actor) -> Q:
    """Return which children of a day exist for this person.

    Own sessions for a teacher, own class, own grade, the whole school for those in charge; the gate: who is still here,
    and who was let out there today, to correct a slip.
    """
    if actor.has(*WHOLE_SCHOOL):
        return Q()
    seen = Q(pk__in=())
    if actor.has(Role.GATEKEEPER):
        released = Handover.objects.filter(by=actor.user, to_state__in=GONE).values("child_day_id")
        seen |= Q(date=clock.today()) & (Q(state__in=IN_CARE) | Q(pk__in=released))
    if actor.grades:
        seen |= Q(student__school_class__grade__in=actor.grades)
    if actor.class_ids:
        seen |= Q(student__school_class__in=actor.class_ids)
    if actor.teacher is not None:
        mine = Duty.objects.filter(teacher=actor.teacher, active=True).values("session_id")
        seen |= Q(holder=actor.teacher) | Q(session__in=mine) | Q(at_session__in=mine)
    return seen


GONE = [CustodyState.FETCHED, CustodyState.ALONE]


def children(actor: Actor, day: date | None = None) -> "QuerySet[ChildDay]":
    """Return the children of a day (or of all days) this person may see, with class, head teacher and holder."""
    rows = ChildDay.objects.filter(scope(actor))
    if day is not None:
        rows = rows.filter(date=day)
    return rows.select_related(
        "student__school_class__head_teacher", "holder", "session__group", "session__term", "at_session__group", "term"
    )


def still_here(actor: Actor, day: date) -> "QuerySet[ChildDay]":
    """Return who is still in somebody's care, by grade, class and number."""
    return children(actor, day).filter(state__in=IN_CARE).order_by(*REGISTER)


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


def with_people(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add the adults of each child and the calls of the day: two queries however many children."""
    links = Guardianship.objects.select_related("guardian").order_by("-may_fetch", "banned", "-acts", "pk")
    calls = CallNote.objects.select_related("guardian", "by").order_by("at")
    return rows.prefetch_related(Prefetch("student__links", links), Prefetch("calls", calls))


def chain(child: ChildDay) -> list[Handover]:
    """Return the links of a child's day in their order, with persons, places and words."""
    return list(
        child.handovers.select_related(
            "from_holder", "to_holder", "released_to", "by", "note", "at_session__group", "at_session__room", "undoes"
        ).order_by("number")
    )


def siblings(child: ChildDay, actor: Actor) -> list[ChildDay]:
    """Return children of the same family who are still here, in any group that this person may see."""
    adults = Guardianship.objects.filter(student=child.student_id, may_fetch=True, banned=False).values("guardian")
    theirs = Guardianship.objects.filter(guardian__in=adults, may_fetch=True, banned=False).values("student")
    return list(
        still_here(actor, child.date).filter(student__in=theirs).exclude(pk=child.pk).select_related("session__room")
    )


def open_days_before(term: Term, day: date) -> list[date]:
    """Return earlier days with a child who is not at an end: midnight closes nothing."""
    rows = ChildDay.objects.filter(term=term, date__lt=day, state__in=OPEN)
    return sorted(set(rows.order_by().values_list("date", flat=True)))
