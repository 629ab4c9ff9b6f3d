"""Teachers' sheets of a month or the term."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation import access
from evaluation.actions.periods import score_period
from evaluation.enums import RubricKind
from evaluation.forms import Typed, read_points
from evaluation.month import Period, months_between
from evaluation.queries import periods, sheets, teacher_facts
from evaluation.views.common import month_now, period_or_404, term_or_404
from evaluation.views.score_form import BESIDE, context_of, mark_differing, put_beside, shown_version


@allow(*access.PERIOD_SCORERS)
@require_GET
def latest(request: PortalRequest) -> HttpResponse:
    """Open this month's list."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    return redirect("evaluation:teacher-period", month_now(request.term).code)


@allow(*access.PERIOD_SCORERS)
@require_GET
def period(request: PortalRequest, period: str) -> HttpResponse:
    """Show the teachers of a month or the term by staff number, and how far each one's sheet is."""
    term = term_or_404(request)
    chosen = period_or_404(term, period)
    context = {
        "period": chosen,
        "months": [*months_between(term.starts_on, min(clock.today(), term.ends_on))],
        "rows": periods.rows(request.actor, term, chosen),
        "whole_term": request.actor.has(*access.REPORT_READERS),
    }
    return render(request, "evaluation/period.html", context)


def _teacher(request: PortalRequest, period: Period, pk: int) -> Teacher:
    teachers = access.teachers_to_score(request.actor, term_or_404(request), period)
    if request.actor.teacher is not None:
        teachers = teachers.exclude(pk=request.actor.teacher.pk)
    return get_object_or_404(teachers, pk=pk)


@allow(*access.PERIOD_SCORERS)
@require_GET
def sheet(request: PortalRequest, period: str, pk: int) -> HttpResponse:
    """Show the form of one teacher's sheet: empty, or as far as it was written."""
    chosen = period_or_404(term_or_404(request), period)
    teacher = _teacher(request, chosen, pk)
    found = periods.sheet_of(term_or_404(request), teacher, chosen)
    if found is not None and found.is_final:
        return redirect("evaluation:teacher-sheet", found.pk)
    return _page(request, teacher, chosen, None)


def _page(
    request: PortalRequest,
    teacher: Teacher,
    period: Period,
    typed: Typed | None,
    *,
    act: str = "",
    seen: str | None = None,
    status: int = 200,
) -> HttpResponse:
    term = term_or_404(request)
    found = periods.sheet_of(term, teacher, period)
    rubric = found.rubric if found else shown_version(request) or sheets.active_rubric(RubricKind.TEACHER)
    if rubric is None:
        messages.error(request, "学校还没有评价表，不能评。")
        return redirect("evaluation:teacher-period", period.code)
    proposals = teacher_facts.proposals_for(request.actor, rubric, term, teacher, first=period.first, last=period.last)
    if typed is not None and act == "final":
        mark_differing(typed, proposals)
    context = context_of(rubric, found, typed, proposals) | {
        "teacher": teacher,
        "sub": f"{period}的评价表",
        "action": reverse("evaluation:teacher-period-save", args=[period.code, teacher.pk]),
        "back": reverse("evaluation:teacher-period", args=[period.code]),
        "seen": request.POST.get("seen", periods.stamp_of(found)) if seen is None else seen,
    }
    return render(request, "evaluation/visit.html", context, status=status)


@allow(*access.PERIOD_SCORERS)
@require_POST
def save(request: PortalRequest, period: str, pk: int) -> HttpResponse:
    """Keep a sheet as a draft, or finish it."""
    term = term_or_404(request)
    chosen = period_or_404(term, period)
    teacher = _teacher(request, chosen, pk)
    found = periods.sheet_of(term, teacher, chosen)
    rubric = found.rubric if found else shown_version(request) or sheets.active_rubric(RubricKind.TEACHER)
    typed = read_points(request.POST, list(rubric.items.all()) if rubric else [], "t")
    act = request.POST.get("act", "")
    if not typed.valid:
        return _page(request, teacher, chosen, typed, status=422)
    try:
        kept = score_period(
            term=term,
            teacher=teacher,
            period=chosen,
            scores=typed.scores(),
            final=act == "final",
            seen=request.POST.get("seen", ""),
            rubric=shown_version(request),
            by=request.actor,
        )
    except Refused as refused:
        messages.error(request, BESIDE if refused.code == "somebody_was_faster" else refused.sentence)
        if refused.code == "final" and found is not None:
            return redirect("evaluation:teacher-sheet", found.pk)
        now = periods.sheet_of(term, teacher, chosen)
        if refused.code == "somebody_was_faster" and now is not None:
            put_beside(typed, now)
            return _page(request, teacher, chosen, typed, seen=periods.stamp_of(now), status=409)
        return _page(request, teacher, chosen, typed, act=act, status=422)
    if act == "final":
        messages.success(request, "评价表已完成，教师本人可以看到。")
        return redirect("evaluation:teacher-sheet", kept.pk)
    messages.success(request, "草稿已存。")
    return redirect("evaluation:teacher-period-sheet", chosen.code, teacher.pk)
