"""A child's file, and what its head teacher or the office changes in it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import Actor, allow
from afterschool.school.actions import people, slips
from afterschool.school.enums import Role
from afterschool.school.forms import BanForm, ChildForm, GuardianForm, NameForm, PhoneForm
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Guardianship, Slip, Student
from afterschool.school.queries.people import adults_of, classes_of, links_kept_by, open_slips, students_of
from afterschool.school.views.register import ask_slips
from afterschool.support.refusal import Refused

KEEPERS = allow(Role.HEAD_TEACHER, Role.ADMINISTRATOR)


def _page(request: PortalRequest, student: Student, **forms: object) -> HttpResponse:
    context = {
        "student": student,
        "adults": adults_of(student),
        "slips": open_slips().filter(student=student).select_related("issued_by").order_by("by_guardian", "pk"),
        "name_form": NameForm(initial={"name": student.name}),
        "guardian_form": GuardianForm(),
        "ban_form": BanForm(),
    }
    return render(request, "school/student.html", context | forms)


def _do(request: PortalRequest, student_id: int, act: Callable[[], object], done: str) -> HttpResponse:
    """Do one act, say how it went, and show the child's file again."""
    told(request, act, done)
    return redirect("school:student", pk=student_id)


@KEEPERS
@require_GET
def student(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a child's file; the look itself is kept on record."""
    found = get_object_or_404(students_of(request.actor), pk=pk)
    people.note_look(student=found, by=request.actor)
    return _page(request, found)


@KEEPERS
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest) -> HttpResponse:
    """Add a child by hand."""
    form = ChildForm(request.POST or None, classes=classes_of(request.actor), initial=request.GET.dict())
    if form.is_valid():
        try:
            new = people.add_student(**form.cleaned_data, by=request.actor)
            messages.success(request, f"已添加 {new.name}，{new.school_class}。重新导入名册时会保留。")
            return redirect("school:student", pk=new.pk)
        except Refused as refused:
            form.add_error("number", refused.sentence)
    return render(request, "school/student_add.html", {"form": form})


@KEEPERS
@require_POST
def rename(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct the name."""
    found = get_object_or_404(students_of(request.actor), pk=pk)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, found, name_form=form)
    name = form.cleaned_data["name"]
    return _do(
        request, pk, lambda: people.correct_name(student=found, name=name, by=request.actor), f"姓名已改为 {name}。"
    )


@KEEPERS
@require_POST
def leave(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the child off the roll; a head teacher doesn't see the file any more then."""
    found = get_object_or_404(students_of(request.actor), pk=pk)
    school_class = found.school_class_id
    told(request, lambda: people.mark_left(student=found, by=request.actor), f"{found.name} 已记为离校。")
    return redirect("school:class-register", pk=school_class) if school_class else redirect("school:register")


@KEEPERS
@require_POST
def add_guardian(request: PortalRequest, pk: int) -> HttpResponse:
    """Add an adult."""
    found = get_object_or_404(students_of(request.actor), pk=pk)
    form = GuardianForm(request.POST)
    if not form.is_valid():
        return _page(request, found, guardian_form=form)
    data = form.cleaned_data
    return _do(
        request,
        pk,
        lambda: people.add_guardian(student=found, **data, by=request.actor),
        f"已添加 {data['name']}。",
    )


@KEEPERS
@require_POST
def print_slip(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for one child's slip, new."""
    found = get_object_or_404(students_of(request.actor), pk=pk)
    return ask_slips(request, f"{found.name}的绑定单", {"student": pk}, reverse("school:student", args=[pk]))


def _link(request: PortalRequest, pk: int) -> Guardianship:
    return get_object_or_404(links_kept_by(request.actor), pk=pk)


@KEEPERS
@require_POST
def set_phone(request: PortalRequest, pk: int) -> HttpResponse:
    """Write down, or correct, the number to call somebody by."""
    link = _link(request, pk)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _page(request, link.student, phone_form=form, phone_link=link.pk)
    phone = form.cleaned_data["phone"]
    return _do(
        request,
        link.student_id,
        lambda: people.set_phone(link=link, phone=phone, by=request.actor),
        f"{link.guardian.name}的手机号已登记。",
    )


@KEEPERS
@require_POST
def ban(request: PortalRequest, pk: int) -> HttpResponse:
    """Forbid somebody to fetch the child."""
    link = _link(request, pk)
    form = BanForm(request.POST)
    if not form.is_valid():
        return _page(request, link.student, ban_form=form, ban_link=link.pk)
    note = form.cleaned_data["note"]
    return _do(
        request,
        link.student_id,
        lambda: people.ban(link=link, note=note, by=request.actor),
        f"{link.guardian.name} 已记为不可接走。{_may_fetch_besides(request.actor, link)}",
    )


def _may_fetch_besides(actor: Actor, link: Guardianship) -> str:
    """Say whom else a banned person may still fetch, as each ban is one child's; children of other classes by no name."""
    others = Guardianship.objects.filter(guardian=link.guardian, may_fetch=True).exclude(pk=link.pk)
    known = links_kept_by(actor).filter(pk__in=others).select_related("student__school_class")
    names = "、".join(f"{one.student.name}（{one.student.school_class}）" for one in known)
    if names:
        return f"还可以接走 {names}：也不许的，在那个孩子的页面上同样记。"
    return "这个人还可以接走本校别的孩子，请告诉课程教学中心。" if others.exists() else ""


def _fetching(request: PortalRequest, pk: int, *, may: bool, word: str) -> HttpResponse:
    link = _link(request, pk)
    return _do(
        request,
        link.student_id,
        lambda: people.set_may_fetch(link=link, may_fetch=may, by=request.actor),
        f"{link.guardian.name} {word}。",
    )


@KEEPERS
@require_POST
def allow_fetch(request: PortalRequest, pk: int) -> HttpResponse:
    """Let somebody fetch the child."""
    return _fetching(request, pk, may=True, word="现在可以接走孩子")


@KEEPERS
@require_POST
def stop_fetch(request: PortalRequest, pk: int) -> HttpResponse:
    """Take somebody off the list of those who may fetch."""
    return _fetching(request, pk, may=False, word="已不在可接走的名单上")


@KEEPERS
@require_POST
def unbind(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a bound account away from a child, with a reason."""
    link, reason = _link(request, pk), request.POST.get("reason", "")
    try:
        people.unbind(link=link, reason=reason, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _page(request, link.student, unbind_link=link.pk, kept=reason)
    messages.success(request, f"{link.guardian.name}的账号不再绑定{link.student.name}，也不能接走。")
    return redirect("school:student", pk=link.student_id)


@KEEPERS
@require_POST
def revoke_slip(request: PortalRequest, pk: int) -> HttpResponse:
    """End an unused slip or invitation of a child: lost, or handed to the wrong family."""
    slip = get_object_or_404(Slip.objects.filter(student__in=students_of(request.actor)), pk=pk)
    return _do(
        request,
        slip.student_id or 0,
        lambda: slips.revoke(slip=slip, by=request.actor),
        "这张单子已作废，上面的码不能再用。",
    )


@KEEPERS
@require_POST
def reset(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a slip that sets a guardian's new password."""
    link = _link(request, pk)
    back = reverse("school:student", args=[link.student_id])
    return ask_slips(request, f"{link.guardian.name}重设密码单", {"reset": link.pk}, back)
