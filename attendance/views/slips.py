"""Slips on paper and calls, recorded for several children in one go."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.leaves import record_leaves
from attendance.leave_forms import SlipsForm
from attendance.queries import leaves as queries
from attendance.views.leaves import RECORDERS

LONGEST = 20  # characters of what is looked for


@allow(*RECORDERS)
@require_http_methods(["GET", "POST"])
def slips(request: PortalRequest) -> HttpResponse:
    """Tick the children whose slips lie here: the own class or group, or who is found by name or class."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    words = request.GET.get("q", "")[:LONGEST].strip().lower()
    children = queries.find(request.actor, words)
    form = SlipsForm(request.POST or None, initial={"first_day": clock.today()})
    chosen = form.slips(children)
    if request.method == "POST" and form.is_valid():
        try:
            made = record_leaves(term=request.term, slips=chosen, by=request.actor, **form.values())
            names = "、".join(leave.student.name for leave in made)
            messages.success(request, f"已登记 {len(made)} 个孩子请假：{names}。")
            return redirect("attendance:leave-list")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    ticked = {slip.student.pk: slip for slip in chosen}
    context = {
        "form": form,
        "words": words,
        "rows": [(child, ticked.get(child.pk)) for child in children],
        "classes": queries.classes_of(request.actor),
    }
    return render(request, "attendance/leave_slips.html", context)
