"""What may be done for one child of the day: kept elsewhere, brought back, moved to another group, reported missing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from attendance.actions import offers
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.search import tell_guardians
from attendance.custody import State
from attendance.custody_forms import seen
from attendance.handing_forms import KeepForm, OtherGroupForm
from attendance.queries.child import club_of_mine
from attendance.views.child import done, own_child


@allow(*STAFF)
@require_POST
def keep(request: PortalRequest, pk: int) -> HttpResponse:
    """The receiver takes the child to a named place, with a reason (move 7)."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明带到哪里和原因。")
        return redirect("attendance:child", pk)
    move = MoveRequest(
        row,
        State.STAFF,
        holder=request.actor.teacher,
        place=form.cleaned_data["place"],
        note=form.cleaned_data["reason"],
    )
    return done(request, row, lambda: move_many([move], by=request.actor), "现在由您负责。")


@allow(*STAFF)
@require_POST
def bring_back(request: PortalRequest, pk: int) -> HttpResponse:
    """The group's teacher takes the child back from a colleague (move 7)."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    move = MoveRequest(row, State.GROUP, at_session=row.session, reason="back")
    return done(request, row, lambda: move_many([move], by=request.actor), "回到班里，现在由您负责。")


@allow(*STAFF)
@require_POST
def give_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Who keeps the child offers it to its own group; its teacher accepts."""
    row = seen(own_child(request, pk), request.POST.get("links"))

    def act() -> None:
        if row.session is None:
            raise Refused("no_such_move", "这个孩子今天没有服务班。")
        offers.offer([row], to_session=row.session, by=request.actor)

    return done(request, row, act, "等老师接收，接收以前仍由您负责。")


@allow(Role.ADMINISTRATOR, Role.DUTY_LEADER)
@require_POST
def other_group(request: PortalRequest, pk: int) -> HttpResponse:
    """The office moves a child to another group of the day; its teacher accepts (move 8)."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    form = OtherGroupForm(request.POST, child=row)
    if not form.is_valid():
        messages.error(request, "请选服务班并写明原因。")
        return redirect("attendance:child", pk)
    return done(
        request, row, lambda: offers.offer([row], by=request.actor, **form.cleaned_data), "已交给那个班的老师，等接收。"
    )


@allow(*STAFF)
@require_POST
def report_missing(request: PortalRequest, pk: int) -> HttpResponse:
    """Who answers for the child, or the receiver who doesn't find it, says so (move 3)."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    move = MoveRequest(row, State.MISSING, at_session=club_of_mine(row, request.actor), reason="not_found")
    return done(request, row, lambda: move_many([move], by=request.actor), "已记未到，班主任和值班行政马上看到。")


@allow(*STAFF)
@require_POST
def tell(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell the guardians of a missing child, on the teacher's word."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    return done(request, row, lambda: tell_guardians(row, by=request.actor), "家长会马上收到消息。")
