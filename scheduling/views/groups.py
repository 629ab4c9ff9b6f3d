"""Service groups as they stand: lists, one group, and what the office changes by hand."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support.refusal import Refused
from enrollment.enums import ApplicationState
from scheduling.actions.grouping import set_group_room
from scheduling.actions.moves import move_child
from scheduling.actions.places import end_places, renew_weekdays
from scheduling.forms.grouping import MoveForm, RoomForm
from scheduling.queries.grouping import groups_seen_by, idle_places, loose, members
from scheduling.queries.placing import children_of_term, groups_with_sizes

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER, Role.GRADE_LEADER, Role.TEACHER)


def _term(request: PortalRequest) -> Term:
    if request.term is None:
        raise Http404
    return request.term


@allow(*READERS)
@require_GET
def groups(request: PortalRequest) -> HttpResponse:
    """List the groups this person may read, by grade."""
    if request.term is None:
        return render(request, "scheduling/grouping_before.html", {"why": "term"})
    rows = groups_with_sizes(groups_seen_by(request.actor, request.term))
    context = {
        "groups": rows,
        "all": sum(row.size for row in rows),
        "loose": loose(request.term) if request.actor.is_office and rows else None,
    }
    return render(request, "scheduling/groups.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def end_idle(request: PortalRequest) -> HttpResponse:
    """End the places of the listed children who no longer take part."""
    try:
        ended = end_places(term=_term(request), places=_chosen(request), by=request.actor)
        messages.success(request, f"{ended}人从明天起不在服务班里。今天的点名和交接不变。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:groups")


@allow(Role.ADMINISTRATOR)
@require_POST
def follow_weekdays(request: PortalRequest) -> HttpResponse:
    """Let the places of the listed children follow the weekdays of their applications."""
    try:
        changed = renew_weekdays(term=_term(request), places=_chosen(request), by=request.actor)
        messages.success(request, f"{changed}人从明天起按新的星期参加。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:groups")


def _chosen(request: PortalRequest) -> list[int]:
    return [int(pk) for pk in request.POST.getlist("place") if pk.isdecimal()]


@allow(*READERS)
@require_GET
def group(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the children of a group."""
    seen = get_object_or_404(groups_seen_by(request.actor, _term(request)).select_related("term"), pk=pk)
    form = RoomForm(initial={"room": seen.room_id}) if request.actor.is_office else None
    idle = set(idle_places(_term(request)).filter(group=seen).values_list("pk", flat=True)) if form else set()
    context = {"group": seen, "places": members([seen])[seen.pk], "form": form, "idle": idle}
    return render(request, "scheduling/group.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def move(request: PortalRequest, student: int) -> HttpResponse:
    """Move a child to another group, or give a first one to a child who came later."""
    term = _term(request)
    child = get_object_or_404(children_of_term(term, ApplicationState.SCHOOL_APPROVED), pk=student)
    place = child.placements.filter(term=term, kind="service", ends_on=None).select_related("group").first()
    others = groups_seen_by(request.actor, term)
    if place is not None:
        others = others.exclude(pk=place.group_id)
    form = MoveForm(request.POST or None, groups=others)
    if request.method == "POST" and form.is_valid():
        to_group = form.cleaned_data["to_group"]
        try:
            made = move_child(student=child, to_group=to_group, by=request.actor, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error(
                "reason" if refused.code in {"over_cap", "other_grade", "other_class"} else None, refused.sentence
            )
        else:
            messages.success(
                request, f"{child.name}从{made.starts_on.month}月{made.starts_on.day}日起在{to_group.name}。"
            )
            return redirect("scheduling:group", to_group.pk)
    return render(request, "scheduling/move.html", {"child": child, "place": place, "form": form})


@allow(Role.ADMINISTRATOR)
@require_POST
def set_room(request: PortalRequest, pk: int) -> HttpResponse:
    """Give a group its room."""
    seen = get_object_or_404(groups_seen_by(request.actor, _term(request)), pk=pk)
    form = RoomForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("unknown_room", "没有这间教室。")
        set_group_room(group=seen, room=form.cleaned_data["room"], by=request.actor)
        messages.success(request, f"{seen.name}的教室已更新。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("scheduling:group", seen.pk)


@allow(*READERS)
@require_POST
def print_lists(request: PortalRequest) -> HttpResponse:
    """Ask for the group lists of a group, a grade, or all that this person may read, as PDF or Excel."""
    kind = "group-list-xlsx" if request.POST.get("as") == "xlsx" else "group-list"
    params = {key: int(request.POST[key]) for key in ("group", "grade") if request.POST.get(key, "").isdecimal()}
    params["term"] = _term(request).pk
    paper = papers.request_paper(kind, title="服务班名单", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)
