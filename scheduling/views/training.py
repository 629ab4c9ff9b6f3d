"""Meetings and training: the list, planning, who came, papers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import training as acts
from scheduling.enums import Attended, TrainingKind, TrainingState
from scheduling.forms.training import AudienceForm, ReasonForm, TrainingForm
from scheduling.models import Training, TrainingClass, TrainingPerson
from scheduling.queries import training as queries

PLANNERS = (Role.ADMINISTRATOR, Role.GRADE_LEADER)
PAPERS = {
    "sheet": ("training-sheet", "签到表"),
    "list": ("training-list", "参加情况"),
    "xlsx": ("training-list-xlsx", "参加情况（Excel）"),
}


def training_of(request: PortalRequest, pk: int) -> Training:
    """Return a meeting that this person sees."""
    if request.term is None:
        raise Http404
    return get_object_or_404(queries.trainings_of(request.actor, request.term).select_related("term"), pk=pk)


def run_by(request: PortalRequest, pk: int) -> Training:
    """Return a meeting that this person runs; who only sees it is 403."""
    training = training_of(request, pk)
    if not queries.may_run(request.actor, training):
        raise PermissionDenied
    return training


def say(request: PortalRequest, pk: int, *, refused: Refused | None = None, done: str = "") -> HttpResponse:
    """Return to a meeting's page with what was done, or why not."""
    if refused is not None:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect("scheduling:training", pk)


@allow(*STAFF)
@require_GET
def trainings(request: PortalRequest) -> HttpResponse:
    """List the meetings a person sees; the office and grade leaders plan more."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    kinds = [kind for kind in TrainingKind if acts.may_plan(request.actor, kind)]
    context = {"rows": queries.rows(request.actor, request.term), "kinds": kinds, "today": clock.today()}
    return render(request, "scheduling/trainings.html", context)


@allow(*PLANNERS)
@require_http_methods(["GET", "POST"])
def training_new(request: PortalRequest, kind: str) -> HttpResponse:
    """Plan a meeting of one kind; with `makes_up` for those who missed an earlier one."""
    if request.term is None or kind not in TrainingKind.values:
        raise Http404
    if not acts.may_plan(request.actor, kind):
        raise PermissionDenied
    asked = request.POST.get("makes_up") or request.GET.get("makes_up") or ""
    makes_up = run_by(request, int(asked)) if asked.isdigit() else None
    missed = queries.missed(makes_up) if makes_up else []
    start = {"title": f"{makes_up.title}（补训）" if makes_up else "", "people": [teacher.pk for teacher in missed]}
    form = TrainingForm(request.POST or None, kind=kind, initial=start)
    audience = AudienceForm(request.POST or None, term=request.term, kind=kind, actor=request.actor, initial=start)
    if request.method == "POST" and form.is_valid() and audience.is_valid():
        try:
            training = acts.plan_training(
                term=request.term,
                kind=kind,
                values=form.cleaned_data,
                audience=audience.audience(),
                makes_up=makes_up,
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return say(request, training.pk, done="已安排，已告诉参加的人。")
    context = {"form": form, "audience": audience, "kind": TrainingKind(kind), "makes_up": makes_up}
    return render(request, "scheduling/training_form.html", context)


@allow(*STAFF, Role.PARENT)
@require_GET
def training(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one meeting: to who runs it with the list to mark, to a head teacher with the own class, to others as it is."""
    row = training_of(request, pk)
    runs = queries.may_run(request.actor, row)
    people = queries.people_of(row)
    context = {
        "training": row,
        "runs": runs,
        "people": people if runs else [],
        "mine": [p for p in people if request.actor.teacher and p.teacher_id == request.actor.teacher.pk],
        "classes": queries.classes_of(request.actor, row),
        "states": [state for state in Attended if state != Attended.INVITED],
        "open": sum(p.state == Attended.INVITED for p in people),
        "present": sum(p.state == Attended.PRESENT for p in people),
        "missed": queries.missed(row) if runs and row.state == TrainingState.HELD and not row.by_class else [],
        "begun": row.date <= clock.today(),
        "today": clock.today(),
        "cancel": ReasonForm(),
    }
    return render(request, "scheduling/training.html", context)


