"""The school's pages: requests of families, who did what with a child's data, and its erasure."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.privacy.erasing import erase_child, note_list_seen, what_goes, why_not_now
from afterschool.privacy.mentions import shared_names
from afterschool.privacy.record import record_of
from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.erasure import people_of
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student
from afterschool.school.privacy import Did
from afterschool.support.refusal import Refused
from enrollment.actions import rights
from enrollment.enums import RightsState
from enrollment.queries.rights import not_asked_yet, open_by_class, requests_for

SHOWN_DONE = 50


def _page(request: PortalRequest, *, typed: str = "", typed_for: int = 0) -> HttpResponse:
    rows = requests_for(request.actor)
    office, term = request.actor.is_office, request.term
    context = {
        "waiting": rows.filter(state=RightsState.ASKED).order_by("asked_at", "pk"),
        "settled": rows.exclude(state=RightsState.ASKED)[:SHOWN_DONE],
        "consents": not_asked_yet(term) | {"classes": open_by_class(term)} if office and term else None,
        "office": office,
        "typed": typed,
        "typed_for": typed_for,
    }
    return render(request, "privacy/requests.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def requests(request: PortalRequest) -> HttpResponse:
    """Show what families ask: corrections of the own classes, all for the office."""
    return _page(request)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer one request: done, or not and why. What was typed stays where it is refused."""
    found = get_object_or_404(requests_for(request.actor), pk=pk)
    words = request.POST.get("answer", "")
    try:
        rights.answer(request=found, done="done" in request.POST, words=words, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, typed=words, typed_for=pk)
    messages.success(request, "已答复，家长会收到消息。")
    return redirect("privacy:requests")


def _student(pk: int) -> Student:
    return get_object_or_404(Student.objects.select_related("school_class"), pk=pk)


def _record(request: PortalRequest, student: Student | None) -> HttpResponse:
    asked = {"kind": request.GET.get("kind", ""), "words": request.GET.get("q", "").strip()[:40]}
    page, lines = record_of(student, page=request.GET.get("page"), **asked)
    context = {"student": student, "page": page, "lines": lines, "kinds": Did, **asked}
    return render(request, "privacy/record.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def whole_record(request: PortalRequest) -> HttpResponse:
    """Show who read, changed, asked for and erased children's data, of the whole school."""
    return _record(request, None)


@allow(Role.ADMINISTRATOR)
@require_GET
def looks(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the same of one child."""
    return _record(request, _student(pk))


def _erasure(request: PortalRequest, student: Student, typed: str = "") -> HttpResponse:
    context = {
        "student": student,
        "lines": what_goes(student),
        "hindered": why_not_now(student),
        "shared": shared_names(student, people_of(student)),
        "typed": typed,
    }
    return render(request, "privacy/erasure.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def erasure(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what of one child would go, what stays, and why."""
    student = _student(pk)
    note_list_seen(student=student, by=request.actor)
    return _erasure(request, student)


@allow(Role.ADMINISTRATOR)
@require_POST
def erase(request: PortalRequest, pk: int) -> HttpResponse:
    """Erase one child's data, confirmed by its name."""
    student, typed = _student(pk), request.POST.get("name", "")
    try:
        erase_child(student=student, typed=typed, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _erasure(request, student, typed)
    messages.success(request, "已删除。留下的只有编号和数字。")
    return redirect("privacy:erasure", pk)
