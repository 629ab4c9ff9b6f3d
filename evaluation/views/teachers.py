"""Teachers' sheets: what can be scored today, one sheet, the finished ones, one's own."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation import access
from evaluation.actions import sheets as actions
from evaluation.enums import ObjectionState, Occasion, RubricKind, SheetState
from evaluation.forms import AnswerForm, ObjectionForm, ReopenForm, Typed, read_points
from evaluation.models import ScoreSheet
from evaluation.month import WholeTerm, month_of, months_between
from evaluation.queries import periods, results, sheets, teacher_facts
from evaluation.sheet_pages import KIND, title_of
from evaluation.views.common import month_now, month_or_404, term_or_404
from evaluation.views.score_form import BESIDE, context_of, mark_differing, put_beside, shown_version

PAGE = 50


@allow(*access.SCORERS)
@require_GET
def teachers(request: PortalRequest) -> HttpResponse:
    """Show the sessions of a day that this person may score, and the sheets of the month by staff number."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    term, actor = request.term, request.actor
    day = _day(request.GET.get("date"))
    chosen = month_or_404(term, request.GET["month"]) if request.GET.get("month") else month_now(term)
    pages = Paginator(sheets.sheets_of_month(actor, term, chosen), PAGE)
    context = {
        "day": day,
        "visits": sheets.visits(actor, term, day),
        "sheets": pages.get_page(request.GET.get("page")),
        "objections": sheets.waiting(actor, term),
        "month": chosen,
        "months": [*months_between(term.starts_on, clock.today())][-6:],
    }
    return render(request, "evaluation/teachers.html", context)


def _day(text: str | None) -> date:
    try:
        return min(date.fromisoformat(text or ""), clock.today())
    except ValueError:
        return clock.today()


def _session(request: PortalRequest, pk: int) -> Session:
    term = term_or_404(request)
    return get_object_or_404(sheets.with_duty(access.sessions_to_score(request.actor, term)), pk=pk)


