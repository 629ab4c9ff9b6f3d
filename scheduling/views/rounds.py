"""The office's pages of a round: set up, publish, look on, decide about clubs that stay too small; the class's list."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.queries.people import class_list as pupils_of
from afterschool.school.queries.people import classes_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import rounds as acts
from scheduling.actions import too_small
from scheduling.choosing import Who, moves
from scheduling.choosing.table import NEEDS_REASON
from scheduling.enums import ClubState, DrawState, RoundMode, RoundState
from scheduling.exports import round_workbook
from scheduling.forms.choosing import ExtendForm, ReasonForm, RoundForm, SeedForm
from scheduling.models import Club, ClubRound, RoundClub
from scheduling.queries import rounds as pages
from scheduling.queries.choosing import rounds_of, rounds_seen, rule_of, window_of
from scheduling.queries.choosing_pages import class_lines
from scheduling.views.pages import page_term

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RECORDERS = (Role.HEAD_TEACHER, Role.ADMINISTRATOR)


def the_round(request: PortalRequest, pk: int) -> ClubRound:
    """Return a round of this term, for the office."""
    return get_object_or_404(rounds_of(page_term(request)), pk=pk)


def told(request: PortalRequest, done: Callable[[], object], said: str) -> bool:
    """Do one action; say that it is done, or why it was refused."""
    try:
        result = done()
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    messages.success(request, said.format(result))
    return True


@allow(Role.ADMINISTRATOR)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show the rounds of the term."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    rows = [(one, window_of(one)) for one in rounds_of(request.term)]
    approved = Club.objects.filter(term=request.term, state=ClubState.APPROVED).count()
    return render(request, "scheduling/rounds.html", {"rows": rows, "approved": approved})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest) -> HttpResponse:
    return _form(request, None)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    found = the_round(request, pk)
    return _form(request, found) if found.state == RoundState.PLANNED else redirect("scheduling:round", pk)


def _form(request: PortalRequest, found: ClubRound | None) -> HttpResponse:
    term = page_term(request)
    form = RoundForm(request.POST or None, instance=found, term=term)
    if request.method == "POST" and form.is_valid():
        settings, clubs = form.settings()
        try:
            kept = acts.set_up_round(term=term, settings=settings, clubs=clubs, by=request.actor, found=found)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已保存，还没有公布。请看一遍规则，再公布给家长。")
            return redirect("scheduling:round", kept.pk)
    return render(request, "scheduling/round_form.html", {"form": form, "round": found})


@allow(Role.ADMINISTRATOR)
@require_GET
def one(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one round: where it stands, what can be done, and what the draw brought."""
    found = the_round(request, pk)
    gate = window_of(found)
    runs = pages.runs_of(found)
    run = pages.result_run(found) if found.state in {RoundState.DRAWN, RoundState.CONFIRMED} else None
    looked, unlucky = pages.looked_at(found, run) if run else (None, [])
    lines = pages.offer_lines(found, looked.clubs if looked else ())
    context = {
        "round": found,
        "gate": gate,
        "moves": moves(found.state, {Who.OFFICE}, mode=found.mode, phase=gate.phase),
        "counts": pages.counts_of(found),
        "runs": runs,
        "going": next((r for r in runs if r.state == DrawState.RUNNING), None),
        "failed": next((r for r in runs if r.state == DrawState.FAILED), None),
        "run": run,
        "looked": looked,
        "unlucky": unlucky,
        "lines": lines,
        "small": pages.too_small(found, lines),
        "by_lot": found.mode == RoundMode.LOT,
        "decides": found.state == RoundState.CONFIRMED,
        "rule": rule_of(found).splitlines(),
        "extend": ExtendForm(),
        "reason": ReasonForm(),
        "seed": SeedForm(),
        "needs_reason": NEEDS_REASON,
    }
    return render(request, "scheduling/round.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def publish(request: PortalRequest, pk: int) -> HttpResponse:
    found = the_round(request, pk)
    told(request, lambda: acts.publish_round(found=found, by=request.actor), "已公布，家长已收到通知。")
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def extend(request: PortalRequest, pk: int) -> HttpResponse:
    found, form = the_round(request, pk), ExtendForm(request.POST)
    if form.is_valid():
        at = form.cleaned_data["closes_at"]
        told(
            request, lambda: acts.extend_round(found=found, closes_at=at, by=request.actor), "已延长，家长已收到通知。"
        )
    else:
        messages.error(request, "请填新的截止时间。")
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    found, reason = the_round(request, pk), request.POST.get("reason", "")
    told(request, lambda: acts.cancel_round(found=found, reason=reason, by=request.actor), "这一轮已取消。")
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def end(request: PortalRequest, pk: int) -> HttpResponse:
    found = the_round(request, pk)
    told(request, lambda: acts.end_round(found=found, by=request.actor), "这一轮已结束。")
    return redirect("scheduling:round", pk)


@allow(Role.ADMINISTRATOR)
@require_GET
def excel(request: PortalRequest, pk: int) -> HttpResponse:
    """Download children with wishes and clubs, and the clubs with their numbers."""
    found = the_round(request, pk)
    response = HttpResponse(round_workbook(request.school.name, found), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="clubs-{found.pk}-{clock.today():%Y%m%d}.xlsx"'
    response["Cache-Control"] = "no-store, private"
    return response


# Clubs under their smallest size


def _offer(request: PortalRequest, pk: int) -> RoundClub:
    offers = RoundClub.objects.filter(round__term=page_term(request)).select_related(
        "round", "club__group", "club__term"
    )
    return get_object_or_404(offers, pk=pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def offer_keep(request: PortalRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk)
    told(request, lambda: too_small.keep_small(offer=offer, by=request.actor), f"{offer.club.name}照办。")
    return redirect("scheduling:round", offer.round_id)


@allow(Role.ADMINISTRATOR)
@require_POST
def offer_merge(request: PortalRequest, pk: int) -> HttpResponse:
    offer = _offer(request, pk)
    into = request.POST.get("into", "")
    other = get_object_or_404(Club, pk=int(into) if into.isdecimal() else 0, term=page_term(request))
    said = f"{offer.club.name}的{{}}人并入{other.name}，家长已收到通知。"
    told(request, lambda: too_small.merge_club(offer=offer, into=other, by=request.actor), said)
    return redirect("scheduling:round", offer.round_id)


@allow(Role.ADMINISTRATOR)
@require_POST
def offer_close(request: PortalRequest, pk: int) -> HttpResponse:
    offer, reason = _offer(request, pk), request.POST.get("reason", "")
    said = f"{offer.club.name}已停办，{{}}家已收到通知，下一轮先选。"
    told(request, lambda: too_small.close_small(offer=offer, reason=reason, by=request.actor), said)
    return redirect("scheduling:round", offer.round_id)


# The class's list: for a family that hands its wishes in on paper


@allow(*RECORDERS)
@require_GET
def on_paper(request: PortalRequest) -> HttpResponse:
    """Go to the class's list of the newest round by lot; without one, say who must do what first."""
    newest = rounds_seen(request.term).filter(mode=RoundMode.LOT).order_by("-opens_at", "-pk").first()
    if newest is None:
        return render(request, "scheduling/round_classes.html", {"round": None, "classes": []})
    return redirect("scheduling:round-class-choose", newest.pk)


@allow(*RECORDERS)
@require_GET
def class_choose(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose the class; a head teacher of one goes straight to it."""
    found = get_object_or_404(rounds_seen(page_term(request)), pk=pk)
    classes = list(classes_of(request.actor).order_by("grade", "number"))
    if len(classes) == 1:
        return redirect("scheduling:round-class", found.pk, classes[0].pk)
    return render(request, "scheduling/round_classes.html", {"round": found, "classes": classes})


@allow(*RECORDERS)
@require_GET
def class_list(request: PortalRequest, pk: int, class_pk: int) -> HttpResponse:
    """Show who of a class has wishes, and lead to each child's page."""
    found = get_object_or_404(rounds_seen(page_term(request)), pk=pk)
    school_class = get_object_or_404(classes_of(request.actor), pk=class_pk)
    lines = class_lines(found, pupils_of(request.actor, school_class))
    context = {"round": found, "school_class": school_class, "lines": lines, "gate": window_of(found)}
    return render(request, "scheduling/round_class.html", context)
