"""Teachers' results of a term: the list by staff number, one teacher's make-up, the decision."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.school.models import Teacher, Term
from afterschool.support.refusal import Refused
from evaluation import access, result_documents
from evaluation.actions.results import decide as decide_result
from evaluation.actions.results import follow_proposals
from evaluation.month import WholeTerm
from evaluation.queries import results as queries
from evaluation.views.common import term_or_404

RULES = {
    "term": "学期评价表的得分",
    "months": "各月评价表的平均分",
    "visits": "各次巡视评价表的平均分",
}
REASON_MOST = 200


@allow(*access.REPORT_READERS)
@require_GET
def results(request: PortalRequest) -> HttpResponse:
    """Show the term's teachers with what is there and what was decided, by staff number."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    found = queries.overview(request.term)
    plain = len(found.plain(request.actor.teacher))
    context = {"found": found, "plain": plain, "decided": sum(1 for case in found.cases if case.result)}
    return render(request, "evaluation/results.html", context)


@allow(*access.REPORT_READERS)
@require_POST
def follow(request: PortalRequest) -> HttpResponse:
    """Decide all at once whose proposal nothing speaks against."""
    term, seen = term_or_404(request), request.POST.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else -1
    try:
        done = follow_proposals(term=term, seen=number, by=request.actor)
        messages.success(request, f"{done} 人的结果已按建议定好，本人可以看到。其余的请一位一位定。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("evaluation:results")


@allow(*access.REPORT_READERS)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the list as PDF or Excel; the worker makes it."""
    term = term_or_404(request)
    kind = result_documents.KINDS.get(request.POST.get("form", "pdf"))
    if kind is None:
        raise Http404
    title = result_documents.title_of(term)
    return redirect(
        "school:paper", papers.request_paper(kind, title=title, params={"term": term.pk}, by=request.actor).pk
    )


def _teacher(request: PortalRequest, term: Term, pk: int) -> Teacher:
    teachers = access.teachers_to_score(request.actor, term, WholeTerm(term.starts_on, term.ends_on))
    if request.actor.teacher is not None:
        teachers = teachers.exclude(pk=request.actor.teacher.pk)
    return get_object_or_404(teachers, pk=pk)


@allow(*access.REPORT_READERS)
@require_GET
def result(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what one teacher's result is made of, and the form to decide it."""
    term = term_or_404(request)
    return _page(request, term, _teacher(request, term, pk))


def _page(request: PortalRequest, term: Term, teacher: Teacher, *, error: str = "", status: int = 200) -> HttpResponse:
    found = queries.overview(term, teacher)
    case = found.of(teacher)
    context = {
        "found": found,
        "case": case,
        "rule": RULES.get(case.rule, ""),
        "versions": queries.versions(term, teacher),
        "seen": request.POST.get("seen", case.result.version if case.result else 0),
        "band": request.POST.get("band", case.result.band if case.result else ""),
        "reason": request.POST.get("reason", ""),
        "error": error,
    }
    return render(request, "evaluation/result.html", context, status=status)


@allow(*access.REPORT_READERS)
@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Decide a result, or decide it anew as another version."""
    term = term_or_404(request)
    teacher = _teacher(request, term, pk)
    seen = request.POST.get("seen", "")
    try:
        decide_result(
            term=term,
            teacher=teacher,
            band=request.POST.get("band", ""),
            reason=request.POST.get("reason", "")[:REASON_MOST],
            seen=int(seen) if seen.isascii() and seen.isdigit() else 0,
            by=request.actor,
        )
    except Refused as refused:
        return _page(request, term, teacher, error=refused.sentence, status=422)
    messages.success(request, f"{teacher.name}的结果已定，本人可以看到。")
    return redirect("evaluation:results")
