"""Parents who volunteer: their own page, the office's list, who stands beside whom."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import volunteers as acts
from scheduling.enums import VolunteerMove, VolunteerSource, VolunteerState
from scheduling.forms.training import ReasonForm
from scheduling.forms.volunteers import OfferForm, PlaceForm, ProposeForm
from scheduling.models import Volunteer, VolunteerTurn
from scheduling.queries import volunteers as queries
from scheduling.volunteering import moves

KEEPERS = (Role.HEAD_TEACHER, Role.ADMINISTRATOR)


def day_of(request: PortalRequest, term: Term) -> date:
    """Return the date asked for, within the term; else today."""
    try:
        day = date.fromisoformat(request.GET.get("day") or request.POST.get("day") or "")
    except ValueError:
        day = clock.today()
    return min(max(day, term.starts_on), term.ends_on)


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
def my_volunteering(request: PortalRequest) -> HttpResponse:
    """Let a parent offer help, and see what became of it."""
    if request.term is None or request.actor.guardian is None:
        return render(request, "scheduling/no_term.html")
    form = OfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acts.propose(
                term=request.term,
                guardian=request.actor.guardian,
                source=VolunteerSource.SELF,
                about=form.cleaned_data["about"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已收到，谢谢您。学校审核后告诉您。")
            return redirect("scheduling:my-volunteering")
    offers = queries.my_volunteering(request.actor, request.term)
    context = {
        "form": form,
        "offers": offers,
        "live": next((v for v in offers if v.state in queries.LIVE), None),
        "turns": queries.own_turns(request.actor) if Role.VOLUNTEER in request.actor.roles else [],
    }
    return render(request, "scheduling/my_volunteering.html", context)


@allow(Role.PARENT)
@require_POST
def my_end(request: PortalRequest, pk: int) -> HttpResponse:
    """Let a parent take an offer back, or end it."""
    if request.actor.guardian is None:
        raise Http404
    own = Volunteer.objects.filter(guardian=request.actor.guardian, term=request.term)
    volunteer = get_object_or_404(own.select_related("guardian", "term"), pk=pk)
    waiting = volunteer.state == VolunteerState.PROPOSED
    told(
        request,
        lambda: acts.decide(
            volunteer=volunteer, move=VolunteerMove.WITHDRAW if waiting else VolunteerMove.END, by=request.actor
        ),
        "已撤回。" if waiting else "已结束，谢谢您的帮助。",
    )
    return redirect("scheduling:my-volunteering")


@allow(Role.VOLUNTEER)
@require_GET
def today(request: PortalRequest) -> HttpResponse:
    """Tell a volunteer where to be, when, and beside whom. No child stands on it."""
    turns = queries.own_turns(request.actor)
    day = clock.today()
    context = {
        "now_turns": [one for one in turns if one.turn.session.date == day],
        "coming": [one for one in turns if one.turn.session.date > day],
    }
    return render(request, "scheduling/volunteer_today.html", context)


@allow(*KEEPERS)
@require_GET
def volunteers(request: PortalRequest) -> HttpResponse:
    """List the volunteers with what can be done about each; the office also sees who helps on a day."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    rows = queries.rows(request.actor, request.term)
    context = {
        "waiting": [row for row in rows if row.volunteer.state == VolunteerState.PROPOSED],
        "approved": [row for row in rows if row.volunteer.state == VolunteerState.APPROVED],
        "others": [row for row in rows if row.volunteer.state not in queries.LIVE],
        "reason": ReasonForm(),
    }
    if request.actor.is_office:
        day = day_of(request, request.term)
        context |= {
            "day": day,
            "today": clock.today(),
            "turns": queries.turns_on(request.term, day),
            "most": queries.most_beside(request.term),
        }
    return render(request, "scheduling/volunteers.html", context)


