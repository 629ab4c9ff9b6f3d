"""Incidents and drills: the alarm, the page of one with its acts, its papers, and the list of the term."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, Actor, allow
from afterschool.school.actions.uploads import give_file
from afterschool.school.http import PortalRequest, told
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.uploads import ANY_KIND
from attendance.actions import incidents as acts
from attendance.emergency import QUICK, Act, judge
from attendance.incident_forms import AlarmForm, EndForm, NoteForm, ReasonForm, ReportForm
from attendance.models import Incident, IncidentFile
from attendance.queries import incidents as queries
from attendance.queries.emergency import Standing, standing_of
from attendance.queries.incident_board import counts_of, held_by, not_called_yet
from scheduling.views.pages import page_term


def incident_of(request: PortalRequest, pk: int) -> Incident:
    """Return an incident of the term: all staff see it."""
    return get_object_or_404(queries.incidents_of(page_term(request)), pk=pk)


def allowed(incident: Incident, standing: Standing) -> dict[str, bool]:
    """Return which buttons stand on the page of this person."""
    return {act.value: judge(act, incident.state, standing.who).stands for act in Act}


def done(request: PortalRequest, pk: int, act: Callable[[], object], word: str) -> HttpResponse:
    """Do one act and return to the incident with what was done, or why not."""
    told(request, act, word)
    return redirect("attendance:incident", pk)


@allow(*STAFF)
@require_GET
def incidents(request: PortalRequest) -> HttpResponse:
    lines = queries.lines(request.term) if request.term else []
    return render(request, "attendance/incidents.html", {"lines": lines})


@allow(*STAFF)
@require_GET
def bar(request: PortalRequest) -> HttpResponse:
    """Answer the head of every open staff page once a minute: 204 when it shows what is true."""
    shown = request.GET.get("shown", "")
    if shown == queries.mark_of(queries.bars_from(request.actor.beside)):
        return HttpResponse(status=204)
    return render(request, "components/incident_bar.html")


@allow(*STAFF)
@require_GET
def alarm(request: PortalRequest) -> HttpResponse:
    """Ask what and where; then show it once more before anybody is told."""
    page_term(request)
    asked = "category" in request.GET or "kind" in request.GET or "place" in request.GET
    form = AlarmForm(request.GET if asked and not request.GET.get("change") else None, initial=request.GET.dict())
    if asked and form.is_bound and form.is_valid():
        back = urlencode({**request.GET.dict(), "change": "1"})
        context = {"alarm": form.alarm(), "staff": queries.staff_to_confirm().count(), "back": back}
        return render(request, "attendance/alarm_sure.html", context)
    places = [*queries.rooms_of(request.actor), *queries.USUAL_PLACES]
    return render(request, "attendance/alarm.html", {"form": form, "places": places})


@allow(*STAFF)
@require_POST
def raise_alarm(request: PortalRequest) -> HttpResponse:
    term, form = page_term(request), AlarmForm(request.POST)
    if not form.is_valid():
        return redirect("attendance:incident-alarm")
    try:
        incident = acts.raise_alarm(term=term, alarm=form.alarm(), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:incidents")
    messages.success(request, "已报警，全体教职工都收到了消息。")
    return redirect("attendance:incident", incident.pk)


@allow(*STAFF)
@require_GET
def incident(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one incident: what this person has to do first, the two reports, the timeline, the papers."""
    row = incident_of(request, pk)
    standing = standing_of(request.actor, row.term)
    context = {
        "incident": row,
        "standing": standing,
        "may": allowed(row, standing),
        "entries": queries.entries_of(row),
        "reports": queries.reports_of(row),
        "files": files_for(row, standing, request.actor),
        "confirmed": queries.staff_counts(row),
        "counted_at": queries.all_counted_at([row]).get(row.pk),
        "final": [] if row.is_open else queries.final_counts(row),
        "quick": QUICK,
        "kinds": ANY_KIND,
        "reason_form": ReasonForm(),
        **mine(row, request.actor),
    }
    return render(request, "attendance/incident.html", context)


