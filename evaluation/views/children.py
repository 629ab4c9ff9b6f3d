"""The children's page of a group and month, and what a parent sees of the own child."""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Group
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation import access
from evaluation.actions import sheets as actions
from evaluation.defaults import PHRASES
from evaluation.enums import RubricKind, SheetState
from evaluation.forms import ReopenForm, Typed, read_month_page
from evaluation.models import Rubric, RubricItem, ScoreSheet
from evaluation.month import Period, WholeTerm, months_between
from evaluation.proposals import Proposal
from evaluation.queries import child_facts, sheets
from evaluation.queries import children as queries
from evaluation.views.common import month_now, period_or_404, term_or_404

TEACHERS = (Role.TEACHER, Role.HEAD_TEACHER, Role.GRADE_LEADER, Role.ADMINISTRATOR)


@allow(*TEACHERS)
@require_GET
def groups(request: PortalRequest) -> HttpResponse:
    """Show the groups whose children this person scores; the only one opens at once."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    code = request.GET.get("month")
    month: Period = period_or_404(request.term, code) if code else month_now(request.term)
    found = list(queries.groups(request.actor, request.term, month))
    if len(found) == 1 and not request.GET:
        return redirect("evaluation:children-group", found[0].pk, month.code)
    months = [*months_between(request.term.starts_on, clock.today())][-6:]
    context = {"groups": found, "month": month, "months": months, "term_code": WholeTerm.code}
    return render(request, "evaluation/children_groups.html", context)


def _group(request: PortalRequest, pk: int, code: str) -> tuple[Group, Period]:
    term = term_or_404(request)
    month = period_or_404(term, code)
    return get_object_or_404(queries.groups(request.actor, term, month), pk=pk), month


@allow(*TEACHERS)
@require_GET
def group(request: PortalRequest, pk: int, month: str) -> HttpResponse:
    """Show the children of a group for a month, in the order of the register."""
    found, when = _group(request, pk, month)
    rows = queries.rows(found, when)
    return _page(request, found, when, rows, _rubric(rows))


def _rubric(rows: list[queries.ChildRow], shown: Rubric | None = None) -> Rubric | None:
    """Return the version this page is scored by: the one it was begun with, else the one it showed, else the one in use."""
    return queries.rubric_of(rows) or shown or sheets.active_rubric(RubricKind.STUDENT)


def _page(
    request: PortalRequest,
    group: Group,
    month: Period,
    rows: list[queries.ChildRow],
    rubric: Rubric | None,
    *,
    typed: Mapping[int, Typed] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    items = list(rubric.items.all()) if rubric else []
    open_rows = [row.student.pk for row in rows if not row.final]
    proposals = child_facts.proposals_for(rubric, group.term, open_rows, month) if rubric else {}
    before = queries.months_before(group.term, [row.student for row in rows]) if month.code == WholeTerm.code else {}
    context = {
        "group": group,
        "month": month,
        "rubric": rubric,
        "heads": [{"item": item, "short": item.column} for item in items],
        "rows": [_shown(row, items, typed.get(row.student.pk), proposals, before) for row in rows],
        "seen": queries.fingerprint(rows),
        "phrases": PHRASES,
        "finished": sum(row.final for row in rows),
        "slips": [row for row in rows if row.student.pk in typed and not typed[row.student.pk].valid],
    }
    return render(request, "evaluation/children.html", context, status=status)


def _shown(
    row: queries.ChildRow,
    items: list[RubricItem],
    typed: Typed | None,
    proposals: Mapping[int, Mapping[int, Proposal]],
    before: Mapping[tuple[int, int], list[tuple[int, int]]],
) -> dict[str, object]:
    cells = []
    for item in items:
        value: object = row.points.get(item.pk, "")
        if typed is not None and not row.final:
            value = typed.raw[item.pk]
        cells.append(
            {
                "item": item,
                "short": item.column,
                "value": value,
                "error": typed.errors.get(item.pk, "") if typed else "",
                "proposal": proposals.get(row.student.pk, {}).get(item.pk),
                "months": before.get((row.student.pk, item.pk), []),
            }
        )
    return {
        "row": row,
        "cells": cells,
        "comment": typed.comment if typed is not None and not row.final else row.comment,
        "comment_error": typed.comment_error if typed else "",
        "state": SheetState(row.sheet.state) if row.sheet else None,
    }


@allow(*TEACHERS)
@require_POST
def save_group(request: PortalRequest, pk: int, month: str) -> HttpResponse:
    """Keep the whole page: as drafts, with the unmarked at full points, or finish what is complete."""
    found, when = _group(request, pk, month)
    rows, act = queries.rows(found, when), request.POST.get("act")
    shown = sheets.rubric_shown(RubricKind.STUDENT, request.POST.get("rubric"))
    rubric = _rubric(rows, shown)
    items = list(rubric.items.all()) if rubric else []
    students = [row.student for row in rows if not row.final]
    typed = read_month_page(request.POST, items, students, fill=act == "fill")
    if not all(one.valid for one in typed.values()):
        return _page(request, found, when, rows, rubric, typed=typed, status=422)
    scores = {pk: one.scores() for pk, one in typed.items()}
    try:
        written, done = actions.save_month(
            group=found,
            month=when,
            scores=scores,
            finish=act == "final",
            seen=request.POST.get("seen"),
            rubric=shown,
            by=request.actor,
        )
    except Refused as refused:
        if refused.code == "somebody_was_faster":
            return _beside(request, found, when, typed, shown)
        messages.error(request, refused.sentence)
        return _page(request, found, when, rows, rubric, typed=typed, status=409)
    _say(request, written, done, finish=act == "final", left=len(students) - done)
    return redirect("evaluation:children-group", found.pk, when.code)


def _beside(
    request: PortalRequest, group: Group, month: Period, typed: Mapping[int, Typed], shown: Rubric | None
) -> HttpResponse:
    """Put what was typed and what was kept meanwhile on one page; sent twice, it is simply kept."""
    rows = queries.rows(group, month)
    open_rows = {row.student.pk: row for row in rows if not row.final}
    typed = {pk: one for pk, one in typed.items() if pk in open_rows}
    if all(one.says(open_rows[pk].points, open_rows[pk].comment) for pk, one in typed.items()):
        messages.success(request, "已存好。")
        return redirect("evaluation:children-group", group.pk, month.code)
    for pk, one in typed.items():
        one.beside(open_rows[pk].points, open_rows[pk].comment)
    messages.error(request, "刚才已有人存过这一页，您的没有存。下面是两边合在一起的，不同的已标出，请看过再存。")
    return _page(request, group, month, rows, _rubric(rows, shown), typed=typed, status=409)


def _say(request: PortalRequest, written: int, done: int, *, finish: bool, left: int) -> None:
    if not finish:
        messages.success(request, f"草稿已存，改动 {written} 人。")
        return
    rest = f"还有 {left} 人没有填满，留作草稿。" if left else "全班都已完成。"
    messages.success(request, f"完成 {done} 人，家长可以看到自己孩子的。{rest}")


def _finished(request: PortalRequest, pk: int) -> ScoreSheet:
    term = term_or_404(request)
    mine = sheets.children_in_groups(request.actor, term)
    found = ScoreSheet.objects.filter(term=term, rubric__kind=RubricKind.STUDENT, state=SheetState.FINAL)
    if not request.actor.is_office:
        found = found.filter(student__in=mine)
    return get_object_or_404(found.select_related("student__school_class", "scored_by", "rubric"), pk=pk)


@allow(*TEACHERS)
@require_GET
def finished_sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a child's finished sheet to the teachers of its group and the office."""
    found = _finished(request, pk)
    context = {
        "sheet": found,
        "rows": sheets.rows_of(found.rubric, found),
        "total": sum(line.points for line in found.lines.all()),
        "most": sheets.most_of(found.rubric),
        "form": ReopenForm() if access.may_reopen(request.actor) else None,
    }
    return render(request, "evaluation/finished_sheet.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def reopen_sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Open a child's finished sheet again, with a reason."""
    found = _finished(request, pk)
    try:
        actions.reopen(sheet=found, reason=request.POST.get("reason", "")[:200], by=request.actor)
        messages.success(request, "已重新打开，老师可以再改；家长暂时看不到。")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:children-sheet", pk)
    return redirect("evaluation:children")


@allow(Role.PARENT)
@require_GET
def child_sheets(request: PortalRequest) -> HttpResponse:
    """Show a parent the finished sheets of all own children."""
    return render(request, "evaluation/child_sheets.html", {"sheets": queries.sheets_for_parent(request.actor)})


@allow(Role.PARENT)
@require_GET
def child_sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a parent the finished sheets of one own child; another's child does not exist here."""
    student = get_object_or_404(access.own_children(request.actor), pk=pk)
    found = queries.sheets_for_parent(request.actor).filter(student=student)
    return render(request, "evaluation/child_sheets.html", {"sheets": found, "student": student})
