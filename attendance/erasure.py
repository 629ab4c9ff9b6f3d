"""Attendance's part of erasure: words, leaves and who fetched go; times and states stay, without a name."""

from afterschool.school.privacy import Scope, within
from attendance.models import (
    CallNote,
    ChildNote,
    DayFetcher,
    Handover,
    HandoverNote,
    HandoverOffer,
    LeaveRequest,
    Pass,
    PickupChange,
)


def erase(scope: Scope) -> None:
    """Delete the words of a child's days, or of a term's."""
    LeaveRequest.objects.filter(**scope).delete()
    PickupChange.objects.filter(**scope).delete()
    DayFetcher.objects.filter(**scope).delete()
    notes = {"session__term": scope["term"]} if "term" in scope else scope
    ChildNote.objects.filter(**notes).delete()
    HandoverNote.objects.filter(**within("handover__child_day", scope)).delete()
    CallNote.objects.filter(**within("child_day", scope)).update(text="", guardian=None)
    Handover.objects.filter(**within("child_day", scope)).update(released_to=None)
    Pass.objects.filter(**within("child_day", scope)).update(answer="")
    offers = HandoverOffer.objects.filter(**within("children__child_day", scope)).values("pk")
    HandoverOffer.objects.filter(pk__in=offers).update(reason="", objection="")
