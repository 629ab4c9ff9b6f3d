"""Defects of places: reported, arranged, repaired, looked at; their photos for those who may see them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.actions.uploads import give_file
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import ARRANGERS, ROOM_CHECKERS
from attendance.actions import defects as acts
from attendance.actions.checks import Found, report_defect
from attendance.check_forms import ArrangeForm, RepairForm, ReportForm, WhyForm
from attendance.enums import Answer, DefectMove
from attendance.models import Defect
from attendance.queries import checks as queries
from scheduling.views.pages import page_term


def defect_of(request: PortalRequest, pk: int) -> Defect:
    """Return a defect that exists for this person, or 404."""
    return get_object_or_404(queries.defects_of(request.actor), pk=pk)


@allow(*STAFF)
@require_GET
def defects(request: PortalRequest) -> HttpResponse:
    """Show the defects a person sees, by what has to be done next."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    context = {"defects": queries.defects_by_state(request.actor), "today": clock.today()}
    return render(request, "attendance/defects.html", context)


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def defect_new(request: PortalRequest) -> HttpResponse:
    """Report something broken."""
    term = page_term(request)
    form = ReportForm(request.POST or None, request.FILES or None, may_close=request.actor.has(*ROOM_CHECKERS))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        found = Found(Answer.BAD, values["text"], values.get("closes_room", False), values["photo"])
        try:
            made = report_defect(term=term, room=values["room"], found=found, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已报告，课程教学中心和服务保障中心已收到消息。")
            return redirect("attendance:defect", made.pk)
    return render(request, "attendance/defect_new.html", {"form": form})


@allow(*STAFF)
@require_GET
def defect(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one defect with its photos and what may be done now."""
    return page(request, defect_of(request, pk))


def page(request: PortalRequest, found: Defect, **forms: object) -> HttpResponse:
    """Render one defect; a form that was refused keeps what was typed."""
    open_to = queries.moves_of(request.actor, found)
    photos = list(found.photos.all())
    context = {
        "defect": found,
        "before": [one for one in photos if not one.after],
        "after": [one for one in photos if one.after],
        "arrange": ArrangeForm(defect=found) if DefectMove.ARRANGE in open_to else None,
        "repair": RepairForm() if DefectMove.REPAIR in open_to else None,
        "may_pass": DefectMove.PASS in open_to,
        "fail": WhyForm() if DefectMove.FAIL in open_to else None,
        "overdue": found.due_on is not None and found.due_on < clock.today(),
    }
    return render(request, "attendance/defect.html", context | forms)


@allow(*ARRANGERS)
@require_POST
def defect_arrange(request: PortalRequest, pk: int) -> HttpResponse:
    """Say who repairs it, until when."""
    found = defect_of(request, pk)
    form = ArrangeForm(request.POST, defect=found)
    if form.is_valid():
        try:
            acts.arrange(defect=found, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已请{form.cleaned_data['owner'].name}去修。")
            return redirect("attendance:defect", pk)
    return page(request, found, arrange=form)


@allow(*STAFF)
@require_POST
def defect_repair(request: PortalRequest, pk: int) -> HttpResponse:
    """Write how it was repaired."""
    found = defect_of(request, pk)
    form = RepairForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            acts.repair(defect=found, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已记下，等另一位去复查。")
            return redirect("attendance:defect", pk)
    elif DefectMove.REPAIR not in queries.moves_of(request.actor, found):
        raise PermissionDenied
    return page(request, found, repair=form)


@allow(*ROOM_CHECKERS)
@require_POST
def defect_pass(request: PortalRequest, pk: int) -> HttpResponse:
    """Close it: the repair holds."""
    found = defect_of(request, pk)
    told(request, lambda: acts.pass_repair(defect=found, by=request.actor), f"{found.room.name}，复查通过。")
    return redirect("attendance:defect", pk)


@allow(*ROOM_CHECKERS)
@require_POST
def defect_fail(request: PortalRequest, pk: int) -> HttpResponse:
    """Open it again: the repair doesn't hold."""
    found = defect_of(request, pk)
    form = WhyForm(request.POST)
    if form.is_valid():
        try:
            acts.fail_repair(defect=found, why=form.cleaned_data["why"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已退回重修。")
            return redirect("attendance:defect", pk)
    return page(request, found, fail=form)


@allow(*STAFF)
@require_GET
def defect_photo(request: PortalRequest, pk: int) -> HttpResponseBase:
    """Give a photo to somebody for whom its defect exists."""
    return give_file(get_object_or_404(queries.photos_seen(request.actor), pk=pk))
