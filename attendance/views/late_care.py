"""Late care: children received whose parents were reached, kept until they are fetched; its places are a setting."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import StaffRole, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.settings import save_places
from attendance.custody import State
from attendance.custody_forms import PlaceFormSet, seen
from attendance.models import LateCarePlace
from attendance.queries import custody as queries
from attendance.queries import late_care as waiting_children
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


@allow(*IN_CHARGE)
@require_GET
def late_care(request: PortalRequest) -> HttpResponse:
    if request.term is None:
        return render(request, "attendance/board_no_term.html")
    day, actor = clock.today(), request.actor
    places = waiting_children.places(request.term)
    context = {
        "places": places,
        "mine": [place for place in places if actor.has(Role(place.role))],
        "waiting": waiting_children.waiting(actor, request.term, day),
        "kept": waiting_children.in_late_care(actor, day),
        "todo": todo(actor, request.term),
        "may_order": actor.has(Role.DUTY_LEADER),
        "keepers": keepers(places) if actor.has(Role.DUTY_LEADER) else [],
    }
    return render(request, "attendance/late_care.html", context)


def keepers(places: list[LateCarePlace]) -> list[Teacher]:
    """Return who can be ordered to take a child into late care."""
    roles = StaffRole.objects.filter(role__in={place.role for place in places}, teacher__active=True)
    return list(Teacher.objects.filter(pk__in=roles.values("teacher")).order_by("staff_number"))


@allow(*IN_CHARGE)
@require_POST
def receive(request: PortalRequest, pk: int) -> HttpResponse:
    """The late-care person receives for oneself; the duty leader orders it to somebody."""
    row = seen(get_object_or_404(queries.children(request.actor), pk=pk), request.POST.get("links"))
    place = get_object_or_404(LateCarePlace, pk=request.POST.get("place") or 0, term=row.term)
    keeper = None
    if request.POST.get("keeper", "").isdecimal():
        keeper = get_object_or_404(Teacher.objects.filter(roles__role=place.role), pk=request.POST["keeper"])
    move = MoveRequest(row, State.LATE, place=place.name, holder=keeper, reason="order" if keeper else "")
    try:
        move_many([move], by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{row.student.name}，已到{place.name}。")
    return redirect("attendance:late-care")


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
