"""Settings of the school and its terms, for the office."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions.terms import choose_term, edit_school, set_bands
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.setup.actions import begin_term, change_term, follow_bands
from afterschool.setup.checks import areas_of
from afterschool.setup.forms import (
    FRESH,
    BandFormSet,
    SchoolForm,
    TermForm,
    band_initial,
    bands_of,
    initial_of,
    one_more,
)
from afterschool.setup.walk import first_missing, missing, steps_of
from afterschool.support import clock
from afterschool.support.refusal import Refused


@allow(Role.ADMINISTRATOR)
@require_GET
def settings(request: PortalRequest) -> HttpResponse:
    """Show the current term's settings and where two of them disagree."""
    context: dict[str, Any] = {"terms": Term.objects.all(), "today": clock.today()}
    if request.term is not None:
        context |= {"bands": request.term.bands.all(), "areas": areas_of(request.term)}
        context["open"] = sum(len(area.findings) for area in context["areas"])
    return render(request, "setup/settings.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
def check(request: PortalRequest) -> HttpResponse:
    """Show everything in the current term that doesn't agree, each with the way to mend it."""
    if request.term is None:
        return redirect("setup:settings")
    areas = areas_of(request.term)
    return render(request, "setup/check.html", {"areas": areas, "open": sum(len(a.findings) for a in areas)})


@allow(Role.ADMINISTRATOR)
@require_GET
def walk(request: PortalRequest) -> HttpResponse:
    """Lead through the current term's set-up step by step, with the check at its end."""
    if request.term is None:
        return redirect("setup:settings")
    steps, areas = steps_of(request.term, request.school), areas_of(request.term)
    request.session.pop("walk", None)
    context = {
        "steps": steps,
        "lacking": missing(steps),
        "first_open": first_missing(steps),
        "areas": areas,
        "open": sum(len(a.findings) for a in areas),
    }
    return render(request, "setup/walk.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def walk_step(request: PortalRequest, number: int) -> HttpResponse:
    """Go to a step; until the walk is ended, every page says which step this is and leads to the next."""
    steps = steps_of(request.term, request.school) if request.term else []
    if not 1 <= number <= len(steps):
        raise Http404
    step = steps[number - 1]
    request.session["walk"] = {"number": number, "of": len(steps), "word": step.word}
    return redirect(step.url)


@allow(Role.ADMINISTRATOR)
@require_POST
def walk_end(request: PortalRequest) -> HttpResponse:
    """End the walk at the list of its steps and the check."""
    request.session.pop("walk", None)
    return redirect("setup:walk")


def _saved(request: PortalRequest, form: Any, act: Callable[[], object]) -> bool:
    """Do one act; a refusal stands above the form."""
    try:
        act()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, "已保存。")
    return True


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def term_new(request: PortalRequest) -> HttpResponse:
    """Begin a term with the plan's defaults."""
    first = FRESH | ({k: v for k, v in initial_of(request.term).items() if k in KEPT} if request.term else {})
    form = TermForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = form.settings()
        if not values["consent_text"].strip():
            del values["consent_text"]
        if _saved(request, form, lambda: begin_term(settings=values, by=request.actor)):
            return redirect("setup:settings")
    return render(request, "setup/term_form.html", {"form": form})


KEPT = {
    "service_weekdays",
    "cap",
    "own_share",
    "mixed_share",
    "smallest_size",
    "alone_from_grade",
    "late_grace_minutes",
    "sign_in_grace_minutes",
    "consent_text",
    "keep_years",
}


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def term_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a term's settings."""
    edited = get_object_or_404(Term, pk=pk)
    if edited.closed_at is not None:
        return redirect("setup:past-term", pk)
    form = TermForm(request.POST or None, initial=initial_of(edited))
    if request.method == "POST" and form.is_valid():
        values = form.settings()
        version = edited.consent_version
        if _saved(request, form, lambda: change_term(term=edited, settings=values, by=request.actor)):
            edited.refresh_from_db(fields=["consent_version"])
            if edited.consent_version != version:
                said = f"知情同意成为第 {edited.consent_version} 版，已请申请了的家长再看一次。"
                messages.info(request, f"{said}谁还没答复，在“名册—家长对资料的要求”里看。")
            return redirect("setup:settings")
    return render(request, "setup/term_form.html", {"form": form, "edited": edited})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def bands(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a term's grade bands."""
    edited = get_object_or_404(Term, pk=pk)
    if edited.closed_at is not None:
        return redirect("setup:past-term", pk)
    forms = BandFormSet(request.POST or None, initial=band_initial(edited), prefix="band")
    refused_with = ""
    if request.method == "POST" and "more" in request.POST:
        forms = BandFormSet(initial=one_more(request.POST), prefix="band")
    elif request.method == "POST" and forms.is_valid():
        try:
            set_bands(term=edited, bands=bands_of(forms.cleaned_data), by=request.actor)
            follow_bands(term=edited, by=request.actor)
        except Refused as refused:
            refused_with = refused.sentence
        else:
            messages.success(request, "年级段已保存；新的年级段有了默认课表。")
            return redirect("setup:settings")
    return render(request, "setup/bands.html", {"forms": forms, "edited": edited, "refused": refused_with})


@allow(Role.ADMINISTRATOR)
@require_POST
def term_choose(request: PortalRequest, pk: int) -> HttpResponse:
    """Make a term the current one."""
    chosen = get_object_or_404(Term, pk=pk)
    choose_term(term=chosen, by=request.actor)
    messages.success(request, f"当前学期：{chosen.name}。")
    return redirect("setup:settings")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def school_edit(request: PortalRequest) -> HttpResponse:
    """Change the school's name and public address."""
    form = SchoolForm(
        request.POST or None, initial={"name": request.school.name, "public_url": request.school.public_url}
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if _saved(request, form, lambda: edit_school(by=request.actor, **values)):
            return redirect("setup:settings")
    return render(request, "setup/school_form.html", {"form": form})
