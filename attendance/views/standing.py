"""Where a request comes from: the network address, and the key of a registered classroom PC."""

from dataclasses import replace

from axes.helpers import get_client_ip_address

from afterschool.school.http import PortalRequest
from attendance.devices import Device
from attendance.forms import read_device

PC_COOKIE = "classroom_pc"


def standing(request: PortalRequest) -> Device:
    """Return the device of a post with what it said of itself, and where the server sees it."""
    address = str(get_client_ip_address(request) or "")
    return replace(read_device(request.POST), address=address, pc=request.COOKIES.get(PC_COOKIE, "")[:40])
