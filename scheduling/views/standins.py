"""请假和代课: the own page, the desk of who leads, and the choice of a stand-in or a swap for one duty."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.access import who_of
from scheduling.actions import standins as actions
from scheduling.enums import SubstitutionState
from scheduling.forms.standins import AskForm, PlaceForm, SwapForm
from scheduling.models import Duty
from scheduling.queries import candidates
from scheduling.queries import standins as queries
from scheduling.substituting import Who
from scheduling.views.pages import term_of

DECIDERS = (Role.GRADE_LEADER, Role.ADMINISTRATOR)


@allow(*STAFF)
@require_GET
def standins(request: PortalRequest) -> HttpResponse:
    """Show what waits for my answer, my duties to come, my leaves and requests."""
    term, actor = term_of(request), request.actor
    context = {
        "asked": queries.asked_of(actor, term),
        "mine": queries.mine_ahead(actor, term),
        "changes": queries.my_changes(actor, term),
        "leaves": queries.leaves_around(actor, term, clock.today() - timedelta(days=28)),
        "leads": actor.has(*DECIDERS),
    }
    return render(request, "scheduling/standins.html", context)


@allow(*DECIDERS)
@require_GET
def desk(request: PortalRequest) -> HttpResponse:
    """Show who leads what waits: leaves, stand-ins to confirm, duties that nobody has, and what is agreed."""
    term, actor = term_of(request), request.actor
    rows = queries.led(actor, term, *queries.OPEN, SubstitutionState.CONFIRMED)
    by_state: dict[str, list[queries.Request]] = {"asked": [], "accepted": [], "confirmed": []}
    for row in rows:
        by_state[row.one.state].append(row)
    context = {
        "leaves": queries.leaves_to_decide(actor, term),
        "gaps": queries.gaps(actor, term),
        "waiting": by_state["accepted"],
        "unanswered": by_state["asked"],
        "settled": by_state["confirmed"],
    }
    return render(request, "scheduling/standins_desk.html", context)


def _duty(request: PortalRequest, pk: int) -> Duty:
    return get_object_or_404(queries.duties_of(request.actor, term_of(request)), pk=pk)


def _choice(request: PortalRequest, duty: Duty, *, asked: bool, placed: bool) -> dict[str, object]:
    """Return the page of one duty; the form that was sent is bound, the other empty."""
    facts = candidates.facts_for([duty.session])
    free = candidates.candidates_for(duty, facts)
    taken = candidates.taken_for(duty, facts, free)
    may_place = queries.may_lead(request.actor, duty.session)
    return {
        "duty": duty,
        "free": free,
        "taken": taken,
        "own": [one for one in free if one.own],
        "others": [one for one in free if not one.own],
        "form": AskForm(request.POST if asked else None, free=free),
        "place": PlaceForm(request.POST if placed else None, free=free, taken=taken) if may_place else None,
        "opened": placed,
        "chosen": request.POST.getlist("teachers") if asked else [],
    }


@allow(*STAFF)
@require_GET
def choose(request: PortalRequest, pk: int) -> HttpResponse:
    """Show who is free for one duty: own grade and least load first, with the numbers."""
    duty = _duty(request, pk)
    return render(request, "scheduling/standins_duty.html", _choice(request, duty, asked=False, placed=False))


@allow(*STAFF)
@require_POST
def ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask those who are ticked."""
    duty = _duty(request, pk)
    context = _choice(request, duty, asked=True, placed=False)
    form = context["form"]
    if isinstance(form, AskForm) and form.is_valid():
        try:
            made = actions.ask_stand_ins(
                duty=duty, teachers=form.chosen, reason=form.cleaned_data["reason"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已问 {'、'.join(one.teacher.name for one in made)}，答复后会告诉您。")
            return _back(request, duty)
    return render(request, "scheduling/standins_duty.html", context)


@allow(*DECIDERS)
@require_POST
def place(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a stand-in on a duty at once."""
    duty = _duty(request, pk)
    context = _choice(request, duty, asked=False, placed=True)
    form = context["place"]
    if form is None:
        raise PermissionDenied
    if isinstance(form, PlaceForm) and form.is_valid():
        try:
            actions.place_stand_in(duty=duty, teacher=form.person, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已安排{form.person.name}，值班表和点名已改，双方已收到消息。")
            return _back(request, duty)
    return render(request, "scheduling/standins_duty.html", context)


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose which duty of a colleague to exchange one's own for."""
    duty = _duty(request, pk)
    exchanges = candidates.exchanges_for(duty)
    form = SwapForm(request.POST or None, exchanges=exchanges)
    if request.method == "POST" and form.is_valid():
        back = form.duties[form.cleaned_data["back"]]
        try:
            actions.ask_swap(duty=duty, back=back, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已问{back.teacher.name}，答复后会告诉您。")
            return _back(request, duty)
    context = {"duty": duty, "exchanges": exchanges, "form": form, "chosen": request.POST.get("back", "")}
    return render(request, "scheduling/standins_swap.html", context)


def _back(request: PortalRequest, duty: Duty) -> HttpResponse:
    """Go back to the own page, or to the desk where it was somebody else's duty."""
    who = who_of(request.actor, owner_id=duty.teacher_id, other_id=None, grades=[])
    return redirect("scheduling:standins" if Who.OWNER in who else "scheduling:standins-desk")
