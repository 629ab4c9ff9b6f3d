"""Record books: made for all, one for whoever has turns in the group, checked by lot (H3, F4)."""

from datetime import date

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import books as actions
from evaluation.enums import BookFinding, BookRunState
from evaluation.models import BookRun
from evaluation.month import read_month
from evaluation.queries import books as queries
from evaluation.views.common import month_or_404, term_or_404

BOOK = "record-book"


@allow(*STAFF)
@require_GET
def books(request: PortalRequest) -> HttpResponse:
    """Show the runs and draws to office and leading group; to others the books of their groups, and what was found."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    term, whole = request.term, request.actor.has(*queries.READERS)
    runs = queries.runs(term) if whole else []
    making = any(one.going for one in runs)
    if request.htmx and whole:
        return render(request, "evaluation/books/runs.html", {"runs": runs, "making": making})
    context = {
        "whole": whole,
        "runs": runs,
        "making": making,
        "checks": queries.checks(term) if whole else [],
        "groups": queries.readable(request.actor, term).order_by("grade", "order", "name"),
        "months": queries.months_of(term, clock.today()),
        "found": [] if whole else queries.checked_of(request.actor, term).order_by("-at"),
        "findings": [BookFinding.GOOD, BookFinding.REMARK],
    }
    return render(request, "evaluation/books/books.html", context)


def _span(request: PortalRequest) -> tuple[date, date]:
    """Read a month, or the first and last day asked for."""
    month = read_month(request.POST.get("month"))
    term = term_or_404(request)
    if month is not None:
        return max(month.first, term.starts_on), min(month.last, term.ends_on)
    if request.POST.get("month") == "term":
        return term.service_starts_on, min(clock.today(), term.ends_on)
    raise Refused("no_span", "请选哪个月，或者整个学期。")


@allow(Role.ADMINISTRATOR)
@require_POST
def ask(request: PortalRequest) -> HttpResponse:
    term = term_or_404(request)
    try:
        first, last = _span(request)
        actions.ask_run(term, first=first, last=last, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "正在后台一班一班地做，做好会告诉您；这一页可以关。")
    return redirect("evaluation:books")


def _run(request: PortalRequest, pk: int) -> BookRun:
    return get_object_or_404(BookRun.objects.filter(term=term_or_404(request)), pk=pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def go_on(request: PortalRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    told(request, lambda: actions.go_on(run, by=request.actor), "接着做，做好的不用重做。")
    return redirect("evaluation:books")


@allow(*queries.READERS)
@require_GET
def file(request: PortalRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give out the file to print, or the packed one."""
    run = _run(request, pk)
    found = {"print": run.print_file, "zip": run.zip_file}.get(kind)
    if not found or run.state != BookRunState.DONE:
        raise Http404
    ending = "pdf" if kind == "print" else "zip"
    response = FileResponse(
        found.open("rb"),
        as_attachment=True,
        filename=f"工作记载本{run.first_day:%m%d}-{run.last_day:%m%d}.{ending}",
        content_type=papers.CONTENT_TYPES[ending],
    )
    response["Cache-Control"] = "no-store, private"
    return response


@allow(*STAFF)
@require_POST
def one(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for one group's book of a month."""
    term = term_or_404(request)
    group = get_object_or_404(queries.readable(request.actor, term), pk=pk)
    month = month_or_404(term, request.POST.get("month", ""))
    asked = papers.request_paper(
        BOOK,
        title=f"{group.name}{month}工作记载本",
        params={"group": group.pk, "month": month.code, "term": term.pk},
        by=request.actor,
    )
    return redirect("school:paper", asked.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def draw(request: PortalRequest) -> HttpResponse:
    term, number = term_or_404(request), request.POST.get("number", "")
    try:
        first, last = _span(request)
        wanted = int(number) if number.isdecimal() and len(number) < 5 else 0
        seen = request.POST.get("seen", "")
        drawn = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else None
        check = actions.draw_books(term, first=first, last=last, number=wanted, seen=drawn, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已抽 {check.number} 本，种子 {check.seed}。")
    return redirect("evaluation:books")


@allow(Role.ADMINISTRATOR)
@require_POST
def finding(request: PortalRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.checked_of(request.actor, term_or_404(request)), pk=pk)
    try:
        actions.note_finding(
            found, finding=request.POST.get("finding", ""), text=request.POST.get("text", ""), by=request.actor
        )
    except Refused as refused:
        messages.error(request, f"{found.group.name}：{refused.sentence}")
    else:
        messages.success(request, f"{found.group.name}，已记下。")
    return redirect("evaluation:books")
