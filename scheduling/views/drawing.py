"""The draw: sealed, drawn, confirmed by the office; repeated by the checker; shown to the world."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow, public
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from scheduling.actions import drawing as acts
from scheduling.choosing import Who
from scheduling.choosing.results import look
from scheduling.enums import DrawState, RoundState
from scheduling.models import ClubDraw, ClubRound
from scheduling.queries import rounds as pages
from scheduling.queries.choosing import rounds_seen, rounds_to_check, rule_of, window_of
from scheduling.views.rounds import the_round, told


@allow(Role.ADMINISTRATOR)
@require_POST
def seal(request: PortalRequest, pk: int) -> HttpResponse:
    found = the_round(request, pk)
    told(
        request,
        lambda: acts.seal_wishes(found=found, by=request.actor),
        "志愿已封存，指纹已公布。下一步产生种子，抽签。",
    )
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def start(request: PortalRequest, pk: int) -> HttpResponse:
    found, typed = the_round(request, pk), request.POST.get("seed", "")
    told(request, lambda: acts.start_draw(found=found, typed=typed, by=request.actor), "种子已产生，正在抽签。")
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def again(request: PortalRequest, pk: int) -> HttpResponse:
    found, reason = the_round(request, pk), request.POST.get("reason", "")
    said = "上一次结果已作废，记录都在。志愿重新封存，请再产生种子。"
    told(request, lambda: acts.draw_again(found=found, reason=reason, by=request.actor), said)
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Give the places. What could not be given any more is said."""
    found = the_round(request, pk)
    lost: list[str] = []

    def done() -> None:
        lost.extend(acts.confirm_draw(found=found, by=request.actor))

    if told(request, done, "结果已确认，名额已给，家长已收到通知。") and lost:
        from django.contrib import messages

        messages.warning(request, f"有{len(lost)}个名额没有给成：{lost[0]}")
    return redirect("scheduling:round", pk)


# The checker


@allow(*STAFF)
@require_GET
def checks(request: PortalRequest) -> HttpResponse:
    """Show the rounds whose draw this person is named to check."""
    return render(request, "scheduling/round_checks.html", {"rounds": rounds_to_check(request.actor)})


@allow(*STAFF)
@require_GET
def checking(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the checker what to compare, and the button that repeats the draw."""
    found = get_object_or_404(rounds_to_check(request.actor), pk=pk)
    runs = pages.runs_of(found)
    waits = any(check.state in {"queued", "running"} for run in runs for check in run.checks.all())
    return render(request, "scheduling/round_checking.html", {"round": found, "runs": runs, "waits": waits})


def _run(request: PortalRequest, pk: int) -> ClubDraw:
    runs = ClubDraw.objects.filter(round__in=rounds_to_check(request.actor).order_by().values("pk"))
    return get_object_or_404(runs.select_related("round__term", "round__checker"), pk=pk)


@allow(*STAFF)
@require_POST
def check(request: PortalRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    who = Who.CHECKER if run.round.checker_id and run.round.checker == request.actor.teacher else Who.OFFICE
    told(
        request,
        lambda: acts.ask_check(run=run, by=request.actor, who=who),
        "正在用同样的数据和种子重抽，几秒后有结果。",
    )
    return redirect("scheduling:round-checking", run.round_id)


@allow(*STAFF)
@require_GET
def full_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the full input byte for byte: tickets and who comes first, no names. Its SHA-256 is the fingerprint."""
    run = _run(request, pk)
    response = HttpResponse(run.full_input.encode(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="draw-{run.round_id}-{run.number}.json"'
    response["Cache-Control"] = "no-store, private"
    return response


# The world


@public
@require_GET
def public_page(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the rule, the fingerprint, the seed, and places by ticket number. No name, no wish, nobody's order."""
    found = get_object_or_404(ClubRound.objects.select_related("term", "checker"), pk=pk)
    if not rounds_seen(found.term).filter(pk=pk).exists():
        raise Http404
    run = pages.result_run(found) if found.state == RoundState.CONFIRMED else None
    tickets = pages.published(run, found.term) if run else []
    asked = request.GET.get("ticket", "").strip().upper()[:12]
    context = {
        "round": found,
        "gate": window_of(found),
        "rule": rule_of(found).splitlines(),
        "runs": [one for one in pages.runs_of(found) if one.state != DrawState.FAILED],
        "run": run,
        "looked": look(run.result, {}) if run else None,
        "lines": pages.offer_lines(found, look(run.result, {}).clubs) if run else [],
        "tickets": tickets,
        "asked": asked,
        "mine": dict(tickets).get(asked),
    }
    return render(request, "scheduling/round_public.html", context)