@allow(*PLANNERS)
@require_http_methods(["GET", "POST"])
def training_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a meeting that is to come, and ask more people to it."""
    row = run_by(request, pk)
    form = TrainingForm(request.POST or None, kind=row.kind, training=row)
    audience = AudienceForm(request.POST or None, term=row.term, kind=row.kind, actor=request.actor)
    if request.method == "POST" and form.is_valid() and audience.is_valid():
        try:
            acts.change_training(training=row, values=form.cleaned_data, by=request.actor)
            added = acts.invite(training=row, audience=audience.audience(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return say(request, pk, done=f"已改。{f'新请了 {added} 位（个班）。' if added else ''}")
    context = {"form": form, "audience": audience, "kind": TrainingKind(row.kind), "edited": row}
    return render(request, "scheduling/training_form.html", context)


@allow(*PLANNERS)
@require_POST
def training_mark(request: PortalRequest, pk: int) -> HttpResponse:
    """Write who was there; the rest may be present in one act."""
    row = run_by(request, pk)
    states = {int(key[2:]): str(value) for key, value in request.POST.items() if key[:2] == "s-" and key[2:].isdigit()}
    try:
        changed = acts.mark(training=row, states=states, rest_present=request.POST.get("rest") == "1", by=request.actor)
        if request.POST.get("close") == "1":
            acts.close_training(training=row, by=request.actor)
    except Refused as refused:
        return say(request, pk, refused=refused)
    return say(request, pk, done=f"已保存，改了 {changed} 人。")


@allow(*PLANNERS)
@require_POST
def training_close(request: PortalRequest, pk: int) -> HttpResponse:
    """Say that a meeting was held."""
    row = run_by(request, pk)
    try:
        acts.close_training(training=row, by=request.actor)
    except Refused as refused:
        return say(request, pk, refused=refused)
    return say(request, pk, done="登记完成。")


@allow(*PLANNERS)
@require_POST
def training_cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Call a meeting off."""
    row = run_by(request, pk)
    try:
        acts.cancel_training(training=row, reason=request.POST.get("reason", ""), by=request.actor)
    except Refused as refused:
        return say(request, pk, refused=refused)
    return say(request, pk, done="已取消，已告诉参加的人。")


@allow(*PLANNERS)
@require_POST
def person_remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a person off the list."""
    person = get_object_or_404(TrainingPerson.objects.select_related("training"), pk=pk)
    run_by(request, person.training_id)
    try:
        acts.uninvite(person=person, by=request.actor)
    except Refused as refused:
        return say(request, person.training_id, refused=refused)
    return say(request, person.training_id, done="已从名单去掉。")


@allow(Role.HEAD_TEACHER, *PLANNERS)
@require_POST
def class_told(request: PortalRequest, pk: int) -> HttpResponse:
    """Say that a class heard the talk, and how many."""
    row = get_object_or_404(TrainingClass.objects.select_related("training", "school_class"), pk=pk)
    seen = training_of(request, row.training_id)
    if row.pk not in {one.pk for one in queries.classes_of(request.actor, seen)}:
        raise Http404
    number = request.POST.get("reached", "")
    if not number.isdigit() or int(number) > 999:
        messages.error(request, "请写人数，例如 45。")
        return redirect("scheduling:training", row.training_id)
    try:
        acts.tell_class(row=row, reached=int(number), by=request.actor)
    except Refused as refused:
        return say(request, row.training_id, refused=refused)
    return say(request, row.training_id, done=f"{row.school_class}已登记，{number} 人。")


@allow(*PLANNERS)
@require_POST
def training_paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the sheet to sign, or the list of who came and who missed."""
    row = run_by(request, pk)
    kind, word = PAPERS.get(request.POST.get("form", ""), PAPERS["sheet"])
    paper = request_paper(kind, title=f"{row.title}{word}"[:80], params={"training": row.pk}, by=request.actor)
    return redirect("school:paper", paper.pk)
