"""What the rota is made from: the office's settings for people, and what teachers wish."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.rota_people import carry_over, set_floaters, set_people, set_wishes
from scheduling.forms.rota import FloatersForm, PersonForm, WishForm
from scheduling.models import RotaPerson
from scheduling.queries.rota import accepted_rota, draft_rota
from scheduling.queries.rota_given import days_off_of, past_turns, settings_of, turns_of
from scheduling.queries.rota_load import floaters_wanted, grades_of_staff, people_table, term_before, wish_lines
from scheduling.queries.rota_wishes import groups_to_wish, wishes_of, wishes_open

NO_TERM = "scheduling/no_term.html"


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rota_settings(request: PortalRequest) -> HttpResponse:
    """Show and save what is set for the people of one grade, all at once."""
    term = request.term
    if term is None:
        return render(request, NO_TERM)
    grades = grades_of_staff()
    wanted = request.GET.get("grade", "")
    grade = int(wanted) if wanted.isdigit() and int(wanted) in grades else (grades[0] if grades else 0)
    data = request.POST if request.method == "POST" else None
    forms = [
        PersonForm(data, row=row, teacher=teacher, weekdays=term.service_weekdays)
        for teacher, row in people_table(term, grade)
    ]
    valid = [form.is_valid() for form in forms]  # each of them, so that every error shows
    if data is not None and all(valid):
        changed = set_people(term=term, settings=[form.setting for form in forms], by=request.actor)
        messages.success(request, f"已保存，{changed} 人有改动。重新排班时生效。" if changed else "没有改动。")
        return redirect(f"{request.path}?grade={grade}")
    context = {
        "forms": forms,
        "bad": [form for form in forms if form.errors],
        "grades": grades,
        "grade": grade,
        "counts": past_turns(term, clock.today()),
        "floaters": FloatersForm(initial={"floaters": floaters_wanted(term)}),
        "former": term_before(term),
    }
    return render(request, "scheduling/rota_settings.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_floaters(request: PortalRequest) -> HttpResponse:
    """Set how many floaters a grade has a day."""
    form = FloatersForm(request.POST)
    if request.term is not None and form.is_valid():
        set_floaters(term=request.term, floaters=form.cleaned_data["floaters"], by=request.actor)
        messages.success(request, "机动教师人数已保存，重新排班时生效。")
    else:
        messages.error(request, "机动教师人数写 0 到 9。")
    return redirect("scheduling:rota-settings")


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_carry(request: PortalRequest) -> HttpResponse:
    """Take over from the term before."""
    if request.term is None:
        return redirect("scheduling:rota-settings")
    try:
        changed = carry_over(term=request.term, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已从上学期结转，{changed} 人有改动，可以再改。")
    return redirect("scheduling:rota-settings")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rota_person(request: PortalRequest, pk: int) -> HttpResponse:
    """Show and save what is set for one person, beside the own turns and wishes."""
    term = request.term
    if term is None:
        return render(request, NO_TERM)
    teacher = get_object_or_404(Teacher, pk=pk, active=True)
    row = settings_of(term, [pk]).get(pk) or RotaPerson(term=term, teacher=teacher, days_off=days_off_of(teacher, None))
    form = PersonForm(request.POST or None, row=row, teacher=teacher, weekdays=term.service_weekdays)
    if request.method == "POST" and form.is_valid():
        changed = set_people(term=term, settings=[form.setting], by=request.actor)
        messages.success(request, "已保存。重新排班后，草案里会列出因此改动的班次。" if changed else "没有改动。")
        return redirect("scheduling:rota-person", pk)
    current = accepted_rota(term) or draft_rota(term)
    turns = turns_of(current, teacher=teacher) if current else []
    context = {
        "form": form,
        "teacher": teacher,
        "rota": current,
        "turns": sorted(turns, key=lambda t: t.weekday),
        "past": past_turns(term, clock.today())[pk],
        "wishes": wish_lines(term, turns if current else None, teacher).get(pk, []),
        "wish_form": _wish_form(request, term, teacher),
    }
    return render(request, "scheduling/rota_person.html", context)


def _wish_form(request: PortalRequest, term: Term, teacher: Teacher) -> WishForm:
    data = request.POST if request.method == "POST" and "wishing" in request.POST else None
    groups = groups_to_wish(term, teacher)
    return WishForm(data, weekdays=term.service_weekdays, groups=groups, wishes=wishes_of(term, teacher))


@allow(Role.ADMINISTRATOR)
@require_POST
def rota_person_wish(request: PortalRequest, pk: int) -> HttpResponse:
    """Put down a teacher's wishes for them, also after the closing."""
    teacher = get_object_or_404(Teacher, pk=pk, active=True)
    if request.term is None:
        return redirect("scheduling:rota-settings")
    form = _wish_form(request, request.term, teacher)
    if form.is_valid():
        set_wishes(term=request.term, teacher=teacher, wishes=form.wished, by=request.actor)
        messages.success(request, f"{teacher.name}的愿望已保存，重新排班时生效。")
    else:
        messages.error(request, "愿望没有保存，请重新选。")
    return redirect("scheduling:rota-person", pk)


@allow(Role.TEACHER)
@require_http_methods(["GET", "POST"])
def rota_wishes(request: PortalRequest) -> HttpResponse:
    """A teacher's own wishes: put down until the office proposes, then read with what became of them."""
    term, teacher = request.term, request.actor.teacher
    if term is None or teacher is None:
        return render(request, NO_TERM)
    form = _wish_form(request, term, teacher)
    if request.method == "POST" and form.is_valid():
        told(
            request,
            lambda: set_wishes(term=term, teacher=teacher, wishes=form.wished, by=request.actor),
            "愿望已记下。排班时先排满、排匀，再尽量满足愿望。",
        )
        return redirect("scheduling:rota-wishes")
    current = accepted_rota(term)
    turns = turns_of(current, teacher=teacher) if current else None
    lines = wish_lines(term, turns, teacher).get(teacher.pk, [])
    context = {"form": form, "open": wishes_open(term), "lines": lines, "rota": current}
    return render(request, "scheduling/rota_wishes.html", context)
