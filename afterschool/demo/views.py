"""The control of the demo's clock."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.demo.clock import move_forward, next_service_afternoon
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.templatetags.school import dayhm
from afterschool.support import clock
from afterschool.support.refusal import Refused

STEPS = [5, 15, 30, 60]


@allow(Role.ADMINISTRATOR)
@require_GET
def show_clock(request: PortalRequest) -> HttpResponse:
    """Show the clock with the ways to move it."""
    if not request.school.demo:
        raise Http404
    return render(request, "demo/clock.html", {"steps": STEPS, "next_day": next_service_afternoon()})


@allow(Role.ADMINISTRATOR)
@require_POST
def forward(request: PortalRequest) -> HttpResponse:
    """Move the clock by some minutes, or to the next service day."""
    if not request.school.demo:
        raise Http404
    minutes = request.POST.get("minutes", "")
    moment = clock.now() + timedelta(minutes=int(minutes)) if minutes.isdecimal() else next_service_afternoon()
    try:
        if moment is None:
            raise Refused("no_day", "后面没有服务日了。")
        move_forward(request.school, moment, by=request.actor)
        messages.success(request, f"现在是 {dayhm(clock.now())}。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("demo:clock")
