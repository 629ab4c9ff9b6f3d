"""Timetables: read by everybody, written by the office, printed for the wall."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow, public
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import GradeBand
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.timetables import put_timetable, remove_timetable
from scheduling.checking import BANDS, TABLES
from scheduling.forms.timetables import Editor, changed, standing, typed
from scheduling.models import Timetable
from scheduling.queries.checking import findings_of
from scheduling.queries.timetables import models_for, tables_of_term, timetables_of, today_of

FIELD_OF = {"timetable_twice": "weekdays", "no_weekday": "weekdays", "dismissal_early": "dismissal"}


@public
@require_GET
def timetables(request: PortalRequest) -> HttpResponse:
    """Show the timetables of the term to the world; a parent's own children's first, today's marked."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    context = {
        "bands": tables_of_term(request.term, request.actor),
        "day": today_of(request.term),
        "today": clock.today(),
        "findings": findings_of(request.term, TABLES, BANDS) if request.actor.is_office else [],
    }
    return render(request, "scheduling/timetables.html", context)


@allow(*STAFF)
@require_POST
def timetable_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the timetables as a PDF for the wall: all bands in one file, or one band."""
    if request.term is None:
        return redirect("scheduling:timetables")
    params, of_band = {"term": request.term.pk}, ""
    if request.POST.get("band"):
        wanted = request.POST["band"]
        band = get_object_or_404(request.term.bands, pk=int(wanted) if wanted.isdecimal() else 0)
        params["band"], of_band = band.pk, f"（{band}）"
    title = f"{request.term.name}课后服务时间表{of_band}"
    paper = request_paper("timetable", title=title, params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def timetable_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change one timetable."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    table = get_object_or_404(timetables_of(request.term), pk=pk)
    return _form(request, table.band, table, Editor(standing(table)))


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def timetable_new(request: PortalRequest, band_id: int) -> HttpResponse:
    """Write another timetable for a band: other weekdays, or another season. A standing one may be its start."""
    band = get_object_or_404(GradeBand.objects.select_related("term"), pk=band_id, term=request.term)
    models = models_for(band.term)
    wanted = request.GET.get("from", "")
    own = next((table for table in models if table.band_id == band.pk), None)
    model = get_object_or_404(models, pk=int(wanted)) if wanted.isdecimal() else own
    return _form(request, band, None, Editor(standing(model, copy=True)), model=model, models=models)


def _form(
    request: PortalRequest, band: GradeBand, table: Timetable | None, editor: Editor, **context: Any
) -> HttpResponse:
    if request.method == "POST" and "change" in request.POST:
        raw = changed(typed(request.POST), request.POST["change"], request.POST.get("minutes", ""))
        editor = Editor(raw)
    elif request.method == "POST":
        editor = Editor(typed(request.POST), bound=True)
        if editor.is_valid() and _put(editor, band, table, request):
            messages.success(request, f"{band}的课表已保存，以后的场次按新课表。")
            return redirect("scheduling:timetables")
    return render(
        request, "scheduling/timetable_form.html", {"editor": editor, "band": band, "table": table, **context}
    )


def _put(editor: Editor, band: GradeBand, table: Timetable | None, request: PortalRequest) -> bool:
    try:
        put_timetable(band=band, rows=editor.rows, timetable=table, by=request.actor, **editor.head.cleaned_data)
    except Refused as refused:
        editor.head.add_error(FIELD_OF.get(refused.code), refused.sentence)
        return False
    return True


@allow(Role.ADMINISTRATOR)
@require_POST
def timetable_remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one timetable away."""
    table = get_object_or_404(Timetable.objects.select_related("band__term"), pk=pk, band__term=request.term)
    told(request, lambda: remove_timetable(timetable=table, by=request.actor), "课表已删除。")
    return redirect("scheduling:timetables")
