"""What families said of today, on the home of a head teacher and of who has a group today."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from attendance.queries.words import by_child, lines


def context(actor: Actor, term: Term, *, on_duty: bool) -> dict[str, Any]:
    """Return the children of whom something was said for today; the office has the list of the school instead."""
    if actor.is_office or not (actor.class_ids or on_duty):
        return {}
    today = clock.today()
    return {"said": by_child(lines(actor, term, today, until=today)), "records": True}
