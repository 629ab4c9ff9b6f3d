"""The parent's pages: where each child's application stands, not taking part, asking to apply late."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from enrollment import actions
from enrollment.access import family_of, own_applications, own_children
from enrollment.actions import window_of
from enrollment.queries import family_children
from enrollment.views.common import told, with_term


@allow(Role.PARENT)
@require_GET
@with_term
def my_applications(request: PortalRequest, term: Term) -> HttpResponse:
    children = family_children(term, family_of(request.actor))
    together = [child for child in children if child.new]
    context = {"children": children, "window": window_of(term), "together": together if len(together) > 1 else []}
    return render(request, "enrollment/my_applications.html", context)


@allow(Role.PARENT)
@require_POST
@with_term
def withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    again = "申请时间内可以重新申请。" if window_of(term, student.pk).is_open else "要再参加，请联系班主任。"
    said = f"已记下：{student.name}本学期不参加课后服务。{again}"
    told(request, lambda: actions.withdraw(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def reopen(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    said = "原来填的都在，请核对后提交。"
    if told(request, lambda: actions.reopen(term=term, student=student, by=request.actor), said):
        return redirect("enrollment:apply", student.pk)
    return redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def ask_again(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Ask the school to look once more at what it declined."""
    application = get_object_or_404(own_applications(request.actor, term), student=pk)
    words = request.POST.get("words", "")
    said = "已请学校再看一次，有答复会告诉您。"
    told(request, lambda: actions.ask_again(application=application, words=words, by=request.actor), said)
    return redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def ask_late(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(own_children(request.actor), pk=pk)
    reason = request.POST.get("reason", "")
    said = f"已请求学校同意{student.name}补交，有答复会发消息给您。"
    told(request, lambda: actions.ask_late(term=term, student=student, reason=reason, by=request.actor), said)
    return redirect("enrollment:apply", student.pk)
