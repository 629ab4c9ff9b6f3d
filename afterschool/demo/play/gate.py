"""The demo day's first at the gate: an aunt whom the parents named in the morning fetched a child early."""

from collections.abc import Collection
from datetime import date, time, timedelta

from afterschool.demo.play.custody import People
from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role, StudentState
from afterschool.school.models import Guardianship, Placement, Session, Student, Term
from afterschool.support import clock
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.fetchers import Someone
from attendance.actions.pickups import Wish, ask_pickup_change
from attendance.custody import State
from attendance.enums import ChangeKind, CustodyState, LeaveSource
from attendance.models import ChildDay, DayFetcher

SAID_AT, EARLY_AT = time(7, 40), time(15, 50)
AUNT = Someone("周敏", "姑姑", "13900008816")


def name_aunt(term: Term, day: date, leave_open: Collection[int]) -> Student | None:
    """Let a family say in the morning that the aunt fetches their child early; return the child."""
    first = Session.objects.filter(term=term, date=day, group__kind__in=SERVICE_GROUPS).exclude(pk__in=leave_open)
    session = first.order_by("starts_at", "group__grade", "group__order").first()
    if session is None:
        return None
    placed = Placement.objects.filter(group=session.group, weekdays__contains=str(day.isoweekday()), ends_on=None)
    links = Guardianship.objects.filter(
        student__in=placed.values("student"),
        student__state=StudentState.ENROLLED,
        acts=True,
        guardian__user__isnull=False,
    )
    link = links.select_related("guardian__user", "student").order_by("student__number", "pk").first()
    if link is None:
        return None
    by = Actor(link.guardian.user, None, link.guardian, frozenset({Role.PARENT}))
    wish = Wish(day, ChangeKind.EARLY, EARLY_AT, someone=AUNT)
    with clock.frozen(clock.at(day, SAID_AT)):
        ask_pickup_change(term=term, student=link.student, wish=wish, source=LeaveSource.GUARDIAN, by=by)
    return link.student


def fetch_early(term: Term, student: Student | None, day: date, people: People) -> None:
    """Let the gatekeeper give the child to the aunt, a few minutes before the visitor looks."""
    row = ChildDay.objects.filter(student=student, date=day, state=CustodyState.GROUP).first() if student else None
    gatekeeper = people.with_role(Role.GATEKEEPER)
    aunt = DayFetcher.objects.filter(student=student, first_day=day, cancelled_at=None).first()
    if row is None or gatekeeper is None or aunt is None:
        return
    with clock.frozen(clock.at(day, EARLY_AT) + timedelta(minutes=12)):
        move_many([MoveRequest(row, State.FETCHED, day_fetcher=aunt)], by=gatekeeper)
