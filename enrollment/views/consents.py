"""Consent: the texts as they stood, one child's consents, yes to a newer text, no, and no longer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow, signed_in
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import ConsentText, Student, Term
from enrollment import actions
from enrollment.access import own_children
from enrollment.queries import rights
from enrollment.views.common import told, with_term


@signed_in
@require_GET
@with_term
def text(request: PortalRequest, term: Term, pk: int | None = None) -> HttpResponse:
    """Show the text in force, or an older one as it stood."""
    shown = get_object_or_404(ConsentText.objects.select_related("term"), pk=pk) if pk else None
    context: dict[str, Any] = {"shown": shown, "texts": rights.texts_of(shown.term if shown else term)}
    return render(request, "enrollment/consent.html", context)


def _child(request: PortalRequest, pk: int) -> Student:
    return get_object_or_404(own_children(request.actor), pk=pk)


@allow(Role.PARENT)
@require_GET
@with_term
def of_child(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show one child's consents, and what can be said now."""
    student = _child(request, pk)
    context = {"student": student, "standing": rights.standing_of(term, student)}
    return render(request, "enrollment/consent_of.html", context)


@allow(Role.PARENT)
@require_POST
@with_term
def give(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student, version = _child(request, pk), request.POST.get("version", "")
    told(
        request,
        lambda: actions.consent_anew(
            term=term, student=student, version=int(version) if version.isdecimal() else 0, by=request.actor
        ),
        f"已记下：您为{student.name}同意第 {term.consent_version} 版。",
    )
    return redirect("enrollment:consent-of", pk)


@allow(Role.PARENT)
@require_POST
@with_term
def refuse(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = _child(request, pk)
    said = f"好的，不同意也没关系。没交的草稿已删除，本站不再记{student.name}的申请。"
    told(request, lambda: actions.refuse_consent(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:consent-of", pk)


@allow(Role.PARENT)
@require_POST
@with_term
def withdraw(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = _child(request, pk)
    said = f"同意已撤回：{student.name}从明天起不参加，健康说明已删除。班主任和学校已收到通知。"
    told(request, lambda: actions.withdraw_consent(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:consent-of", pk)
