"""Timetables: read by everybody, written by the office, printed for the wall."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow, signed_in
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import GradeBand
from afterschool.school.papers import request_paper
from afterschool.support.refusal import Refused
from scheduling.actions.timetables import put_timetable, remove_timetable
from scheduling.forms.timetables import HeadForm, PartFormSet, initial_of, rows_of
from scheduling.models import Timetable
from scheduling.queries.timetables import tables_of_term, timetables_of


@signed_in
@require_GET
def timetables(request: PortalRequest) -> HttpResponse:
    """Show the timetables of the term, a parent's own children's first."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    bands = tables_of_term(request.term, request.actor)
    return render(request, "scheduling/timetables.html", {"bands": bands})


@allow(*STAFF)
@require_POST
def timetable_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the timetables as a PDF for the wall."""
    if request.term is None:
        return redirect("scheduling:timetables")
    title = f"{request.term.name}课后服务时间表"
    paper = request_paper("timetable", title=title, params={"term": request.term.pk}, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def timetable_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change one timetable."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    table = get_object_or_404(timetables_of(request.term), pk=pk)
    return _form(request, table.band, table)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def timetable_new(request: PortalRequest, band_id: int) -> HttpResponse:
    """Write another timetable for a band: other weekdays, or another season."""
    band = get_object_or_404(GradeBand.objects.select_related("term"), pk=band_id, term=request.term)
    return _form(request, band, None)


def _form(request: PortalRequest, band: GradeBand, table: Timetable | None) -> HttpResponse:
    model = table or Timetable.objects.filter(band=band).first()
    first, lines = initial_of(model) if model else ({}, [])
    head = HeadForm(request.POST or None, initial=first)
    parts = PartFormSet(request.POST or None, initial=lines, prefix="part")
    if request.method == "POST" and head.is_valid() and parts.is_valid():
        try:
            put_timetable(
                band=band, rows=rows_of(parts.cleaned_data), timetable=table, by=request.actor, **head.cleaned_data
            )
        except Refused as refused:
            head.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{band}的课表已保存，以后的场次按新课表。")
            return redirect("scheduling:timetables")
    context: dict[str, Any] = {"head": head, "parts": parts, "band": band, "table": table}
    return render(request, "scheduling/timetable_form.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def timetable_remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one timetable away."""
    table = get_object_or_404(Timetable.objects.select_related("band__term"), pk=pk, band__term=request.term)
    try:
        remove_timetable(timetable=table, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "课表已删除。")
    return redirect("scheduling:timetables")
