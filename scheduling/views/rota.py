"""The rota: read by all staff, proposed and published by the office, printed."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.rota import accept_rota, change_turn, propose_rota
from scheduling.actions.sessions import make_sessions
from scheduling.enums import RotaState
from scheduling.forms.rota import TurnForm
from scheduling.models import Rota, RotaTurn
from scheduling.queries import rota as queries
from scheduling.rota_documents import bands_of_week


def monday_of(request: PortalRequest, term: Term) -> date:
    """Return the Monday of the week asked for, else of today, within the term's service."""
    try:
        day = date.fromisoformat(request.GET.get("week") or request.POST.get("week") or "")
    except ValueError:
        day = clock.today()
    day = min(max(day, term.service_starts_on), term.ends_on)
    return day - timedelta(days=day.weekday())


@allow(*STAFF)
@require_GET
def rota(request: PortalRequest) -> HttpResponse:
    """Show the published rota of one week, the own turns first, one grade at a time."""
    term = request.term
    if term is None:
        return render(request, "scheduling/no_term.html")
    current = queries.accepted_rota(term)
    context: dict[str, object] = {"rota": current, "draft": queries.draft_rota(term)}
    if current is not None:
        monday = monday_of(request, term)
        week = queries.week_of(term, current, monday, actor=request.actor)
        wanted = request.GET.get("grade", "")
        own = request.actor.teacher.grade if request.actor.teacher else None
        grade = int(wanted) if wanted.isdigit() else own
        shown = next((g for g in week.grades if g.grade == grade), week.grades[0] if week.grades else None)
        teacher = request.actor.teacher
        mine = queries.own_sessions(teacher, monday, monday + timedelta(days=6)) if teacher else []
        context |= {
            "week": week,
            "shown": shown,
            "mine": mine,
            "before": monday - timedelta(days=7),
            "after": monday + timedelta(days=7),
            "findings": queries.sentences(current) if request.actor.is_office else [],
        }
    return render(request, "scheduling/rota.html", context)


@allow(*STAFF)
@require_GET
def rota_print(request: PortalRequest) -> HttpResponse:
    """Show the printed rota on the screen."""
    current = queries.accepted_rota(request.term) if request.term else None
    if request.term is None or current is None:
        return redirect("scheduling:rota")
    week = queries.week_of(request.term, current, monday_of(request, request.term), actor=request.actor)
    context = {"week": week, "sheets": bands_of_week(request.term, week), "made_on": clock.today()}
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


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_propose(request: PortalRequest) -> HttpResponse:
    """Solve a new rota as a draft."""
    if request.term is None:
        return redirect("scheduling:rota")
    try:
        propose_rota(term=request.term, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("scheduling:rota")
    return redirect("scheduling:rota-draft")


@allow(Role.ADMINISTRATOR)
@require_GET
def rota_draft(request: PortalRequest) -> HttpResponse:
    """Look at the draft: what could not be met, then each grade's week."""
    draft = queries.draft_rota(request.term) if request.term else None
    if request.term is None or draft is None:
        return redirect("scheduling:rota")
    week = queries.week_of(request.term, draft, monday_of(request, request.term), actor=request.actor)
    grade = request.GET.get("grade", "")
    cells = [cell for g in week.grades for line in g.lines for cell in line.cells if cell.meets]
    context = {
        "rota": draft,
        "week": week,
        "shown": next((g for g in week.grades if str(g.grade) == grade), week.grades[0] if week.grades else None),
        "findings": queries.sentences(draft),
        "proven": queries.is_proven(draft),
        "gaps": queries.gaps(draft),
        "turns": len(cells),
        "filled": sum(cell.teacher is not None for cell in cells),
        "people": len(queries.turn_counts(draft)),
    }
    return render(request, "scheduling/rota_draft.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Publish the draft."""
    draft = get_object_or_404(Rota.objects.select_related("term"), pk=pk, term=request.term)
    try:
        make_sessions(term=draft.term, by=request.actor)
        duties = accept_rota(rota=draft, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"值班表已发布，安排了 {duties} 场，已告诉值班教师。")
    return redirect("scheduling:rota")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rota_turn(request: PortalRequest, pk: int) -> HttpResponse:
    """Put another person on one turn."""
    live = RotaTurn.objects.filter(rota__state__in=[RotaState.DRAFT, RotaState.ACCEPTED], rota__term=request.term)
    turn = get_object_or_404(live.select_related("rota__term", "group", "teacher"), pk=pk)
    form = TurnForm(request.POST or None, turn=turn, choices=queries.choices_for(turn))
    back = "scheduling:rota-draft" if turn.rota.state == RotaState.DRAFT else "scheduling:rota"
    if request.method == "POST" and form.is_valid():
        try:
            change_turn(turn=turn, teacher=form.person, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "这个班次已改。")
            return redirect(back)
    return render(request, "scheduling/rota_turn.html", {"form": form, "turn": turn, "back": back})
