"""The proposal of groups: the whole school, one grade, accept, print."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student
from afterschool.support.refusal import Refused
from scheduling.actions.grouping import accept_grouping, propose_groups
from scheduling.enums import GroupingState
from scheduling.models import Grouping
from scheduling.queries.grouping import (
    GradeChange,
    changes,
    current_grouping,
    figures,
    grade_views,
    grouping_before,
    loose,
    school_input,
)


@allow(Role.ADMINISTRATOR)
@require_GET
def grouping(request: PortalRequest) -> HttpResponse:
    """Show the draft or the accepted grouping: the whole school, or `?grade=3`."""
    if request.term is None:
        return render(request, "scheduling/grouping_before.html", {"why": "term"})
    given = school_input(request.term)
    kept = current_grouping(request.term)
    if kept is None:
        return render(request, "scheduling/grouping_before.html", {"why": "draft", "children": given.children})
    views = grade_views(kept)
    chosen = next((view for view in views if str(view.grade) == request.GET.get("grade")), None)
    before = grouping_before(kept)
    context = {
        "grouping": kept,
        "grades": views,
        "chosen": chosen,
        "figures": figures([chosen] if chosen else views),
        "totals": figures(views),
        "accepted": kept.state == GroupingState.ACCEPTED,
        "stale": given.fingerprint != kept.result.get("fingerprint"),
        "approved_now": given.children,
        "before": before,
        "changes": _named(changes(kept, before), chosen.grade if chosen else None) if before else [],
        "loose": loose(request.term) if kept.state == GroupingState.ACCEPTED else None,
    }
    return render(request, "scheduling/grouping.html", context)


def _named(found: list[GradeChange], grade: int | None) -> list[dict[str, object]]:
    """Put the children's names to the changes of one grade; the whole school shows numbers only."""
    ids = [pk for c in found if c.grade == grade for pk in [*c.joined, *c.left, *c.moved]]
    students = Student.objects.select_related("school_class").in_bulk(ids)
    return [
        {
            "change": change,
            "joined": [students[pk] for pk in change.joined if pk in students],
            "left": [students[pk] for pk in change.left if pk in students],
            "moved": [(students[pk], *names) for pk, names in change.moved.items() if pk in students],
        }
        for change in found
        if change.any and grade in (None, change.grade)
    ]


@allow(Role.ADMINISTRATOR)
@require_POST
def propose(request: PortalRequest) -> HttpResponse:
    """Compute a new draft."""
    try:
        if request.term is None:
            raise Refused("no_term", "还没有设置当前学期。")
        propose_groups(term=request.term, by=request.actor)
        messages.success(request, "新的编班方案已生成，确认前不影响任何人。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:grouping")


@allow(Role.ADMINISTRATOR)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Accept a draft: groups and places are made, families are told."""
    kept = get_object_or_404(Grouping.objects.select_related("term"), pk=pk, term=request.term)
    try:
        made = accept_grouping(grouping=kept, by=request.actor)
        messages.success(request, f"编班已确认，建立了{made}个服务班，已通知家长。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:grouping")


@allow(Role.ADMINISTRATOR)
@require_POST
def print_reasons(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the paper with the reason of each group."""
    kept = get_object_or_404(Grouping, pk=pk, term=request.term)
    grade = request.POST.get("grade", "")
    params = {"grouping": kept.pk, "grade": int(grade) if grade.isdecimal() else None}
    paper = papers.request_paper("grouping-reasons", title="编班理由", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)
