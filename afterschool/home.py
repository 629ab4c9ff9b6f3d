"""Where each role lands."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from afterschool.homes import office, parent, staff
from afterschool.navigation import active_role
from afterschool.school.access import signed_in
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest


@signed_in
@require_GET
def home(request: PortalRequest) -> HttpResponse:
    """Show the home page of the role this person works in."""
    role = active_role(request)
    if role == Role.GATEKEEPER:
        return redirect("attendance:gate")
    if role == Role.SERVICE_CENTRE:
        return redirect("attendance:late-care")
    if role == Role.VOLUNTEER:
        return redirect("scheduling:volunteer-today")
    if role == Role.ADMINISTRATOR:
        return render(request, "home/office.html", office.context(request.actor, request.school, request.term))
    if role in {Role.PARENT, None}:
        return render(request, "home/parent.html", parent.context(request.actor, request.term))
    return render(request, "home/staff.html", staff.context(request.actor, request.term))
