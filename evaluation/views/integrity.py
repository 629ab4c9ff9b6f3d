"""The integrity page: what disagrees in the records, each line with the page where it is mended."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from evaluation.queries.integrity import findings


@allow(Role.ADMINISTRATOR)
@require_GET
def integrity(request: PortalRequest) -> HttpResponse:
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    found = findings(request.term)
    context = {
        "wrong": [one for one in found if one.lines],
        "right": [one for one in found if not one.lines],
        "checks": len(found),
        "number": sum(one.number for one in found),
    }
    return render(request, "evaluation/integrity.html", context)
