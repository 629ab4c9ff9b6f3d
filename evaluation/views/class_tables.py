"""The class tables: who has confirmed, one table, its papers (H2)."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import class_tables as actions
from evaluation.class_table_pages import KINDS, sum_of, title_of
from evaluation.enums import ClassTableState
from evaluation.models import ClassTable
from evaluation.queries import class_tables as queries
from evaluation.queries.class_table_versions import changes_since, versions_of
from evaluation.seen import fingerprint
from evaluation.views.common import term_or_404

READERS = (Role.HEAD_TEACHER, Role.GRADE_LEADER, Role.ADMINISTRATOR, Role.LEADING_GROUP)


def _table(request: PortalRequest, pk: int) -> ClassTable:
    return get_object_or_404(queries.tables(request.actor, term_or_404(request)), pk=pk)


def _day(text: str) -> date:
    found = clock.read_day(text)
    if found is None:
        raise Http404
    return found


@allow(*READERS)
@require_GET
def tables(request: PortalRequest) -> HttpResponse:
    """Show who has confirmed: the due day asked for, else the newest; a head teacher's own are all listed."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    days = queries.progress(request.actor, request.term)
    asked = request.GET.get("due", "")
    due = _day(asked) if asked else (days[0].due_on if days else None)
    rows = queries.tables(request.actor, request.term)
    rows = rows.filter(due_on=due) if due else rows.none()
    context = {
        "days": days,
        "due": due,
        "now_on": next((one for one in days if one.due_on == due), None),
        "tables": rows.order_by("school_class__grade", "school_class__number"),
        "may_remind": request.actor.is_office or bool(request.actor.grades),
        "today": clock.today(),
    }
    return render(request, "evaluation/class_tables/list.html", context)


@allow(*READERS)
@require_GET
def table(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one class's table: as confirmed, or as of now from the records."""
    found = _table(request, pk)
    lines = queries.lines(found)
    context = {
        "table": found,
        "title": title_of(found),
        "span": queries.span_of(found),
        "lines": lines,
        "sum": sum_of(lines),
        "early": clock.today() < found.due_on,
        "seen": fingerprint(queries.plain(lines)),
        "versions": versions_of(found),
        "changes": changes_since(found, lines),
        "may_confirm": found.state == ClassTableState.OPEN
        and (found.school_class_id in request.actor.class_ids or request.actor.is_office),
        "may_reopen": found.state == ClassTableState.CONFIRMED and request.actor.is_office,
    }
    return render(request, "evaluation/class_tables/table.html", context)


@allow(*READERS)
@require_GET
def version(request: PortalRequest, pk: int, number: int) -> HttpResponse:
    """Show a version that was given back, as it was confirmed."""
    found = _table(request, pk)
    returned = get_object_or_404(found.versions.select_related("confirmed_by", "returned_by"), version=number)
    lines = queries.kept_lines(found, number)
    context = {
        "table": found,
        "title": title_of(found),
        "span": queries.span_of(found),
        "version": returned,
        "lines": lines,
        "sum": sum_of(lines),
    }
    return render(request, "evaluation/class_tables/version.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    found = _table(request, pk)
    told(
        request,
        lambda: actions.confirm(
            found, note=request.POST.get("note", ""), seen=request.POST.get("seen", ""), by=request.actor
        ),
        f"{found.school_class}的表已确认。",
    )
    return redirect("evaluation:class-table", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    found = _table(request, pk)
    told(
        request,
        lambda: actions.reopen(found, reason=request.POST.get("reason", ""), by=request.actor),
        f"{found.school_class}的表已退回班主任。",
    )
    return redirect("evaluation:class-table", pk)


@allow(Role.GRADE_LEADER, Role.ADMINISTRATOR)
@require_POST
def remind(request: PortalRequest) -> HttpResponse:
    due = _day(request.POST.get("due", ""))
    try:
        number = actions.remind(term_or_404(request), due, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已提醒 {number} 位班主任。" if number else "都已确认，不用提醒。")
    return redirect(f"{reverse('evaluation:class-tables')}?due={due:%Y-%m-%d}")


@allow(*READERS)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the table as PDF or Excel; the worker makes it."""
    found = _table(request, pk)
    kind = KINDS.get(request.POST.get("as", "pdf"), "")
    try:
        asked = papers.request_paper(kind, title=title_of(found), params={"table": found.pk}, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:class-table", pk)
    return redirect("school:paper", asked.pk)
