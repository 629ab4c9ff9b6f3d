"""Regrouping during the term: what changed, before and after side by side, accept from a day on, take back."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import SchoolClass
from afterschool.support.refusal import Refused
from scheduling.actions.regrouping import accept_regrouping, propose_regrouping, take_back_regrouping
from scheduling.enums import GroupingKind, GroupingState
from scheduling.forms.regrouping import StartForm
from scheduling.models import Grouping
from scheduling.queries.regrouping import (
    earliest_day,
    first_accepted,
    grade_lines,
    next_service_day,
    regroup_input,
    regroupings,
    totals,
)
from scheduling.views.pages import term_of


@allow(Role.ADMINISTRATOR)
@require_GET
def regrouping(request: PortalRequest) -> HttpResponse:
    """Show the draft of a regrouping, and those accepted before."""
    day = next_service_day(request.term) if request.term else None
    return _page(request, StartForm(initial={"starts_on": day}))


def _page(request: PortalRequest, form: StartForm) -> HttpResponse:
    if request.term is None or not first_accepted(request.term):
        why = "term" if request.term is None else "first"
        return render(request, "scheduling/grouping_before.html", {"why": why})
    kept = list(regroupings(request.term))
    draft = next((grouping for grouping in kept if grouping.state == GroupingState.DRAFT), None)
    lines = grade_lines(draft) if draft else []
    fresh = draft is not None and _fingerprint(draft) == draft.result.get("fingerprint")
    context = {
        "draft": draft,
        "stale": draft is not None and not fresh,
        "grades": [line for line in lines if line.changed or line.hints],
        "still": [line for line in lines if not line.changed and not line.hints],
        "totals": totals(lines),
        "todo": any(line.changed for line in lines) or bool(draft and draft.result.get("kinds")),
        "hinted": [hint for line in lines for hint in line.hints],
        "agreed": SchoolClass.objects.filter(pk__in=draft.result.get("kinds", [])) if draft else [],
        "accepted": [grouping for grouping in kept if grouping.state == GroupingState.ACCEPTED],
        "earliest": earliest_day(request.term),
        "form": form,
    }
    return render(request, "scheduling/regrouping.html", context)


def _fingerprint(draft: Grouping) -> str:
    return regroup_input(draft.term, draft.result.get("kinds", [])).fingerprint


@allow(Role.ADMINISTRATOR)
@require_POST
def propose(request: PortalRequest) -> HttpResponse:
    """Compute a new draft, with the classes for which the office agrees to the other kind."""
    kinds = [int(pk) for pk in request.POST.getlist("kind") if pk.isdecimal()]
    told(
        request,
        lambda: propose_regrouping(term=term_of(request), by=request.actor, kinds=kinds),
        "新的调整方案已生成，确认前不影响任何人。",
    )
    return redirect("scheduling:regrouping")


@allow(Role.ADMINISTRATOR)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Let a draft hold from a day on."""
    kept = get_object_or_404(_of_term(request), pk=pk)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    starts_on = form.cleaned_data["starts_on"]
    try:
        answer = accept_regrouping(grouping=kept, starts_on=starts_on, by=request.actor)
    except Refused as refused:
        form.add_error("starts_on" if refused.code in {"day_begun", "after_term"} else None, refused.sentence)
        return _page(request, form)
    said = f"已确认，{starts_on.month}月{starts_on.day}日起：{answer.moved}人换班，已通知家长。"
    messages.success(request, said + ("新开的服务班还要排值班。" if answer.opened else ""))
    return redirect("scheduling:regrouping")


@allow(Role.ADMINISTRATOR)
@require_POST
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Undo an accepted regrouping before its first day."""
    kept = get_object_or_404(_of_term(request), pk=pk)
    try:
        number = take_back_regrouping(grouping=kept, by=request.actor)
        messages.success(request, f"已撤回，{number}人照原来的安排，已通知家长。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:regrouping")


def _of_term(request: PortalRequest) -> QuerySet[Grouping]:
    return Grouping.objects.filter(term=request.term, kind=GroupingKind.REGROUP).select_related("term")
