"""The monthly report: which months there are, one month, its papers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from evaluation import documents
from evaluation.access import REPORT_READERS
from evaluation.queries import reports as queries
from evaluation.views.common import month_or_404, term_or_404


@allow(*REPORT_READERS)
@require_GET
def reports(request: PortalRequest) -> HttpResponse:
    """Show the months of the term."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    return render(request, "evaluation/reports.html", {"lines": queries.months(request.actor, request.term)})


@allow(*REPORT_READERS)
@require_GET
def month(request: PortalRequest, month: str) -> HttpResponse:
    """Show the figures of one month as of now."""
    term = term_or_404(request)
    context = documents.context(term, month_or_404(term, month), names=request.actor.is_office)
    return render(request, "evaluation/report_month.html", context)


@allow(*REPORT_READERS)
@require_POST
def paper(request: PortalRequest, month: str) -> HttpResponse:
    """Ask for the month as PDF or Excel; the worker makes it."""
    term = term_or_404(request)
    found = month_or_404(term, month)
    names = request.POST.get("names") == "1" and request.actor.is_office
    kind = documents.KINDS.get(request.POST.get("as", "pdf"), "")
    try:
        asked = papers.request_paper(
            kind,
            title=f"{found}课后服务月报{'（内部，含未到名单）' if names else ''}",
            params={"term": term.pk, "month": found.code, "names": names},
            by=request.actor,
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:report-month", found.code)
    return redirect("school:paper", asked.pk)
