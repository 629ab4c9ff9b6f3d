"""One visit of a patrol: what was found, its correction, the teacher's explanation, what needs doing after it."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.actions.uploads import give_file
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Event
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.queries.breaches import RECORDERS
from evaluation import access
from evaluation.actions import explanations, follow_ups
from evaluation.actions import patrol as actions
from evaluation.explaining import Move, Who
from evaluation.models import PatrolVisit
from evaluation.patrol_forms import (
    HELD,
    NOBODY,
    NOT_COUNTED,
    OTHER,
    SAME,
    THERE,
    AskForm,
    ExplainForm,
    PhotoForm,
    VisitForm,
)
from evaluation.queries import patrol as queries
from evaluation.queries.patrol import PATROLLERS
from evaluation.views.common import term_or_404
from evaluation.views.patrol import CHOICES, staff_choices


def _visit(request: PortalRequest, pk: int) -> PatrolVisit:
    return get_object_or_404(queries.visits_for(request.actor, term_or_404(request)), pk=pk)


def _page(request: PortalRequest, row: PatrolVisit, **forms: object) -> HttpResponse:
    actor, today = request.actor, clock.today()
    own = actor.teacher is not None and row.round.teacher_id == actor.teacher.pk
    leads = actor.has(*PATROLLERS)
    history = Event.objects.filter(subject="patrolvisit", subject_id=row.pk).order_by("at", "pk")
    context = {
        "row": row,
        "seen": queries.words_of(row),
        "own_today": own and row.round.date == today,
        "leads": leads,
        "may_record": actor.has(*RECORDERS),
        "may_score": actor.has(*access.SCORERS),
        "moves": {move.name for move in explanations.open_moves(actor, row)},
        "photos": row.photos.all(),
        "asked": row.follow_ups.select_related("owner"),
        "corrections": [one for one in history if one.verb == "patrol.corrected"] if leads else [],
        "explain": ExplainForm(),
        "photo": PhotoForm(),
        "ask": AskForm(initial={"due_on": today + timedelta(days=2)}) if leads else None,
    }
    return render(request, "evaluation/patrol/visit.html", context | forms)


@allow(*STAFF)
@require_GET
def page(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one visit."""
    return _page(request, _visit(request, pk))


@allow(*PATROLLERS)
@require_http_methods(["GET", "POST"])
def correct(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct an own visit of today."""
    row = get_object_or_404(
        queries.visits_for(request.actor, term_or_404(request)), pk=pk, round__teacher=request.actor.teacher
    )
    form = VisitForm(request.POST or None, session_id=row.session_id, initial=_as_typed(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct(row=row, found=form.found(row.expected), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{row.session.group.name}：已改。")
            return redirect("evaluation:patrol-visit", pk)
    context = {"session": row.session, "row": row, "form": form, "staff": staff_choices()} | CHOICES
    return render(request, "evaluation/patrol/visit_new.html", context)


def _as_typed(row: PatrolVisit) -> dict[str, object]:
    look = row.check_made
    who = THERE if look is None or look.there else HELD if look.held_by_id else NOBODY
    count = NOT_COUNTED if row.counted is None else OTHER if row.differs else SAME
    return {
        "count": count,
        "counted": row.counted,
        "who": who,
        "held_by": look.held_by_id if look else None,
        "doing": row.doing,
        "order": row.order,
        "note": row.note,
    }


@allow(*PATROLLERS)
@require_POST
def add_photo(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a photo beside an own visit."""
    row, form = _visit(request, pk), PhotoForm(request.POST, request.FILES)
    if request.actor.teacher is None or row.round.teacher_id != request.actor.teacher.pk:
        raise PermissionDenied
    if form.is_valid():
        try:
            actions.add_photo(row=row, file=form.cleaned_data["photo"], by=request.actor)
        except Refused as refused:
            form.add_error("photo", refused.sentence)
        else:
            messages.success(request, "照片已放上。")
            return redirect("evaluation:patrol-visit", pk)
    return _page(request, row, photo=form)


@allow(*STAFF)
@require_GET
def photo(request: PortalRequest, pk: int, photo_pk: int) -> HttpResponseBase:
    """Give out one photo."""
    return give_file(get_object_or_404(_visit(request, pk).photos.all(), pk=photo_pk))


@allow(*STAFF)
@require_POST
def explain(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how a difference comes."""
    row, form = _visit(request, pk), ExplainForm(request.POST)
    if Who.TEACHER not in explanations.who_of(request.actor, row):
        raise PermissionDenied
    if not form.is_valid():
        return _page(request, row, explain=form)
    return _done(
        request,
        pk,
        lambda: explanations.explain(row=row, text=form.cleaned_data["text"], by=request.actor),
        "说明已记下。",
    )


@allow(*PATROLLERS)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Accept an explanation."""
    row = _visit(request, pk)
    return _done(request, pk, lambda: explanations.judge(row=row, accepted=True, by=request.actor), Move.ACCEPT.value)


@allow(*PATROLLERS)
@require_POST
def refuse(request: PortalRequest, pk: int) -> HttpResponse:
    """Don't accept an explanation."""
    row = _visit(request, pk)
    return _done(request, pk, lambda: explanations.judge(row=row, accepted=False, by=request.actor), Move.REFUSE.value)


def _done(request: PortalRequest, pk: int, act: Callable[[], object], words: str) -> HttpResponse:
    told(request, act, words)
    return redirect("evaluation:patrol-visit", pk)


@allow(*PATROLLERS)
@require_POST
def ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask somebody to see to something."""
    row, form = _visit(request, pk), AskForm(request.POST)
    if form.is_valid():
        try:
            made = follow_ups.ask(term=term_or_404(request), visit=row, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已交给{made.owner.name}。")
            return redirect("evaluation:patrol-visit", pk)
    return _page(request, row, ask=form)


@allow(*STAFF)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show what I am asked to do, and the visits to my own turns."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    todo = queries.follow_ups_for(request.actor, request.term).filter(owner=request.actor.teacher)
    context = {
        "todo": todo[:50],
        "visits": [(row, queries.words_of(row)) for row in queries.of_teacher(request.actor, request.term)[:50]],
        "today": clock.today(),
    }
    return render(request, "evaluation/patrol/mine.html", context)


@allow(*STAFF)
@require_POST
def follow_up_done(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how something was done."""
    row = get_object_or_404(queries.follow_ups_for(request.actor, term_or_404(request)), pk=pk)
    told(
        request,
        lambda: follow_ups.finish(row=row, answer=request.POST.get("answer", ""), by=request.actor),
        f"已办：{row.text}。",
    )
    office = request.actor.has(Role.ADMINISTRATOR) and row.owner_id != (
        request.actor.teacher.pk if request.actor.teacher else 0
    )
    return redirect("evaluation:patrol-record" if office else "evaluation:patrol-mine")
