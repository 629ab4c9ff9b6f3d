"""Staff and their roles: the office's pages."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions import staff as actions
from afterschool.school.enums import Role
from afterschool.school.forms import RoleForm
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import StaffRole
from afterschool.school.queries.people import open_slips, staff_of
from afterschool.school.views.register import ask_slips
from afterschool.support.refusal import Refused

A_PAGE = 50


@allow(Role.ADMINISTRATOR)
@require_GET
def staff(request: PortalRequest) -> HttpResponse:
    """List the staff with their roles."""
    words = request.GET.get("q", "").strip()
    people = staff_of(request.actor).filter(active=True)
    without = people.filter(user__isnull=True).count()
    if words:
        low = words.lower().replace(" ", "")
        people = people.filter(
            Q(name__contains=words)
            | Q(staff_number__iexact=low)
            | Q(initials__startswith=low)
            | Q(pinyin__startswith=low)
        )
    page = Paginator(people.prefetch_related("classes"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "school/staff.html", {"page": page, "words": words, "without": without})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def member(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one member of staff; give a role."""
    teacher = get_object_or_404(staff_of(request.actor), pk=pk)
    form = RoleForm(request.POST or None)
    if form.is_valid():
        try:
            row = actions.grant(teacher=teacher, **form.cleaned_data, by=request.actor)
            messages.success(request, f"{teacher.name} 已任{row.get_role_display()}。")
            return redirect("school:staff-member", pk=pk)
        except Refused as refused:
            form.add_error("grade" if refused.code == "grade_missing" else None, refused.sentence)
    slip = open_slips().filter(teacher=teacher).first()
    return render(request, "school/staff_member.html", {"teacher": teacher, "form": form, "slip": slip})


@allow(Role.ADMINISTRATOR)
@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a role away."""
    row = get_object_or_404(StaffRole.objects.select_related("teacher"), pk=pk)
    told(
        request,
        lambda: actions.withdraw(row=row, by=request.actor),
        f"{row.teacher.name} 不再任{row.get_role_display()}。",
    )
    return redirect("school:staff-member", pk=row.teacher_id)


@allow(Role.ADMINISTRATOR)
@require_POST
def print_slip(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the slip of one member of staff: first login, or a forgotten password."""
    teacher = get_object_or_404(staff_of(request.actor), pk=pk)
    back = reverse("school:staff-member", args=[pk])
    return ask_slips(request, f"{teacher.name}的绑定单", {"staff": pk}, back)


@allow(Role.ADMINISTRATOR)
@require_POST
def print_slips(request: PortalRequest) -> HttpResponse:
    """Ask for the slips of all staff without an account."""
    return ask_slips(request, "教职工绑定单", {"all_staff": True}, reverse("school:staff"))
