"""Handing over: lists to receive and to give, each in one act."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest
from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import offers
from attendance.actions.custody import MoveRequest, move_many
from attendance.custody import State
from attendance.custody_forms import seen, ticked
from attendance.enums import OfferState
from attendance.handing_forms import ColleagueForm
from attendance.models import ChildDay
from attendance.queries import custody
from attendance.queries import handing as queries
from attendance.queries.line_ups import line_ups_of


def told(request: PortalRequest, act: Callable[[], str], to: str, *args: object) -> HttpResponse:
    """Do one act, say what came of it, and go on."""
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(to, *args)


@allow(*STAFF)
@require_GET
def handovers(request: PortalRequest) -> HttpResponse:
    """Show what waits for me and what I gave today."""
    day = clock.today()
    lists = queries.lists_of(request.actor, day, all_states=True)
    context = {
        "received": lists.received,
        "given": [row for row in lists.given if row.state == OfferState.WAITING],
        "answered": [row for row in lists.given if row.state != OfferState.WAITING],
        "staff_held": queries.staff_held(request.actor, day) if request.actor.teacher else [],
    }
    return render(request, "attendance/handovers.html", context)


@allow(*STAFF)
@require_GET
def offer(request: PortalRequest, pk: int) -> HttpResponse:
    made = queries.offer_of(request.actor, pk)
    waits = made.state == OfferState.WAITING
    mine = {made.giver.user_id, made.offered_by_id}
    context = {
        "offer": made,
        "children": made.children.all(),
        "may_answer": waits and offers.may_answer(made, request.actor),
        "may_report": not waits and made.to_session is not None and made.answered_by_id == request.actor.user_id,
        "may_withdraw": waits and request.actor.user_id in mine,
    }
    return render(request, "attendance/offer.html", context)


@allow(*STAFF)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    made = queries.offer_of(request.actor, pk)
    absent = {int(value) for value in request.POST.getlist("absent") if value.isdecimal()}

    def act() -> str:
        came = offers.accept(made, not_received=absent, by=request.actor)
        words = f"接到 {came.taken} 人，现在由您负责。"
        if came.not_received:
            words += f"{'、'.join(came.not_received)}没接到，已告诉{made.giver.name}老师。"
        if came.gone:
            words += f"{'、'.join(came.gone)}刚才已不在{made.giver.name}老师那里。"
        return words

    return told(request, act, "attendance:offer", pk)


@allow(*STAFF)
@require_POST
def object_to(request: PortalRequest, pk: int) -> HttpResponse:
    made = queries.offer_of(request.actor, pk)

    def act() -> str:
        offers.object_to(made, objection=request.POST.get("objection", ""), by=request.actor)
        return f"没有接收，已告诉{made.giver.name}老师。"

    return told(request, act, "attendance:offer", pk)


@allow(*STAFF)
@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    made = queries.offer_of(request.actor, pk)

    def act() -> str:
        offers.withdraw(made, by=request.actor)
        return "名单已收回，孩子仍由交的老师负责。"

    return told(request, act, "attendance:offer", pk)


@allow(*STAFF)
@require_POST
def report(request: PortalRequest, pk: int) -> HttpResponse:
    """The receiver says that a child who did not come is missing (move 3)."""
    made = queries.offer_of(request.actor, pk)
    rows = {str(row.child_day_id): row.child_day for row in made.children.all()}
    day = rows.get(request.POST.get("child", "").partition(":")[0])

    def act() -> str:
        if day is None or made.to_session is None:
            raise Refused("nobody_chosen", "请先选孩子。")
        row = seen(day, request.POST["child"].partition(":")[2])
        move_many([MoveRequest(row, State.MISSING, at_session=made.to_session, reason="not_found")], by=request.actor)
        return f"{day.student.name}已记未到，班主任和值班行政马上看到。"

    return told(request, act, "attendance:offer", pk)


@allow(*STAFF)
@require_GET
def hand_over(request: PortalRequest, pk: int) -> HttpResponse:
    """Show where the children of my session go next, and let me give some to a colleague."""
    return _hand_over(request, queries.giving_session(request.actor, pk), ColleagueForm(giver=request.actor.teacher))


def _hand_over(request: PortalRequest, session: Session, form: ColleagueForm) -> HttpResponse:
    held = queries.held_in(session, request.actor)
    lists = queries.lists_of(request.actor, session.date)
    destinations = queries.destinations(session, held, clock.now())
    context = {
        "session": session,
        "held": held,
        "destinations": destinations,
        "onward": sum(len(one.children) for one in destinations),
        "given": lists.given,
        "received": lists.received,
        "line_up_lines": line_ups_of(session),
        "form": form,
    }
    return render(request, "attendance/hand_over.html", context)


def _chosen(request: PortalRequest, name: str, stay: set[int] = frozenset()) -> list[ChildDay]:  # type: ignore[assignment]
    """Return the children named in a form as the person saw them."""
    wanted = {pk: links for pk, links in ticked(request.POST, name).items() if pk not in stay}
    rows = custody.children(request.actor, clock.today()).filter(pk__in=wanted)
    return [seen(row, wanted[row.pk]) for row in rows]


@allow(*STAFF)
@require_POST
def offer_onward(request: PortalRequest, pk: int) -> HttpResponse:
    """Give all children of a session who go elsewhere now, but for those who stay: to each place a list of its own."""
    session = queries.giving_session(request.actor, pk)
    stay = {int(value) for value in request.POST.getlist("stay") if value.isdecimal()}
    wanted = [int(value) for value in request.POST.getlist("to") if value.isdecimal()]

    def act() -> str:
        done = 0
        for to in Session.objects.filter(pk__in=wanted, date=session.date).select_related("group"):
            if rows := _chosen(request, f"to-{to.pk}", stay):
                offers.offer(rows, to_session=to, by=request.actor)
                done += len(rows)
        if not done:
            raise Refused("nobody_chosen", "没有要交的孩子。")
        return f"已交出 {done} 人的名单。对方接收以前，孩子仍由您负责。"

    return told(request, act, "attendance:hand-over", pk)


@allow(*STAFF)
@require_http_methods(["POST"])
def offer_to_colleague(request: PortalRequest, pk: int) -> HttpResponse:
    """Give the children who are ticked to a colleague at a named place."""
    session = queries.giving_session(request.actor, pk)
    form = ColleagueForm(request.POST, giver=request.actor.teacher)
    if not form.is_valid():
        return _hand_over(request, session, form)

    def act() -> str:
        made = offers.offer(_chosen(request, "child"), by=request.actor, **form.cleaned_data)
        return f"名单已交给{made.receiver.name if made.receiver else ''}老师。对方接收以前，孩子仍由您负责。"

    return told(request, act, "attendance:hand-over", pk)
