"""Questionnaires at the desk: which there are, one with its questions, opened and closed, its results (G3)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school import papers
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock, qr
from afterschool.support.refusal import Refused
from evaluation.access import REPORT_READERS
from evaluation.actions import surveys as actions
from evaluation.enums import SurveyFor, SurveyState
from evaluation.models import Question, Survey
from evaluation.queries import surveys as queries
from evaluation.survey_documents import KINDS, results_context
from evaluation.survey_forms import OpenForm, QuestionForm, SurveyForm, read_answers
from evaluation.views.common import term_or_404


def _survey(request: PortalRequest, pk: int) -> Survey:
    return get_object_or_404(queries.surveys_of(request.actor, term_or_404(request)), pk=pk)


def _question(request: PortalRequest, pk: int) -> Question:
    rows = Question.objects.filter(survey__in=queries.surveys_of(request.actor, term_or_404(request)))
    return get_object_or_404(rows.select_related("survey__term"), pk=pk)


@allow(*REPORT_READERS)
@require_GET
def surveys(request: PortalRequest) -> HttpResponse:
    """Show the questionnaires of the term, newest first, with how many answered."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    rows = queries.listed(request.actor, request.term, clock.now())
    return render(request, "evaluation/surveys/list.html", {"rows": rows})


@allow(*REPORT_READERS)
@require_GET
def survey(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one questionnaire: a draft to work on, or what is frozen, with its link."""
    row = _survey(request, pk)
    draft = row.state == SurveyState.DRAFT
    return render(request, "evaluation/surveys/survey.html", _context(request, row, OpenForm() if draft else None))


def _context(request: PortalRequest, row: Survey, form: OpenForm | None) -> dict[str, Any]:
    now = clock.now()
    linked = row.audience in (SurveyFor.CHILDREN, SurveyFor.PUBLIC) and row.state != SurveyState.DRAFT
    address = f"{request.school.public_url.rstrip('/')}{reverse('evaluation:survey-link', args=[row.token])}"
    return {
        "survey": row,
        "draft": row.state == SurveyState.DRAFT,
        "running": row.state == SurveyState.OPEN and not queries.ended(row, now),
        "stage": queries.stage(row, now),
        "questions": queries.questions_of(row),
        "grades": queries.grades_of(row),
        "came": queries.came_to(row),
        "form": form,
        "address": address if linked else "",
        "qr": qr.svg(address) if linked and request.school.public_url else "",
    }


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest) -> HttpResponse:
    """Begin a questionnaire."""
    term = term_or_404(request)
    form = SurveyForm.of(None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.begin(term=term, terms=form.terms, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("evaluation:survey", row.pk)
    return render(request, "evaluation/surveys/form.html", {"form": form})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a draft's words, whom it asks and how."""
    row = _survey(request, pk)
    form = SurveyForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(row, terms=form.terms, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("evaluation:survey", pk)
    return render(request, "evaluation/surveys/form.html", {"form": form, "survey": row})


@allow(Role.ADMINISTRATOR)
@require_POST
def copy(request: PortalRequest, pk: int) -> HttpResponse:
    made = actions.copy(_survey(request, pk), term=term_or_404(request), by=request.actor)
    messages.success(request, "已复制成一份草稿。")
    return redirect("evaluation:survey", made.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    row = _survey(request, pk)
    gone = told(request, lambda: actions.discard(row, by=request.actor), "草稿已删除。")
    return redirect("evaluation:surveys") if gone else redirect("evaluation:survey", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def open_survey(request: PortalRequest, pk: int) -> HttpResponse:
    """Open a draft; times that can't be keep what was typed."""
    row = _survey(request, pk)
    form = OpenForm(request.POST)
    if form.is_valid():
        try:
            actions.open_survey(row, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已开始，题目不能再改。")
            return redirect("evaluation:survey", pk)
    return render(request, "evaluation/surveys/survey.html", _context(request, row, form))


@allow(Role.ADMINISTRATOR)
@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    row = _survey(request, pk)
    told(request, lambda: actions.close(row, by=request.actor), "已结束。")
    return redirect("evaluation:survey", pk)


@allow(*REPORT_READERS)
@require_GET
def preview(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a questionnaire as it is answered; a question about teachers stands once."""
    row = _survey(request, pk)
    items = queries.preview_items(row)
    grades = queries.link_grades(row)
    context = {"survey": row, "form": read_answers(items, None), "preview": True, "grades": grades}
    return render(request, "evaluation/surveys/answer.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def question_new(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a question at the end."""
    row = _survey(request, pk)
    form = QuestionForm.of(None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_question(row, wording=form.wording, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("evaluation:survey", pk)
    return render(request, "evaluation/surveys/question.html", {"form": form, "survey": row})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def question(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a question of a draft."""
    row = _question(request, pk)
    form = QuestionForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_question(row, wording=form.wording, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("evaluation:survey", row.survey_id)
    return render(request, "evaluation/surveys/question.html", {"form": form, "survey": row.survey, "question": row})


@allow(Role.ADMINISTRATOR)
@require_POST
def question_move(request: PortalRequest, pk: int) -> HttpResponse:
    row = _question(request, pk)
    up = request.POST.get("to") == "up"
    try:
        actions.move_question(row, up=up, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(f"{reverse('evaluation:survey', args=[row.survey_id])}#q{pk}")


@allow(Role.ADMINISTRATOR)
@require_POST
def question_remove(request: PortalRequest, pk: int) -> HttpResponse:
    row = _question(request, pk)
    told(request, lambda: actions.remove_question(row, by=request.actor), "已删去一题。")
    return redirect("evaluation:survey", row.survey_id)


@allow(*REPORT_READERS)
@require_GET
def results(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what was said, also while it is open."""
    return render(request, "evaluation/surveys/results.html", results_context(_survey(request, pk)))


@allow(*REPORT_READERS)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the results as PDF or Excel; the worker makes it."""
    row = _survey(request, pk)
    kind = KINDS.get(request.POST.get("as", "pdf"), "")
    try:
        asked = papers.request_paper(kind, title=f"问卷结果：{row.title}", params={"survey": pk}, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:survey-results", pk)
    return redirect("school:paper", asked.pk)
