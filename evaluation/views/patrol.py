"""巡视: the round of the day on a phone, also while the network is away."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow, public
from afterschool.school.http import PortalRequest
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.views.roll_calls import is_stranger
from attendance.views.roll_offline import worker_answer
from evaluation.actions import patrol as actions
from evaluation.enums import Doing, Order
from evaluation.models import PatrolRound
from evaluation.patrol_forms import COUNTS, TEACHER, EndForm, Sent, VisitForm, read_batch
from evaluation.queries import patrol as queries
from evaluation.queries.patrol import PATROLLERS
from evaluation.views.common import term_or_404

FILES = (
    "bootstrap/css/bootstrap.min.css",
    "css/tokens.css",
    "css/portal.css",
    "css/patrol.css",
    "img/mark.svg",
    "django_htmx/htmx-2.min.js",
    "js/roll-store.js",
    "js/roll-send.js",
    "js/patrol.js",
)
CHOICES = {"counts": COUNTS, "teacher_choices": TEACHER, "doings": Doing.choices, "orders": Order.choices}


def staff_choices() -> list[tuple[int, str]]:
    """Return who may be holding children, by name."""
    return list(Teacher.objects.filter(active=True).order_by("pinyin", "staff_number").values_list("pk", "name"))


@allow(*PATROLLERS)
@require_GET
def walk(request: PortalRequest) -> HttpResponse:
    """Show the round of today: before it begins, while it goes on, and its summary."""
    if request.term is None:
        return render(request, "evaluation/no_term.html")
    term, actor, today = request.term, request.actor, clock.today()
    mine = queries.round_of(actor, today)
    if mine is None:
        context: dict[str, Any] = {
            "turn": queries.has_turn(actor, term, today),
            "sessions": queries.walk_of(actor, term, today).count(),
        }
        return render(request, "evaluation/patrol/start.html", context)
    lines = queries.lines_of(actor, term, today, mine)
    context = {"round": mine, "lines": lines, "floors": queries.floors_of(lines), "day": today} | _figures(lines)
    if mine.ended_at is not None:
        return render(request, "evaluation/patrol/ended.html", context)
    context |= CHOICES | {"staff": staff_choices(), "end": EndForm()}
    return render(request, "evaluation/patrol/walk.html", context)


def _figures(lines: list[queries.Line]) -> dict[str, Any]:
    visits = [line.visit for line in lines if line.visit]
    return {
        "visited": len(visits),
        "left": len(lines) - len(visits),
        "differ": sum(visit.differs for visit in visits),
        "away": sum(visit.check_made is not None and not visit.check_made.there for visit in visits),
    }


@allow(*PATROLLERS)
@require_POST
def start(request: PortalRequest) -> HttpResponse:
    """Begin the round of today."""
    actions.start(term=term_or_404(request), by=request.actor)
    return redirect("evaluation:patrol")


@allow(*PATROLLERS)
@require_POST
def end(request: PortalRequest) -> HttpResponse:
    """End the round of today."""
    form = EndForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    return _change(request, lambda mine: actions.end(walk=mine, note=note, by=request.actor))


@allow(*PATROLLERS)
@require_POST
def resume(request: PortalRequest) -> HttpResponse:
    """Go on with it after all."""
    return _change(request, lambda mine: actions.resume(walk=mine, by=request.actor))


def _change(request: PortalRequest, act: Any) -> HttpResponse:
    mine = queries.round_of(request.actor, clock.today())
    if mine is not None:
        try:
            act(mine)
        except Refused as refused:
            messages.error(request, refused.sentence)
    return redirect("evaluation:patrol")


def _session(request: PortalRequest, term: Term, pk: int) -> Session:
    return get_object_or_404(queries.walk_of(request.actor, term, clock.today()), pk=pk)


@allow(*PATROLLERS)
@require_http_methods(["GET", "POST"])
def session(request: PortalRequest, pk: int) -> HttpResponse:
    """Visit one room, without script."""
    term = term_or_404(request)
    room = _session(request, term, pk)
    expected = queries.expected_in(term, room.date, [pk])[pk]
    form = VisitForm(request.POST or None, session_id=pk)
    if request.method == "POST" and form.is_valid():
        said = form.shown or expected
        mine = actions.start(term=term, by=request.actor)
        try:
            made = actions.visit(
                walk=mine, session=room, found=form.found(said.number), expected=said, by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{room.group.name}：已记下。")
            return redirect("evaluation:patrol-visit", made.pk)
    duty = room.duties.filter(active=True).select_related("teacher").first()
    context = {"session": room, "expected": expected, "form": form, "teacher": duty.teacher if duty else None}
    return render(request, "evaluation/patrol/visit_new.html", context | CHOICES | {"staff": staff_choices()})


@allow(*PATROLLERS)
@require_POST
def send(request: PortalRequest) -> JsonResponse:
    """Take in visits from a phone, some of them made a while ago; 409 where somebody else has logged in there since."""
    if is_stranger(request):
        return JsonResponse({"code": "other_user"}, status=409)
    batch, term = read_batch(request.POST), request.term
    if batch is None or term is None:
        return JsonResponse({"code": "unreadable", "sentence": "送来的记录不完整，请刷新页面。"}, status=400)
    mine = actions.start(term=term, by=request.actor)
    answers = [_take_in(request, term, mine, sent) for sent in batch]
    return JsonResponse({"answers": answers})


def _take_in(request: PortalRequest, term: Term, mine: PatrolRound, sent: Sent) -> dict[str, object]:
    """Write down one visit; what can't be is said of it alone, so that the others still come in."""
    answer: dict[str, object] = {"child": str(sent.session_id), "number": sent.number}
    room = queries.walk_of(request.actor, term, clock.today()).filter(pk=sent.session_id).first()
    form = VisitForm(sent.values, session_id=sent.session_id)
    if room is None:
        return answer | {"sentence": "这一场今天不在您的巡视里。"}
    if not form.is_valid():
        return answer | {"sentence": form.sentence}
    said = form.shown or queries.expected_in(term, room.date, [room.pk])[room.pk]
    try:
        made = actions.visit(
            walk=mine,
            session=room,
            found=form.found(said.number),
            expected=said,
            number=sent.number,
            device=sent.device,
            by=request.actor,
        )
    except Refused as refused:
        return answer | {"sentence": f"{room.group.name}：{refused.sentence}"}
    tone, words = queries.words_of(made)
    return answer | {"tone": tone, "words": words, "url": reverse("evaluation:patrol-visit", args=[made.pk])}


