"""The rubrics in use, their older versions, and the page that makes a new one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from evaluation.actions.rubrics import new_version
from evaluation.enums import RubricKind
from evaluation.models import Rubric
from evaluation.proposals import KINDS, costs_with, settable
from evaluation.queries import sheets
from evaluation.rubric_forms import MOST_ITEMS, SPARE, RubricTyped, facts_of_kind, read_rubric, typed_from


@allow(*STAFF)
@require_GET
def rubrics(request: PortalRequest) -> HttpResponse:
    """Show by what teachers and children are scored, to every member of staff, and what a record takes off as 建议."""
    kinds = [RubricKind(kind) for kind in RubricKind]
    in_use = [rubric for kind in kinds if (rubric := sheets.active_rubric(kind))]
    tables = [_table(rubric) for rubric in in_use]
    older = Rubric.objects.filter(active=False).order_by("kind", "-version")
    context = {
        "tables": tables,
        "kinds": kinds,
        "older": older,
        "costs": [line for rubric in in_use for line in _costs(rubric)],
    }
    return render(request, "evaluation/rubrics.html", context)


def _table(rubric: Rubric) -> dict[str, object]:
    return {"rubric": rubric, "rows": sheets.rows_of(rubric, None), "bands": rubric.bands.all()}


def _costs(rubric: Rubric) -> list[tuple[str, list[str]]]:
    costs, found = costs_with(rubric.costs), dict[str, list[str]]()
    for code in settable(rubric.kind):
        words = f"{code.label}每次 {costs[code]} 分" if costs[code] else f"{code.label}不扣分，只列出"
        found.setdefault(str(KINDS[code].label), []).append(words)
    return list(found.items())


@allow(*STAFF)
@require_GET
def version(request: PortalRequest, pk: int) -> HttpResponse:
    """Show an older version: sheets written by it are read by it."""
    rubric = get_object_or_404(Rubric.objects.prefetch_related("items"), pk=pk)
    return render(request, "evaluation/rubric_version.html", {"table": _table(rubric)})


def _kind(text: str) -> RubricKind:
    if text not in RubricKind.values:
        raise Http404
    return RubricKind(text)


@allow(Role.ADMINISTRATOR)
@require_GET
def edit(request: PortalRequest, kind: str) -> HttpResponse:
    """Show the version in use, or the older one asked for, as a form; saving makes a new version."""
    chosen = _kind(kind)
    older = sheets.rubric_shown(chosen, request.GET.get("from"))
    return _page(request, chosen, typed_from(older or sheets.active_rubric(chosen), chosen), older=older)


def _page(
    request: PortalRequest,
    kind: RubricKind,
    typed: RubricTyped,
    *,
    older: Rubric | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    now = sheets.active_rubric(kind)
    context = {
        "kind": kind,
        "now": now,
        "older": older or now,
        "seen": request.POST.get("seen", now.version if now else 0),
        "typed": typed,
        "facts": facts_of_kind(kind),
        "error": error,
        "room": len(typed.rows) < MOST_ITEMS,
    }
    return render(request, "evaluation/rubric_edit.html", context, status=status)


@allow(Role.ADMINISTRATOR)
@require_POST
def save(request: PortalRequest, kind: str) -> HttpResponse:
    """Put a new version in use; or give the page more empty rows."""
    chosen = _kind(kind)
    typed, seen = read_rubric(request.POST, chosen), request.POST.get("seen", "")
    if request.POST.get("act") == "more":
        last = len(typed.rows)
        typed.rows += [{"order": last + n} for n in range(1, min(SPARE, MOST_ITEMS - last) + 1)]
        return _page(request, chosen, typed)
    if not typed.valid:
        return _page(request, chosen, typed, status=422)
    try:
        rubric = new_version(
            kind=chosen,
            title=typed.title,
            items=typed.items,
            bands=typed.scale,
            costs=typed.own_costs,
            seen=int(seen) if seen.isascii() and seen.isdigit() else 0,
            by=request.actor,
        )
    except Refused as refused:
        return _page(request, chosen, typed, error=refused.sentence, status=422)
    messages.success(request, f"第 {rubric.version} 版已启用；已写的评价表仍按原来的版本。")
    return redirect("evaluation:rubrics")
