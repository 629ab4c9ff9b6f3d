"""What the screens here share."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused

View = Callable[..., HttpResponse]


def with_term(view: View) -> View:
    """Give the view the current term; a school without one gets a page that says who must do what first."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.term is None:
            return render(request, "enrollment/no_term.html")
        return view(request, request.term, *args, **kwargs)

    return guarded


def told(request: PortalRequest, done: Callable[[], object], said: str) -> bool:
    """Do one action; say that it is done, or why it was refused. Return whether it was done."""
    try:
        result = done()
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, said.replace("{}", str(result)))  # never a format: a name may hold braces
    return True


def seen_at(request: PortalRequest) -> datetime | None:
    """Return when the page was made that this form stood on."""
    try:
        found = parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
