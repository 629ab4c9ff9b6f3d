"""The line-up before the service: who is expected by name, and the count."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolClass
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.line_ups import count_line_up
from attendance.handing_forms import LineUpForm
from attendance.models import LineUp
from attendance.queries import line_ups as queries

COUNTERS = (Role.HEAD_TEACHER, Role.TEACHER, Role.DUTY_LEADER, Role.ADMINISTRATOR)


@allow(*STAFF)
@require_GET
def line_ups(request: PortalRequest) -> HttpResponse:
    """Show the classes with line-up and roll; those that differ first."""
    lines = queries.lines_for(request.actor, clock.today())
    mine = [line for line in lines if line.school_class.pk in request.actor.class_ids]
    rest = [line for line in lines if line not in mine]
    context = {
        "mine": mine,
        "differing": queries.differing(rest),
        "others": [line for line in rest if not line.difference],
        "counts": request.actor.has(*COUNTERS),
        "counted": sum(1 for line in lines if line.line_up),
        "lines": lines,
    }
    return render(request, "attendance/line_ups.html", context)


@allow(*COUNTERS)
@require_http_methods(["GET", "POST"])
def line_up(request: PortalRequest, pk: int) -> HttpResponse:
    day = clock.today()
    school_class = get_object_or_404(SchoolClass.objects.current(), pk=pk)
    if request.term is None or not queries.may_line_up(request.actor, pk, day):
        raise Http404
    row = LineUp.objects.filter(school_class=school_class, date=day).first()
    children = queries.expected_children(school_class, day)
    form = LineUpForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        values: forms.Form = form
        try:
            count_line_up(term=request.term, school_class=school_class, by=request.actor, **values.cleaned_data)
        except Refused as refused:
            form.add_error("note" if refused.code == "no_note" else None, refused.sentence)
        else:
            messages.success(request, f"{school_class}，实点 {values.cleaned_data['counted']} 人，已记下。")
            return redirect("attendance:line-ups")
    context = {"school_class": school_class, "children": children, "form": form, "row": row}
    return render(request, "attendance/line_up.html", context)
