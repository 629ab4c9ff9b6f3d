"""The register: the school by class, a class by child, slips for a class."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolClass
from afterschool.school.papers import request_paper
from afterschool.school.queries.people import class_list, classes_of, register_rows, search_students
from afterschool.support.refusal import Refused


def address(name: str) -> str:
    """Return where a page is, or nothing while there is none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@allow(Role.ADMINISTRATOR)
@require_GET
def register(request: PortalRequest) -> HttpResponse:
    """Show all classes with their numbers, and find a child."""
    words = request.GET.get("q", "").strip()
    rows = register_rows(request.actor)
    context = {
        "words": words,
        "found": search_students(request.actor, words),
        "grades": [(grade, list(group)) for grade, group in groupby(rows, lambda row: row.school_class.grade)],
        "children": sum(row.children for row in rows),
        "bound": sum(row.bound for row in rows),
        "imports": address("school:imports"),
    }
    return render(request, "school/register.html", context)


def _class_page(request: PortalRequest, school_class: SchoolClass, classes: list[SchoolClass]) -> HttpResponse:
    students = class_list(request.actor, school_class)
    bound = sum(student.bound for student in students)  # type: ignore[attr-defined]
    context = {
        "school_class": school_class,
        "classes": classes,
        "students": students,
        "bound": bound,
        "unbound": len(students) - bound,
        "printable": bool(request.school.public_url),
    }
    return render(request, "school/class_students.html", context)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def class_students(request: PortalRequest) -> HttpResponse:
    """Show the head teacher's own class; the office chooses one in the register."""
    own = list(classes_of(request.actor).filter(pk__in=request.actor.class_ids))
    if not own:
        return redirect("school:register")
    return _class_page(request, own[0], own)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def class_register(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one class."""
    school_class = get_object_or_404(classes_of(request.actor), pk=pk)
    own = list(classes_of(request.actor).filter(pk__in=request.actor.class_ids))
    return _class_page(request, school_class, own)


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def print_class_slips(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the slips of all children of a class who have no guardian bound."""
    school_class = get_object_or_404(classes_of(request.actor), pk=pk)
    return ask_slips(
        request, f"{school_class}绑定单", {"class": school_class.pk}, reverse("school:class-register", args=[pk])
    )


def ask_slips(request: PortalRequest, title: str, params: dict[str, object], back: str) -> HttpResponse:
    """Queue a paper of slips, and go where its progress is shown."""
    try:
        if not request.school.public_url:
            raise Refused("no_public_url", "还没有填写本站的公开网址，二维码扫不出来。请课程教学中心先在“设置”里填写。")
        paper = request_paper("slips", title=title, params=params, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(back)
    return redirect("school:paper", pk=paper.pk)
