"""Flags: the desk, one flag with its records, decisions and appeals, and the rules behind them."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from attendance.actions import flag_decisions as actions
from attendance.actions.rules import set_rules
from attendance.defaults import RULES
from attendance.discipline_forms import DecisionForm, RuleForm, WordsForm
from attendance.enums import FlagState, Verdict
from attendance.flag_workflow import Move, step
from attendance.models import AttendanceRule, Flag
from attendance.queries import flags as queries
from attendance.queries.discipline import without_record

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)
SHOWN = 40


@allow(*READERS)
@require_GET
def desk(request: PortalRequest) -> HttpResponse:
    """Show what waits for a decision, the sessions nobody recorded anything of, and what was settled lately."""
    if request.term is None:
        return render(request, "attendance/teachers_no_term.html")
    rows = queries.flags_for(request.actor, request.term)
    waiting = list(rows.filter(pk__in=queries.undecided(request.term).values("pk")))
    settled = rows.exclude(pk__in=[row.pk for row in waiting]).exclude(state=FlagState.OPEN)[:SHOWN]
    unrecorded = without_record(request.term).select_related("group")
    context = {
        "waiting": queries.flag_lines(waiting),
        "settled": queries.flag_lines(settled),
        "unrecorded": unrecorded[:SHOWN],
        "unrecorded_all": unrecorded.count(),
    }
    return render(request, "attendance/flags.html", context)


def _flag(request: PortalRequest, pk: int) -> Flag:
    if request.term is None:
        raise Http404
    return get_object_or_404(queries.flags_for(request.actor, request.term), pk=pk)


def _check_may(request: PortalRequest, flag: Flag, *wanted: Move) -> None:
    """Refuse who may not do this here, before what was typed is looked at."""
    steps = [found for move in wanted if (found := step(queries.stage_of(flag), move))]
    who = queries.who_of(request.actor, flag)
    if steps and not any(found.who in who for found in steps):
        raise PermissionDenied


def _page(request: PortalRequest, flag: Flag, **forms: object) -> HttpResponse:
    context = {
        "page": queries.flag_page(request.actor, flag),
        "flag": flag,
        "form": DecisionForm(),
        "words": WordsForm(),
        "is_mine": flag.teacher.user_id == request.actor.user_id,
    }
    return render(request, "attendance/flag.html", context | forms)


@allow(*STAFF)
@require_GET
def page(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one flag with the records behind it."""
    return _page(request, _flag(request, pk))


@allow(*READERS)
@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Decide on a flag, or on the appeal."""
    flag, form = _flag(request, pk), DecisionForm(request.POST)
    _check_may(request, flag, Move.DECIDE, Move.DECIDE_APPEAL)
    if form.is_valid():
        values = {**form.cleaned_data, "verdict": Verdict(form.cleaned_data["verdict"])}
        try:
            actions.decide(flag=flag, by=request.actor, **values)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已决定：{values['verdict'].label}。{flag.teacher.name}会收到消息。")
            return redirect("attendance:flag", pk)
    return _page(request, flag, form=form)


Act = Callable[[Flag, str], object]


def _words(request: PortalRequest, pk: int, move: Move, act: Act, done: str) -> HttpResponse:
    flag, words = _flag(request, pk), WordsForm(request.POST)
    _check_may(request, flag, move)
    if words.is_valid():
        try:
            act(flag, words.cleaned_data["text"])
        except Refused as refused:
            words.add_error(None, refused.sentence)
        else:
            messages.success(request, done)
            return redirect("attendance:flag", pk)
    return _page(request, flag, words=words)


@allow(*STAFF)
@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how it was."""

    def act(flag: Flag, text: str) -> object:
        return actions.answer(flag=flag, text=text, by=request.actor)

    return _words(request, pk, Move.ANSWER, act, "说明已交课程教学中心。")


@allow(*STAFF)
@require_POST
def appeal(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask another person to look at the decision."""

    def act(flag: Flag, text: str) -> object:
        return actions.appeal(flag=flag, text=text, by=request.actor)

    return _words(request, pk, Move.APPEAL, act, "申诉已提出，由另一人复议。")


@allow(*READERS)
@require_POST
def keep(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep a decision whose records have changed."""

    def act(flag: Flag, text: str) -> object:
        return actions.keep(flag=flag, reason=text, by=request.actor)

    return _words(request, pk, Move.KEEP, act, "决定不变，已记下。")


@allow(*READERS)
@require_POST
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a decision back whose records no longer hold."""

    def act(flag: Flag, text: str) -> object:
        return actions.drop(flag=flag, reason=text, by=request.actor)

    return _words(request, pk, Move.DROP, act, "决定已撤销。")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rules(request: PortalRequest) -> HttpResponse:
    """Show and set the term's rules."""
    term = request.term
    if term is None:
        return render(request, "attendance/teachers_no_term.html")
    now = {row.kind: row for row in AttendanceRule.objects.filter(term=term, active=True)}
    plan = [AttendanceRule(term=term, kind=k, count=n, window=w, text=t, active=False) for k, n, w, t in RULES]
    forms = [RuleForm(request.POST or None, rule=now.get(row.kind, row)) for row in plan]
    if request.method == "POST" and not [form for form in forms if not form.is_valid()]:
        changed = set_rules(term=term, values=[form.value() for form in forms], by=request.actor)
        said = "规则已更新，本学期的记录已重新数过。" if changed else "没有改动。"
        messages.success(request, said)
        return redirect("attendance:attendance-rules")
    return render(request, "attendance/attendance_rules.html", {"forms": forms, "term": term})
