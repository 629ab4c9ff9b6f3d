"""What the portal sees of the rolls by itself, for the work list (`scheduling/facts.py`)."""

from datetime import datetime

from django.db.models import Count, Max, Q

from afterschool.school.enums import SessionState
from afterschool.school.models import Session, Term
from scheduling import facts
from scheduling.models import Task


def rolls_closed(term: Term, task: Task) -> datetime | None:
    """Tell when the last roll call of the task's day was finished, once all of them are."""
    found = Session.objects.filter(term=term, date=task.due_on, state=SessionState.PLANNED).aggregate(
        waiting=Count("pk", filter=Q(roll_call__closed_at__isnull=True)), at=Max("roll_call__closed_at")
    )
    return None if found["waiting"] else found["at"]


def register() -> None:
    """Make the facts known."""
    facts.register("rolls_closed", "当天的点名都已完成", rolls_closed)
