"""Looking through the week's plans: what is handed in, seen, missing, late; several at once; the papers of a grade."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.naming import grade_name
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import plan_checks as actions
from attendance.enums import PlanState
from attendance.plan_forms import ReturnForm, as_seen
from attendance.planning import WEEK, monday_of
from attendance.queries import notes, plans

CHECKERS = (Role.GRADE_LEADER, Role.ADMINISTRATOR)
LOOKERS = (*CHECKERS, Role.DUTY_LEADER, Role.LEADING_GROUP)
ORDER = [PlanState.HANDED_IN, PlanState.DRAFT, PlanState.RETURNED, PlanState.SEEN]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 3 else None


@allow(*LOOKERS)
@require_GET
def desk(request: PortalRequest) -> HttpResponse:
    """Show a week's plans in the person's scope, those that wait first; of one grade where one is chosen."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    week = request.GET.get("week", "")
    monday = plans.monday_from(week) if week else monday_of(clock.today())
    grade = _number(request.GET.get("grade"))
    rows = plans.rows_of_week(request.actor, request.term, monday)
    grades = sorted({row.group.grade for row in rows if row.group.grade})
    shown = [row for row in rows if grade is None or row.group.grade == (grade or None)]
    context = {
        "rows": sorted(shown, key=lambda row: (ORDER.index(row.state), not row.late)),
        "may": plans.checkable(request.actor, shown),
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "this": monday_of(clock.today()),
        "before": monday - WEEK,
        "after": monday + WEEK,
        "due": rows[0].due if rows else plans.due_of(request.term, monday),
        "grade": grade,
        "grades": grades if len(grades) > 1 else [],
        "clubs": any(row.group.grade is None for row in rows) and len(grades) > 1,
        "figures": {
            "seen": sum(row.state == PlanState.SEEN for row in shown),
            "waiting": sum(row.state == PlanState.HANDED_IN for row in shown),
            "returned": sum(row.state == PlanState.RETURNED for row in shown),
            "missing": sum(row.state == PlanState.DRAFT for row in shown),
            "late": sum(row.late for row in shown),
        },
        "unnoted": notes.missing_notes(request.actor, request.term, own=False),
    }
    return render(request, "attendance/plans.html", context)


def _back(request: PortalRequest, monday: str) -> HttpResponse:
    """Return to the list as it was filtered."""
    grade = _number(request.POST.get("grade"))
    more = f"&grade={grade}" if grade is not None else ""
    return redirect(f"{reverse('attendance:plans')}?week={monday}{more}")


@allow(*CHECKERS)
@require_POST
def see(request: PortalRequest) -> HttpResponse:
    """Accept the plans ticked, each as it was read."""
    seen = [one for one in map(as_seen, request.POST.getlist("ok")) if one]
    chosen = [(plans.plan_for(request.actor, request.term, pk), moment) for pk, moment in seen]
    monday = plans.monday_from(request.POST.get("week") or monday_of(clock.today()).isoformat())
    try:
        number = actions.see_plans(plans=chosen, by=request.actor)
        messages.success(request, f"已查看 {number} 份。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    if request.POST.get("one") and chosen:
        return redirect("attendance:plan", chosen[0][0].group_id, chosen[0][0].monday.isoformat())
    return _back(request, monday.isoformat())


@allow(*CHECKERS)
@require_POST
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a plan back with a word."""
    plan = plans.plan_for(request.actor, request.term, pk)
    form = ReturnForm(request.POST)
    seen = as_seen(f"{pk} {request.POST.get('seen', '')}")
    try:
        if not form.is_valid():
            raise Refused("remark_missing", "请写一句要改什么，200 字以内。")
        actions.return_plan(
            plan=plan,
            seen_at=seen[1] if seen else plan.written_at,
            remark=form.cleaned_data["remark"],
            group_teaching=form.cleaned_data["group_teaching"],
            by=request.actor,
        )
        messages.success(request, "已退回，写的老师会收到您的话。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("attendance:plan", plan.group_id, plan.monday.isoformat())


@allow(*LOOKERS)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Ask for the week's plans of a grade, or of all in the person's scope, in one file."""
    monday = plans.monday_from(request.POST.get("week", ""))
    grade = _number(request.POST.get("grade"))
    whose = "社团" if grade == 0 else grade_name(grade) if grade else ""
    made = request_paper(
        "week-plans",
        title=f"{whose}周计划 {monday.month}月{monday.day}日起",
        params={"monday": monday.isoformat(), "grade": grade},
        by=request.actor,
    )
    return redirect("school:paper", made.pk)
