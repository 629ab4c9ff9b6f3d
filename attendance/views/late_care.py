"""Late care: children received whose parents were reached, kept until they are fetched; its places are a setting."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Teacher
from afterschool.school.templatetags.school import hm
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.late_care import receive as receive_children
from attendance.actions.settings import save_places
from attendance.custody_forms import PlaceFormSet, seen, ticked
from attendance.models import ChildDay, LateCarePlace
from attendance.queries import custody as queries
from attendance.queries import late_care as late_now
from attendance.queries.gate import left_meanwhile
from attendance.queries.late_pickups import late_pickups
from scheduling.queries.work import todo

IN_CHARGE = (
    Role.SERVICE_CENTRE,
    Role.GATEKEEPER,
    Role.DUTY_LEADER,
    Role.LEADING_GROUP,
    Role.HEAD_TEACHER,
    Role.TEACHER,
    Role.ADMINISTRATOR,
)
NAMES_SHOWN = 8


@allow(*IN_CHARGE)
@require_GET
def late_care(request: PortalRequest) -> HttpResponse:
    if request.term is None:
        return render(request, "attendance/board_no_term.html")
    day, actor = clock.today(), request.actor
    places = late_now.places(request.term)
    open_places = late_now.open_now(places)
    mine = [place for place in open_places if actor.has(Role(place.role))]
    orders, words = actor.has(Role.DUTY_LEADER), request.GET.get("q", "").strip()[:20]
    context = {
        "words": words,
        "whole": "whole" in request.GET and bool(mine),  # the list in one act: who did not come is ticked
        "places": places,
        "mine": mine,
        "late": late_now.read(actor, request.term, day, places, words),
        "todo": todo(actor, request.term),
        "orders": late_now.keepers_of(open_places) if orders else [],
        "teacher_id": actor.teacher.pk if actor.teacher else None,
    }
    return render(request, "attendance/late_care.html", context)


def own_place(request: PortalRequest, number: str) -> LateCarePlace:
    """Return a place of this term, or 404."""
    pk = int(number) if number.isdecimal() else 0
    return get_object_or_404(LateCarePlace, pk=pk, term=request.term)


def received(
    request: PortalRequest, children: list[ChildDay], place: LateCarePlace, keeper: Teacher | None = None
) -> HttpResponse:
    """Let these children be received, and say how it went."""
    try:
        receive_children(children, place=place, keeper=keeper, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        names = "、".join(child.student.name for child in children[:NAMES_SHOWN])
        more = f"等 {len(children)} 人" if len(children) > NAMES_SHOWN else ""
        messages.success(request, f"{names}{more}，已到{place.name}，家长会收到消息。")
    return redirect("attendance:late-care")


@allow(*IN_CHARGE)
@require_POST
def accept(request: PortalRequest) -> HttpResponse:
    """The late-care person takes those who came, or the whole list but for who did not come, in one act.

    A child whom somebody let go or took meanwhile is left as it is and named, the others are received.
    """
    chosen = ticked(request.POST)
    if "whole" in request.POST:
        chosen = {pk: links for pk, links in ticked(request.POST, "listed").items() if pk not in chosen}
    rows = list(queries.children(request.actor, clock.today()).filter(pk__in=chosen).order_by(*queries.REGISTER))
    number = request.POST.get("place", "")
    place = LateCarePlace.objects.filter(pk=int(number) if number.isdecimal() else 0, term=request.term).first()
    if place is None:
        messages.error(request, "请选接收到哪里。")
        return redirect("attendance:late-care")
    still = [row for row in rows if row.links == chosen[row.pk]]
    gone = [row for row in rows if row.links != chosen[row.pk]]
    gone += left_meanwhile(request.actor, chosen.keys() - {row.pk for row in rows})
    if gone:
        words = "、".join(f"{row.student.name}（{row.get_state_display()} {hm(row.since)}）" for row in gone)
        messages.warning(request, f"刚才已有人处理过：{words}。")
    return received(request, still, place) if still or not gone else redirect("attendance:late-care")


@allow(*IN_CHARGE)
@require_POST
def receive(request: PortalRequest, pk: int) -> HttpResponse:
    """The late-care person receives one child for oneself; the duty leader orders it to somebody."""
    row = seen(get_object_or_404(queries.children(request.actor), pk=pk), request.POST.get("links"))
    number, _, named = request.POST.get("place", "").partition(":")
    place, named = own_place(request, number), named or request.POST.get("keeper", "")
    keeper = None
    if named.isdecimal():
        keeper = get_object_or_404(Teacher.objects.filter(roles__role=place.role), pk=named)
    return received(request, [row], place, keeper)


@allow(Role.ADMINISTRATOR, Role.HEAD_TEACHER)
@require_GET
def often(request: PortalRequest) -> HttpResponse:
    """Show who is fetched late again and again, to be talked to."""
    if request.term is None:
        return render(request, "attendance/board_no_term.html")
    return render(request, "attendance/late_care_often.html", {"found": late_pickups(request.actor, request.term)})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def places(request: PortalRequest) -> HttpResponse:
    if request.term is None:
        return render(request, "attendance/board_no_term.html")
    forms = PlaceFormSet(request.POST or None, queryset=LateCarePlace.objects.filter(term=request.term))
    if request.method == "POST" and forms.is_valid():
        try:
            save_places(request.term, forms, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, "延时托管的地点已保存。")
            return redirect("attendance:late-care-places")
    return render(request, "attendance/late_care_places.html", {"forms": forms})
