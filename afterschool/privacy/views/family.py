"""The family's pages: what is kept and why; one's own children's consents, copy, correction, erasure."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.privacy.copies import FORMATS, ask_copy
from afterschool.privacy.inventory import NOT_KEPT, OF_FAMILY
from afterschool.privacy.queries import family_page
from afterschool.privacy.record import record_of
from afterschool.school.access import allow, public
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Student
from afterschool.school.papers import SHORT
from afterschool.school.privacy import Did
from afterschool.support.refusal import Refused
from enrollment.actions import rights
from enrollment.enums import RightsKind
from enrollment.queries.rights import family_children, requests_of_family


@public
@require_GET
def what(request: PortalRequest) -> HttpResponse:
    """Show which data the portal keeps, why, who sees it and how long: open to the world."""
    years = request.term.keep_years if request.term else 3
    rows = [(kind, kind.kept_for(years)) for kind in OF_FAMILY]
    return render(request, "privacy/what.html", {"rows": rows, "not_kept": NOT_KEPT, "years": years})


def _page(request: PortalRequest, **typed: Any) -> HttpResponse:
    context = {"children": family_page(request.actor, request.term), "formats": FORMATS, "days": SHORT}
    return render(request, "privacy/mine.html", context | typed)


@allow(Role.PARENT)
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show what a guardian can ask for each child."""
    return _page(request)


def _child(request: PortalRequest, pk: int) -> Student:
    return get_object_or_404(family_children(request.actor), pk=pk)


@allow(Role.PARENT)
@require_GET
def record(request: PortalRequest, pk: int) -> HttpResponse:
    """Show who read, changed, asked for and erased what is kept of an own child, by their posts."""
    student, kind = _child(request, pk), request.GET.get("kind", "")
    page, lines = record_of(student, kind=kind, page=request.GET.get("page"))
    context = {"student": student, "page": page, "lines": lines, "kinds": Did, "kind": kind}
    return render(request, "privacy/child_record.html", context)


@allow(Role.PARENT)
@require_POST
def copy(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a copy; the worker makes it."""
    student = _child(request, pk)
    try:
        paper = ask_copy(student=student, form=request.POST.get("form", ""), by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("privacy:mine")
    return redirect("school:paper", paper.pk)


def _asked(request: PortalRequest, pk: int, kind: RightsKind, said: str) -> HttpResponse:
    student, text = _child(request, pk), request.POST.get("text", "")
    try:
        rights.ask(student=student, kind=kind, text=text, by=request.actor)
    except Refused as refused:
        return _page(request, typed=text, typed_for=pk, typed_kind=kind.value, wrong=refused.sentence)
    messages.success(request, said)
    return redirect("privacy:mine")


@allow(Role.PARENT)
@require_POST
def correct(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a correction. What was typed stays where it is refused."""
    return _asked(request, pk, RightsKind.CORRECT, "已交给班主任和课程教学中心，办好会告诉您。")


@allow(Role.PARENT)
@require_POST
def ask_erasure(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for erasure."""
    return _asked(request, pk, RightsKind.ERASE, "已交给课程教学中心，办好或不能办都会答复您。")


@allow(Role.PARENT)
@require_POST
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a request back."""
    found = get_object_or_404(requests_of_family(request.actor), pk=pk)
    told(request, lambda: rights.take_back(request=found, by=request.actor), "要求已收回。")
    return redirect("privacy:mine")
