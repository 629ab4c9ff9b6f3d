"""A parent's code of the day, set large, to be shown at the gate or sent to whoever fetches."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock, qr
from attendance import gate_code
from attendance.queries import gate_codes


@allow(Role.PARENT)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    guardian, day = request.actor.guardian, clock.today()
    children = gate_codes.children_of(guardian) if guardian else []
    context: dict[str, Any] = {"guardian": guardian, "day": day, "children": children}
    if guardian and children:
        public = request.school.public_url.rstrip("/")
        address = reverse("attendance:gate-code", args=[gate_code.token(guardian.pk, day)])
        typed = gate_code.short(guardian.pk, day)
        context |= {"qr": qr.svg(f"{public}{address}") if public else "", "typed": f"{typed[:3]} {typed[3:]}"}
    return render(request, "attendance/gate_my_code.html", context)
