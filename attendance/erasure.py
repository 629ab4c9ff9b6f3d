"""Attendance's part of erasure: words, leaves and who fetched go; times and states stay, without a name."""

from functools import partial

from django.db import transaction

from afterschool.school.privacy import Scope, within
from attendance.models import (
    Breach,
    BreachFile,
    CallNote,
    ChildNote,
    DayFetcher,
    FlagDecision,
    FlagStatement,
    Handover,
    HandoverNote,
    HandoverOffer,
    LeaveRequest,
    LineUp,
    Pass,
    PickupChange,
    SignIn,
    StaffCheck,
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
    if "term" in scope:
        LineUp.objects.filter(**scope).update(note="")
    Pass.objects.filter(**within("child_day", scope)).update(answer="")
    offers = HandoverOffer.objects.filter(**within("children__child_day", scope)).values("pk")
    HandoverOffer.objects.filter(pk__in=offers).update(reason="", objection="")
    if "term" in scope:
        _erase_of_staff(scope)


def _erase_of_staff(scope: Scope) -> None:
    """Delete a term's breaches with their files, and the words beside flags, checks and sign-ins; the counts stay."""
    term = scope["term"]
    for row in BreachFile.objects.filter(breach__term=term):
        transaction.on_commit(partial(row.file.storage.delete, row.file.name or ""), robust=True)
    Breach.objects.filter(term=term).delete()
    FlagStatement.objects.filter(flag__term=term).update(text="")
    FlagDecision.objects.filter(flag__term=term).update(reason="")
    StaffCheck.objects.filter(session__term=term).update(note="")
    SignIn.objects.filter(session__term=term).exclude(reason="").update(reason="已清除")
