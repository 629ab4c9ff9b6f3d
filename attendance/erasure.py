"""Attendance's part of erasure: words and who fetched go; dates, times and states stay, without a name: figures lean on them."""

from afterschool.school.erasure import drop_uploads
from afterschool.school.privacy import Scope, blank, within
from attendance.models import (
    Breach,
    BreachFile,
    BureauReport,
    CallNote,
    ChildDay,
    ChildNote,
    DayFetcher,
    DayNote,
    DefectPhoto,
    FlagDecision,
    FlagStatement,
    Handover,
    HandoverNote,
    HandoverOffer,
    Incident,
    IncidentEntry,
    IncidentFile,
    LeaveRequest,
    LineUp,
    Pass,
    PickupChange,
    PlanFile,
    SignIn,
    StaffCheck,
)


def erase(scope: Scope) -> None:
    """Delete the words of a child's days, or of a term's."""
    LeaveRequest.objects.filter(**scope).update(reason="", said_by="")
    PickupChange.objects.filter(**scope).update(note="", said_by="")
    DayFetcher.objects.filter(**scope).delete()
    notes = {"session__term": scope["term"]} if "term" in scope else scope
    ChildNote.objects.filter(**notes).delete()
    HandoverNote.objects.filter(**within("handover__child_day", scope)).delete()
    CallNote.objects.filter(**within("child_day", scope)).update(text="", guardian=None)
    Handover.objects.filter(**within("child_day", scope)).update(released_to=None, place="")
    ChildDay.objects.filter(**scope).update(place="")
    Pass.objects.filter(**within("child_day", scope)).update(answer="")
    offers = HandoverOffer.objects.filter(**within("children__child_day", scope)).values("pk")
    HandoverOffer.objects.filter(pk__in=offers).update(reason="", objection="")
    if "term" in scope:
        _erase_of_school(scope)
        _erase_of_staff(scope)


def _erase_of_school(scope: Scope) -> None:
    """Delete what was told of a term's days and incidents, with the files."""
    LineUp.objects.filter(**scope).update(note="")
    blank(DayNote.objects.filter(**within("session", scope)), "text")
    blank(Incident.objects.filter(**scope), "what", "summary", "lessons")
    for table in (IncidentEntry, BureauReport):
        blank(table.objects.filter(**within("incident", scope)), "text")
    drop_uploads(IncidentFile.objects.filter(**within("incident", scope)))
    drop_uploads(DefectPhoto.objects.filter(**within("defect", scope)))
    drop_uploads(PlanFile.objects.filter(**within("plan", scope)))


def _erase_of_staff(scope: Scope) -> None:
    """Delete a term's breaches with their files, and the words beside flags, checks and sign-ins; the counts stay."""
    term = scope["term"]
    drop_uploads(BreachFile.objects.filter(breach__term=term))
    Breach.objects.filter(term=term).delete()
    FlagStatement.objects.filter(flag__term=term).update(text="")
    FlagDecision.objects.filter(flag__term=term).update(reason="")
    StaffCheck.objects.filter(session__term=term).update(note="")
    SignIn.objects.filter(session__term=term).exclude(reason="").update(reason="已清除")
