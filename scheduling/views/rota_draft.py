"""The office's work on the rota: ask for one, look at the draft, put turns by hand, publish."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.rota import accept_rota, ask_rota, change_turn, free_turn
from scheduling.actions.sessions import make_sessions
from scheduling.enums import RotaState
from scheduling.forms.rota import PublishForm, TurnForm
from scheduling.models import Rota, RotaTurn
from scheduling.queries import rota as queries
from scheduling.queries import rota_findings
from scheduling.queries.rota_changes import changed_since, changes_between, families_of
from scheduling.queries.rota_choices import choice_of, choices_for
from scheduling.queries.rota_findings import place_name
from scheduling.queries.rota_load import loads_of
from scheduling.queries.training import untrained
from scheduling.rota import Code
from scheduling.views.rota import grade_shown, monday_of


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_propose(request: PortalRequest) -> HttpResponse:
    """Ask for a new draft; the worker solves it."""
    if request.term is None:
        return redirect("scheduling:rota")
    try:
        ask_rota(term=request.term, by=request.actor, rotate="rotate" in request.POST)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("scheduling:rota")
    return redirect("scheduling:rota-draft")


@allow(Role.ADMINISTRATOR)
@require_GET
def rota_draft(request: PortalRequest) -> HttpResponse:
    """Look at the draft; while it is being solved, how far it is."""
    term = request.term
    if term is None:
        return redirect("scheduling:rota")
    if asked := queries.asked_rota(term):
        part = "scheduling/parts/rota_working.html"
        return render(request, part if request.htmx else "scheduling/rota_working.html", {"rota": asked})
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    draft = queries.draft_rota(term)
    if draft is None:
        return redirect("scheduling:rota")
    return render(request, "scheduling/rota_draft.html", _draft(request, term, draft))


def _draft(request: PortalRequest, term: Term, draft: Rota) -> dict[str, object]:
    """Gather what the office decides by: what is open, how even it is, what changes, whom it is told."""
    week = queries.week_of(term, draft, monday_of(request, term), actor=request.actor)
    shown = grade_shown(request, week)
    former = queries.accepted_rota(term)
    changes = changes_between(former, draft)
    loads = loads_of(term, draft, clock.today())
    lines = [line for g in loads for line in g.lines]
    wishes = [wish for line in lines for wish in line.wishes]
    cells = [cell for g in week.grades for line in g.all_lines for cell in line.cells if cell.meets]
    return {
        "rota": draft,
        "former": former,
        "week": week,
        "shown": shown,
        "load": next((g for g in loads if shown and g.grade == shown.grade), None),
        "findings": rota_findings.sentences(draft),
        "refused": rota_findings.sentences(draft, Code.WISH_REFUSED),
        "missed": rota_findings.sentences(draft, Code.UNTRAINED),
        "untrained": untrained(term),
        "proven": rota_findings.is_proven(draft),
        "gaps": rota_findings.gaps(draft),
        "turns": len(cells),
        "filled": sum(cell.teacher is not None for cell in cells),
        "people": sum(line.turns > 0 for line in lines),
        "wishes": len(wishes),
        "met": sum(bool(wish.met) for wish in wishes),
        "changes": changes,
        "families": len(set().union(*families_of(draft, changes.groups).values())),
        "outdated": changed_since(term, draft),
        "form": PublishForm(initial={"starts_on": max(clock.today(), draft.starts_on)}, term=term, today=clock.today()),
    }


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Publish the draft from a date on."""
    draft = get_object_or_404(Rota.objects.select_related("term"), pk=pk, term=request.term)
    form = PublishForm(request.POST, term=draft.term, today=clock.today())
    if not form.is_valid():
        messages.error(request, "请写明从哪天起，例如 2026-09-28。")
        return redirect("scheduling:rota-draft")
    try:
        make_sessions(term=draft.term, by=request.actor)
        duties = accept_rota(rota=draft, by=request.actor, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("scheduling:rota-draft")
    messages.success(request, f"值班表已发布，安排了 {duties} 场，已告诉值班教师。")
    return redirect("scheduling:rota")


def _turn(request: PortalRequest, pk: int) -> RotaTurn:
    live = RotaTurn.objects.filter(rota__state__in=[RotaState.DRAFT, RotaState.ACCEPTED], rota__term=request.term)
    return get_object_or_404(live.select_related("rota__term", "group", "teacher"), pk=pk)


def _back(turn: RotaTurn) -> str:
    return "scheduling:rota-draft" if turn.rota.state == RotaState.DRAFT else "scheduling:rota"


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rota_turn(request: PortalRequest, pk: int) -> HttpResponse:
    """Put another person on one turn."""
    turn = _turn(request, pk)
    form = TurnForm(request.POST or None, turn=turn, choices=choices_for(turn))
    if request.method == "POST" and form.is_valid():
        try:
            change_turn(turn=turn, teacher=form.person, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error("reason" if refused.code == "reason_missing" else "teacher", refused.sentence)
        else:
            messages.success(request, "这个班次已改，重新排班时会保留。" if form.person else "这个班次已空出。")
            return redirect(_back(turn))
    context = {"form": form, "turn": turn, "back": _back(turn), "place": place_name(turn)}
    return render(request, "scheduling/rota_turn.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def rota_turn_check(request: PortalRequest, pk: int) -> HttpResponse:
    """Say of the person just chosen what speaks for or against; saving checks again."""
    turn = _turn(request, pk)
    chosen = request.GET.get("teacher", "")
    teacher = Teacher.objects.filter(pk=chosen, active=True).first() if chosen.isdigit() else None
    choice = choice_of(turn, teacher, request.GET.get("reason", "")) if teacher else None
    missed = teacher is not None and teacher.pk in untrained(turn.rota.term)
    return render(request, "scheduling/parts/turn_hint.html", {"choice": choice, "untrained": missed})


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_turn_free(request: PortalRequest, pk: int) -> HttpResponse:
    """Let the next solving decide this turn again."""
    turn = _turn(request, pk)
    told(request, lambda: free_turn(turn=turn, by=request.actor), "下次重新排班时，这个班次不再保留。")
    return redirect(_back(turn))
