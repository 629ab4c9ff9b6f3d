"""Week plans: my own, one group's page, its files and paper."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import Actor, allow
from afterschool.school.actions.uploads import give_file
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import plan_documents
from attendance.actions import plans as actions
from attendance.models import PlanFile, WeekPlan
from attendance.plan_forms import ReturnForm, place_of, typed, written
from attendance.planning import WEEK, monday_of
from attendance.queries import notes, plans
from attendance.queries.plan_page import PlanPage, plan_page, with_typed

WRITERS = (Role.TEACHER, Role.HEAD_TEACHER)
READERS = (*WRITERS, Role.GRADE_LEADER, Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)


@allow(*READERS)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show the plans this person writes, this week's and the next, and which days are not noted yet."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    this = monday_of(clock.today())
    context = {
        "weeks": [(monday, plans.mine(request.actor, request.term, monday)) for monday in (this, this + WEEK)],
        "unnoted": notes.missing_notes(request.actor, request.term, own=True),
        "this": this,
    }
    return render(request, "attendance/plans_mine.html", context)


@allow(*READERS)
@require_http_methods(["GET", "POST"])
def plan(request: PortalRequest, pk: int, week: str) -> HttpResponse:
    """Show one plan; its writers keep what they type, hand it in, begin with the last one's words."""
    monday = plans.monday_from(week)
    group = plans.group_of(request.actor, request.term, pk, monday)
    if request.method == "GET":
        return _page(request, plan_page(request.actor, group, monday))
    given = written(request.POST)
    try:
        saved = actions.write_plan(group=group, monday=monday, written=given, by=request.actor)
    except Refused as refused:
        if request.headers.get("HX-Request"):
            return render(request, "attendance/parts/plan_kept.html", {"refused": refused.sentence})
        messages.error(request, refused.sentence)
        return _page(request, with_typed(plan_page(request.actor, group, monday), typed(given), {}))
    if request.headers.get("HX-Request"):
        return _kept(request, plan_page(request.actor, group, monday), saved)
    if not saved.whole:
        others = {f"{day.isoformat()}_{position}": text for (day, position), text in saved.others.items()}
        kept = {key: text for key, text in typed(given).items() if key in others}
        messages.error(request, "有几行刚才被同事改过，没有覆盖。请看一看，再保存一次。")
        page = with_typed(plan_page(request.actor, group, monday), kept, others)
        return _page(request, page, aim=given.aim.content if given.aim and saved.other_aim is not None else None)
    _then(request, saved.plan)
    return redirect("attendance:plan", pk, week)


def _page(request: PortalRequest, page: PlanPage, *, aim: str | None = None) -> HttpResponse:
    context = {
        "page": page,
        "plan": page.plan,
        "aim": aim if aim is not None else (page.plan.aim if page.plan else ""),
        "row": plans.PlanRow(page.group, page.monday, page.due, page.plan),
        "may": {move.value for move in page.moves},
        "return_form": ReturnForm(),
        "before": page.monday - WEEK,
        "after": page.monday + WEEK,
    }
    return render(request, "attendance/plan.html", context)


def _kept(request: PortalRequest, page: PlanPage, saved: actions.Saved) -> HttpResponse:
    """Answer the page that saves by itself: when, and what each field now is compared with."""
    lines = [line for day in page.days for line in day.lines if (line.date, line.position) not in saved.others]
    context = {"lines": lines, "others": len(saved.others), "other_aim": saved.other_aim, "plan": page.plan}
    return render(request, "attendance/parts/plan_kept.html", context)


def _then(request: PortalRequest, plan: WeekPlan) -> None:
    """Do what the button asks for after the words are kept, and say what came of it."""
    try:
        messages.success(request, _do(request.POST.get("do", ""), plan, request.actor))
    except Refused as refused:
        messages.error(request, refused.sentence)


def _do(what: str, plan: WeekPlan, by: Actor) -> str:
    if what == "hand_in":
        actions.hand_in(plan=plan, by=by)
        return "已交，等年级组长查看。"
    if what == "copy":
        filled = actions.copy_last(plan=plan, by=by)
        return f"照上次的计划填了 {filled} 行，请看一看再交。"
    place = place_of(what.removeprefix("same:")) if what.startswith("same:") else None
    if place is not None:
        actions.write_same(plan=plan, place=place, by=by)
        return "已照前面的写好。"
    return "已保存，还没有交。"


@allow(*WRITERS)
@require_POST
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    plan = plans.plan_for(request.actor, request.term, pk)
    told(request, lambda: actions.take_back(plan=plan, by=request.actor), "已收回，改好请再交。")
    return redirect("attendance:plan", plan.group_id, plan.monday.isoformat())


@allow(*WRITERS)
@require_POST
def add_file(request: PortalRequest, pk: int, week: str) -> HttpResponse:
    monday = plans.monday_from(week)
    group = plans.group_of(request.actor, request.term, pk, monday)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Refused("file_missing", "请先选一个文件。")
        actions.add_file(group=group, monday=monday, file=file, by=request.actor)
        messages.success(request, "文件已放好。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("attendance:plan", pk, week)


def _file(request: PortalRequest, pk: int) -> PlanFile:
    row = get_object_or_404(PlanFile.objects.select_related("plan__group"), pk=pk)
    plans.plan_for(request.actor, request.term, row.plan_id)
    return row


@allow(*READERS)
@require_GET
def file(request: PortalRequest, pk: int) -> HttpResponseBase:
    return give_file(_file(request, pk))


@allow(*WRITERS)
@require_POST
def remove_file(request: PortalRequest, pk: int) -> HttpResponse:
    row = _file(request, pk)
    plan = row.plan
    told(request, lambda: actions.remove_file(row=row, by=request.actor), "文件已拿掉。")
    return redirect("attendance:plan", plan.group_id, plan.monday.isoformat())


@allow(*READERS)
@require_GET
def paper(request: PortalRequest, pk: int) -> HttpResponse:
    """Give one plan as A4."""
    plan = plans.plan_for(request.actor, request.term, pk)
    page = plan_page(request.actor, plan.group, plan.monday)
    response = HttpResponse(plan_documents.one(page), content_type="application/pdf")
    name = f"plan-{plan.group_id}-{plan.monday.isoformat()}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
