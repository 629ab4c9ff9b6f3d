"""The request as every view of the portal gets it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

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
