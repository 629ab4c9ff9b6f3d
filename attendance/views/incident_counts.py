"""Confirming, counting the children, and the board that shows who has done so."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.head_counts import count_children
from attendance.actions.incidents import confirm as confirm_seen
from attendance.models import Incident
from attendance.queries import incident_board as queries
from attendance.queries.emergency import standing_of
from attendance.queries.incidents import rooms_of
from attendance.views.incidents import allowed, incident_of


@allow(*STAFF)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Put on record that I have seen it and where I am; those in charge also for a colleague who was phoned."""
    row = incident_of(request, pk)
    asked = request.POST.get("teacher", "")
    teacher = get_object_or_404(Teacher, pk=asked) if asked.isdecimal() else request.actor.teacher
    if teacher is None:
        raise Http404
    own = teacher == request.actor.teacher
    where = request.POST.get("where", "") or next(iter(rooms_of(request.actor) if own else ["电话确认"]), "")
    told(
        request,
        lambda: confirm_seen(incident=row, teacher=teacher, where=where, by=request.actor),
        "已确认收到。" if own else f"{teacher.name}，已代为确认。",
    )
    return redirect("attendance:incident" if own else "attendance:incident-board", pk)


@allow(*STAFF)
@require_GET
def board(request: PortalRequest, pk: int) -> HttpResponse:
    """Show holder by holder who has counted; a poll is answered 304 when nothing changed."""
    row = incident_of(request, pk)
    if not row.is_open:
        if request.htmx:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return redirect("attendance:incident", pk)
    version = f'"{queries.version(row)}"' if request.htmx else ""
    if version and request.headers.get("If-None-Match") == version:
        return HttpResponseNotModified()
    standing = standing_of(request.actor, row.term)
    context = {
        "incident": row,
        "board": queries.read(request.actor, row, standing),
        "may": allowed(row, standing),
        "whole": standing.in_charge,
        "version": version,
    }
    page = "attendance/parts/incident_board.html" if request.htmx else "attendance/incident_board.html"
    response = render(request, page, context)
    if version:
        response["ETag"] = version
    return response


def holder_of(request: PortalRequest, row: Incident, pk: int) -> Teacher:
    """Return whose children are counted: oneself, or anybody for those in charge."""
    own = request.actor.teacher is not None and request.actor.teacher.pk == pk
    if not own and not standing_of(request.actor, row.term).in_charge:
        raise Http404
    return get_object_or_404(Teacher, pk=pk)


@allow(*STAFF)
@require_GET
def count(request: PortalRequest, pk: int, holder: int) -> HttpResponse:
    """List the children that a holder answers for now, all ticked."""
    row = incident_of(request, pk)
    person = holder_of(request, row, holder)
    last = queries.counts_of(row).get(holder, (None, ""))
    context = {
        "incident": row,
        "holder": person,
        "own": person == request.actor.teacher,
        "children": list(queries.held_by(holder, clock.today())),
        "last": last[0],
        "place": last[1],
    }
    return render(request, "attendance/incident_count.html", context)


@allow(*STAFF)
@require_POST
def save_count(request: PortalRequest, pk: int, holder: int) -> HttpResponse:
    row = incident_of(request, pk)
    person = holder_of(request, row, holder)
    seen = {int(one) for one in request.POST.getlist("seen") if one.isdecimal()}
    here = {int(one) for one in request.POST.getlist("here") if one.isdecimal()}
    not_found = set() if request.POST.get("all") else seen - here
    if request.POST.get("all") and here and seen - here:  # a tick was taken off, then the wrong button tapped
        messages.error(request, f"有 {len(seen - here)} 个孩子的勾点掉了，没有保存。请再看一遍：有人不在，按左边。")
        return redirect("attendance:incident-count", pk, holder)
    try:
        made = count_children(
            incident=row,
            holder=person,
            seen=seen,
            not_found=not_found,
            place=request.POST.get("place", ""),
            by=request.actor,
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:incident-count", pk, holder)
    messages.success(request, f"已清点：应有 {made.expected} 人，点到 {made.counted} 人。")
    return redirect("attendance:incident" if person == request.actor.teacher else "attendance:incident-board", pk)
