"""The rubrics in use, as printed in the plan."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest
from evaluation.enums import RubricKind
from evaluation.queries import sheets


@allow(*STAFF)
@require_GET
def rubrics(request: PortalRequest) -> HttpResponse:
    """Show by what teachers and children are scored, to every member of staff."""
    found = [rubric for kind in RubricKind if (rubric := sheets.active_rubric(RubricKind(kind)))]
    tables = [{"rubric": rubric, "rows": sheets.rows_of(rubric, None)} for rubric in found]
    return render(request, "evaluation/rubrics.html", {"tables": tables})
