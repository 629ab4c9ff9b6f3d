"""The missing children by home class, with whom to call; and the passes that wait for an answer."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from attendance.actions.passes import decide_pass
from attendance.models import ChildDay, Pass
from attendance.queries import custody
from attendance.queries import missing as queries
from attendance.views.handing import told


@allow(*STAFF)
@require_GET
def missing(request: PortalRequest) -> HttpResponse:
    classes = queries.missing(request.actor, clock.today())
    context = {"classes": classes, "total": sum(len(one.rows) for one in classes)}
    return render(request, "attendance/missing.html", context)


def own_pass(request: PortalRequest, pk: int) -> Pass:
    """Return the pass of a child that this person may see, or 404."""
    seen: list[ChildDay] = list(custody.children(request.actor).filter(pk=pk))
    return get_object_or_404(
        Pass.objects.select_related("child_day__student__school_class", "child_day__holder", "child_day__term"),
        pk__in=[row.pk for row in seen],
    )


@allow(Role.HEAD_TEACHER, Role.DUTY_LEADER)
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_pass(request, pk)

    def act() -> str:
        decide_pass(row, accept=True, by=request.actor)
        return f"{row.child_day.student.name}今天留下，带班老师已知道。"

    return told(request, act, "attendance:child", pk)


@allow(Role.HEAD_TEACHER, Role.DUTY_LEADER)
@require_POST
def refuse(request: PortalRequest, pk: int) -> HttpResponse:
    row = own_pass(request, pk)

    def act() -> str:
        decide_pass(row, accept=False, answer=request.POST.get("answer", ""), by=request.actor)
        return f"已告诉家长来接{row.child_day.student.name}；来接以前老师照看。"

    return told(request, act, "attendance:child", pk)
