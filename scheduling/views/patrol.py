"""The patrol rota: read by all staff, set by the office, printed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import patrol as actions
from scheduling.forms.patrol import PatrolChangeForm, PatrolDayForm
from scheduling.models import PatrolChange, PatrolTurn
from scheduling.queries import patrol as queries
from scheduling.views.pages import term_of


@allow(*STAFF)
@require_GET
def patrol(request: PortalRequest) -> HttpResponse:
    """Show the posts of the week, open ones named, and the changes for single dates."""
    term = term_of(request)
    changes = queries.changes_of(term, clock.today())
    return render(request, "scheduling/patrol.html", {"patrol": queries.patrol_of(term), "changes": changes})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def day(request: PortalRequest, weekday: int) -> HttpResponse:
    """Set the posts of one weekday."""
    term = term_of(request)
    found = next((d for d in queries.patrol_of(term).days if d.number == weekday), None)
    if found is None:
        raise Http404
    form = PatrolDayForm(request.POST or None, day=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_day(term=term, weekday=weekday, people=form.people, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{found.name}的巡视已改。")
            return redirect("scheduling:patrol")
    return render(request, "scheduling/patrol_day.html", {"form": form, "day": found})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def change(request: PortalRequest, pk: int) -> HttpResponse:
    """Put another person on a post for one date."""
    turns = PatrolTurn.objects.filter(term=term_of(request)).select_related("teacher", "term")
    turn = get_object_or_404(turns, pk=pk)
    form = PatrolChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.change_for(
                turn=turn, day=values["day"], teacher=values["teacher"], reason=values["reason"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "这一天的巡视已改，双方已收到消息。")
            return redirect("scheduling:patrol")
    return render(request, "scheduling/patrol_change.html", {"form": form, "turn": turn})


@allow(Role.ADMINISTRATOR)
@require_POST
def change_remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Let the rota hold again on a date."""
    changes = PatrolChange.objects.filter(turn__term=term_of(request))
    found = get_object_or_404(changes.select_related("turn__teacher", "turn__term", "teacher"), pk=pk)
    told(request, lambda: actions.remove_change(change=found, by=request.actor), "已改回巡视表上的人。")
    return redirect("scheduling:patrol")


@allow(*STAFF)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the patrol rota as PDF."""
    term = term_of(request)
    made = request_paper("patrol", title=f"{term.name}巡视安排表", params={"term": term.pk}, by=request.actor)
    return redirect("school:paper", made.pk)
