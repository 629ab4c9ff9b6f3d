"""纪律记录: recorded by a leader, explained, confirmed by a second person; every look at one is kept."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.actions.uploads import give_file
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import breaches as actions
from attendance.breach_forms import AnswerForm, BreachForm, FileForm, FindingForm
from attendance.breach_workflow import Who
from attendance.models import Breach
from attendance.queries import breaches as queries
from attendance.queries.staff_checks import sessions_to_check
from scheduling.views.pages import page_term

READERS = (Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)
SHOWN = 100
FIELDS = {"own": "teacher", "time_wrong": "time", "place_missing": "place", "evidence_missing": "evidence"}


@allow(*READERS)
@require_GET
def listing(request: PortalRequest) -> HttpResponse:
    """Show the breaches this person may see, those that wait first."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    rows = list(queries.breaches_for(request.actor, request.term)[:SHOWN])
    context = {
        "waiting": [row for row in rows if row.state == "recorded"],
        "settled": [row for row in rows if row.state != "recorded"],
        "may_record": request.actor.has(*queries.RECORDERS),
    }
    return render(request, "attendance/breaches.html", context)


def _beginning(request: PortalRequest) -> dict[str, object]:
    """Return what is known when one comes from a session of today: its teacher and room, and now."""
    now = clock.now()
    known: dict[str, object] = {"date": now.date(), "time": now.time()}
    chosen = request.GET.get("session", "")
    if chosen.isdecimal() and len(chosen) < 10:
        session = sessions_to_check(page_term(request), now.date()).filter(pk=chosen).first()
        duty = session.duties.filter(active=True).first() if session else None
        known |= {"teacher": duty.teacher_id if duty else None, "place": session.room if session else ""}
    return known


@allow(*queries.RECORDERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest) -> HttpResponse:
    """Record a breach."""
    term = page_term(request)
    form = BreachForm(request.POST or None, request.FILES or None, initial=_beginning(request))
    if request.method == "POST" and form.is_valid():
        try:
            breach = actions.write_down(term=term, seen=form.seen(), file=form.cleaned_data["file"], by=request.actor)
        except Refused as refused:
            form.add_error(FIELDS.get(refused.code), refused.sentence)
        else:
            messages.success(request, "已记下，等第二人确认。")
            return redirect("attendance:breach", breach.pk)
    return render(request, "attendance/breach_new.html", {"form": form})


def _breach(request: PortalRequest, pk: int) -> Breach:
    return get_object_or_404(queries.breaches_for(request.actor, page_term(request)), pk=pk)


def _page(request: PortalRequest, breach: Breach, **forms: object) -> HttpResponse:
    context = {
        "page": queries.breach_page(request.actor, breach),
        "breach": breach,
        "answer": AnswerForm(),
        "finding": FindingForm(),
        "file": FileForm(),
        "is_mine": Who.TEACHER in queries.who_of(request.actor, breach),
    }
    return render(request, "attendance/breach.html", context | forms)


@allow(*STAFF)
@require_GET
def page(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one breach; the look is kept."""
    breach = _breach(request, pk)
    actions.look(breach=breach, by=request.actor)
    return _page(request, breach)


@allow(*READERS)
@require_POST
def ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask the teacher for an explanation."""
    breach = _breach(request, pk)
    told(request, lambda: actions.ask(breach=breach, by=request.actor), f"已请{breach.teacher.name}说明。")
    return redirect("attendance:breach", pk)


@allow(*STAFF)
@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how it was."""
    breach, form = _breach(request, pk), AnswerForm(request.POST)
    if Who.TEACHER not in queries.who_of(request.actor, breach):
        raise PermissionDenied
    if form.is_valid():
        try:
            actions.answer(breach=breach, text=form.cleaned_data["text"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "说明已记下。")
            return redirect("attendance:breach", pk)
    return _page(request, breach, answer=form)


def _settle(request: PortalRequest, pk: int, *, stands: bool) -> HttpResponse:
    breach, form = _breach(request, pk), FindingForm(request.POST)
    if Who.SECOND not in queries.who_of(request.actor, breach):
        raise PermissionDenied
    if form.is_valid():
        try:
            actions.settle(breach=breach, stands=stands, finding=form.cleaned_data["finding"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已确认。" if stands else "已记为不成立。")
            return redirect("attendance:breach", pk)
    return _page(request, breach, finding=form)


@allow(*READERS)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Confirm that it was so."""
    return _settle(request, pk, stands=True)


@allow(*READERS)
@require_POST
def dismiss(request: PortalRequest, pk: int) -> HttpResponse:
    """Find that it does not stand."""
    return _settle(request, pk, stands=False)


@allow(*queries.RECORDERS)
@require_POST
def add_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Put one more file beside the record."""
    breach, form = _breach(request, pk), FileForm(request.POST, request.FILES)
    if Who.RECORDER not in queries.who_of(request.actor, breach):
        raise PermissionDenied
    if form.is_valid():
        try:
            actions.add_file(breach=breach, file=form.cleaned_data["file"], by=request.actor)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            messages.success(request, "文件已放上。")
            return redirect("attendance:breach", pk)
    return _page(request, breach, file=form)


@allow(*STAFF)
@require_GET
def file(request: PortalRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Give out one file; the look is kept."""
    breach = _breach(request, pk)
    row = get_object_or_404(breach.files.all(), pk=file_pk)
    actions.look(breach=breach, by=request.actor)
    return give_file(row)
