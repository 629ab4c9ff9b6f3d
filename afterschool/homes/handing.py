"""What is handed over, on the home of staff: lists to receive, passes to answer, the line-up of the own class."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import SchoolClass
from afterschool.support import clock
from attendance.queries import handing, line_ups


def context(actor: Actor) -> dict[str, Any]:
    """Return what waits for this person: one query for a teacher with nothing to hand over."""
    values: dict[str, Any] = {}
    day = clock.today()
    if actor.teacher is not None:
        any_lists, values["kept"] = handing.pending(actor, day)
        lists = handing.lists_of(actor, day) if any_lists else handing.Lists()
        values["lists_received"], values["lists_given"] = lists.received, lists.given
    if actor.class_ids or actor.has(Role.DUTY_LEADER):
        values["passes"] = handing.passes_waiting(actor, day)
    if actor.class_ids:
        classes = SchoolClass.objects.filter(pk__in=actor.class_ids).select_related("head_teacher")
        values["class_lines"] = line_ups.class_lines(classes, day)
    return values
