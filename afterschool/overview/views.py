"""The numbers of today, the week or the term, and the records behind each."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterschool.overview.ask import TERM, TODAY, WORDS, Ask, Scope, scopes_of, span_of
from afterschool.overview.counting import page_of
from afterschool.overview.figures import figures_of
from afterschool.overview.sources import SOURCES
from afterschool.overview.trend import trend_of
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from evaluation.queries.surveys import content_of

READERS = (Role.ADMINISTRATOR, Role.GRADE_LEADER, Role.HEAD_TEACHER)
A_PAGE = 50
FIGURES = figures_of(SOURCES)


def _asked(request: PortalRequest, term: Term) -> tuple[Ask, list[Scope]]:
    """Read whose numbers of which days are asked for; another's are a 404."""
    scopes = scopes_of(request.actor, term)
    of = request.GET.get("of", "")
    scope = next((one for one in scopes if one.code == of), None if of else next(iter(scopes), None))
    if scope is None:
        raise Http404
    span = span_of(term, request.GET.get("span", TODAY), request.GET.get("day", ""))
    return Ask(request.actor, term, scope, span), scopes


@allow(*READERS)
@require_GET
def page(request: PortalRequest) -> HttpResponse:
    """Show the figures of a scope and a span, each leading to its records."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    ask, scopes = _asked(request, request.term)
    context = {
        "ask": ask,
        "parts": page_of(ask),
        "trend": trend_of(ask),
        "content": content_of(request.term) if ask.span.code == TERM and ask.scope.is_school else None,
        "spans": [(word, _with_span(ask, code), code == ask.span.code) for code, word in WORDS.items()],
        "scopes": [(one.word, replace(ask, scope=one).url, one == ask.scope) for one in scopes],
    }
    return render(request, "overview/page.html", context)


def _with_span(ask: Ask, code: str) -> str:
    return replace(ask, span=span_of(ask.term, code)).url


@allow(*READERS)
@require_GET
def records(request: PortalRequest, key: str) -> HttpResponse:
    """List exactly the records behind one figure."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    ask, _ = _asked(request, request.term)
    if key not in FIGURES:
        raise Http404
    source, figure = FIGURES[key]
    if figure not in source.asked(ask):
        raise Http404
    shown = Paginator(source.behind(figure, ask), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "ask": ask,
        "figure": figure,
        "page": shown,
        "lines": [source.line(row, ask) for row in shown],
        "number": shown.paginator.count,
    }
    return render(request, "overview/records.html", context)
