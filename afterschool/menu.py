"""All words of the navigation as rows: what a phone's bottom bar has no room for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterschool.school.access import signed_in
from afterschool.school.http import PortalRequest


@signed_in
@require_GET
def menu(request: PortalRequest) -> HttpResponse:
    """Show every page of the role this person works in."""
    return render(request, "home/menu.html", {"menu_open": True})
