"""Bringing the school's roster: the list with the upload, the preview, yes or no, and the blank template."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions import roster
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.importing.forms import UploadForm
from afterschool.school.importing.template import blank_workbook
from afterschool.school.models import RosterImport
from afterschool.school.queries.imports import imports_for, preview_of
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import CONTENT_TYPE

A_PAGE = 20


def _brought(request: PortalRequest, pk: int) -> RosterImport:
    return get_object_or_404(imports_for(request.actor), pk=pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def imports(request: PortalRequest) -> HttpResponse:
    """Show what was brought so far and take a new file."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            brought = roster.upload(
                files=form.files_brought(), school_year=form.cleaned_data["school_year"], by=request.actor
            )
        except Refused as refused:
            form.add_error("workbook", refused.sentence)
        else:
            return redirect("school:import", pk=brought.pk)
    page = Paginator(imports_for(request.actor).defer("report"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "school/imports/list.html", {"form": form, "page": page})


@allow(Role.ADMINISTRATOR)
@require_GET
def one(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the preview; while the file is read or written, how far it is."""
    brought = _brought(request, pk)
    preview = preview_of(brought)
    template = "school/imports/one.html"
    if request.htmx and preview.working:
        template = "school/imports/parts/working.html"
    response = render(request, template, {"brought": brought, "report": brought.report, "preview": preview})
    if request.htmx and not preview.working:
        response["HX-Refresh"] = "true"
    return response


@allow(Role.ADMINISTRATOR)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Say yes to the preview."""
    try:
        remove = "remove_missing" in request.POST
        roster.accept(brought=_brought(request, pk), remove_missing=remove, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("school:import", pk=pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    """Put the file away."""
    try:
        roster.discard(brought=_brought(request, pk), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("school:import", pk=pk)
    messages.success(request, "已放弃，文件已删除，名册没有变。")
    return redirect("school:imports")


@allow(Role.ADMINISTRATOR)
@require_POST
def check(request: PortalRequest, pk: int) -> HttpResponse:
    """Check the file once more."""
    try:
        roster.check_again(brought=_brought(request, pk), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("school:import", pk=pk)


@allow(Role.ADMINISTRATOR)
@require_GET
def template(request: PortalRequest) -> HttpResponse:
    """Give out the blank workbook."""
    response = HttpResponse(blank_workbook(), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = "attachment; filename*=UTF-8''%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.xlsx"
    return response