def mine(row: Incident, actor: Actor) -> dict[str, Any]:
    """Return what this person has to do while the incident is open: confirm, and count how many children."""
    if not row.is_open or actor.teacher is None:
        return {}
    bars = {one.pk: one for one in queries.bars_from(actor.beside)}
    found = bars.get(row.pk)
    seen = found is not None and found.seen
    held = list(held_by(actor.teacher.pk, clock.today()).values_list("since", flat=True))
    count = counts_of(row).get(actor.teacher.pk, (None, ""))[0]
    return {
        "seen": seen,
        "rooms": [] if seen else queries.rooms_of(actor),
        "held": len(held),
        "not_called": not_called_yet(actor.teacher.pk, clock.today()),
        "own_count": count,
        "again": count is not None and bool(held) and max(held) > count.at,
    }


def files_for(row: Incident, standing: Standing, actor: Actor) -> list[IncidentFile]:
    """Return the papers this person may open: all to those in charge and information, else what one brought oneself."""
    return [one for one in queries.files_of(row) if standing.reads_files or one.by_id == actor.user_id]


@allow(*STAFF)
@require_POST
def start(request: PortalRequest, pk: int) -> HttpResponse:
    row = incident_of(request, pk)
    return done(
        request, pk, lambda: acts.start_plan(incident=row, by=request.actor), "预案已启动，全体教职工都收到了消息。"
    )


@allow(*STAFF)
@require_POST
def dismiss(request: PortalRequest, pk: int) -> HttpResponse:
    row, reason = incident_of(request, pk), request.POST.get("reason", "")[:200]
    return done(request, pk, lambda: acts.call_false(incident=row, reason=reason, by=request.actor), "已按误报解除。")


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def end(request: PortalRequest, pk: int) -> HttpResponse:
    """Write what happened and what to do better, with the timeline to begin from; then the incident is over."""
    row = incident_of(request, pk)
    if not allowed(row, standing_of(request.actor, row.term))[Act.END]:
        raise PermissionDenied
    start_text = {"summary": queries.draft_of(row, queries.entries_of(row))} if request.method == "GET" else None
    form = EndForm(request.POST or None, initial=start_text)
    if request.method == "POST" and form.is_valid():
        try:
            acts.end_incident(incident=row, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已结束，全体教职工都收到了消息。")
            return redirect("attendance:incident", pk)
    return render(request, "attendance/incident_end.html", {"incident": row, "form": form})


@allow(*STAFF)
@require_POST
def note(request: PortalRequest, pk: int) -> HttpResponse:
    row, form = incident_of(request, pk), NoteForm(request.POST)
    words = form.words() if form.is_valid() else ""
    return done(request, pk, lambda: acts.note(incident=row, text=words, by=request.actor), "已记下。")


@allow(*STAFF)
@require_POST
def report(request: PortalRequest, pk: int) -> HttpResponse:
    row, form = incident_of(request, pk), ReportForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("attendance:incident", pk)
    return done(
        request,
        pk,
        lambda: acts.report(incident=row, by=request.actor, **form.values()),
        "已记下报告的时间。",
    )


@allow(*STAFF)
@require_POST
def attach(request: PortalRequest, pk: int) -> HttpResponse:
    row, file = incident_of(request, pk), request.FILES.get("file")
    if file is None or isinstance(file, list):
        messages.error(request, "请先选一个文件。")
        return redirect("attendance:incident", pk)
    return done(request, pk, lambda: acts.attach(incident=row, file=file, by=request.actor), "材料已附上。")


@allow(*STAFF)
@require_GET
def file(request: PortalRequest, pk: int) -> HttpResponseBase:
    """Give a paper or photo to those in charge, to information, and to who brought it."""
    term = page_term(request)
    rows = IncidentFile.objects.filter(incident__term=term)
    if not standing_of(request.actor, term).reads_files:
        rows = rows.filter(Q(by=request.actor.user_id))
    return give_file(get_object_or_404(rows, pk=pk))


@allow(*STAFF)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Set the report, A4: for those in charge and information."""
    row = incident_of(request, pk)
    if not standing_of(request.actor, row.term).reads_files:
        raise PermissionDenied
    title = f"{queries.title_of(row)}报告"[:80]
    made = request_paper("incident-report", title=title, params={"incident": row.pk}, by=request.actor)
    return redirect("school:paper", made.pk)
