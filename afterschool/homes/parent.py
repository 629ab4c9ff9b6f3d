"""A parent's home: my children, where each stands, today's dismissal, what to read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import Relation
from afterschool.school.models import Delivery, Guardian, Guardianship, Student, Term
from afterschool.school.queries.messages import midnight, unread_of
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance.enums import CUSTODY_TONES, ENDS, ChangeKind, CustodyState
from attendance.models import ChildDay, Handover, LeaveRequest, PickupChange
from attendance.planning import monday_of
from attendance.queries.fetchers import by_banned, standing_fetchers
from attendance.queries.turn_plans import aim_of_week
from enrollment.actions import window_of
from enrollment.models import Application, LatePermit
from enrollment.queries import APPLIED
from enrollment.queries.rights import agreed_to
from enrollment.stages import Stage, stages
from enrollment.workflow import Window

UNREAD_SHOWN = 3
LETTERS = ("notice.published", "notice.reminder")


@dataclass(frozen=True)
class Card:
    """One child on the parent's home page."""

    student: Student
    application: Application | None
    day: ChildDay | None
    on_leave: bool
    change: str
    fetchers: str
    window: Window
    week_aim: str = ""

    @property
    def state(self) -> str:
        return self.application.state if self.application else ""

    @property
    def asks_consent(self) -> bool:
        """Tell whether the family applied and has not answered the present consent text."""
        return self.state in APPLIED and not getattr(self.application, "agreed", True)

    @property
    def tone(self) -> str:
        return CUSTODY_TONES[CustodyState(self.day.state)] if self.day else "wait"

    @property
    def open_now(self) -> bool:
        """Tell whether the child is at school in the service, or awaited there."""
        return self.day is not None and self.day.state not in ENDS

    @property
    def away(self) -> bool:
        """Tell whether the child is not here today: a leave asked for counts until the roll says otherwise."""
        if self.day is None:
            return self.on_leave
        return self.day.state == CustodyState.AWAY or (self.on_leave and self.day.state == CustodyState.EXPECTED)

    @property
    def stages(self) -> list[Stage]:
        """Return the steps of the application, at most four."""
        return stages(self.state)


@prepared
def _children(guardian: Guardian, term_id: int, today: date, monday: date) -> QuerySet[Guardianship, Any]:
    leave = LeaveRequest.objects.filter(
        student=OuterRef("student"), first_day__lte=today, last_day__gte=today, cancelled_at__isnull=True
    )
    change = PickupChange.objects.filter(student=OuterRef("student"), date=today, cancelled_at__isnull=True)
    change = change.exclude(by_banned())
    other = standing_fetchers(today).filter(student=OuterRef("student"))
    late = LatePermit.objects.filter(term=term_id, student=OuterRef("student"))
    return (
        Guardianship.objects.filter(guardian=guardian, acts=True)
        .select_related("student__school_class")
        .annotate(
            leave_today=Exists(leave),
            permitted=Exists(late),
            change_kind=Subquery(change.values("kind")[:1]),
            change_time=Subquery(change.values("time")[:1]),
            week_aim=aim_of_week(monday, today),
            change_alone=Subquery(change.values("alone")[:1]),
            other_name=Subquery(other.values("name")[:1]),
            other_relation=Subquery(other.values("relation")[:1]),
        )
        .only("student__name", "student__state", "student__school_class__grade", "student__school_class__number")
        .order_by("student__school_class__grade", "student__school_class__number", "student__number")
    )


@prepared
def _applications(term_id: int, consent_version: int, student_ids: list[int]) -> QuerySet[Application]:
    asked = Application.objects.filter(term=term_id, student__pk__in=student_ids)
    shown = asked.only("student", "state", "submitted_at", "weekdays", "reason")
    return shown.annotate(agreed=agreed_to(term_id, consent_version)).order_by()


@prepared
def _days(today: date, student_ids: list[int]) -> QuerySet[ChildDay]:
    last = Handover.objects.filter(child_day=OuterRef("pk")).order_by("-number")
    return (
        ChildDay.objects.filter(student__pk__in=student_ids, date=today)
        .select_related("session__room", "holder")
        .only("student", "state", "since", "place", "session__ends_at", "session__room__name", "holder__name")
        .annotate(fetched_by=Subquery(last.values(name=Coalesce("released_to__name", "released_to_other__name"))[:1]))
        .order_by()
    )


@prepared
def _fetchers(student_ids: list[int]) -> QuerySet[Guardianship, tuple[int, str]]:
    may = Guardianship.objects.filter(student__pk__in=student_ids, may_fetch=True)
    return may.order_by("pk").values_list("student_id", "relation")


def cards(actor: Actor, term: Term) -> list[Card]:
    """Return a card for each child of this guardian: four queries, however many children."""
    today = clock.today()
    links = _children(actor.guardian, term.pk, today, monday_of(today)) if actor.guardian else []
    ids = [link.student_id for link in links]
    applications = {row.student_id: row for row in _applications(term.pk, term.consent_version, ids)}
    days = {row.student_id: row for row in _days(today, ids)}
    fetchers: dict[int, list[str]] = {}
    for student_id, relation in _fetchers(ids):
        fetchers.setdefault(student_id, []).append(str(Relation(relation).label))
    return [
        Card(
            link.student, applications.get(link.student_id), days.get(link.student_id), link.leave_today,
            _way_home(link),
            "、".join(dict.fromkeys(fetchers.get(link.student_id, []))),
            window_of(term, link.student_id, permitted=link.permitted),
            link.week_aim or "",
        )
        for link in links
    ]  # fmt: skip


def _way_home(link: Any) -> str:
    """Return what a guardian said of today's way home: 早接 16:30，由姑姑周小慧接."""
    words = [f"{ChangeKind(link.change_kind).label} {link.change_time:%H:%M}"] if link.change_kind else []
    if link.change_alone:
        words.append("自己离校")
    if link.other_name:
        words.append(f"由{link.other_relation}{link.other_name}接")
    return "，".join(words)


@prepared
def _unread(actor: Actor, since: datetime) -> QuerySet[Delivery, Any]:
    letter = Q(message__kind__in=LETTERS)  # letters of the school come first, and open by themselves
    first = unread_of(actor, since).annotate(is_letter=ExpressionWrapper(letter, BooleanField()))
    return first.order_by("-is_letter", "-message__created_at").values(
        "is_letter", title=F("message__title"), url=F("message__url"), at=F("message__created_at")
    )[: UNREAD_SHOWN + 1]


def context(actor: Actor, term: Term | None) -> dict[str, Any]:
    """Return what the parent's home page shows."""
    unread = _unread(actor, midnight())
    return {
        "cards": cards(actor, term) if term else [],
        "unread": unread[:UNREAD_SHOWN],
        "more_unread": len(unread) > UNREAD_SHOWN,
    }
