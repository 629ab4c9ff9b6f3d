"""Messages of parents: writing and reading the own ones; the desk where they are answered (G6)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.http import PortalRequest, told
from afterschool.school.looks import as_what
from afterschool.school.models import Teacher
from afterschool.support.refusal import Refused
from evaluation.actions import feedback as actions
from evaluation.enums import FeedbackKind, FeedbackState, Finding
from evaluation.feedback_forms import WriteForm
from evaluation.models import Feedback
from evaluation.queries import feedback as queries
from evaluation.views.common import term_or_404


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
def write(request: PortalRequest) -> HttpResponse:
    """Write a message, and see the own ones. An unnamed one is answered with its code at once, kept nowhere else."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    form = WriteForm(request.POST or None, actor=request.actor, term=request.term)
    if request.method == "POST" and form.is_valid():
        try:
            row, code = actions.write(term=request.term, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if code:
                return render(request, "evaluation/feedback/sent.html", {"code": code, "row": row})
            messages.success(request, "已交给学校，答复了会告诉您。")
            return redirect("evaluation:my-feedback", row.pk)
    return render(request, "evaluation/feedback/write.html", {"form": form, "rows": queries.mine(request.actor)[:20]})


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
def mine(request: PortalRequest, pk: int) -> HttpResponse:
    """Read an own message with its answers, and add a word."""
    row = get_object_or_404(queries.mine(request.actor), pk=pk)
    text = request.POST.get("text", "")
    sent = request.method == "POST"
    if sent and told(request, lambda: actions.write_again(row, text=text, by=request.actor), "已交给学校。"):
        return redirect("evaluation:my-feedback", pk)
    return render(request, "evaluation/feedback/mine.html", {"row": row, "replies": row.replies.all(), "text": text})


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
def by_code(request: PortalRequest) -> HttpResponse:
    """Read an unnamed message by its code, and add a word. The code comes by POST: it stands in no address and no log."""
    code, text = request.POST.get("code", ""), request.POST.get("text", "")
    row = queries.by_hash(actions.hash_code(code)) if code else None
    if (found := row) is not None and "text" in request.POST:
        text = "" if told(request, lambda: actions.write_again(found, text=text), "已交给学校。") else text
    wrong = "没有找到。请对照抄下的查询码再输一次。" if request.method == "POST" and row is None else ""
    context = {"row": row, "code": code, "text": text, "wrong": wrong, "replies": row.replies.all() if row else []}
    return render(request, "evaluation/feedback/by_code.html", context)


@allow(*STAFF)
@require_GET
def desk(request: PortalRequest) -> HttpResponse:
    """Show the messages: those not yet answered first, else of the state or kind asked for."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    rows = queries.desk(request.actor, request.term)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    if state in FeedbackState.values:
        rows = rows.filter(state=state)
    if kind in FeedbackKind.values:
        rows = rows.filter(kind=kind)
    context = {
        "rows": rows.order_by("-sent_on", "-pk")[:200],
        "counts": queries.counts(request.actor, request.term),
        "states": FeedbackState,
        "kinds": FeedbackKind,
        "state_asked": state,
        "kind_asked": kind,
    }
    return render(request, "evaluation/feedback/desk.html", context)


def _row(request: PortalRequest, pk: int) -> Feedback:
    return get_object_or_404(queries.desk(request.actor, term_or_404(request)), pk=pk)


@allow(*STAFF)
@require_GET
def one(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one message with its answers and what was found; the look is on record."""
    row = _row(request, pk)
    data = {"role": as_what(request.actor, row.student)} if row.student else {}
    record(
        "feedback.seen",
        subject=row,
        by=request.actor,
        student_id=row.student_id,
        term_id=row.term_id,
        data=data,
    )
    return _page(request, row)


def _page(request: PortalRequest, row: Feedback, **typed: str) -> HttpResponse:
    """Show a message at the desk, with what was typed and refused."""
    context = {
        "row": row,
        "typed": typed,
        "replies": row.replies.select_related("by"),
        "decides": request.actor.has(*queries.DESK),
        "staff": Teacher.objects.filter(active=True).exclude(pk=row.teacher_id or 0).order_by("pinyin"),
        "needs_finding": row.kind in (FeedbackKind.PRAISE, FeedbackKind.COMPLAINT),
        "open_finding": row.finding == Finding.OPEN,
    }
    return render(request, "evaluation/feedback/one.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    row, text = _row(request, pk), request.POST.get("text", "")
    if told(request, lambda: actions.answer(row, text=text, by=request.actor), "已答复。"):
        return redirect("evaluation:feedback-one", pk)
    return _page(request, row, text=text)


@allow(Role.ADMINISTRATOR)
@require_POST
def assign(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    chosen = request.POST.get("owner", "")
    owner = get_object_or_404(Teacher, pk=chosen, active=True) if chosen.isdecimal() else None
    told(request, lambda: actions.assign(row, owner=owner, by=request.actor), "已安排。")
    return redirect("evaluation:feedback-one", pk)


@allow(*STAFF)
@require_POST
def find(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    upheld = {"yes": True, "no": False}.get(request.POST.get("upheld", ""))
    found = request.POST.get("found", "")
    if told(request, lambda: actions.find(row, upheld=upheld, found=found, by=request.actor), "已记下。"):
        return redirect("evaluation:feedback-one", pk)
    return _page(request, row, found=found)


@allow(Role.ADMINISTRATOR)
@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    told(request, lambda: actions.close(row, by=request.actor), "已办结。")
    return redirect("evaluation:feedback-one", pk)
