"""One child's day: the chain of who had it, the phones to call, and what became of it when it was missing."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.http import PortalRequest
from afterschool.school.looks import as_what
from afterschool.support.refusal import Refused
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.search import settle
from attendance.custody import State
from attendance.custody_forms import CallForm, WhereForm, seen
from attendance.models import ChildDay
from attendance.queries import custody as queries
from scheduling.models import Duty


def own_child(request: PortalRequest, pk: int) -> ChildDay:
    """Return a child's day this person may see, or 404."""
    return get_object_or_404(queries.with_people(queries.children(request.actor)), pk=pk)


@allow(*STAFF)
@require_GET
def child(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    data = {"role": as_what(request.actor, row.student)}
    record("child.seen", subject=row, by=request.actor, student_id=row.student_id, term_id=row.term_id, data=data)
    mine = request.actor.teacher
    on_duty = Duty.objects.filter(session=row.session, active=True, teacher=mine).exists()
    context = {
        "child": row,
        "chain": queries.chain(row),
        "adults": row.student.links.all(),
        "calls": row.calls.all(),
        "call_form": CallForm(child=row),
        "where_form": WhereForm(),
        "missing": row.state == State.MISSING,
        "takes_to_group": on_duty,
        "may_search": request.actor.has(Role.DUTY_LEADER) and row.holder_id != (mine.pk if mine else None),
        "may_excuse": request.actor.has(Role.DUTY_LEADER, Role.ADMINISTRATOR)
        or row.student.school_class_id in request.actor.class_ids,
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
    form = CallForm(request.POST, child=row)
    if not form.is_valid():
        messages.error(request, "".join(str(error) for errors in form.errors.values() for error in errors))
        return back(request, pk)
    try:
        note_call(row, by=request.actor, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{row.student.name}，电话已记下。")
    return back(request, pk)


def _done(request: PortalRequest, row: ChildDay, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{row.student.name}，{done}")
    return redirect("attendance:child", row.pk)


@allow(*STAFF)
@require_POST
def found(request: PortalRequest, pk: int) -> HttpResponse:
    """The finder who then answers: the group's teacher takes the child in, others keep it at the place they name."""
    row = seen(own_child(request, pk), request.POST.get("links"))
    form = WhereForm(request.POST)
    place = form.cleaned_data["place"] if form.is_valid() else ""
    to = State.GROUP if request.POST.get("to") == State.GROUP else State.STAFF
    return _done(
        request, row, lambda: settle(child_day=row, to=to, by=request.actor, place=place), "找到了，现在由您负责。"
    )


@allow(*STAFF)
@require_POST
def away(request: PortalRequest, pk: int) -> HttpResponse:
    row = seen(own_child(request, pk), request.POST.get("links"))
    return _done(request, row, lambda: settle(child_day=row, to=State.AWAY, by=request.actor), "已写明：今天不来。")


@allow(*STAFF)
@require_POST
def search(request: PortalRequest, pk: int) -> HttpResponse:
    row = seen(own_child(request, pk), request.POST.get("links"))
    move = MoveRequest(row, State.MISSING, reason="search")
    return _done(request, row, lambda: move_many([move], by=request.actor), "由您接手寻找。")