@allow(*KEEPERS)
@require_http_methods(["GET", "POST"])
def propose(request: PortalRequest) -> HttpResponse:
    """Propose a parent of a class."""
    if request.term is None:
        return redirect("scheduling:volunteers")
    classes = queries.proposable_classes(request.actor)
    asked = request.POST.get("class") or request.GET.get("class") or ""
    chosen = next((c for c in classes if str(c.pk) == asked), classes[0] if len(classes) == 1 else None)
    if chosen is None:
        return render(request, "scheduling/volunteer_propose.html", {"classes": classes})
    guardians = queries.guardians_to_propose(request.actor, chosen)
    form = ProposeForm(request.POST or None, guardians=guardians, office=request.actor.is_office)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            acts.propose(term=request.term, by=request.actor, **values)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已推荐{values['guardian'].name}，等课程教学中心审核。")
            return redirect("scheduling:volunteers")
    return render(request, "scheduling/volunteer_propose.html", {"classes": classes, "chosen": chosen, "form": form})


@allow(Role.ADMINISTRATOR)
@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve, decline or end, as the table allows."""
    rows = Volunteer.objects.filter(term=request.term).select_related("guardian", "term")
    volunteer = get_object_or_404(rows, pk=pk)
    wanted = request.POST.get("move", "")
    roles = queries.roles_to(request.actor, volunteer)
    if wanted not in moves(VolunteerState(volunteer.state), roles):
        messages.error(request, "现在不能这样做，页面已更新。")
        return redirect("scheduling:volunteers")
    try:
        acts.decide(
            volunteer=volunteer,
            move=VolunteerMove(wanted),
            reason=request.POST.get("reason", ""),
            by=request.actor,
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{volunteer.guardian.name}：{volunteer.get_state_display()}，已告诉本人。")
    return redirect("scheduling:volunteers")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def place(request: PortalRequest) -> HttpResponse:
    """Put a volunteer beside the teacher of a session of one day."""
    if request.term is None:
        return redirect("scheduling:volunteers")
    day = day_of(request, request.term)
    rows = queries.rows(request.actor, request.term)
    ready = [row.volunteer for row in rows if row.volunteer.state == VolunteerState.APPROVED and row.trained]
    sessions = queries.sessions_to_help(request.term, day)
    posted = request.POST if request.method == "POST" else None
    form = PlaceForm(posted, volunteers=ready, sessions=sessions)
    if request.method == "POST" and form.is_valid():
        volunteer = form.cleaned_data["volunteer"]
        try:
            acts.put_beside(volunteer=volunteer, session=form.cleaned_data["session"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已安排{volunteer.guardian.name}，已告诉本人和老师。")
            return redirect(f"{request.path.removesuffix('place/')}?day={day.isoformat()}")
    context = {"form": form, "day": day, "ready": ready, "sessions": sessions}
    return render(request, "scheduling/volunteer_place.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def most(request: PortalRequest) -> HttpResponse:
    """Say how many volunteers a session takes at most."""
    number = request.POST.get("most", "")
    try:
        if request.term is not None:
            acts.set_most_beside(term=request.term, most=int(number) if number.isdigit() else -1, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"每场最多 {number} 位志愿者。")
    return redirect("scheduling:volunteers")


@allow(Role.ADMINISTRATOR)
@require_POST
def take_away(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a turn back."""
    turns = VolunteerTurn.objects.filter(session__term=request.term)
    turn = get_object_or_404(turns.select_related("session__term", "volunteer__guardian"), pk=pk)
    told(request, lambda: acts.take_away(turn=turn, by=request.actor), "已取消这次安排，已告诉本人。")
    return redirect("scheduling:volunteers")


@allow(Role.TEACHER, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def came(request: PortalRequest, pk: int) -> HttpResponse:
    """Say whether a volunteer came: the teacher of the session, or the office."""
    turns = VolunteerTurn.objects.filter(session__term=request.term)
    turn = get_object_or_404(turns.select_related("session", "volunteer__guardian"), pk=pk)
    if not queries.may_say_who_came(request.actor, turn):
        raise Http404
    there = request.POST.get("came") == "1"
    told(
        request,
        lambda: acts.say_came(turn=turn, came=there, by=request.actor),
        f"{turn.volunteer.guardian.name}{'到了' if there else '没到'}，已记下。",
    )
    return redirect("scheduling:volunteers" if request.actor.is_office else "home")