@allow(*access.SCORERS)
@require_GET
def visit(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the sheet of one visit: empty, or as far as it was written."""
    session = _session(request, pk)
    begun = ScoreSheet.objects.filter(
        session=session,
        teacher=sheets.teacher_of(session),
        scored_by_id=request.actor.user_id,
        occasion=Occasion.VISIT,
    ).prefetch_related("lines")
    sheet = begun.first()
    if sheet is not None and sheet.state == SheetState.FINAL:
        return redirect("evaluation:teacher-sheet", sheet.pk)
    return _visit_page(request, session, sheet, None)


def _visit_page(
    request: PortalRequest,
    session: Session,
    sheet: ScoreSheet | None,
    typed: Typed | None,
    *,
    act: str = "",
    seen: str | None = None,
    status: int = 200,
) -> HttpResponse:
    rubric = sheet.rubric if sheet else shown_version(request) or sheets.active_rubric(RubricKind.TEACHER)
    teacher = sheets.teacher_of(session)
    if rubric is None or teacher is None:
        messages.error(request, "这一场还没有负责的教师，或学校还没有评价表，不能评。")
        return redirect("evaluation:teachers")
    proposals = teacher_facts.proposals_for(
        request.actor, rubric, session.term, teacher, first=session.date, last=session.date, session=session
    )
    if typed is not None and act == "final":
        mark_differing(typed, proposals)
    context = context_of(rubric, sheet, typed, proposals) | {
        "session": session,
        "teacher": teacher,
        "sub": f"{session.group.name}，{session.room or '地点未定'}",
        "action": reverse("evaluation:teacher-visit-save", args=[session.pk]),
        "back": reverse("evaluation:teachers"),
        "seen": request.POST.get("seen", periods.stamp_of(sheet)) if seen is None else seen,
    }
    return render(request, "evaluation/visit.html", context, status=status)


@allow(*access.SCORERS)
@require_POST
def save_visit(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep a sheet as a draft, or finish it."""
    session = _session(request, pk)
    existing = ScoreSheet.objects.filter(
        session=session,
        teacher=sheets.teacher_of(session),
        scored_by_id=request.actor.user_id,
        occasion=Occasion.VISIT,
    ).first()
    rubric = existing.rubric if existing else shown_version(request) or sheets.active_rubric(RubricKind.TEACHER)
    items = list(rubric.items.all()) if rubric else []
    typed = read_points(request.POST, items, "t")
    final = request.POST.get("act") == "final"
    if not typed.valid:
        return _visit_page(request, session, existing, typed, status=422)
    try:
        sheet = actions.score_visit(
            session=session,
            scores=typed.scores(),
            final=final,
            rubric=shown_version(request),
            seen=request.POST.get("seen"),
            by=request.actor,
        )
    except Refused as refused:
        messages.error(request, BESIDE if refused.code == "somebody_was_faster" else refused.sentence)
        if refused.code == "final" and existing is not None:
            return redirect("evaluation:teacher-sheet", existing.pk)
        if refused.code == "somebody_was_faster" and existing is not None:
            put_beside(typed, existing)
            return _visit_page(request, session, existing, typed, seen=periods.stamp_of(existing), status=409)
        if refused.code in ("incomplete", "no_reason"):
            return _visit_page(request, session, existing, typed, act="final", status=422)
        return redirect("evaluation:teachers")
    messages.success(request, "评价表已完成，教师本人可以看到。" if final else "草稿已存。")
    return redirect("evaluation:teacher-sheet", sheet.pk) if final else redirect("evaluation:teacher-visit", pk)


@allow(*STAFF)
@require_GET
def sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one sheet to the one who wrote it, who oversees it, or whom it is about (when finished)."""
    term = term_or_404(request)
    found = get_object_or_404(sheets.readable_sheets(request.actor, term), pk=pk)
    mine = found.teacher == request.actor.teacher
    said = list(found.objections.select_related("answered_by"))
    waiting = next((one for one in said if one.state == ObjectionState.OPEN), None)
    context = {
        "sheet": found,
        "rows": sheets.rows_of(found.rubric, found),
        "most": sheets.most_of(found.rubric),
        "mine": mine,
        "form": ReopenForm() if found.is_final and access.may_reopen(request.actor) and not mine else None,
        "objections": said,
        "objection_form": ObjectionForm() if mine and found.is_final and waiting is None else None,
        "waiting": waiting,
        "answer_form": AnswerForm() if waiting and access.may_answer(request.actor, found) else None,
        "write_on": _write_on(request, found),
    }
    return render(request, "evaluation/teacher_sheet.html", context)


def _write_on(request: PortalRequest, sheet: ScoreSheet) -> str:
    """Return where a draft is written on, for who may; empty else."""
    if sheet.is_final or sheet.teacher == request.actor.teacher:
        return ""
    if sheet.occasion == Occasion.VISIT:
        mine = sheet.scored_by_id == request.actor.user_id
        return reverse("evaluation:teacher-visit", args=[sheet.session_id]) if mine else ""
    if not request.actor.has(*access.PERIOD_SCORERS):
        return ""
    code = WholeTerm.code if sheet.occasion == Occasion.TERM else month_of(sheet.date).code
    return reverse("evaluation:teacher-period-sheet", args=[code, sheet.teacher_id])


@allow(Role.ADMINISTRATOR)
@require_POST
def reopen_sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Open a finished sheet again, with a reason."""
    found = get_object_or_404(access.teacher_sheets(request.actor, term_or_404(request)), pk=pk)
    form = ReopenForm(request.POST)
    told(
        request,
        lambda: actions.reopen(sheet=found, reason=form.data.get("reason", "")[:200], by=request.actor),
        "已重新打开，评价人可以再改。",
    )
    return redirect("evaluation:teacher-sheet", pk)


@allow(*STAFF, Role.PARENT)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a finished sheet on A4; the worker makes it."""
    found = sheets.finished_for(request.actor, pk)
    if found is None:
        raise Http404
    asked = papers.request_paper(KIND, title=title_of(found), params={"sheet": pk}, by=request.actor)
    return redirect("school:paper", asked.pk)


@allow(*STAFF)
@require_GET
def my_sheets(request: PortalRequest) -> HttpResponse:
    """Show the finished sheets about oneself."""
    pages = Paginator(sheets.my_sheets(request.actor), PAGE)
    context = {"sheets": pages.get_page(request.GET.get("page")), "results": results.own_results(request.actor)}
    return render(request, "evaluation/my_sheets.html", context)
