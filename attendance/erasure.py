"""Attendance's part of erasure: words, leaves and who fetched go; times and states stay, without a name."""

from afterschool.school.privacy import Scope, within
from attendance.models import CallNote, Handover, HandoverNote, LeaveRequest, PickupChange


def erase(scope: Scope) -> None:
    """Delete the words of a child's days, or of a term's."""
    LeaveRequest.objects.filter(**scope).delete()
    PickupChange.objects.filter(**scope).delete()
    HandoverNote.objects.filter(**within("handover__child_day", scope)).delete()
    CallNote.objects.filter(**within("child_day", scope)).update(text="", guardian=None)
    Handover.objects.filter(**within("child_day", scope)).update(released_to=None)
