"""Allowance lists with their rates, and the statements of teachers (G4, G5)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school import papers
from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation import money_documents
from evaluation.actions import allowance as actions
from evaluation.enums import PaperState, PayKind
from evaluation.models import AllowanceList, AllowanceRate
from evaluation.month import month_of, months_between, read_month
from evaluation.queries import allowance as money
from evaluation.queries import statements as queries
from evaluation.queries.work_done import month_is_over
from evaluation.seen import fingerprint
from evaluation.views.common import term_or_404


def _row(request: PortalRequest, pk: int) -> AllowanceList:
    rows = AllowanceList.objects.filter(term=term_or_404(request)).select_related("term", "sent_by")
    return get_object_or_404(rows, pk=pk)


@allow(*money.READERS)
@require_GET
def lists(request: PortalRequest) -> HttpResponse:
    """Show the months of the term with their lists."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    term = request.term
    known = money.lists_of(term)
    begun = {row.month for row in known}
    until = min(clock.today(), term.ends_on)
    months = [month for month in months_between(term.service_starts_on, until) if month.first not in begun]
    context = {
        "lists": known,
        "months": months[::-1],
        "rates": AllowanceRate.objects.filter(term=term).count(),
    }
    return render(request, "evaluation/money/lists.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def begin(request: PortalRequest) -> HttpResponse:
    month = read_month(request.POST.get("month"))
    if month is None:
        raise Http404
    try:
        row = actions.begin(term_or_404(request), month, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:allowance")
    return redirect("evaluation:allowance-list", row.pk)


@allow(*money.READERS)
@require_GET
def one(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a month's list with what changed since the month before."""
    row = _row(request, pk)
    found = money.allowance_of(row)
    context = {
        "row": row,
        "title": money_documents.title_of(row),
        "allowance": found,
        "seen": fingerprint(found.as_data()),
        "versions": money.versions_of(row),
        "may_send": request.actor.is_office and row.state == PaperState.DRAFT,
        "still_open": money.still_open(row),
        "is_over": month_is_over(month_of(row.month).last),
        "may_correct": request.actor.is_office and row.state == PaperState.SENT,
    }
    return render(request, "evaluation/money/list.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def send(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    seen = request.POST.get("seen", "")
    said = f"{money_documents.title_of(row)}已固定，可以交财务。"
    told(request, lambda: actions.send(row, seen=seen, by=request.actor), said)
    return redirect("evaluation:allowance-list", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def correct(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    try:
        made = actions.correct(row, reason=request.POST.get("reason", ""), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:allowance-list", pk)
    messages.success(request, f"第 {made.version} 版已开始，以前的一版留着。")
    return redirect("evaluation:allowance-list", made.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    gone = told(request, lambda: actions.drop_correction(row, by=request.actor), "这次更正已放弃。")
    return redirect("evaluation:allowance") if gone else redirect("evaluation:allowance-list", pk)


@allow(*money.READERS)
@require_POST
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a list as PDF or Excel; the worker makes it."""
    row = _row(request, pk)
    kind = money_documents.ALLOWANCE.get(request.POST.get("as", "xlsx"), "")
    try:
        asked = papers.request_paper(
            kind, title=money_documents.title_of(row), params={"list": row.pk}, by=request.actor
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("evaluation:allowance-list", pk)
    return redirect("school:paper", asked.pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rates(request: PortalRequest) -> HttpResponse:
    """Set what each kind of work is paid a turn; what was typed stays where it is refused."""
    term = term_or_404(request)
    typed = {name: request.POST.get(name, "") for name in ("kind", "starts_on", "rate")}
    wrong = ""
    if request.method == "POST":
        day = clock.read_day(typed["starts_on"])
        try:
            if day is None:
                raise Refused("no_day", "请写从哪一天起。")
            actions.set_rate(term, kind=typed["kind"], starts_on=day, rate=typed["rate"], by=request.actor)
        except Refused as refused:
            wrong = refused.sentence
        else:
            messages.success(request, "标准已保存；已固定的清单不变。")
            return redirect("evaluation:allowance-rates")
    if not typed["starts_on"]:
        typed["starts_on"] = f"{term.service_starts_on:%Y-%m-%d}"
    known = AllowanceRate.objects.filter(term=term).order_by("kind", "starts_on")
    without = [kind for kind in PayKind if kind.value not in {row.kind for row in known}]
    context = {"rates": known, "kinds": PayKind, "typed": typed, "wrong": wrong, "without": without}
    return render(request, "evaluation/money/rates.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def rate_drop(request: PortalRequest, pk: int) -> HttpResponse:
    rate = get_object_or_404(AllowanceRate, pk=pk, term=term_or_404(request))
    told(request, lambda: actions.drop_rate(rate, by=request.actor), "这一条标准已删去。")
    return redirect("evaluation:allowance-rates")


@allow(*queries.READERS)
@require_GET
def statements(request: PortalRequest) -> HttpResponse:
    """Show everybody's term in a line, by staff number."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    context = {"statements": queries.statements(request.term), "kinds": PayKind}
    return render(request, "evaluation/money/statements.html", context)


@allow(*STAFF)
@require_GET
def my_statement(request: PortalRequest) -> HttpResponse:
    """Lead to the own statement."""
    term_or_404(request)
    if request.actor.teacher is None:
        raise Http404
    return redirect("evaluation:statement", request.actor.teacher.pk)


def _teacher(request: PortalRequest, pk: int) -> Teacher:
    return get_object_or_404(queries.readable(request.actor, term_or_404(request)), pk=pk)


@allow(*STAFF)
@require_GET
def statement(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one teacher's statement: to the teacher, the office, the leading group."""
    teacher = _teacher(request, pk)
    found = queries.statement_of(term_or_404(request), teacher)
    return render(request, "evaluation/money/statement.html", {"one": found, "own": request.actor.teacher == teacher})


@allow(*STAFF)
@require_POST
def statement_paper(request: PortalRequest, pk: int) -> HttpResponse:
    teacher, term = _teacher(request, pk), term_or_404(request)
    asked = papers.request_paper(
        money_documents.STATEMENT,
        title=f"{teacher.name}{term.name}课后服务工作量证明",
        params={"term": term.pk, "teacher": teacher.pk},
        by=request.actor,
    )
    return redirect("school:paper", asked.pk)


@allow(*queries.READERS)
@require_POST
def statements_paper(request: PortalRequest) -> HttpResponse:
    """Ask for all statements as one PDF or as a workbook."""
    term = term_or_404(request)
    as_pdf = request.POST.get("as") == "pdf"
    asked = papers.request_paper(
        money_documents.STATEMENTS if as_pdf else money_documents.STATEMENTS_XLSX,
        title=f"{term.name}教师课后服务工作量",
        params={"term": term.pk},
        by=request.actor,
    )
    return redirect("school:paper", asked.pk)
