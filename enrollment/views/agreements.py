"""The family's agreements, one signed agreement with its file, and the public check."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow, public
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support.refusal import Refused
from enrollment.access import own_children
from enrollment.actions import agreement_checks, agreement_files
from enrollment.actions.agreements import sign_anew
from enrollment.forms import SignForm
from enrollment.models import Signature
from enrollment.queries.agreements import family_rows, signatures_of, texts_of
from enrollment.views.common import told, with_term

WAITS = timedelta(minutes=2)  # how long a page asks again for a file that somebody wants now


@allow(Role.PARENT)
@require_GET
@with_term
def my_agreements(request: PortalRequest, term: Term) -> HttpResponse:
    rows = family_rows(request.actor, term)
    context = {"rows": rows, "until": agreement_files.kept_until(term)}
    return render(request, "enrollment/my_agreements.html", context)


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
@with_term
def sign(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show the text in force and take a signature under it."""
    student = get_object_or_404(own_children(request.actor), pk=pk)
    row = next((one for one in family_rows(request.actor, term) if one.student.pk == pk and one.may_sign), None)
    text = texts_of(request.actor, term).filter(version=term.agreement_version or 0).first()
    if row is None or text is None:
        messages.info(request, f"{student.name}现在没有要签的协议。")
        return redirect("enrollment:my-agreements")
    signer = request.actor.guardian.name if request.actor.guardian else ""
    form = SignForm(request.POST if request.method == "POST" else None, initial={"signed_name": signer})
    if request.method == "POST" and form.is_valid():
        said = f"{student.name}的协议" + ("请在纸上签：向班主任要一张，签好交回。" if form.on_paper else "已签好。")
        values = {"signed_name": form.cleaned_data["signed_name"], "strokes": form.cleaned_data["strokes"]}
        values |= {"on_paper": form.on_paper}
        if told(request, lambda: sign_anew(term=term, student=student, by=request.actor, **values), said):
            return redirect("enrollment:my-agreements")
    return render(request, "enrollment/agreement_sign.html", {"student": student, "text": text, "form": form})


def _signature(request: PortalRequest, key: UUID) -> Signature:
    return get_object_or_404(signatures_of(request.actor), key=key)


@allow(Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def agreement(request: PortalRequest, key: UUID) -> HttpResponse:
    """Show one signed agreement: what was signed, by whom, and its file; polled while somebody waits for that."""
    found = _signature(request, key)
    asked = found.pdf_asked_at
    context = {
        "signature": found,
        "making": not found.pdf and asked is not None and timezone.now() - asked < WAITS,
        "until": agreement_files.kept_until(found.text.term),
        "mine": request.actor.guardian is not None and not request.actor.is_staff,
    }
    template = "enrollment/parts/agreement_file.html" if request.htmx else "enrollment/agreement.html"
    return render(request, template, context)


@allow(Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_POST
def make(request: PortalRequest, key: UUID) -> HttpResponse:
    """Have the file made now."""
    found = _signature(request, key)
    try:
        agreement_files.ask_for_file(signature=found, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("enrollment:agreement", found.key)


@allow(Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
@require_GET
def file(request: PortalRequest, key: UUID) -> HttpResponse:
    """Give out the kept file, byte for byte."""
    found = _signature(request, key)
    try:
        content = agreement_files.read_file(signature=found, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("enrollment:agreement", found.key)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="agreement-{found.key}.pdf"'
    response["Cache-Control"] = "no-store, private"
    return response


@public
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: PortalRequest) -> HttpResponse:
    """Tell anybody who holds an agreement whether it is what the school keeps. Nothing is said that isn't on it."""
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"number": given.get("number", ""), "fingerprint": given.get("print", "")}
    status = 200
    if request.method == "POST":
        try:
            context |= {"asked": True, "found": _checked(request, context["number"], context["fingerprint"])}
        except Refused as refused:
            context["refused"] = refused.sentence
            status = 429 if refused.code == "too_many_tries" else 200
    return render(request, "enrollment/agreement_check.html", context, status=status)


def _checked(request: PortalRequest, number: str, fingerprint: str) -> agreement_checks.Checked | None:
    address = str(get_client_ip_address(request) or "")
    upload = request.FILES.get("file")
    if upload is not None:
        content = upload.read(agreement_checks.MOST_BYTES + 1)
        return agreement_checks.check_file(
            name=upload.name or "", size=upload.size or 0, content=content, address=address
        )
    if "number" not in request.POST:
        raise Refused("no_file", "请先选文件。")
    return agreement_checks.check_number(number=number, fingerprint=fingerprint, address=address)
