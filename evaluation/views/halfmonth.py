"""The half-monthly figures: which there are, one of them, its columns, its papers (H1)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.access import REPORT_READERS
from evaluation.actions import halfmonth as actions
from evaluation.enums import PaperState
from evaluation.halfmonth_pages import KINDS, columns_form, read_columns, table_of, title_of
from evaluation.models import HalfMonth
from evaluation.queries import halfmonth as queries
from evaluation.seen import fingerprint
from evaluation.views.common import term_or_404


def _report(request: PortalRequest, pk: int) -> HalfMonth:
    rows = HalfMonth.objects.filter(term=term_or_404(request)).select_related("term", "sent_by")
    return get_object_or_404(rows, pk=pk)


@allow(*REPORT_READERS)
@require_GET
def reports(request: PortalRequest) -> HttpResponse:
    """Show the reports of the term, newest first, and when the next is due."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    context = {
        "reports": queries.reports_of(request.term),
        "next": actions.due_soon(request.term, clock.today()),
    }
    return render(request, "evaluation/halfmonth/list.html", context)


@allow(*REPORT_READERS)
@require_GET
def report(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one report: as it was sent, or as of now, beside the one before."""
    found = _report(request, pk)
    versions, table = queries.versions_of(found), table_of(found)
    context = {
        "report": found,
        "title": title_of(found),
        "table": table,
        "seen": fingerprint(table.figures.as_data()),
        "versions": versions,
        "newest": versions[0].pk == found.pk,
        "may_send": request.actor.is_office and found.state == PaperState.DRAFT,
        "may_correct": request.actor.is_office and found.state == PaperState.SENT and versions[0].pk == found.pk,
    }
    return render(request, "evaluation/halfmonth/report.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def send(request: PortalRequest, pk: int) -> HttpResponse:
    """Freeze the report as it was looked at; what stands in the school's own columns of this very page goes with it."""
    found, typed = _report(request, pk), _typed(request)
    try:
        if typed:
            actions.type_in(found, values=typed, by=request.actor)
        actions.send(found, seen=request.POST.get("seen", ""), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{title_of(found)}已上报，数字不再变动。")
    return redirect("evaluation:figures-report", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def correct(request: PortalRequest, pk: int) -> HttpResponse:
    found = _report(request, pk)
    try:
        made = actions.correct(found, reason=request.POST.get("reason", ""), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:figures-report", pk)
    messages.success(request, f"第 {made.version} 版已开始，核对后再上报；以前的一版留着。")
    return redirect("evaluation:figures-report", made.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    found = _report(request, pk)
    try:
        actions.drop_correction(found, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:figures-report", pk)
    messages.success(request, "这次更正已放弃。")
    return redirect("evaluation:figures")


@allow(Role.ADMINISTRATOR)
@require_POST
def type_in(request: PortalRequest, pk: int) -> HttpResponse:
    found = _report(request, pk)
    told(request, lambda: actions.type_in(found, values=_typed(request), by=request.actor), "填的内容已保存。")
    return redirect("evaluation:figures-report", pk)


def _typed(request: PortalRequest) -> dict[str, dict[str, str]]:
    """Read the school's own columns: fields `own-<column>-<grade>`, `own-<column>-` for the school."""
    values: dict[str, dict[str, str]] = {}
    for name, text in request.POST.items():
        parts = name.split("-")
        if len(parts) == 3 and parts[0] == "own":
            values.setdefault(parts[1], {})[parts[2]] = str(text)
    return values


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def columns(request: PortalRequest) -> HttpResponse:
    """Switch columns on and off, name them, put them in order, add the school's own."""
    term = term_or_404(request)
    typed = read_columns(request.POST) if request.method == "POST" else columns_form(term)
    if request.method == "POST":
        try:
            actions.set_columns(term, columns=[row.as_set for row in typed if not row.empty], by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, "表的列已保存；已上报的不变。")
            return redirect("evaluation:figures-columns")
    return render(request, "evaluation/halfmonth/columns.html", {"rows": typed})


@allow(*REPORT_READERS)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a report as PDF or Excel; the worker makes it."""
    found = _report(request, pk)
    kind = KINDS.get(request.POST.get("as", "pdf"), "")
    try:
        asked = papers.request_paper(kind, title=title_of(found), params={"report": found.pk}, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:figures-report", pk)
    return redirect("school:paper", asked.pk)
