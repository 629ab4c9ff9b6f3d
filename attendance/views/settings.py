"""The afternoon's settings of a term, for the office."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support.refusal import Refused
from attendance.actions.settings import save_afternoon
from attendance.queries.settings import afternoon
from attendance.settings_forms import AfternoonForm


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest) -> HttpResponse:
    """Change cut-off times, minutes and counts."""
    if request.term is None:
        return redirect("setup:settings")
    form = AfternoonForm(request.POST or None, instance=afternoon(request.term))
    if request.method == "POST" and form.is_valid():
        try:
            save_afternoon(request.term, form.values(), by=request.actor)
            messages.success(request, "下午的设置已保存。")
            return redirect("attendance:afternoon-settings")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "attendance/afternoon_settings.html", {"form": form})
