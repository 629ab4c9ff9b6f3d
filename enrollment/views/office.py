"""The office: approval by class or grade, late permissions, the window itself."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role, StudentState
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolClass, Student, Term
from afterschool.school.naming import grade_name
from afterschool.support.xlsx import CONTENT_TYPE
from enrollment import actions, queries
from enrollment.actions import window_of
from enrollment.enums import LateState
from enrollment.exports import approved_workbook
from enrollment.forms import ReopenForm
from enrollment.models import LatePermit, LateRequest
from enrollment.views.common import told, with_term


def _grade(grade: int) -> list[SchoolClass]:
    found = list(SchoolClass.objects.current().filter(grade=grade).order_by("number"))
    if not found:
        raise Http404
    return found


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def grade_approve(request: PortalRequest, term: Term, grade: int) -> HttpResponse:
    classes = _grade(grade)
    return _approve(request, term, classes, grade_name(grade), grade)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def school_approve_class(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    school_class = get_object_or_404(SchoolClass.objects.current(), pk=pk)
    return _approve(request, term, [school_class], str(school_class), school_class.grade)


def _approve(request: PortalRequest, term: Term, classes: list[SchoolClass], name: str, grade: int) -> HttpResponse:
    """Ask first, with the number; approve only that number."""
    ids = [one.pk for one in classes]
    if request.method == "POST":
        expected = request.POST.get("expected", "")
        number = int(expected) if expected.isdecimal() else -1
        if told(
            request,
            lambda: actions.school_approve_many(term=term, class_ids=ids, by=request.actor, expected=number),
            f"{name} {{}} 份申请已批准，家长已收到消息。",
        ):
            return redirect("enrollment:figures-grade", grade)
    rows = queries.figures_by_class(term, SchoolClass.objects.current().filter(pk__in=ids))
    context = {"name": name, "grade": grade, "rows": rows, "total": queries.total(rows)}
    return render(request, "enrollment/approve.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def grade_list(request: PortalRequest, term: Term, grade: int) -> HttpResponse:
    """The approved children of a grade as Excel."""
    _grade(grade)
    content = approved_workbook(request.school.name, term, grade)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="approved-grade-{grade}.xlsx"'
    return response


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def late(request: PortalRequest, term: Term) -> HttpResponse:
    """Find a child and let it apply late."""
    asked = request.GET.get("q", "").strip().lower()
    found: list[Student] = []
    if asked:
        pupils = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
        matches = pupils.filter(name__contains=asked) | pupils.filter(pinyin__contains=asked)
        found = list((matches | pupils.filter(initials__contains=asked)).order_by("school_class", "number")[:30])
    permits = LatePermit.objects.filter(term=term).select_related("student__school_class", "permitted_by")
    held = {permit.student_id for permit in permits}
    requests = LateRequest.objects.filter(term=term, state=LateState.ASKED).select_related(
        "student__school_class", "asked_by"
    )
    answered = LateRequest.objects.filter(term=term, state=LateState.DECLINED).select_related("student__school_class")
    context = {
        "requests": requests.order_by("asked_at"),
        "declined": answered,
        "asked": asked,
        "found": found,
        "permits": permits,
        "held": held,
        "window": window_of(term),
    }
    return render(request, "enrollment/late.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def permit_late(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    student = get_object_or_404(Student.objects.filter(state=StudentState.ENROLLED), pk=pk)
    said = f"已同意{student.name}补交，家长已收到消息。"
    told(request, lambda: actions.permit_late(term=term, student=student, by=request.actor), said)
    return redirect("enrollment:late")


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def decline_late(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    late = get_object_or_404(LateRequest.objects.filter(term=term).select_related("student", "term"), pk=pk)
    answer = request.POST.get("reason", "")
    said = f"已回复{late.student.name}的家长：这次不同意补交。"
    told(request, lambda: actions.decline_late(request=late, answer=answer, by=request.actor), said)
    return redirect("enrollment:late")


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def window_close(request: PortalRequest, term: Term) -> HttpResponse:
    told(request, lambda: actions.close_window(term=term, by=request.actor), "申请已提前结束。")
    return redirect("enrollment:figures")


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def window_reopen(request: PortalRequest, term: Term) -> HttpResponse:
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return render(request, "enrollment/window.html", {"form": form})
    until = form.cleaned_data["until"]
    said = f"申请已重新开放，到{until.month}月{until.day}日 {until:%H:%M}截止。"
    told(request, lambda: actions.reopen_window(term=term, until=until, by=request.actor), said)
    return redirect("enrollment:figures")
