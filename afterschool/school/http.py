"""The request as every view of the portal gets it, and how a view says what became of an act."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest

from afterschool.support.refusal import Refused

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from afterschool.school.access import Actor
    from afterschool.school.models import School, Term


class PortalRequest(HttpRequest):
    """A request after the middleware: with the school, its current term (if any) and the person who asks.

    For who leafs through an earlier term `term` is that one (see `ReadingMiddleware`).
    """

    school: "School"
    term: "Term | None"
    actor: "Actor"
    htmx: "HtmxDetails"


def told(request: PortalRequest, act: Callable[[], object], said: str) -> bool:
    """Do an act and say on the next page how it went; tell whether it was done."""
    try:
        act()
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, said)
    return True
