"""The rota as everybody reads it: a week, the own turns, how turns are spread; on paper."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from scheduling.queries import rota as queries
from scheduling.queries.rota_findings import sentences
from scheduling.queries.rota_load import floaters_on, loads_of
from scheduling.queries.training import untrained
from scheduling.rota_documents import bands_of_week, patrol_of_week


def monday_of(request: PortalRequest, term: Term) -> date:
    """Return the Monday of the week asked for, else of today, within the term's service."""
    try:
        day = date.fromisoformat(request.GET.get("week") or request.POST.get("week") or "")
    except ValueError:
        day = clock.today()
    day = min(max(day, term.service_starts_on), term.ends_on)
    return day - timedelta(days=day.weekday())


def grade_shown(request: PortalRequest, week: queries.Week) -> queries.GradeWeek | None:
    """Return the grade asked for, else the own one, else the first."""
    wanted = request.GET.get("grade", "")
    own = request.actor.teacher.grade if request.actor.teacher else None
    grade = int(wanted) if wanted.isdigit() else own
    return next((g for g in week.grades if g.grade == grade), week.grades[0] if week.grades else None)


@allow(*STAFF)
@require_GET
def rota(request: PortalRequest) -> HttpResponse:
    """Show the published rota of one week, the own turns first, one grade at a time."""
    term = request.term
    if term is None:
        return render(request, "scheduling/no_term.html")
    current = queries.accepted_rota(term)
    draft = queries.draft_rota(term) or queries.asked_rota(term) if request.actor.is_office else None
    context: dict[str, object] = {"rota": current, "draft": draft}
    if current is not None:
        monday = monday_of(request, term)
        week = queries.week_of(term, current, monday, actor=request.actor)
        context |= {
            "week": week,
            "shown": grade_shown(request, week),
            "mine": queries.own_turns(request.actor.teacher, week),
            "before": monday - timedelta(days=7),
            "after": monday + timedelta(days=7),
            "floaters": floaters_on(clock.today()),
            "findings": sentences(current) if request.actor.is_office else [],
            "untrained": untrained(term) if request.actor.is_office else set(),
        }
    return render(request, "scheduling/rota.html", context)


@allow(*STAFF)
@require_GET
def rota_load(request: PortalRequest) -> HttpResponse:
    """Show how turns are spread over the people of each grade, for all to see: 为什么总是我?"""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    current = queries.accepted_rota(request.term)
    loads = loads_of(request.term, current, clock.today()) if current else []
    own = request.actor.teacher.grade if request.actor.teacher else None
    wanted = request.GET.get("grade", "")
    grade = int(wanted) if wanted.isdigit() else own
    load = next((g for g in loads if g.grade == grade), loads[0] if loads else None)
    missed = untrained(request.term) if request.actor.is_office else set()
    context = {"rota": current, "loads": loads, "load": load, "untrained": missed}
    return render(request, "scheduling/rota_load.html", context)


@allow(*STAFF)
@require_GET
def rota_print(request: PortalRequest) -> HttpResponse:
    """Show the printed rota on the screen."""
    current = queries.accepted_rota(request.term) if request.term else None
    if request.term is None or current is None:
        return redirect("scheduling:rota")
    week = queries.week_of(request.term, current, monday_of(request, request.term), actor=request.actor)
    context = {
        "week": week,
        "sheets": bands_of_week(request.term, week),
        "patrol": patrol_of_week(request.term, week),
        "made_on": clock.today(),
    }
    return render(request, "scheduling/rota_print.html", context)


@allow(*STAFF)
@require_POST
def rota_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the rota as PDF."""
    return _paper(request, "rota", "PDF")


@allow(*STAFF)
@require_POST
def rota_excel(request: PortalRequest) -> HttpResponse:
    """Ask for the rota as Excel."""
    return _paper(request, "rota-xlsx", "Excel")


def _paper(request: PortalRequest, kind: str, form: str) -> HttpResponse:
    if request.term is None or queries.accepted_rota(request.term) is None:
        messages.error(request, "还没有发布的值班表。")
        return redirect("scheduling:rota")
    monday = monday_of(request, request.term)
    params = {"term": request.term.pk, "week": monday.isoformat()}
    title = f"值班安排表（{monday.month}月{monday.day}日起一周，{form}）"
    paper = request_paper(kind, title=title, params=params, by=request.actor)
    return redirect("school:paper", paper.pk)
