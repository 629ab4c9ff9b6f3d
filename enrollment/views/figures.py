"""Who takes part, in figures: live while applications come in, and as of a date for the bureau (plan 9.1, row B7)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import show
from afterschool.support.xlsx import CONTENT_TYPE
from enrollment import queries
from enrollment.access import reviewed_classes
from enrollment.actions import window_of
from enrollment.charts import Chart, Column, chart
from enrollment.enums import LateState
from enrollment.exports import report_workbook
from enrollment.forms import ReopenForm, ReportDayForm
from enrollment.models import LatePermit, LateRequest
from enrollment.views.common import with_term
from enrollment.workflow import Phase


def column(label: str, figures: queries.Figures) -> Column:
    """Return the column of a grade or a class."""
    return Column(label, figures.on_roll, figures.applied, figures.approved)


def weekday_chart(weekdays: list[tuple[str, int, int]]) -> Chart:
    """Return the chart of the weekdays: nobody is on a roll by weekday, so there is no outline."""
    return chart("按星期", [Column(show(day), applied, applied, done) for day, applied, done in weekdays], whole="")


def _live(
    request: PortalRequest, term: Term, page: str, part: str, context: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Answer 304 to a poll when nothing changed; the part to htmx, the page to others. It polls while the window is open."""
    version = f'"{queries.version(term, request.actor)}"' if request.htmx else ""
    if version and request.headers.get("If-None-Match") == version:
        return HttpResponseNotModified()
    window = window_of(term)
    values = {"window": window, "phases": Phase, "polls": window.is_open, "part": part} | context()
    response = render(request, part if request.htmx else page, values)
    if version:
        response["ETag"] = version
    return response


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def figures(request: PortalRequest, term: Term) -> HttpResponse:
    """Counts by grade, weekday and category for the office; a head teacher sees the own class only."""
    return _live(
        request, term, "enrollment/figures.html", "enrollment/parts/figures.html", lambda: _figures(request, term)
    )


def _figures(request: PortalRequest, term: Term) -> dict[str, Any]:
    classes = reviewed_classes(request.actor)
    rows = queries.figures_by_class(term, classes)
    weekdays = queries.by_weekday(term, classes)
    context = {"total": queries.total(rows), "weekdays": weekdays, "classes": rows}
    context["weekday_chart"] = weekday_chart(weekdays)
    if request.actor.is_office:
        grades = queries.by_grade(rows)
        context |= {"grades": grades, "categories": queries.by_category(term), "teachers": queries.teachers_by_grade()}
        context["grade_chart"] = chart("按年级", [column(grade_name(grade), f) for grade, f in grades])
        if not request.htmx:
            context |= {"permits": LatePermit.objects.filter(term=term).count(), "reopen": ReopenForm()}
            context["late_waiting"] = LateRequest.objects.filter(term=term, state=LateState.ASKED).count()
            context["day_form"] = ReportDayForm(term=term, initial={"day": clock.today()})
    return context


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def grade(request: PortalRequest, term: Term, grade: int) -> HttpResponse:
    """One grade, class by class in order of class number."""
    return _live(
        request, term, "enrollment/grade.html", "enrollment/parts/grade.html", lambda: _grade(request, term, grade)
    )


def _grade(request: PortalRequest, term: Term, grade: int) -> dict[str, Any]:
    classes = reviewed_classes(request.actor).filter(grade=grade)
    rows = queries.figures_by_class(term, classes)
    if not rows:
        raise Http404
    weekdays = queries.by_weekday(term, classes)
    return {
        "grade": grade,
        "rows": rows,
        "total": queries.total(rows),
        "weekdays": weekdays,
        "weekday_chart": weekday_chart(weekdays),
        "class_chart": chart("按班级", [column(f"{r.school_class.number}班", r.figures) for r in rows]),
    }


def _day(request: PortalRequest, term: Term, data: Any) -> date | None:
    form = ReportDayForm(data, term=term)
    if form.is_valid():
        return form.cleaned_data["day"] or clock.today()
    messages.error(request, "".join(str(sentence) for errors in form.errors.values() for sentence in errors))
    return None


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def print_report(request: PortalRequest, term: Term) -> HttpResponse:
    """Ask for the figures as of a day as PDF."""
    day = _day(request, term, request.POST)
    if day is None:
        return redirect("enrollment:figures")
    try:
        title = f"课后服务参加情况统计（{day.month}月{day.day}日）"
        params = {"term": term.pk, "day": day.isoformat()}
        paper = request_paper("enrollment-figures", title=title, params=params, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("enrollment:figures")
    return redirect("school:paper", pk=paper.pk)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def report_xlsx(request: PortalRequest, term: Term) -> HttpResponse:
    """The figures as of a day as Excel."""
    day = _day(request, term, request.GET)
    if day is None:
        return redirect("enrollment:figures")
    content = report_workbook(request.school.name, term, queries.report_on(term, day))
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="figures-{day:%Y-%m-%d}.xlsx"'
    return response
