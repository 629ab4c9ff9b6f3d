"""One child's day: the chain of who had it, the phones to call, and what became of it when it was missing."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.events import record
from afterschool.school.http import PortalRequest, told
from afterschool.school.looks import as_what
from attendance import access
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.search import settle
from attendance.custody import State
from attendance.custody_forms import CallForm, WhereForm, seen
from attendance.handing_forms import KeepForm, OtherGroupForm
from attendance.models import ChildDay
from attendance.queries import child as page
from attendance.queries import custody as queries


def own_child(request: PortalRequest, pk: int) -> ChildDay:
    """Return a child's day this person may see, or 404."""
    return get_object_or_404(queries.with_people(queries.children(request.actor)), pk=pk)


@allow(*STAFF)
@require_GET
def child(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    data = {"role": as_what(request.actor, row.student)}
    record("child.seen", subject=row, by=request.actor, student_id=row.student_id, term_id=row.term_id, data=data)
    found = page.page_of(row, request.actor)
    context = {
        "child": row,
        "page": found,
        "call_form": CallForm(child=row) if found.in_charge else None,
        "where_form": WhereForm(),
        "keep_form": KeepForm(),
        "other_group_form": OtherGroupForm(child=row) if found.may_move else None,
    }
    return render(request, "attendance/child.html", context)


def back(request: PortalRequest, pk: int) -> HttpResponse:
    """Return to the page that a form names, else to the child."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return redirect(url)
    return redirect("attendance:child", pk)


@allow(*STAFF)
@require_POST
def call(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    if not access.is_in_charge(request.actor, row):
        messages.error(request, "家长电话由现在负责孩子的老师、班主任、值班行政来打。")
        return back(request, pk)
    form = CallForm(request.POST, child=row)
    if not form.is_valid():
        messages.error(request, "".join(str(error) for errors in form.errors.values() for error in errors))
        return back(request, pk)
    told(request, lambda: note_call(row, by=request.actor, **form.cleaned_data), f"{row.student.name}，电话已记下。")
    return back(request, pk)


def done(request: PortalRequest, row: ChildDay, act: Callable[[], object], said: str) -> HttpResponse:
    """Do one act for a child, say what came of it, and show the child again."""
    told(request, act, f"{row.student.name}，{said}")
    return back(request, row.pk)


@allow(*STAFF)
@require_POST
def found(request: PortalRequest, pk: int) -> HttpResponse:
    """The finder who then answers: the group's teacher takes the child in, others keep it at the place they name."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    form = WhereForm(request.POST)
    place = form.cleaned_data["place"] if form.is_valid() else ""
    wanted = request.POST.get("to")
    to = State(wanted) if wanted in (State.GROUP, State.CLUB) else State.STAFF
    return done(
        request, row, lambda: settle(child_day=row, to=to, by=request.actor, place=place), "找到了，现在由您负责。"
    )


@allow(*STAFF)
@require_POST
def away(request: PortalRequest, pk: int) -> HttpResponse:
    row = seen(own_child(request, pk), request.POST.get("links"))
    return done(request, row, lambda: settle(child_day=row, to=State.AWAY, by=request.actor), "已写明：今天不来。")


@allow(*STAFF)
@require_POST
def search(request: PortalRequest, pk: int) -> HttpResponse:
    row = seen(own_child(request, pk), request.POST.get("links"))
    move = MoveRequest(row, State.MISSING, reason="search")
    return done(request, row, lambda: move_many([move], by=request.actor), "由您接手寻找。")
