"""调代记录 and the load of each teacher, for a span and a grade: on the page, as PDF, as Excel."""

from calendar import monthrange
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from scheduling.queries import standin_record as queries
from scheduling.queries.standin_record import Span
from scheduling.views.pages import term_of

READERS = (Role.GRADE_LEADER, Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP)
TEACHERS = (Role.TEACHER, Role.HEAD_TEACHER, *READERS)


def span_of(request: PortalRequest, term: Term, *, whole_term: bool = False) -> Span:
    """Return the span asked for, within the term: if none is, this month (or the term up to today)."""
    asked = request.POST if request.method == "POST" else request.GET
    today = min(max(clock.today(), term.starts_on), term.ends_on)
    month = today.replace(day=1), today.replace(day=monthrange(today.year, today.month)[1])
    first = _date(asked.get("from", "")) or (term.starts_on if whole_term else month[0])
    last = _date(asked.get("to", "")) or (today if whole_term else month[1])
    first, last = max(first, term.starts_on), min(last, term.ends_on)
    grade = asked.get("grade", "")
    return Span(min(first, last), max(first, last), int(grade) if grade.isdecimal() else None)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@allow(*READERS)
@require_GET
def record(request: PortalRequest) -> HttpResponse:
    """Show what was confirmed in a span, both halves."""
    term = term_of(request)
    span = span_of(request, term)
    context = {
        "rows": queries.record_of(request.actor, term, span),
        "span": span,
        "grades": queries.grades_seen(request.actor, term),
    }
    return render(request, "scheduling/standins_record.html", context)


@allow(*TEACHERS)
@require_GET
def load(request: PortalRequest) -> HttpResponse:
    """Show the turns of each teacher of a grade in a span; a teacher reads the own grade's."""
    term, actor = term_of(request), request.actor
    span = span_of(request, term, whole_term=True)
    grades = queries.grades_seen(actor, term)
    own = actor.teacher.grade if actor.teacher else None
    if not grades:
        span = Span(span.first, span.last, own or 0)
    elif span.grade not in grades:
        span = Span(span.first, span.last, own if own in grades else grades[0])
    context = {"loads": queries.load_of(actor, term, span, grades), "span": span, "grades": grades}
    return render(request, "scheduling/standins_load.html", context | {"term_starts": term.starts_on})


@allow(*READERS)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the record as PDF."""
    return _paper(request, "standin-record", "PDF")


@allow(*READERS)
@require_POST
def excel(request: PortalRequest) -> HttpResponse:
    """Ask for the record as Excel."""
    return _paper(request, "standin-record-xlsx", "Excel")


def _paper(request: PortalRequest, kind: str, form: str) -> HttpResponse:
    term = term_of(request)
    span = span_of(request, term)
    title = f"调代记录（{span.first.month}月{span.first.day}日至{span.last.month}月{span.last.day}日，{form}）"
    params = {"term": term.pk, "first": span.first.isoformat(), "last": span.last.isoformat(), "grade": span.grade}
    made = request_paper(kind, title=title, params=params, by=request.actor)
    return redirect("school:paper", made.pk)
