"""By which ways the school speaks, and what was sent to whom: the office's pages."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions import robots as actions
from afterschool.school.actions.deliveries import send_again
from afterschool.school.enums import DeliveryState, Role
from afterschool.school.forms import DeliveryFilterForm, RobotForm
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Robot
from afterschool.school.queries.deliveries import Wanted, deliveries_of, mail_figures, robots_of, tally_of
from afterschool.support.refusal import Refused

A_PAGE = 50
ON_THE_WAY = {DeliveryState.QUEUED, DeliveryState.SENDING}


@allow(Role.ADMINISTRATOR)
@require_GET
def channels(request: PortalRequest) -> HttpResponse:
    """Show e-mail and the group robots, with what became of the last thing each said."""
    robots = list(robots_of(request.actor))
    values = {"robots": robots, "waiting": any(robot.last_state in ON_THE_WAY for robot in robots)}
    if request.htmx:
        return render(request, "school/parts/robots.html", values)
    sender = settings.DEFAULT_FROM_EMAIL if settings.MAIL_ON else ""
    return render(request, "school/channels.html", values | {"sender": sender, "mail": mail_figures()})


@allow(Role.ADMINISTRATOR)
@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest) -> HttpResponse:
    """Set up a robot."""
    form = RobotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            robot = actions.add_robot(**form.cleaned_data, by=request.actor)
            messages.success(request, f"已添加“{robot.name}”。请发一条试试。")
            return redirect("school:channels")
        except Refused as refused:
            form.add_error(FIELDS.get(refused.code), refused.sentence)
    return render(request, "school/robot.html", {"form": form})


FIELDS = {"name_taken": "name", "bad_address": "address"}


@allow(Role.ADMINISTRATOR)
@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "POST"])
def change(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a robot. Its address and secret are never shown again."""
    robot = get_object_or_404(robots_of(request.actor), pk=pk)
    first = {"name": robot.name, "for_staff": robot.for_staff}
    form = RobotForm(request.POST or None, initial=first, standing=True)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_robot(robot=robot, **form.cleaned_data, by=request.actor)
            messages.success(request, "已保存。")
            return redirect("school:channels")
        except Refused as refused:
            form.add_error(FIELDS.get(refused.code), refused.sentence)
    return render(request, "school/robot.html", {"form": form, "robot": robot})


def _robot(request: PortalRequest, pk: int) -> Robot:
    found: Robot = get_object_or_404(robots_of(request.actor), pk=pk)
    return found


@allow(Role.ADMINISTRATOR)
@require_POST
def retire(request: PortalRequest, pk: int) -> HttpResponse:
    """Stop speaking through a robot."""
    actions.retire_robot(robot=_robot(request, pk), by=request.actor)
    messages.success(request, "已停用。排着没发的不再发到这个群。")
    return redirect("school:channels")


@allow(Role.ADMINISTRATOR)
@require_POST
def restore(request: PortalRequest, pk: int) -> HttpResponse:
    """Speak through a retired robot again."""
    actions.restore_robot(robot=_robot(request, pk), by=request.actor)
    messages.success(request, "已启用。")
    return redirect("school:channels")


@allow(Role.ADMINISTRATOR)
@require_POST
def attempt(request: PortalRequest, pk: int) -> HttpResponse:
    """Say one sentence in the group, to see whether it gets there."""
    told(
        request,
        lambda: actions.try_robot(robot=_robot(request, pk), by=request.actor),
        "正在试发，结果马上出现在这个群下面。",
    )
    return redirect("school:channels")


@allow(Role.ADMINISTRATOR)
@require_GET
def deliveries(request: PortalRequest) -> HttpResponse:
    """List what was sent to whom, by which way, and what didn't get there."""
    form = DeliveryFilterForm(request.GET)
    values = {key: value for key, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    page = Paginator(deliveries_of(request.actor, Wanted(**values)), A_PAGE).get_page(request.GET.get("page"))
    tally = tally_of(request.actor, values.get("message"))
    context = {"form": form, "page": page, "filtered": bool(values), "tally": tally}
    return render(request, "school/deliveries.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def again(request: PortalRequest, pk: int) -> HttpResponse:
    """Send once more by hand what was not delivered."""
    delivery = get_object_or_404(deliveries_of(request.actor), pk=pk)
    told(request, lambda: send_again(delivery=delivery, by=request.actor), "已排上，马上再发一次。")
    back = request.POST.get("next", "")
    inside = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    return redirect(back if inside else "school:deliveries")
