"""The demo school's grouping: proposed, looked at, proposed again and accepted on Friday 4 September."""

from datetime import datetime, timedelta

from django.db.models import Max

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, RoomKind
from afterschool.school.models import Group, Room, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions.grouping import accept_grouping, propose_groups, set_group_room

ACCEPTED_AT = datetime(2026, 9, 4, 10, 20, tzinfo=SHANGHAI)


def play(term: Term, office: Actor) -> None:
    """Propose twice and accept at 10:20, or as soon after the school's last approval as the office could."""
    approvals = Application.objects.filter(term=term, state=ApplicationState.SCHOOL_APPROVED)
    last = approvals.aggregate(at=Max("decided_at"))["at"]
    at = max(ACCEPTED_AT, last + timedelta(minutes=30)) if last else ACCEPTED_AT
    with clock.frozen(at - timedelta(minutes=20)):
        propose_groups(term=term, by=office)
    with clock.frozen(at - timedelta(minutes=5)):
        grouping = propose_groups(term=term, by=office)
    with clock.frozen(at):
        accept_grouping(grouping=grouping, by=office)
        _find_rooms(term, office)


def _find_rooms(term: Term, office: Actor) -> None:
    """Give the second parts of split classes a room: a classroom of the grade that stands empty, else any special room."""
    homes = Room.objects.filter(kind=RoomKind.HOME, groups__isnull=True, active=True).order_by("pk")
    special = list(Room.objects.filter(kind=RoomKind.SPECIAL, groups__isnull=True, active=True).order_by("pk"))
    waiting = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, room__isnull=True, ends_on=None)
    for group in waiting.order_by("grade", "order"):
        free = homes.filter(classes__grade=group.grade or 0, classes__school_year=term.school_year).first()
        room = free or (special.pop(0) if special else None)
        if room is not None:
            set_group_room(group=group, room=room, by=office)
