"""Care categories: one child's, on a page of its own; and the list that the office keeps."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from enrollment import actions
from enrollment.access import reviewed_students
from enrollment.forms import CareForm, CategoryForm
from enrollment.models import CareCategory
from enrollment.queries import looks as looks_of
from enrollment.views.common import told, with_term


@allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def child(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show and record the categories of one child; the look goes on record."""
    student = get_object_or_404(reviewed_students(request.actor), pk=pk)
    if request.method == "POST":
        form = CareForm(request.POST)
        if form.is_valid():
            chosen = [category.pk for category in form.cleaned_data["categories"]]
            told(
                request,
                lambda: actions.set_care(term=term, student=student, category_ids=chosen, by=request.actor),
                "关爱类别已登记。",
            )
            return redirect("enrollment:class-review-of", student.school_class_id)
    else:
        held = actions.look(term=term, student=student, by=request.actor)
        form = CareForm(initial={"categories": [row.category_id for row in held]})
    return render(request, "enrollment/care.html", {"student": student, "form": form})


@allow(Role.ADMINISTRATOR)
@require_GET
def categories(request: PortalRequest) -> HttpResponse:
    return _categories(request, CategoryForm())


def _categories(request: PortalRequest, form: CategoryForm) -> HttpResponse:
    return render(request, "enrollment/categories.html", {"categories": CareCategory.objects.all(), "form": form})


@allow(Role.ADMINISTRATOR)
@require_POST
def category_add(request: PortalRequest) -> HttpResponse:
    form = CategoryForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        if told(request, lambda: actions.add_category(name=name, by=request.actor), f"已增加“{name}”。"):
            return redirect("enrollment:care-categories")
    return _categories(request, form)


@allow(Role.ADMINISTRATOR)
@require_POST
def category_change(request: PortalRequest, pk: int) -> HttpResponse:
    category = get_object_or_404(CareCategory, pk=pk)
    name, active = request.POST.get("name", ""), "active" in request.POST
    told(
        request,
        lambda: actions.change_category(category=category, name=name, active=active, by=request.actor),
        "已保存。",
    )
    return redirect("enrollment:care-categories")


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def looks(request: PortalRequest, term: Term) -> HttpResponse:
    """Who looked at which child's categories, and when."""
    words = request.GET.get("q", "").strip()
    page, rows = looks_of(term, words=words, page=request.GET.get("page"))
    return render(request, "enrollment/care_looks.html", {"page": page, "looks": rows, "words": words})
