"""What is handed over, on the home of staff: lists to receive, passes to answer, the line-up of the own class."""

from collections import Counter
from typing import Any

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import SchoolClass
from afterschool.support import clock
from attendance.queries import handing, line_ups


def context(actor: Actor, waits: Counter[str]) -> dict[str, Any]:
    """Return what waits for this person (see `handing.pending`): no query for a teacher with nothing to hand over."""
    values: dict[str, Any] = {"kept": waits["kept"]}
    day = clock.today()
    if actor.teacher is not None:
        lists = handing.lists_of(actor, day) if waits["list"] else handing.Lists()
        values["lists_received"], values["lists_given"] = lists.received, lists.given
    if actor.class_ids or actor.has(Role.DUTY_LEADER):
        values |= {"passes": handing.passes_waiting(actor, day), "handing_day": day}
    if actor.class_ids:
        classes = SchoolClass.objects.filter(pk__in=actor.class_ids).select_related("head_teacher")
        values["class_lines"] = line_ups.class_lines(classes, day)
    return values
