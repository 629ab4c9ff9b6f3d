"""What a mark was before: the sentences are made from ids and codes when they are shown."""

from dataclasses import dataclass
from datetime import datetime

from afterschool.school.models import Event, User
from attendance.enums import MarkState
from attendance.models import RollCall


@dataclass(frozen=True)
class Change:
    """One change of a mark."""

    at: datetime
    by_name: str
    before: str
    after: str
    mended: bool
    note: str


def history_of(roll_call: RollCall, student_id: int) -> list[Change]:
    """Return the changes of one child's mark, oldest first: two queries."""
    events = list(
        Event.objects.filter(
            subject="rollcall",
            subject_id=roll_call.pk,
            student_id=student_id,
            verb__in=["roll_call.marked", "roll_call.mended"],
        ).select_related("note")
    )
    names = dict(User.objects.filter(pk__in={event.by_id for event in events}).values_list("pk", "name"))
    return [
        Change(
            event.at,
            names.get(event.by_id or 0, "系统"),
            MarkState(event.data["from"]).label,
            MarkState(event.data["to"]).label,
            event.verb == "roll_call.mended",
            event.note.text if hasattr(event, "note") else "",
        )
        for event in events
    ]
