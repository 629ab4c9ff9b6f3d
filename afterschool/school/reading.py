"""Leafing through an earlier term, and what a page says when somebody would change a closed one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from afterschool.school.closed_terms import MARK
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support.refusal import Refused

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)
KEY = "reading_term"


def read_on(request: PortalRequest, term: Term | None) -> None:
    """Let this person's pages show an earlier term instead of the current one; with none, the current one again."""
    if term is None or term == request.school.current_term:
        request.session.pop(KEY, None)
    else:
        request.session[KEY] = term.pk


class ReadingMiddleware:
    """Puts the earlier term that a person leafs through in the place of the current one; nobody else pays a query for it.

    A change that a closed term refuses, and that no form caught, ends on the page it came from, with the sentence.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: PortalRequest, view: Callable[..., Any], *_: Any) -> None:
        """Only where somebody is signed in anyway: on a public page the session isn't even opened."""
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        chosen = request.session.get(KEY)
        if chosen and request.actor.has(*READERS):
            request.term = Term.objects.filter(pk=chosen).first() or request.term

    def process_exception(self, request: PortalRequest, exception: Exception) -> HttpResponse | None:
        """Answer a change to a closed term that the view didn't expect to be refused."""
        if not isinstance(exception, Refused) or exception.code != MARK:
            return None
        messages.error(request, exception.sentence)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        page = request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
        back = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl() if safe and page else "/"
        return HttpResponseRedirect(back)
