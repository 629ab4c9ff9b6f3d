"""Consent in a class: who has not answered the present text, and what families say on paper."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student, Term
from enrollment import actions
from enrollment.access import reviewed_classes, reviewed_students, reviews_class
from enrollment.queries import rights
from enrollment.views.common import told, with_term

FILTERS = [("open", "还没答复"), ("all", "全班")]


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def class_consents(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show a class: who has answered the present text; the head teacher takes in paper."""
    school_class = get_object_or_404(reviewed_classes(request.actor), pk=pk)
    rows = rights.class_consents(term, school_class)
    shown = "all" if request.GET.get("show") == "all" else "open"
    context = {
        "school_class": school_class,
        "rows": [row for row in rows if shown == "all" or not row.answered],
        "open": sum(not row.answered for row in rows),
        "unreached": sum(not row.answered and not row.reached for row in rows),
        "total": len(rows),
        "filters": FILTERS,
        "chosen": shown,
        "own": reviews_class(request.actor, school_class.pk),
    }
    return render(request, "enrollment/class_consents.html", context)


def _child(request: PortalRequest, pk: int) -> Student:
    student = get_object_or_404(reviewed_students(request.actor), pk=pk)
    if student.school_class_id not in request.actor.class_ids:
        raise Http404
    return student


@allow(Role.HEAD_TEACHER)
@require_POST
@with_term
def paper_give(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take in the sheet on which a family agrees to the present text."""
    student, version = _child(request, pk), request.POST.get("version", "")
    number = int(version) if version.isdecimal() else 0
    told(
        request,
        lambda: actions.consent_on_paper(term=term, student=student, version=number, by=request.actor),
        f"已登记：{student.name}的家长在纸上同意第 {term.consent_version} 版。",
    )
    return redirect("enrollment:class-consents", student.school_class_id)


@allow(Role.HEAD_TEACHER)
@require_POST
@with_term
def paper_withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take back a consent given on paper, by the word of a family without a phone."""
    student = _child(request, pk)
    said = f"已按家长的意思撤回{student.name}的同意，从明天起不参加。"
    told(request, lambda: actions.withdraw_consent(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:class-consents", student.school_class_id)
