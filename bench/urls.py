"""The portal's own addresses, and the floor: an empty page with login and one query, the school's row."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from afterschool.school.access import signed_in


@signed_in
def floor(request: HttpRequest) -> HttpResponse:
    """An empty page: login, the school's row, the base template."""
    return render(request, "base.html")


urlpatterns = [path("floor/", floor, name="floor"), path("", include("afterschool.urls"))]
