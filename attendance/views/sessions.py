"""The end of a session: taken over by the one on duty, ended when everybody has left."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Session
from afterschool.support.refusal import Refused
from attendance.actions import release


def own_session(request: PortalRequest, pk: int) -> Session:
    """Return a session this person is on duty at, or 404."""
    return get_object_or_404(Session.objects.filter(duties__active=True), pk=pk, duties__teacher=request.actor.teacher)


@allow(Role.TEACHER, Role.HEAD_TEACHER)
@require_POST
def end(request: PortalRequest, pk: int) -> HttpResponse:
    try:
        release.end_session(own_session(request, pk), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "孩子都已离开，这一场结束了。辛苦了。")
        return redirect("attendance:session-note", pk)
    return redirect("attendance:gate")


@allow(Role.TEACHER, Role.HEAD_TEACHER)
@require_POST
def take_over(request: PortalRequest, pk: int) -> HttpResponse:
    try:
        links = release.take_over(own_session(request, pk), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已接过 {len(links)} 个孩子，现在由您负责。")
    return redirect("attendance:gate")
