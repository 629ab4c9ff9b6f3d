"""The office's pages of the agreement: versions, draft, preview, publication, who has signed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from enrollment.actions import agreement_texts as actions
from enrollment.actions.agreement_files import kept_until
from enrollment.forms import AgreementTextForm, PublishForm
from enrollment.models import AgreementText
from enrollment.placeholders import fill, unknown
from enrollment.queries.agreements import overview, standing_applications, texts_of
from enrollment.queries.values import values_of
from enrollment.views.common import seen_at, told, with_term


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def agreements(request: PortalRequest, term: Term) -> HttpResponse:
    """Show the versions, and who has signed, by class in order of class number."""
    texts = list(texts_of(request.actor, term))
    found = overview(request.actor, term, texts)
    context = {
        "texts": [(text, found.versions[text.version]) for text in texts],
        "has_draft": any(text.published_at is None for text in texts),
        "found": found,
        "until": kept_until(term),
    }
    return render(request, "enrollment/agreements.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def begin(request: PortalRequest, term: Term) -> HttpResponse:
    said = "新的一版已从上一版开始，改好后发布。"
    if told(request, lambda: actions.begin_draft(term=term, by=request.actor), said):
        draft = texts_of(request.actor, term).filter(published_at=None).get()
        return redirect("enrollment:agreement-edit", draft.pk)
    return redirect("enrollment:agreements")


def _text(request: PortalRequest, term: Term, pk: int) -> AgreementText:
    return get_object_or_404(texts_of(request.actor, term), pk=pk)


def _filled(request: PortalRequest, text: AgreementText) -> dict[str, Any]:
    """Return the text as families see it, and what nothing fills."""
    if text.published_at is not None:
        return {"text": text, "body": text.body, "unknown": []}
    values = values_of(text.term, request.school)
    return {"text": text, "body": fill(text.body, values), "unknown": unknown(text.body, values)}


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def text(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show one version: published as it stands, a draft with the term's values in place."""
    return render(request, "enrollment/agreement_text.html", _filled(request, _text(request, term, pk)))


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def edit(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Write the draft; a published version can't be written, its page is shown."""
    found = _text(request, term, pk)
    if found.published_at is not None:
        return redirect("enrollment:agreement-text", pk)
    form = AgreementTextForm(request.POST) if request.method == "POST" else AgreementTextForm.of(found)
    if request.method == "POST" and form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("title", "body")}
        seen = seen_at(request)
        if told(request, lambda: actions.save_draft(text=found, seen=seen, by=request.actor, **words), "草稿已存。"):
            return redirect("enrollment:agreement-text", pk)
    values = values_of(term, request.school)
    seen_iso = request.POST.get("seen") or found.changed_at.isoformat()
    context = {"text": found, "form": form, "values": values, "names": list(values), "seen": seen_iso}
    return render(request, "enrollment/agreement_edit.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def publish(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Ask first who is to sign; then publish for good."""
    found = _text(request, term, pk)
    if found.published_at is not None:
        return redirect("enrollment:agreement-text", pk)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        anew, seen = form.sign_anew, seen_at(request)
        said = f"第 {found.version} 版已发布，从现在起不再改。" + (
            "要签的孩子有 {} 个，家长已收到消息。" if anew else ""
        )
        act = lambda: actions.publish(text=found, sign_anew=anew, seen=seen, by=request.actor)  # noqa: E731
        if told(request, act, said):
            return redirect("enrollment:agreements")
    seen_iso = request.POST.get("seen") or found.changed_at.isoformat()
    standing = standing_applications(term).count()
    context = _filled(request, found) | {"form": form, "seen": seen_iso, "standing": standing}
    return render(request, "enrollment/agreement_publish.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def discard(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    found = _text(request, term, pk)
    told(request, lambda: actions.discard_draft(text=found, by=request.actor), "草稿已丢弃。")
    return redirect("enrollment:agreements")
