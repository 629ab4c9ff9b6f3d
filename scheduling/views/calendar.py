"""The school calendar, month by month, for the office."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import DayKind, Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.calendar import Effect, change_day, change_span, fill_calendar, restore_span
from scheduling.actions.sessions import make_sessions
from scheduling.checking import CALENDAR
from scheduling.forms.calendar import DayForm, SpanForm
from scheduling.queries.calendar import days_to_change, days_to_restore, months_of, undecided
from scheduling.queries.checking import findings_of


@allow(Role.ADMINISTRATOR)
@require_GET
def calendar(request: PortalRequest) -> HttpResponse:
    """Show one month; the days that wait for a decision stand on top."""
    term = request.term
    if term is None:
        return render(request, "scheduling/no_term.html")
    months = months_of(term)
    wanted = request.GET.get("month") or f"{clock.today():%Y-%m}"
    month = next((m for m in months if f"{m.first:%Y-%m}" == wanted), months[0] if months else None)
    place = months.index(month) if month else 0
    context = {
        "months": months,
        "month": month,
        "before": months[place - 1] if place else None,
        "after": months[place + 1] if place + 1 < len(months) else None,
        "undecided": undecided(term),
        "today": clock.today(),
        "findings": [f for f in findings_of(term, CALENDAR) if f.code != "day_undecided"],
        "sessions": Session.objects.filter(term=term).count(),
    }
    return render(request, "scheduling/calendar.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def day(request: PortalRequest, pk: int) -> HttpResponse:
    """Change what one date is."""
    row = get_object_or_404(SchoolDay.objects.select_related("term"), pk=pk, term=request.term)
    form = DayForm(request.POST or None, day=row)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            cancelled = change_day(
                day=row,
                kind=DayKind(values["kind"]),
                runs_weekday=int(values["runs_weekday"]),
                note=values["note"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            told = (
                f"取消了 {cancelled} 场，已告诉家长和教师。"
                if cancelled
                else "这一天已改；多出或少了服务的家长和教师会收到消息。"
            )
            messages.success(request, told)
            return redirect(f"/scheduling/calendar/?month={row.date:%Y-%m}")
    return render(request, "scheduling/calendar_day.html", {"form": form, "day": row})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def span(request: PortalRequest) -> HttpResponse:
    """Change a span of days at once: what would change is shown first, then it is done."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    form = SpanForm(request.POST or request.GET or None)
    found: list[SchoolDay] | None = None
    if form.is_valid():
        if request.method == "POST" and (effect := _changed(form, request)) is not None:
            messages.success(
                request, f"改了 {len(effect.days)} 天，取消 {effect.cancelled} 场，有关的家长和教师已收到消息。"
            )
            return redirect(f"/scheduling/calendar/?month={form.cleaned_data['first']:%Y-%m}")
        found = _reached(form, request.term)
    return render(request, "scheduling/calendar_span.html", {"form": form, "found": found})


def _changed(form: SpanForm, request: PortalRequest) -> Effect | None:
    values = form.cleaned_data
    whole = {"term": request.term, "first": values["first"], "last": values["last"], "by": request.actor}
    try:
        if values["what"] == SpanForm.RESTORE:
            return restore_span(**whole)
        return change_span(kind=DayKind(values["what"]), note=values["note"], **whole)
    except Refused as refused:
        form.add_error("last" if refused.code.startswith("span") else None, refused.sentence)
        return None


def _reached(form: SpanForm, term: Term) -> list[SchoolDay]:
    values = form.cleaned_data
    if not {"what", "first", "last"} <= values.keys():
        return []
    if values["what"] == SpanForm.RESTORE:
        return days_to_restore(term, values["first"], values["last"])
    return days_to_change(term, values["first"], values["last"], DayKind(values["what"]))


@allow(Role.ADMINISTRATOR)
@require_POST
def fill(request: PortalRequest) -> HttpResponse:
    """Fill the calendar anew; the school's own word stays."""
    if request.term is not None:
        try:
            changed = fill_calendar(term=request.term, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, f"校历已更新，改了 {changed} 天；学校自己设定的日子没有动。")
    return redirect("scheduling:calendar")


@allow(Role.ADMINISTRATOR)
@require_POST
def sessions_make(request: PortalRequest) -> HttpResponse:
    """Make the sessions that are missing."""
    if request.term is not None:
        try:
            made = make_sessions(term=request.term, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, f"新排 {made.made} 场，改了 {made.changed} 场，取消 {made.cancelled} 场。")
    return redirect("scheduling:calendar")
