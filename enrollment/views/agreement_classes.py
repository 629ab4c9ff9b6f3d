"""The agreements of a class: who has signed what, whose sheet is still to come, what is printed."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from enrollment.access import reviewed_classes, reviewed_students
from enrollment.actions.agreements import receive_paper, record_paper
from enrollment.enums import Signing
from enrollment.queries.agreements import rows_of, signatures_of
from enrollment.views.common import told, with_term

FILTERS = {"all": "全部", Signing.PAPER: "待收纸", Signing.ANEW: "待签新版", Signing.SIGNED: "已签"}


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def choose(request: PortalRequest, term: Term) -> HttpResponse:
    """Lead to the own class; the office has its overview."""
    if request.actor.is_office:
        return redirect("enrollment:agreements")
    own = sorted(request.actor.class_ids)
    if len(own) == 1:
        return redirect("enrollment:class-agreements-of", own[0])
    classes = reviewed_classes(request.actor).order_by("grade", "number")
    return render(request, "enrollment/agreement_classes.html", {"classes": classes})


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def class_agreements(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    school_class = get_object_or_404(reviewed_classes(request.actor), pk=pk)
    rows = rows_of(term, reviewed_students(request.actor).filter(school_class=school_class).order_by("number", "pk"))
    chosen = request.GET.get("show", "all")
    counts = {status: sum(row.status == status for row in rows) for status in Signing}
    context = {
        "school_class": school_class,
        "rows": [row for row in rows if chosen in ("all", row.status)],
        "total": len(rows),
        "signed": counts[Signing.SIGNED],
        "paper": counts[Signing.PAPER],
        "missing": counts[Signing.ANEW] + counts[Signing.NONE],
        "filters": [(str(key), word) for key, word in FILTERS.items()],
        "chosen": chosen,
    }
    return render(request, "enrollment/class_agreements.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def receive(request: PortalRequest, term: Term, key: UUID) -> HttpResponse:
    """Take in one sheet."""
    found = get_object_or_404(signatures_of(request.actor).filter(application__term=term), key=key)
    said = f"{found.child_name}的纸质签名已收到。"
    told(request, lambda: receive_paper(signature=found, by=request.actor), said)
    return redirect("enrollment:class-agreements-of", found.application.student.school_class_id)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def record(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take in the sheet of a family that announced none: it has no phone."""
    student = get_object_or_404(reviewed_students(request.actor), pk=pk)
    said = f"{student.name}的纸质签名已收到。"
    told(request, lambda: record_paper(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:class-agreements-of", student.school_class_id)


def _paper(request: PortalRequest, kind: str, title: str, **params: Any) -> HttpResponse:
    paper = request_paper(kind, title=title, params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def print_copies(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Ask for sheets to sign by hand: of all, or of those whose signature is missing."""
    school_class = get_object_or_404(reviewed_classes(request.actor), pk=pk)
    who = "waiting" if request.POST.get("who") == "waiting" else "all"
    title = f"{school_class}课后服务协议（待签）"
    return _paper(request, "agreement-copies", title, term=term.pk, who=who, **{"class": school_class.pk})


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
@with_term
def print_one(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(reviewed_students(request.actor), pk=pk)
    return _paper(request, "agreement-copies", f"{student.name}课后服务协议（待签）", term=term.pk, student=student.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def pack(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Ask for the signed agreements of a class in one file."""
    school_class = get_object_or_404(reviewed_classes(request.actor), pk=pk)
    title = f"{school_class}已签协议"
    return _paper(request, "agreements-of-class", title, term=term.pk, **{"class": school_class.pk})
