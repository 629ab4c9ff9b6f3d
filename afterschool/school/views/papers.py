"""A paper being made: how far it is, and its file when done."""

from pathlib import PurePath
from urllib.parse import urlsplit

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import Actor, signed_in
from afterschool.school.actions.fetching import note_fetched
from afterschool.school.enums import JobState
from afterschool.school.http import PortalRequest
from afterschool.school.models import Paper
from afterschool.school.papers import CONTENT_TYPES, request_paper
from afterschool.school.queries.papers import papers_of


@signed_in
@require_GET
def paper(request: PortalRequest, pk: str) -> HttpResponse:
    """Show how far the paper is; polled every second until it is done."""
    found = get_object_or_404(papers_of(request.actor), pk=pk)
    making = found.state in {JobState.QUEUED, JobState.RUNNING}
    template = "school/parts/paper.html" if request.htmx else "school/paper.html"
    return render(request, template, {"paper": found, "making": making, "back": _where_from(request)})


def _where_from(request: PortalRequest) -> str:
    """Return the page of the portal on which this paper was asked for, else the own home page."""
    came = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(came).path if ours else ""
    return came if path and path != request.path else reverse("home")


@signed_in
@require_GET
def file(request: PortalRequest, pk: str) -> HttpResponseBase:
    """Give out the file under its Chinese title."""
    return give(get_object_or_404(papers_of(request.actor), pk=pk), request.actor)


def give(found: Paper, by: Actor) -> HttpResponseBase:
    """Return the file of a paper that this person may have."""
    if found.state != JobState.DONE or not found.file:
        raise Http404
    note_fetched(paper=found, by=by)
    suffix = PurePath(str(found.file.name)).suffix.lstrip(".")
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=f"{found.title}.{suffix}",
        content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
    )
    response["Cache-Control"] = "no-store, private"
    return response


@signed_in
@require_POST
def retry(request: PortalRequest, pk: str) -> HttpResponse:
    """Ask for the same paper again."""
    old = get_object_or_404(papers_of(request.actor), pk=pk)
    new = request_paper(old.kind, title=old.title, params=old.params, by=request.actor)
    return redirect("school:paper", pk=new.pk)
