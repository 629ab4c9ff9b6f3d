"""Terms that are over: closed, leafed through, opened again (A4)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions.closing import close_term, reopen_term, why_not_yet
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import KINDS
from afterschool.school.reading import READERS, read_on
from afterschool.school.views.papers import give
from afterschool.setup.archive.asking import MAKING, ask_archive, is_of_today, newest_archive
from afterschool.setup.archive.making import KIND
from afterschool.setup.open_ends import is_current, open_ends
from afterschool.setup.past import history_of, past_terms
from afterschool.support.refusal import Refused


def _past(pk: int) -> Term:
    return get_object_or_404(past_terms(), pk=pk)


@allow(*READERS)
@require_GET
def terms(request: PortalRequest) -> HttpResponse:
    """List the terms that are over or closed."""
    return render(request, "setup/past_terms.html", {"terms": past_terms()})


@allow(*READERS)
@require_GET
def term(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one term that is over: when it was closed, by whom, and what can be done with it."""
    return _page(request, _past(pk))


def _page(request: PortalRequest, past: Term, **more: str) -> HttpResponse:
    paper = newest_archive(past)
    context = {
        "past": past,
        "history": history_of(past),
        "is_current": past == request.school.current_term,
        "archive": paper,
        "outdated": paper is not None and not is_of_today(paper, past),
        "making": paper is not None and paper.state in MAKING,
        "keep_days": KINDS[KIND].keep_days,
    }
    return render(request, "setup/past_term.html", context | more)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def term_close(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what is still open in a term, and close it."""
    closing = get_object_or_404(Term, pk=pk)
    if closing.closed_at is not None:
        return redirect("setup:past-term", pk)
    found, typed, refused = open_ends(closing), request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            close_term(term=closing, typed=typed, open_ends={one.code: one.number for one in found}, by=request.actor)
        except Refused as error:
            refused = error.sentence
        else:
            messages.success(request, f"{closing.name}已结束归档，只能查看。")
            return redirect("setup:past-term", pk)
    context = {
        "closing": closing,
        "ends": found,
        "hindered": why_not_yet(closing),
        "is_current": is_current(closing),
        "typed": typed,
        "refused": refused,
    }
    return render(request, "setup/term_close.html", context)


@allow(*READERS)
@require_POST
def term_reopen(request: PortalRequest, pk: int) -> HttpResponse:
    """Open a closed term again, with a reason."""
    past, reason = _past(pk), request.POST.get("reason", "")
    try:
        reopen_term(term=past, reason=reason, by=request.actor)
    except Refused as refused:
        return _page(request, past, refused=refused.sentence, reason=reason)
    messages.success(request, f"{past.name}已重新打开，可以更正。改完请再结束归档。")
    return redirect("setup:past-term", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def archive_make(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for all papers of a closed term as one file."""
    past = _past(pk)
    try:
        paper = ask_archive(term=past, by=request.actor)
    except Refused as refused:
        return _page(request, past, refused=refused.sentence)
    return redirect("school:paper", paper.pk)


@allow(*READERS)
@require_GET
def archive(request: PortalRequest, pk: int) -> HttpResponseBase:
    """Give out the archive made last; the history keeps who took it."""
    paper = newest_archive(_past(pk))
    if paper is None:
        raise Http404
    return give(paper, request.actor)


@allow(*READERS)
@require_POST
def term_read(request: PortalRequest, pk: int) -> HttpResponse:
    """Show an earlier term on this person's pages instead of the current one."""
    past = _past(pk)
    if past == request.school.current_term:
        raise Http404
    read_on(request, past)
    return redirect("evaluation:reports")  # home is of today


@allow(*READERS)
@require_POST
def term_read_end(request: PortalRequest) -> HttpResponse:
    """Show the current term again."""
    read_on(request, None)
    return redirect("home")
