"""Moves by hand: a grade's groups side by side, what the rules say of each, move, take back."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support.refusal import Refused
from scheduling.actions.moves import move_children, take_back_move
from scheduling.forms.regrouping import ArrangeForm
from scheduling.grouping import Finding, InvalidInput, needs_reason, verdicts
from scheduling.queries.arranging import all_groups, arrange_children, arrange_groups, bins
from scheduling.queries.regrouping import board_of, earliest_day, last_move, next_service_day

REASONS = {"over_cap", "room_too_small", "other_grade", "other_class"}


def _term(request: PortalRequest, grade: int) -> Term:
    if request.term is None or not arrange_groups(request.term, grade).exists():
        raise Http404
    return request.term


def _form(term: Term, grade: int, data: Any = None) -> ArrangeForm:
    return ArrangeForm(
        data,
        children=arrange_children(term, grade),
        groups=all_groups(term),
        initial={"starts_on": next_service_day(term)},
    )


@allow(Role.ADMINISTRATOR)
@require_GET
def arrange(request: PortalRequest, grade: int) -> HttpResponse:
    """Show a grade's groups side by side; children and whole classes can be dragged, or chosen and sent."""
    term = _term(request, grade)
    return _page(request, term, grade, _form(term, grade))


def _page(request: PortalRequest, term: Term, grade: int, form: ArrangeForm) -> HttpResponse:
    last = last_move(term, grade)
    groups = list(all_groups(term))
    context = {
        "grade": grade,
        "bins": bins(term, grade),
        "own": [group for group in groups if group.grade == grade],
        "others": [group for group in groups if group.grade != grade],
        "form": form,
        "chosen": set(form["child"].value() or []),
        "chosen_group": form["to_group"].value() or "",
        "earliest": earliest_day(term),
        "last": last,
        "last_group": next((g for g in groups if last and g.pk == last[0].data["group"]), None),
    }
    return render(request, "scheduling/arrange.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def hints(request: PortalRequest, grade: int) -> HttpResponse:
    """Say what the rules say of moving these children to each group: {group: {say, reason}}."""
    term = _term(request, grade)
    try:
        board = board_of(term)
    except InvalidInput:
        return JsonResponse({})
    asked = {int(pk) for pk in request.GET.getlist("child") if pk.isdecimal()}
    children = asked & board.school.children.keys()
    if not children:
        return JsonResponse({})
    return JsonResponse(
        {
            str(group): {"say": _words(found, board.inside[group] | children), "reason": needs_reason(found)}
            for group, found in verdicts(children, board).items()
        }
    )


def _words(found: Sequence[Finding], after: Collection[int]) -> str:
    """Say how many there would be, where no finding says it, and what was found."""
    said = {"same_group", "over_cap", "room_too_small"} & {finding.code for finding in found}
    size = "" if said else f"将有{len(after)}人。"
    return size + "".join(finding.sentence for finding in found)


@allow(Role.ADMINISTRATOR)
@require_POST
def move(request: PortalRequest, grade: int) -> HttpResponse:
    """Move the chosen children; what was chosen is kept where the rules refuse it."""
    term = _term(request, grade)
    form = _form(term, grade, request.POST)
    if not form.is_valid():
        return _page(request, term, grade, form)
    chosen = form.cleaned_data
    try:
        moved = move_children(
            students=list(chosen["child"]),
            to_group=chosen["to_group"],
            from_day=chosen["starts_on"],
            reason=chosen["reason"],
            by=request.actor,
        )
    except Refused as refused:
        form.add_error(_field_of(refused.code), refused.sentence)
        return _page(request, term, grade, form)
    day = moved[0].starts_on
    messages.success(request, f"{len(moved)}人从{day.month}月{day.day}日起在{chosen['to_group'].name}，已通知家长。")
    return redirect("scheduling:arrange", grade)


def _field_of(code: str) -> str | None:
    if code in REASONS:
        return "reason"
    return "starts_on" if code in {"day_begun", "after_term"} else None


@allow(Role.ADMINISTRATOR)
@require_POST
def take_back(request: PortalRequest, grade: int) -> HttpResponse:
    """Take back the last move by hand."""
    term = _term(request, grade)
    try:
        number = take_back_move(term=term, batch=request.POST.get("batch", ""), by=request.actor)
        messages.success(request, f"已撤销，{number}人照原来的安排。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:arrange", grade)
