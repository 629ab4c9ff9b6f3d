"""The moves of one stand-in or swap, each a button."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest, told
from scheduling.actions import standins as actions
from scheduling.models import Substitution
from scheduling.queries.standins import substitutions_of
from scheduling.views.pages import term_of
from scheduling.views.standins import DECIDERS

BACK = {"home": "home", "desk": "scheduling:standins-desk"}


def _do(request: PortalRequest, pk: int, act: Callable[[Substitution], object], said: str) -> HttpResponse:
    one = get_object_or_404(substitutions_of(request.actor, term_of(request)), pk=pk)
    told(request, lambda: act(one), said)
    return redirect(BACK.get(request.POST.get("back", ""), "scheduling:standins"))


def _words(request: PortalRequest) -> str:
    return request.POST.get("reason", "")


@allow(*STAFF)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """The other says yes."""
    return _do(request, pk, lambda one: actions.accept(one=one, by=request.actor), "已答复可以，等年级组长确认。")


@allow(*STAFF)
@require_POST
def decline(request: PortalRequest, pk: int) -> HttpResponse:
    """The other says no."""
    words = _words(request)
    return _do(request, pk, lambda one: actions.decline(one=one, answer=words, by=request.actor), "已答复不能。")


@allow(*DECIDERS)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Who leads confirms."""
    return _do(request, pk, lambda one: actions.confirm(one=one, by=request.actor), "已确认，值班表和点名已改。")


@allow(*DECIDERS)
@require_POST
def place(request: PortalRequest, pk: int) -> HttpResponse:
    """Who leads puts in what the other said by word of mouth."""
    words = _words(request)
    said = "已确认，值班表和点名已改。"
    return _do(request, pk, lambda one: actions.place(one=one, reason=words, by=request.actor), said)


@allow(*DECIDERS)
@require_POST
def refuse(request: PortalRequest, pk: int) -> HttpResponse:
    """Who leads refuses, with a reason."""
    words = _words(request)
    return _do(
        request, pk, lambda one: actions.refuse(one=one, reason=words, by=request.actor), "没有同意，双方已收到。"
    )


@allow(*STAFF)
@require_POST
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back a request, or a confirmed change before it begins."""
    words = _words(request)
    return _do(request, pk, lambda one: actions.cancel(one=one, reason=words, by=request.actor), "已撤回。")
