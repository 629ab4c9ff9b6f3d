"""The board: where every child is now."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.days import close_day
from attendance.queries import board as queries
from attendance.queries import custody
from attendance.queries.line_ups import line_ups_of

FOUND_UP_TO = 40


@allow(*STAFF)
@require_GET
def board(request: PortalRequest) -> HttpResponse:
    """Answer 304 to a poll when nothing changed; the part to htmx, the page to others."""
    if request.term is None:
        return render(request, "attendance/board_no_term.html")
    day = day_asked(request.GET.get("day"))
    # The page itself needs no version: its first poll brings one.
    version = f'"{queries.version(day)}"' if request.htmx else ""
    if version and request.headers.get("If-None-Match") == version:
        return HttpResponseNotModified()
    words = request.GET.get("q", "").strip()
    board = queries.read(request.actor, request.term, day)
    may_close = request.actor.has(Role.DUTY_LEADER)
    context = {
        "board": board,
        "waiting": board.not_called(may_call=may_close),
        "version": version,
        "words": words,
        "may_close": may_close,
        "whole": request.actor.has(*custody.WHOLE_SCHOOL),
        "today": clock.today(),
    }
    if words and not request.htmx:
        context["found"] = list(custody.search(custody.children(request.actor, day), words)[:FOUND_UP_TO])
    response = render(request, "attendance/parts/board.html" if request.htmx else "attendance/board.html", context)
    if version:
        response["ETag"] = version
    return response


@allow(*STAFF)
@require_GET
def session(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the children of one session by name, with where each is."""
    found = custody.names_of(request.actor, pk)
    if found is None:
        raise Http404
    context = {"session": found.session, "rows": found.rows, "line_up_lines": line_ups_of(found.session)}
    return render(request, "attendance/board_session.html", context)


def day_asked(text: str | None) -> date:
    """Return the day of the page: today unless another is named."""
    if not text:
        return clock.today()
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@allow(Role.DUTY_LEADER)
@require_POST
def close(request: PortalRequest, day: str) -> HttpResponse:
    when = day_asked(day)
    try:
        if request.term is None:
            raise Refused("no_term", "还没有学期。")
        close_day(request.term, when, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "孩子都有去向，这一天已经关闭。")
    return redirect(f"{reverse('attendance:board')}?day={when:%Y-%m-%d}")
