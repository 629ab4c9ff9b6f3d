"""巡视记录: what the patrols of a day or a month found, for the office and the leaders, also on paper."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.school.papers import request_paper
from afterschool.support import clock
from attendance.views.visitors import span_of
from evaluation.patrol_documents import KINDS, READERS
from evaluation.queries import patrol as queries
from evaluation.queries.patrol import PATROLLERS
from evaluation.views.common import term_or_404

WORDS = {"pdf": "（PDF）", "xlsx": "（Excel）"}


@allow(*PATROLLERS)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show the rounds, visits and tasks of a day or a month; the office sees first what has no accepted explanation."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    term, actor, today = request.term, request.actor, clock.today()
    first, last, whole_month = span_of(request.GET.get("of", ""))
    found = queries.record_of(actor, term, first, last)
    context = {
        "found": found,
        "figures": found.figures,
        "visits": [(row, queries.words_of(row)) for row in found.visits],
        "unexplained": list(queries.unexplained(queries.visits_for(actor, term)).order_by("-at")[:30]),
        "overdue": list(queries.overdue(queries.follow_ups_for(actor, term), today)[:30]),
        "first": first,
        "whole_month": whole_month,
        "earlier": first - timedelta(days=1),
        "later": last + timedelta(days=1),
        "today": today,
        "may_print": actor.has(*READERS),
    }
    return render(request, "evaluation/patrol/record.html", context)


@allow(*READERS)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the record of a day or a month as PDF or Excel."""
    term = term_or_404(request)
    first, last, whole_month = span_of(request.POST.get("of", ""))
    form = request.POST.get("form", "pdf")
    form = form if form in KINDS else "pdf"
    of = f"{first.year}年{first.month}月" if whole_month else f"{first.month}月{first.day}日"
    params = {"term": term.pk, "first": first.isoformat(), "last": last.isoformat()}
    made = request_paper(KINDS[form], title=f"{of}巡视记录{WORDS[form]}", params=params, by=request.actor)
    return redirect("school:paper", made.pk)
