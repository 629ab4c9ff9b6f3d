"""A new school year: what moving up would do, and yes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from afterschool.school.access import allow
from afterschool.school.actions.years import Year, move_up, year_ahead
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Teacher
from afterschool.support.refusal import Refused


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rise(request: PortalRequest) -> HttpResponse:
    """Show class by class what moving up would do, and do it."""
    ahead = year_ahead()
    refused_with = ""
    if request.method == "POST" and ahead is not None:
        seen = request.POST.get("seen", "")
        try:
            move_up(seen=int(seen) if seen.isdecimal() else 0, heads=_heads(request, ahead), by=request.actor)
        except Refused as refused:
            refused_with = refused.sentence
        else:
            messages.success(
                request, f"{ahead.moving} 名学生升了班，{ahead.leaving} 名毕业离校。请再导入秋季的名册核对。"
            )
            return redirect("school:imports")
    teachers = Teacher.objects.filter(active=True).only("pk", "name")
    context = {"ahead": ahead, "teachers": list(teachers), "refused": refused_with}
    return render(request, "school/move_up.html", context)


def _heads(request: PortalRequest, ahead: Year) -> dict[int, int | None]:
    """Return the head teachers chosen, by class; what wasn't sent stays as it is."""
    chosen: dict[int, int | None] = {}
    for one in (rise.school_class for rise in ahead.rises if rise.becomes):
        typed = request.POST.get(f"head-{one.pk}")
        if typed is not None:
            chosen[one.pk] = int(typed) if typed.isdecimal() and len(typed) < 12 else None
    return chosen
