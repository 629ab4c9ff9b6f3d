"""The emergency plan: one tap away for all staff, set by the office, printed for the wall."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.papers import request_paper
from afterschool.support.refusal import Refused
from attendance.actions.emergency import save_numbers, save_posts
from attendance.emergency import STEPS
from attendance.incident_forms import NumberFormSet, PostsForm
from attendance.queries.emergency import plan_of
from scheduling.views.pages import page_term


@allow(*STAFF)
@require_GET
def plan(request: PortalRequest) -> HttpResponse:
    """Show whom to call, what each has to do, and the button of the alarm."""
    found = plan_of(request.term) if request.term else None
    return render(request, "attendance/emergency.html", {"plan": found, "steps": STEPS})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def posts(request: PortalRequest) -> HttpResponse:
    term = page_term(request)
    form = PostsForm(request.POST or None, plan=plan_of(term))
    if request.method == "POST" and form.is_valid():
        try:
            save_posts(term=term, posts=form.values(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "应急预案的岗位已保存。")
            return redirect("attendance:emergency")
    return render(request, "attendance/emergency_posts.html", {"form": form})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def numbers(request: PortalRequest) -> HttpResponse:
    term = page_term(request)
    rows = [{"name": one.name, "phone": one.phone} for one in plan_of(term).numbers]
    forms = NumberFormSet(request.POST or None, initial=rows)
    if request.method == "POST" and forms.is_valid():
        kept = [one.cleaned_data for one in forms if one.cleaned_data and not one.cleaned_data.get("DELETE")]
        try:
            save_numbers(term=term, numbers=[(one["name"], one["phone"]) for one in kept], by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, "应急电话已保存。")
            return redirect("attendance:emergency")
    return render(request, "attendance/emergency_numbers.html", {"forms": forms})


@allow(*STAFF)
@require_POST
def paper(request: PortalRequest) -> HttpResponse:
    """Set the plan for the wall, A4."""
    term = page_term(request)
    made = request_paper("emergency-plan", title="应急预案", params={"term": term.pk}, by=request.actor)
    return redirect("school:paper", made.pk)
