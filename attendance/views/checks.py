"""Safety checks of rooms: which are due, one check on a phone, the record, the lists."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Room
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import ROOM_CHECKERS, ROOM_READERS
from attendance.actions import checks as actions
from attendance.check_forms import ListForm, RoomCheckForm
from attendance.enums import Answer
from attendance.models import CheckItem, CheckList, SafetyCheck
from attendance.queries import checks as queries
from attendance.views.visitors import span_of
from scheduling.views.pages import page_term

DAY = timedelta(days=1)
PAPERS = {"pdf": ("safety-checks", ""), "xlsx": ("safety-checks-xlsx", "（Excel）")}


@allow(*ROOM_READERS)
@require_GET
def safety(request: PortalRequest) -> HttpResponse:
    """Show which rooms are due to be checked."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    context = {"rooms": queries.rooms_due(), "may_check": request.actor.has(*ROOM_CHECKERS)}
    return render(request, "attendance/safety.html", context)


@allow(*ROOM_CHECKERS)
@require_http_methods(["GET", "POST"])
def check_new(request: PortalRequest, room_pk: int, list_pk: int) -> HttpResponse:
    """Check one room by one list, all items on one page."""
    term = page_term(request)
    room = get_object_or_404(Room, pk=room_pk, active=True)
    check_list = get_object_or_404(queries.lists_for(room), pk=list_pk)
    items = queries.items_of(check_list)
    start = {"seen": queries.latest_check(room, check_list)}
    form = RoomCheckForm(request.POST or None, request.FILES or None, items=items, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            check = actions.check_room(
                term=term,
                room=room,
                check_list=check_list,
                found=form.found,
                rest_good=request.POST.get("rest") == "good",
                note=form.cleaned_data["note"],
                seen=form.cleaned_data["seen"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{room.name}已登记。")
            return redirect("attendance:safety-check", check.pk)
    context = {"form": form, "room": room, "check_list": check_list}
    return render(request, "attendance/safety_check_new.html", context)


@allow(*ROOM_READERS)
@require_GET
def check(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one check: what was found, and what became of it."""
    rows = SafetyCheck.objects.filter(term=page_term(request)).select_related("room", "check_list", "by")
    found = get_object_or_404(rows, pk=pk)
    results = list(found.results.all())
    context = {
        "check": found,
        "results": results,
        "good": sum(row.answer == Answer.GOOD for row in results),
        "defects": queries.defects_of_check(found),
    }
    return render(request, "attendance/safety_check.html", context)


@allow(*ROOM_READERS)
@require_GET
def records(request: PortalRequest) -> HttpResponse:
    """Show the checks of a month."""
    term = page_term(request)
    first, last = month_of(request.GET.get("of", ""))
    rows = queries.checks_between(term, first, last)
    context = {"rows": rows, "first": first, "earlier": first - DAY, "later": last + DAY}
    return render(request, "attendance/safety_records.html", context)


@allow(*ROOM_READERS)
@require_POST
def records_paper(request: PortalRequest) -> HttpResponse:
    """Ask for the checks of a month as PDF or Excel."""
    term = page_term(request)
    first, last = month_of(request.POST.get("of", ""))
    kind, word = PAPERS.get(request.POST.get("form", ""), PAPERS["pdf"])
    params = {"term": term.pk, "first": first.isoformat(), "last": last.isoformat()}
    title = f"{first.year}年{first.month}月场所安全检查记录{word}"
    paper = request_paper(kind, title=title, params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


def month_of(asked: str) -> tuple[date, date]:
    """Return first and last date of a month written 2026-09; else of this one."""
    first, last, whole = span_of(asked)
    return (first, last) if whole else span_of(f"{clock.today():%Y-%m}")[:2]


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def lists(request: PortalRequest) -> HttpResponse:
    """Show the lists with their items, to be added to; a new one is begun here."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_list(by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已加检查表，请写要看什么。")
            return redirect("attendance:safety-lists")
    rows = CheckList.objects.prefetch_related("items").order_by("-active", "title")
    return render(request, "attendance/safety_lists.html", {"lists": rows, "form": form})


def done(request: PortalRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    """Do one thing to the lists and go back to them."""
    told(request, deed, said)
    return redirect("attendance:safety-lists")


@allow(Role.ADMINISTRATOR)
@require_POST
def list_set(request: PortalRequest, pk: int) -> HttpResponse:
    """Change how often a list comes, or switch it."""
    found, asked = get_object_or_404(CheckList, pk=pk), request.POST.get("every_days", "")
    days = int(asked) if asked.isdecimal() and len(asked) < 5 else 0
    active = request.POST.get("active", "1") == "1"
    deed = partial(actions.set_list, check_list=found, every_days=days, active=active, by=request.actor)
    return done(request, deed, f"{found.title}已改。")


@allow(Role.ADMINISTRATOR)
@require_POST
def item_add(request: PortalRequest, pk: int) -> HttpResponse:
    """Add an item to a list."""
    found = get_object_or_404(CheckList, pk=pk)
    deed = partial(actions.add_item, check_list=found, text=request.POST.get("text", ""), by=request.actor)
    return done(request, deed, "已加一项。")


@allow(Role.ADMINISTRATOR)
@require_POST
def item_switch(request: PortalRequest, pk: int) -> HttpResponse:
    """Switch an item off or on."""
    item, active = get_object_or_404(CheckItem, pk=pk), request.POST.get("active") == "1"
    deed = partial(actions.switch_item, item=item, active=active, by=request.actor)
    return done(request, deed, "已启用。" if active else "已停用，以前的检查不变。")