@allow(*PATROLLERS)
@require_GET
def numbers(request: PortalRequest) -> JsonResponse:
    """Say how many are expected in each room now, and what this round has found."""
    term = term_or_404(request)
    mine = queries.round_of(request.actor, clock.today())
    rows = {
        str(line.session.pk): {
            "expected": line.expected.number,
            "token": line.expected.token,
            "tone": line.seen[0],
            "words": line.seen[1] if line.visit else "",
            "url": reverse("evaluation:patrol-visit", args=[line.visit.pk]) if line.visit else "",
        }
        for line in queries.lines_of(request.actor, term, clock.today(), mine)
    }
    ended = mine is not None and mine.ended_at is not None
    return JsonResponse({"user": request.user.pk, "at": f"{clock.now():%H:%M}", "rows": rows, "ended": ended})


def _shell(request: PortalRequest) -> str:
    """Return the page: made without the request's person, so that it is the same for everybody."""
    context = {"school": {"name": request.school.name}, "kept": True, "staff": []} | CHOICES
    return render_to_string("evaluation/patrol/shell.html", context)


@public
@require_GET
def shell(request: PortalRequest) -> HttpResponse:
    """Give the page that shows what the phone itself has kept of the round."""
    return HttpResponse(_shell(request), headers={"Cache-Control": "no-cache"})


@public
@require_GET
def worker(request: PortalRequest) -> HttpResponse:
    """Give the service worker of the patrol: the roll call's, with other pages and files."""
    return worker_answer(
        name="patrol",
        what="The patrol",
        page=_shell(request),
        address="evaluation:patrol-shell",
        pages=f"^{reverse('evaluation:patrol')}$",
        files=FILES,
    )
