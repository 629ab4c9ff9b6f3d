"""看岗: a leader walks past today's sessions and taps what is there."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import CHECKERS
from attendance.actions import staff_checks as actions
from attendance.discipline_forms import CheckForm
from attendance.queries import staff_checks as queries
from attendance.queries.breaches import RECORDERS


@allow(*CHECKERS)
@require_GET
def today(request: PortalRequest) -> HttpResponse:
    """Show today's sessions by room, with what was seen."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    lines = queries.check_lines(request.term, clock.today())
    figures = {
        "all": len(lines),
        "seen": sum(line.last is not None for line in lines),
        "away": sum(line.last is not None and not line.last.there for line in lines),
        "unsigned": sum(not line.signed and line.last is None for line in lines),
    }
    return render(
        request,
        "attendance/staff_checks.html",
        {"lines": lines, "figures": figures, "may_record": request.actor.has(*RECORDERS)},
    )


def _session(request: PortalRequest, pk: int) -> Session:
    if request.term is None:
        raise Http404
    return get_object_or_404(queries.sessions_to_check(request.term, clock.today()), pk=pk)


@allow(*CHECKERS)
@require_POST
def add(request: PortalRequest, pk: int) -> HttpResponse:
    """Write down at one tap that the teacher is there, or that nobody is."""
    session = _session(request, pk)
    there = request.POST.get("seen") == "there"
    told(
        request,
        lambda: actions.check(session=session, there=there, by=request.actor),
        f"{session.group.name}：{'教师在' if there else '没有教师，已记下'}。",
    )
    return redirect("attendance:staff-checks")


@allow(*CHECKERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest, pk: int) -> HttpResponse:
    """Write down who is with the children instead, with a note."""
    session = _session(request, pk)
    teachers = Teacher.objects.filter(active=True).exclude(duties__in=session.duties.filter(active=True))
    form = CheckForm(request.POST or None, teachers=teachers.order_by("pinyin", "staff_number"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.check(session=session, there=False, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{session.group.name}：已记下。")
            return redirect("attendance:staff-checks")
    duty = session.duties.filter(active=True).select_related("teacher").first()
    return render(request, "attendance/staff_check_new.html", {"session": session, "duty": duty, "form": form})
