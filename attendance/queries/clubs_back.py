"""The way back from a club: whose hour is over while children are still on its list, and who of a group is in a club."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from afterschool.school.models import Session
from afterschool.support import clock
from attendance.enums import CustodyState
from attendance.models import ChildDay
from scheduling.models import Duty


@dataclass(frozen=True)
class ClubOver:
    """A club whose hour is over and whose teacher still answers for children."""

    session: Session
    teacher_name: str
    teacher_phone: str
    children: int
    over_since: datetime

    @property
    def minutes(self) -> int:
        return int((clock.now() - self.over_since).total_seconds() // 60)


def clubs_over(day: date) -> list[ClubOver]:
    """Return the clubs of a day whose hour is over while children are still there, longest over first: three queries."""
    left = (
        ChildDay.objects.filter(date=day, state=CustodyState.CLUB, at_session__isnull=False)
        .order_by()
        .values_list("at_session")
        .annotate(children=Count("pk"))
    )
    waiting = {pk: children for pk, children in left if pk is not None}
    if not waiting:
        return []
    sessions = Session.objects.filter(pk__in=waiting).select_related("group").order_by("ends_at", "group__name", "pk")
    duties = Duty.objects.filter(session__in=waiting, active=True).select_related("teacher")
    teachers = {duty.session_id: duty.teacher for duty in duties}
    now = clock.now()
    return [
        ClubOver(
            session,
            teachers[session.pk].name if session.pk in teachers else "",
            teachers[session.pk].phone if session.pk in teachers else "",
            waiting[session.pk],
            clock.at(day, session.ends_at),
        )
        for session in sessions
        if clock.at(day, session.ends_at) <= now
    ]


@dataclass(frozen=True)
class InClub:
    """A child of a group who is in a club now."""

    student_id: int
    name: str
    class_name: str
    club: str
    ends_at: datetime

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()


def in_clubs(session: Session) -> list[InClub]:
    """Return the children of a group's session who are in their clubs now, by club: one query."""
    rows = (
        ChildDay.objects.filter(session=session, state=CustodyState.CLUB, at_session__isnull=False)
        .select_related("student__school_class", "at_session__group")
        .order_by("at_session__ends_at", "at_session__group__name", "student__school_class__number", "student__number")
    )
    return [
        InClub(
            row.student_id,
            row.student.name,
            str(row.student.school_class or ""),
            row.at_session.group.name,
            clock.at(session.date, row.at_session.ends_at),
        )
        for row in rows
        if row.at_session
    ]
