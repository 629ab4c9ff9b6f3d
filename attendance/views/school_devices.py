"""From where a sign-in counts: networks, and the classroom PCs that were registered on themselves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support.refusal import Refused
from attendance.actions import school_devices as actions
from attendance.discipline_forms import DeviceForm, NetworksForm
from attendance.models import ClassroomDevice
from attendance.queries.settings import afternoon
from attendance.views.standing import PC_COOKIE, standing

TEN_YEARS = 10 * 365 * 24 * 60 * 60


def _page(request: PortalRequest, **forms: object) -> HttpResponse:
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    here = standing(request)
    rows = list(ClassroomDevice.objects.filter(active=True).select_related("room", "added_by"))
    context = {
        "devices": rows,
        "this": next((row for row in rows if here.pc and row.device_id == here.pc), None),
        "address": here.address,
        "networks": NetworksForm(initial={"networks": afternoon(request.term).school_networks}),
        "form": DeviceForm(),
    }
    return render(request, "attendance/devices.html", context | forms)


@allow(Role.ADMINISTRATOR)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show the networks and the registered PCs; whether the PC one sits at is one of them."""
    return _page(request)


@allow(Role.ADMINISTRATOR)
@require_POST
def networks(request: PortalRequest) -> HttpResponse:
    """Set the networks."""
    form = NetworksForm(request.POST)
    if request.term is None or not form.is_valid():
        return _page(request, networks=form)
    actions.set_networks(term=request.term, networks=form.cleaned_data["networks"], by=request.actor)
    messages.success(request, "学校网络已保存，从现在起的点名按它算。")
    return redirect("attendance:devices")


@allow(Role.ADMINISTRATOR)
@require_POST
def add(request: PortalRequest) -> HttpResponse:
    """Register the PC one sits at: its key is kept in its browser."""
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    try:
        row = actions.register_pc(key=standing(request).pc, by=request.actor, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:devices")
    messages.success(request, f"这台电脑已登记为“{row.name}”。")
    response = redirect("attendance:devices")
    response.set_cookie(
        PC_COOKIE, row.device_id, max_age=TEN_YEARS, httponly=True, secure=request.is_secure(), samesite="Lax"
    )
    return response


@allow(Role.ADMINISTRATOR)
@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Let a PC count no more."""
    row = get_object_or_404(ClassroomDevice, pk=pk)
    told(request, lambda: actions.remove_pc(device=row, by=request.actor), f"“{row.name}”不再算学校电脑。")
    return redirect("attendance:devices")
