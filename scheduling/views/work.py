"""The work list: each person's own tasks, how far all of them are, and the list itself for the office."""

from datetime import time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import tasks as acts
from scheduling.actions import work as listing
from scheduling.enums import TaskState
from scheduling.forms.work import DropForm, HandOverForm, ItemForm
from scheduling.models import Task, WorkItem
from scheduling.queries import work as queries


def task_of(request: PortalRequest, pk: int) -> Task:
    """Return a task of this person, or any for the office."""
    if request.term is None or request.actor.is_office:
        tasks = Task.objects.filter(term=request.term).exclude(state=TaskState.HANDED)
    else:
        tasks = queries.tasks_of(request.actor, request.term)
    return get_object_or_404(tasks.select_related("item", "teacher", "term"), pk=pk)


def back(request: PortalRequest) -> HttpResponse:
    """Return to the page on which a task was ticked: the home page, or the office's board, else the own tasks."""
    where = request.POST.get("back", "")
    return redirect({"home": "home", "work": "scheduling:work"}.get(where, "scheduling:my-work"))


@allow(*STAFF)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show one's own tasks: what waits, what comes, what was done."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    rows = queries.my_list(request.actor, request.term)
    today = clock.today()
    context = {
        "today": today,
        "midnight": clock.at(today, time.min),
        "waiting": [t for t in rows if t.state == TaskState.OPEN and t.due_on <= today],
        "coming": [t for t in rows if t.state == TaskState.OPEN and t.due_on > today],
        "ended": [t for t in rows if t.state != TaskState.OPEN][::-1],
    }
    return render(request, "scheduling/my_work.html", context)


@allow(*STAFF)
@require_POST
def done(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark a task done."""
    task = task_of(request, pk)
    told(request, lambda: acts.finish_task(task=task, by=request.actor), f"已完成：{task.item.text}。今天还可以改回。")
    return back(request)


@allow(*STAFF)
@require_POST
def undo(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a tick of today back."""
    task = task_of(request, pk)
    told(request, lambda: acts.reopen_task(task=task, by=request.actor), f"改回待办：{task.item.text}。")
    return back(request)


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def hand_over(request: PortalRequest, pk: int) -> HttpResponse:
    """Give a task to another person; the office may also say that it need not be done."""
    task = task_of(request, pk)
    same, others = queries.hand_over_choices(task, queries.holders())
    form = HandOverForm(request.POST or None, same=list(same), others=list(others))
    if request.method == "POST" and form.is_valid():
        try:
            acts.hand_over(task=task, to=form.person, note=form.cleaned_data["note"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已转交给{form.person.name}，已告诉本人。")
            return redirect("scheduling:work" if request.actor.is_office else "scheduling:my-work")
    return render(request, "scheduling/work_hand_over.html", {"form": form, "task": task, "drop": DropForm()})


@allow(Role.ADMINISTRATOR)
@require_POST
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    """Say that a task need not be done."""
    task = task_of(request, pk)
    try:
        acts.drop_task(task=task, note=request.POST.get("note", ""), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("scheduling:work-hand-over", pk)
    messages.success(request, f"已记下不用做了：{task.item.text}。")
    return redirect("scheduling:work")


@allow(Role.ADMINISTRATOR)
@require_GET
def work(request: PortalRequest) -> HttpResponse:
    """Show how far every task of the term is."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    context = {"board": queries.board(request.term), "today": clock.today()}
    return render(request, "scheduling/work.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def work_list(request: PortalRequest) -> HttpResponse:
    """Show the list itself, to be changed, printed or begun."""
    term = request.term
    if term is None:
        return render(request, "scheduling/no_term.html")
    items = list(queries.items_of(term))
    coming = queries.next_dates(items, queries.calendar_of(term), clock.today())
    context = {
        "items": [(item, coming.get(item.pk)) for item in items],
        "sources": Term.objects.filter(work_items__isnull=False).exclude(pk=term.pk).distinct() if not items else [],
    }
    return render(request, "scheduling/work_list.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def work_begin(request: PortalRequest) -> HttpResponse:
    """Begin the list of a term: the plan's own, or another term's."""
    if request.term is None:
        return redirect("scheduling:work-list")
    chosen = request.POST.get("source", "")
    source = get_object_or_404(Term, pk=chosen) if chosen.isdigit() else None
    try:
        if source is None:
            number = listing.begin_list(term=request.term, by=request.actor)
        else:
            number = listing.copy_list(term=request.term, source=source, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"工作一览表已建好，{number} 项，可以再改。")
    return redirect("scheduling:work-list")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def item_edit(request: PortalRequest, pk: int | None = None) -> HttpResponse:
    """Add a line to the list, or change one."""
    if request.term is None:
        return redirect("scheduling:work-list")
    item = get_object_or_404(WorkItem, pk=pk, term=request.term) if pk else None
    form = ItemForm(request.POST or None, term=request.term, item=item)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        people = list(values.pop("people"))
        try:
            listing.save_item(term=request.term, item=item, values=values, people=people, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "这一项已改，任务已跟着更新。" if item else "已加上一项。")
            return redirect("scheduling:work-list")
    return render(request, "scheduling/work_item.html", {"form": form, "item": item})


@allow(Role.ADMINISTRATOR)
@require_POST
def item_switch(request: PortalRequest, pk: int) -> HttpResponse:
    """Switch a line off, or on again."""
    item = get_object_or_404(WorkItem.objects.select_related("term"), pk=pk, term=request.term)
    told(
        request,
        lambda: listing.switch_item(item=item, active=not item.active, by=request.actor),
        f"已{'停用' if item.active else '启用'}：{item.text}。",
    )
    return redirect("scheduling:work-list")


@allow(Role.ADMINISTRATOR)
@require_POST
def item_move(request: PortalRequest, pk: int) -> HttpResponse:
    """Move a line up or down."""
    item = get_object_or_404(WorkItem, pk=pk, term=request.term)
    listing.move_item(item=item, up=request.POST.get("up") == "1", by=request.actor)
    return redirect("scheduling:work-list")


@allow(Role.ADMINISTRATOR)
@require_POST
def work_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the list with its dates as PDF or Excel."""
    if request.term is None:
        return redirect("scheduling:work-list")
    kind, form = ("work-list-xlsx", "Excel") if request.POST.get("form") == "xlsx" else ("work-list", "PDF")
    title = f"{request.term.name}课后服务工作一览表（{form}）"
    paper = request_paper(kind, title=title, params={"term": request.term.pk}, by=request.actor)
    return redirect("school:paper", paper.pk)
