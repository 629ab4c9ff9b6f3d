"""Who has read a letter: by class for the office, by child for the class; reminders and slips on paper."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolClass, Student, Term
from enrollment.access import reviewed_classes, reviewed_students
from enrollment.actions import letters as actions
from enrollment.enums import NoticeState
from enrollment.models import Notice
from enrollment.queries.letters import published_letters, readers_by_class, readers_of_class
from enrollment.views.common import told, with_term

SAID = "已提醒 {} 位家长。"


def _published(pk: int) -> Notice:
    return get_object_or_404(Notice.objects.exclude(state=NoticeState.DRAFT).select_related("term"), pk=pk)


def _class(request: PortalRequest, pk: int) -> SchoolClass:
    return get_object_or_404(reviewed_classes(request.actor), pk=pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
@with_term
def class_letters(request: PortalRequest, term: Term) -> HttpResponse:
    """The letters that hold, with the own classes' counts."""
    found = [(notice, readers_by_class(request.actor, notice)) for notice in published_letters(term)[:12]]
    meant = [(notice, rows) for notice, rows in found if rows]
    return render(request, "enrollment/class_letters.html", {"letters": meant})


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def readers(request: PortalRequest, pk: int) -> HttpResponse:
    """Class by class, in the order of class numbers: never by share."""
    notice = _published(pk)
    rows = readers_by_class(request.actor, notice)
    context = {
        "notice": notice,
        "rows": rows,
        "children": sum(row.children for row in rows),
        "read": sum(row.read for row in rows),
        "slips": sum(row.slips for row in rows),
        "open": notice.state == NoticeState.PUBLISHED,
        "reminded": all(row.reminded or not row.waiting for row in rows),
    }
    return render(request, "enrollment/letter_readers.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def class_readers(request: PortalRequest, pk: int, class_pk: int) -> HttpResponse:
    """Who of one class hasn't read it, by student number."""
    notice, school_class = _published(pk), _class(request, class_pk)
    rows = readers_of_class(notice, school_class)
    if not rows:
        raise Http404
    context = {
        "notice": notice,
        "school_class": school_class,
        "waiting": [(child, bound) for child, reading, bound in rows if reading is None],
        "done": [(child, reading) for child, reading, _ in rows if reading is not None],
        "open": notice.state == NoticeState.PUBLISHED,
    }
    return render(request, "enrollment/letter_class.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def slip(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Record that a slip came back on paper."""
    notice = _published(pk)
    student: Student = get_object_or_404(reviewed_students(request.actor), pk=student_pk)
    said = f"{student.name}的回执已登记。"
    told(request, lambda: actions.record_slip(notice=notice, student=student, by=request.actor), said)
    return redirect("enrollment:class-letter", pk, student.school_class_id)


@allow(Role.ADMINISTRATOR)
@require_POST
def remind(request: PortalRequest, pk: int) -> HttpResponse:
    """Remind the families of all classes."""
    notice, classes = _published(pk), list(reviewed_classes(request.actor))
    told(request, lambda: actions.remind_of_letter(notice=notice, classes=classes, by=request.actor), SAID)
    return redirect("enrollment:letter-readers", pk)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def class_remind(request: PortalRequest, pk: int, class_pk: int) -> HttpResponse:
    """Remind the families of one class."""
    notice, one = _published(pk), _class(request, class_pk)
    told(request, lambda: actions.remind_of_letter(notice=notice, classes=[one], by=request.actor), SAID)
    return redirect("enrollment:class-letter", pk, class_pk)
