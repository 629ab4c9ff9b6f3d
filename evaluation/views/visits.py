"""Visits that were written down: the list, one more, one put right, the list on paper (走访, G3)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import visits as actions
from evaluation.models import VisitRecord
from evaluation.queries import visits as queries
from evaluation.survey_documents import VISITS
from evaluation.survey_forms import VisitForm
from evaluation.views.common import term_or_404

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.HEAD_TEACHER)
WRITERS = (Role.ADMINISTRATOR, Role.HEAD_TEACHER)


@allow(*READERS)
@require_GET
def visits(request: PortalRequest) -> HttpResponse:
    """Show the visits of the term, newest first."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    rows = queries.visits(request.actor, request.term)[:300]
    writes = request.actor.has(*WRITERS)
    return render(request, "evaluation/surveys/visits.html", {"rows": rows, "writes": writes})


@allow(*WRITERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest) -> HttpResponse:
    """Write a visit down."""
    term = term_or_404(request)
    initial = {"date": clock.today(), "people": 1}
    form = VisitForm(request.POST or None, students=queries.children(request.actor), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_visit(term=term, talk=actions.Talk(**form.cleaned_data), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已记下。")
            return redirect("evaluation:talks")
    return render(request, "evaluation/surveys/visit.html", {"form": form})


@allow(*READERS)
@require_http_methods(["GET", "POST"])
def visit(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one visit; who wrote it, and the office, may put it right."""
    row = get_object_or_404(queries.visits(request.actor, term_or_404(request)), pk=pk)
    form = VisitForm(request.POST or None, students=queries.children(request.actor), initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_visit(row, talk=actions.Talk(**form.cleaned_data), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已保存。")
            return redirect("evaluation:talks")
    context = {"row": row, "form": form if queries.may_change(request.actor, row) else None}
    return render(request, "evaluation/surveys/visit.html", context)


def _initial(row: VisitRecord) -> dict[str, object]:
    return {name: getattr(row, name) for name in VisitForm.base_fields}


@allow(*READERS)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the list as PDF or Excel; the worker makes it, for this person's eyes."""
    term = term_or_404(request)
    kind = VISITS.get(request.POST.get("as", "pdf"), "")
    try:
        asked = papers.request_paper(kind, title="走访记录", params={"term": term.pk}, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:talks")
    return redirect("school:paper", asked.pk)
