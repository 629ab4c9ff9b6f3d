"""What is done at the gate: children released one by one or a line at a time, a person refused, a slip corrected."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Guardian
from afterschool.school.templatetags.school import hm
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.release import correct, refuse_at_gate, release_by_decision
from attendance.custody import State
from attendance.custody_forms import ALONE, DecideForm, RefuseForm, answer_of, seen, ticked
from attendance.enums import CallAbout
from attendance.models import ChildDay, DayFetcher
from attendance.queries import custody as queries
from attendance.queries.gate import left_meanwhile, siblings, with_words
from attendance.queries.gate_people import keys_for
from attendance.views.gate import AT_THE_GATE, or_where


def own_child(request: PortalRequest, pk: int) -> ChildDay:
    """Return a child this person may see, with adults and words, or 404."""
    return get_object_or_404(with_words(queries.with_people(queries.children(request.actor))), pk=pk)


def back(request: PortalRequest, *, keep: bool = False) -> HttpResponse:
    """Return to the list that a form came from, else to the gate; `keep`: with what was tapped there and not sent yet."""
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    path, _, query = (url if safe else reverse("attendance:gate")).partition("?")
    values = QueryDict(query, mutable=True)
    values.setlist("picked", picks_of(request.POST) if keep else [])
    return redirect(f"{path}?{values.urlencode()}" if values.urlencode() else path)


def picks_of(data: QueryDict) -> list[str]:
    """Return who was tapped for which child, as the gate's page takes it back (`picked`)."""
    chosen = {name.removeprefix("by-"): key for name, key in data.items() if name.startswith("by-") and key}
    return [f"{pk}:{key}" for pk, key in chosen.items()]


def moves_of(chosen: list[tuple[ChildDay, str]]) -> list[MoveRequest]:
    """Return the moves for children and who was chosen for each: an adult, somebody named for the day, or nobody (alone)."""
    keys = {key for _, key in chosen}
    adults = Guardian.objects.in_bulk([int(key) for key in keys if key.isdecimal()])
    named = DayFetcher.objects.in_bulk([int(key[1:]) for key in keys if key[:1] == "d" and key[1:].isdecimal()])
    return [
        MoveRequest(
            child,
            State.ALONE if key == ALONE else State.FETCHED,
            released_to=adults.get(int(key)) if key.isdecimal() else None,
            day_fetcher=named.get(int(key[1:])) if key[:1] == "d" and key[1:].isdecimal() else None,
        )
        for child, key in chosen
    ]


def whom(move: MoveRequest) -> str:
    """交给林晓岚, or 自行离校."""
    if move.to == State.ALONE:
        return "自行离校"
    other = move.day_fetcher
    return f"交给{move.released_to.name if move.released_to else other.name if other else ''}"


@allow(*AT_THE_GATE)
@require_POST
@or_where
def release(request: PortalRequest, pk: int) -> HttpResponse:
    row, key = seen(own_child(request, pk), request.POST.get("links")), request.POST.get("by", "")
    if key.isdecimal():
        get_object_or_404(Guardian, pk=key, links__student=row.student_id)
    chosen = [(row, key)]
    if key != ALONE and (also := ticked(request.POST, "also")):
        others = [one for one in siblings(row, request.actor) if one.pk in also]
        keys = keys_for([one.student_id for one in others], key, row.date)
        chosen += [(seen(one, also[one.pk]), keys[one.student_id]) for one in others]
    moves = moves_of(chosen)
    if key == ALONE and row.state == State.LATE:  # by a guardian's word of this hour, which is written down
        moves = [replace(moves[0], note=request.POST.get("word", "").strip()[:200])]
    try:
        move_many(moves, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:gate-child", pk)
    names = "、".join(child.student.name for child, _ in chosen)
    messages.success(request, f"{names}，{whom(moves[0])}。")
    return back(request)


@allow(*AT_THE_GATE)
@require_POST
def release_class(request: PortalRequest) -> HttpResponse:
    """Release a line of children, each to the person tapped. Who has gone meanwhile is named and left as is."""
    listed = ticked(request.POST)
    keys = {pk: request.POST.get(f"by-{pk}", "") for pk in listed}
    rows = {row.pk: row for row in queries.children(request.actor, clock.today()).filter(pk__in=listed)}
    chosen = [(rows[pk], keys[pk]) for pk in listed if keys[pk] and pk in rows]
    still = [(row, key) for row, key in chosen if row.links == listed[row.pk]]
    gone = [row for row, _ in chosen if row.links != listed[row.pk]]
    gone += left_meanwhile(request.actor, [pk for pk in listed if keys[pk] and pk not in rows])
    try:
        done = move_many(moves_of(still), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return back(request, keep=True)
    if done:
        messages.success(request, f"{len(done)} 人已放行，家长会收到消息。")
    if gone:
        words = "、".join(f"{row.student.name}（{row.get_state_display()} {hm(row.since)}）" for row in gone)
        messages.warning(request, f"刚才已有人处理过：{words}。")
    if not chosen and not gone:
        messages.error(request, "请先点来接的人，再放行。")
    return back(request)


@allow(*AT_THE_GATE)
@require_POST
@or_where
def call(request: PortalRequest, pk: int) -> HttpResponse:
    """Note in one tap what came of a call because nobody came."""
    row, answer = own_child(request, pk), answer_of(request.POST, pk)
    if answer is None:
        messages.error(request, "请点打给了谁、结果怎样。")
        return back(request, keep=True)
    guardian = get_object_or_404(Guardian, pk=answer.guardian, links__student=row.student_id)
    about = CallAbout.LATE_PICKUP
    told(
        request,
        lambda: note_call(
            row, guardian=guardian, outcome=answer.outcome, text=answer.text, about=about, by=request.actor
        ),
        f"{row.student.name}，电话已记下：{guardian.name}{answer.text or '没接通'}。",
    )
    return back(request, keep=True)


@allow(*AT_THE_GATE)
@require_http_methods(["GET", "POST"])
@or_where
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    form = DecideForm(request.POST or None, child=row)
    if request.method == "POST" and form.is_valid():
        try:
            release_by_decision(seen(row, request.POST.get("links")), by=request.actor, **form.cleaned_data)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, f"{row.student.name}，交给{form.cleaned_data['who_came']}。")
            return redirect("attendance:gate")
    context = {"child": row, "form": form, "refuse_form": RefuseForm(), "adults": row.student.links.all()}
    return render(request, "attendance/gate_decide.html", context)


@allow(*AT_THE_GATE)
@require_POST
@or_where
def refuse(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    form = RefuseForm(request.POST)
    who_came = form.cleaned_data["who_came"] if form.is_valid() else ""
    try:
        refuse_at_gate(row, who_came=who_came, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:gate-decide", pk)
    messages.success(request, f"没有放行，已记下。{row.student.name}还在校，班主任、值班行政和家长会收到消息。")
    return redirect("attendance:gate-child", pk)


@allow(*AT_THE_GATE)
@require_POST
@or_where
def correct_release(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_child(request, pk)
    told(
        request,
        lambda: correct(row, note=request.POST.get("note", "")[:200], by=request.actor),
        f"{row.student.name}的放行已更正，孩子仍在校。",
    )
    return redirect("attendance:gate-child", pk)
