"""Answering a questionnaire: parents and staff in the portal, children and the public by a link (G3)."""

from axes.helpers import get_client_ip_address
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from afterschool.school.access import public, signed_in
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import answers as actions
from evaluation.enums import SurveyFor, SurveyState
from evaluation.models import Survey
from evaluation.queries import surveys as queries
from evaluation.survey_forms import Typed, answers_of, read_answers

BY_LINK = (SurveyFor.CHILDREN, SurveyFor.PUBLIC)


@signed_in
@require_GET
def asked(request: PortalRequest) -> HttpResponse:
    """Show the questionnaires that wait for this person, and those answered that are still open."""
    rows = queries.waiting(request.actor, clock.now())
    several = len({row.student.pk for row in rows if row.student}) > 1
    return render(request, "evaluation/surveys/asked.html", {"rows": rows, "several": several})


def _waiting(request: PortalRequest, pk: int, child: int | None) -> queries.ToAnswer:
    for row in queries.waiting(request.actor, clock.now()):
        if row.survey.pk == pk and (row.student.pk if row.student else None) == child:
            return row
    raise Http404


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def of_staff(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer as a member of staff."""
    return _in_portal(request, _waiting(request, pk, None))


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def of_parent(request: PortalRequest, pk: int, child: int) -> HttpResponse:
    """Answer as a parent, for one child."""
    return _in_portal(request, _waiting(request, pk, child))


def _in_portal(request: PortalRequest, row: queries.ToAnswer) -> HttpResponse:
    if request.method == "GET" and "done" in request.GET:
        more = [one for one in queries.waiting(request.actor, clock.now()) if not one.taken]
        return render(request, "evaluation/surveys/thanks.html", {"survey": row.survey, "more": more})
    if row.taken and row.survey.once:
        return render(request, "evaluation/surveys/thanks.html", {"survey": row.survey, "taken": True})
    sent = request.method == "POST"
    form = read_answers(queries.items_of(row.survey, row.student), request.POST if sent else None)
    wrong = ""
    if sent and not any(typed.error for typed in form):
        try:
            actions.answer(row.survey, answers=answers_of(form), student=row.student, by=request.actor)
        except Refused as refused:
            wrong = refused.sentence
        else:
            return redirect(f"{request.path}?done=1")  # a page that is loaded again sends nothing again
    return _form(request, row.survey, form, wrong=wrong, student=row.student)


def _form(
    request: PortalRequest,
    survey: Survey,
    form: list[Typed],
    *,
    wrong: str = "",
    student: Student | None = None,
    grade: str = "",
    no_grade: bool = False,
) -> HttpResponse:
    context = {
        "survey": survey,
        "form": form,
        "student": student,
        "wrong": wrong,
        "slips": [typed for typed in form if typed.error],
        "grades": queries.link_grades(survey),
        "grade": grade,
        "no_grade": no_grade,
    }
    return render(request, "evaluation/surveys/answer.html", context)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: PortalRequest, token: str) -> HttpResponse:
    """Answer without login: a child at a tablet, or the public. A field that people don't see tells robots."""
    rows = Survey.objects.filter(audience__in=BY_LINK).exclude(state=SurveyState.DRAFT)
    survey = get_object_or_404(rows.select_related("term"), token=token)
    if request.method == "GET" and ("done" in request.GET or not queries.is_open(survey, clock.now())):
        return render(request, "evaluation/surveys/thanks.html", _thanks(request, survey))
    sent = request.method == "POST"
    form = read_answers(queries.items_of(survey, None), request.POST if sent else None)
    grade = request.POST.get("grade", "")
    no_grade = sent and bool(queries.link_grades(survey)) and grade not in map(str, queries.link_grades(survey))
    if not sent or no_grade or any(typed.error for typed in form):
        return _form(request, survey, form, grade=grade, no_grade=no_grade)
    try:
        if not request.POST.get("website"):
            address = str(get_client_ip_address(request) or "")
            number = int(grade) if grade.isdecimal() else None
            actions.answer_by_link(survey, answers=answers_of(form), grade=number, address=address)
    except Refused as refused:
        return _form(request, survey, form, wrong=refused.sentence, grade=grade)
    return redirect(f"{request.path}?done=1")


def _thanks(request: PortalRequest, survey: Survey) -> dict[str, object]:
    return {
        "survey": survey,
        "by_link": True,
        "done": "done" in request.GET,
        "open": queries.is_open(survey, clock.now()),
        "ended": queries.ended(survey, clock.now()),
    }
