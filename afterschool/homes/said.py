"""What families said of today, on the home of a head teacher and of who has a group today."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from attendance.queries.words import ADDRESSES as KINDS
from attendance.queries.words import by_child, lines, standing


def asked(actor: Actor, term: Term, *, on_duty: bool) -> dict[str, QuerySet[Any]]:
    """Return the rows that would say something, by kind; none for whom the page doesn't concern."""
    if actor.is_office or not (actor.class_ids or on_duty):
        return {}
    return standing(actor, term, clock.today())


def context(actor: Actor, term: Term, waits: Counter[str], *, on_duty: bool) -> dict[str, Any]:
    """Return the children of whom something was said for today; the office has the list of the school instead."""
    if actor.is_office or not (actor.class_ids or on_duty):
        return {}
    today = clock.today()
    said = by_child(lines(actor, term, today, until=today)) if any(waits[kind] for kind in KINDS) else []
    return {"said": said, "records": True}
