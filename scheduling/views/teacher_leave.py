"""A teacher's leave: written, looked at with its duties, decided, taken back."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest, told
from afterschool.support.refusal import Refused
from scheduling.access import may_decide_leave
from scheduling.actions import teacher_leave as actions
from scheduling.enums import TeacherLeaveKind, TeacherLeaveState
from scheduling.forms.standins import LeaveForm
from scheduling.models import TeacherLeave
from scheduling.queries import candidates
from scheduling.queries import standins as queries
from scheduling.views.pages import term_of
from scheduling.views.standins import DECIDERS

BEST = 3


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def leave_new(request: PortalRequest) -> HttpResponse:
    """Ask for leave, or write down a teacher's."""
    term, actor = term_of(request), request.actor
    form = LeaveForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        teacher = values.get("teacher") or actor.teacher
        if teacher is None:
            raise PermissionDenied
        try:
            found = actions.ask_leave(
                term=term,
                teacher=teacher,
                kind=TeacherLeaveKind(values["kind"]),
                first_day=values["first_day"],
                last_day=values["last_day"],
                reason=values["reason"],
                by=actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "请假已提出，批复后会告诉您。" if found.state == "asked" else "请假已记下。")
            return redirect("scheduling:standins-leave", found.pk)
    return render(request, "scheduling/standins_leave_new.html", {"form": form})


def _leave(request: PortalRequest, pk: int) -> TeacherLeave:
    return get_object_or_404(queries.leaves_of(request.actor, term_of(request)), pk=pk)


@allow(*STAFF)
@require_GET
def leave(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one leave: its duties, who takes them or could, and what was decided."""
    found, actor = _leave(request, pk), request.actor
    duties = queries.duties_in(found)
    open_ones = [one.duty for one in duties if one.settled is None]
    best: dict[int, list[candidates.Candidate]] = {}
    if open_ones and found.state != TeacherLeaveState.CANCELLED:
        facts = candidates.facts_for([duty.session for duty in open_ones])
        best = {duty.pk: candidates.candidates_for(duty, facts)[:BEST] for duty in open_ones}
    own = actor.teacher is not None and actor.teacher.pk == found.teacher_id
    decides = may_decide_leave(actor, found)
    context = {
        "leave": found,
        "duties": [(one, best.get(one.duty.pk, [])) for one in duties],
        "span": queries.span_words(found),
        "own": own,
        "decides": decides and found.state == TeacherLeaveState.ASKED,
        "may_cancel": (own or decides) and actions.can_be_cancelled(found),
    }
    return render(request, "scheduling/standins_leave.html", context)


def _do(request: PortalRequest, pk: int, act: Callable[[TeacherLeave], object], said: str) -> HttpResponse:
    found = _leave(request, pk)
    told(request, lambda: act(found), said)
    return redirect("scheduling:standins-leave", pk)


@allow(*DECIDERS)
@require_POST
def leave_confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Grant a leave."""
    return _do(
        request,
        pk,
        lambda one: actions.decide_leave(leave=one, granted=True, by=request.actor),
        "已批准，教师已收到消息。",
    )


@allow(*DECIDERS)
@require_POST
def leave_decline(request: PortalRequest, pk: int) -> HttpResponse:
    """Don't grant a leave, with the reason."""
    words = request.POST.get("reason", "")
    return _do(
        request,
        pk,
        lambda one: actions.decide_leave(leave=one, granted=False, answer=words, by=request.actor),
        "没有批准，教师能看到原因。",
    )


@allow(*STAFF)
@require_POST
def leave_cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a leave back."""
    return _do(request, pk, lambda one: actions.cancel_leave(leave=one, by=request.actor), "请假已撤销。")
