"""A new term from an older one, and the set-up file: kept, compared, loaded. For the office."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.setup import file as setup_file
from afterschool.setup.comparing import differences
from afterschool.setup.copy_forms import CopyForm, FileForm, FromFileForm
from afterschool.setup.copying import begin_from_file, begin_from_term
from afterschool.setup.parts import COPIED, PARTS
from afterschool.support import clock
from afterschool.support.refusal import Refused


def _begun(request: PortalRequest, form: Any, act: Callable[[], Term]) -> HttpResponse | None:
    """Begin the term; a refusal stands above the form."""
    try:
        term = act()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return None
    messages.success(request, f"已新建{term.name}。要用时在“学期”里设为当前学期。")
    return redirect("setup:settings")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def term_copy(request: PortalRequest) -> HttpResponse:
    """Begin a term with chosen settings of an older one."""
    first: dict[str, Any] = {"source": request.term, "keys": [part.key for part in COPIED]}
    if request.term is not None:
        first["school_year"] = request.term.school_year
    form = CopyForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        chosen = {"source": form.cleaned_data["source"], "keys": form.cleaned_data["keys"]}

        def act() -> Term:
            return begin_from_term(settings=form.settings(), by=request.actor, **chosen)

        if (begun := _begun(request, form, act)) is not None:
            return begun
    return render(request, "setup/term_copy.html", {"form": form, "terms": Term.objects.exists()})


@allow(Role.ADMINISTRATOR)
@require_GET
def file(request: PortalRequest) -> HttpResponse:
    """Show what the set-up file is for: keep it, look at one."""
    return render(request, "setup/file.html", {"form": FileForm()})


@allow(Role.ADMINISTRATOR)
@require_GET
def file_download(request: PortalRequest) -> HttpResponse:
    """Give the set-up of the current term as a file."""
    if request.term is None:
        return redirect("setup:file")
    response = HttpResponse(setup_file.to_text(request.term), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="setup-{clock.today():%Y%m%d}.json"'
    return response


@allow(Role.ADMINISTRATOR)
@require_POST
def file_compare(request: PortalRequest) -> HttpResponse:
    """Show a file beside the current term. Nothing is written."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        brought = form.cleaned_data["file"]
        content = brought.read(setup_file.LARGEST + 1)
        try:
            read = setup_file.read(content)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            first = {"content": content.decode("utf-8-sig"), "keys": list(read.values), "name": read.term}
            parts = differences(request.term, read)
            context = {
                "read": read,
                "other": [one for one in parts if not one.same],
                "same": [one for one in parts if one.same],
                "form": FromFileForm(initial=first),
            }
            return render(request, "setup/file_compare.html", context)
    return render(request, "setup/file.html", {"form": form})


@allow(Role.ADMINISTRATOR)
@require_POST
def file_begin(request: PortalRequest) -> HttpResponse:
    """Begin a term from a file that has been looked at: all or nothing."""
    form = FromFileForm(request.POST)
    if form.is_valid():
        content, keys = form.cleaned_data["content"].encode(), set(form.cleaned_data["keys"]) & set(PARTS)

        def act() -> Term:
            return begin_from_file(settings=form.settings(), file=setup_file.read(content), keys=keys, by=request.actor)

        if (begun := _begun(request, form, act)) is not None:
            return begun
    return render(request, "setup/file_begin.html", {"form": form})
