"""The gate's register of outside persons: who is inside, in, out; the register of a day or a month for the office."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import VISITOR_DESK, VISITOR_READERS
from attendance.actions import visitors as actions
from attendance.models import Visitor
from attendance.queries import visitors as queries
from attendance.queries.settings import afternoon
from attendance.visitor_forms import VisitorForm, VisitorHoursForm
from scheduling.views.pages import page_term

OFFICES = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP)
PAPERS = {"pdf": ("visitors", ""), "xlsx": ("visitors-xlsx", "（Excel）")}


@allow(*VISITOR_READERS)
@require_GET
def visitors(request: PortalRequest) -> HttpResponse:
    """Show who is in the building now, and whose exit was forgotten."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    context = {
        "desk": queries.desk(request.term),
        "let_in": queries.let_in(request.term),
        "keeps": request.actor.has(*VISITOR_DESK),
        "reads_all": request.actor.has(*OFFICES),
    }
    return render(request, "attendance/visitors.html", context)


@allow(*VISITOR_DESK)
@require_http_methods(["GET", "POST"])
def visitor_new(request: PortalRequest) -> HttpResponse:
    """Register somebody; who came before is found by the last digits of the phone."""
    term, digits = page_term(request), request.GET.get("q", "").strip()
    let_in = queries.let_in(term)
    asked = request.GET.get("from", "")
    before = Visitor.objects.filter(pk=asked, forgotten_at=None).first() if asked.isdecimal() else None
    form = VisitorForm(request.POST or None, closed=let_in.now is not None, before=before)
    context = {"form": form, "let_in": let_in, "digits": digits, "known": queries.known(digits), "before": before}
    context |= {"staff": queries.staff_to_visit(), "departments": queries.DEPARTMENTS, "purposes": queries.PURPOSES}
    if request.method == "POST" and form.is_valid():
        try:
            visitor = register(term, form, request)
        except Refused as refused:
            if refused.code == "banned":
                entry = form.entry
                actions.note_ban(term=term, name=entry.name, phone=entry.phone, by=request.actor)
                return render(request, "attendance/visitor_new.html", context | {"banned": refused.sentence})
            form.add_error(None, refused.sentence)
        else:
            told = f"，已告诉{visitor.visits.name}" if visitor.visits and visitor.visits.user_id else ""
            messages.success(request, f"{visitor.name}已登记进校{told}。")
            return redirect("attendance:visitors")
    return render(request, "attendance/visitor_new.html", context)


def register(term: Term, form: VisitorForm, request: PortalRequest) -> Visitor:
    """Hand the form's values to the one action."""
    values = form.cleaned_data
    return actions.register_visitor(
        term=term,
        entry=form.entry,
        decided_by=values.get("decided_by"),
        decision=values.get("decision", ""),
        warned=values["warned"],
        by=request.actor,
    )


@allow(*VISITOR_DESK)
@require_POST
def visitor_leave(request: PortalRequest, pk: int) -> HttpResponse:
    """Write that somebody has left."""
    visitor = get_object_or_404(Visitor, pk=pk, term=page_term(request))
    told(request, lambda: actions.leave(visitor=visitor, by=request.actor), f"{visitor.name}已离校。")
    return redirect("attendance:visitors")


@allow(*VISITOR_DESK)
@require_POST
def visitor_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back a tap on the wrong line."""
    visitor = get_object_or_404(Visitor, pk=pk, term=page_term(request))
    told(request, lambda: actions.come_back(visitor=visitor, by=request.actor), f"{visitor.name}仍在校内。")
    return redirect("attendance:visitors")


def span_of(asked: str) -> tuple[date, date, bool]:
    """Return first and last date of a day (2026-09-21) or a month (2026-09), and whether it is a month; else today."""
    if (day := clock.read_day(asked)) is not None:
        return day, day, False
    if (first := clock.read_day(f"{asked}-01")) is not None:
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), True
    return clock.today(), clock.today(), False


@allow(*OFFICES)
@require_GET
def visitors_register(request: PortalRequest) -> HttpResponse:
    """Show the register of a day or a month."""
    term = page_term(request)
    first, last, whole_month = span_of(request.GET.get("of", ""))
    rows = queries.visits_between(term, first, last)
    context = {"rows": rows, "figures": queries.figures_of(rows), "first": first, "whole_month": whole_month}
    context |= {"keep_days": afternoon(term).visitors_keep_days, "earlier": first - timedelta(days=1)}
    context |= {"later": last + timedelta(days=1), "today": clock.today()}
    return render(request, "attendance/visitors_register.html", context)


@allow(*OFFICES)
@require_POST
def visitors_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the register of a day or a month as PDF or Excel."""
    term = page_term(request)
    first, last, whole_month = span_of(request.POST.get("of", ""))
    kind, word = PAPERS.get(request.POST.get("form", ""), PAPERS["pdf"])
    of = f"{first.year}年{first.month}月" if whole_month else f"{first.month}月{first.day}日"
    params = {"term": term.pk, "first": first.isoformat(), "last": last.isoformat()}
    paper = request_paper(kind, title=f"{of}来访登记{word}", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def visitors_hours(request: PortalRequest) -> HttpResponse:
    """Set when nobody is let in, and how long names are kept."""
    term = page_term(request)
    form = VisitorHoursForm(request.POST or None, instance=afternoon(term))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.set_hours(
                term=term,
                before=values["visitors_closed_before"],
                after=values["visitors_closed_after"],
                keep_days=values["visitors_keep_days"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已保存。")
            return redirect("attendance:visitors-register")
    context = {"form": form, "let_in": queries.let_in(term)}
    return render(request, "attendance/visitors_hours.html", context)
