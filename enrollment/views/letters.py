"""The office writes letters to parents, publishes them, and copies them for the official account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.actions import letters as actions
from enrollment.documents.letters import SALUTED, letter_pdf, letter_picture, shown
from enrollment.enums import NoticeKind, NoticeState
from enrollment.forms.letters import KindForm, LetterForm
from enrollment.letter_text import copy_text
from enrollment.models import Notice
from enrollment.placeholders import unknown
from enrollment.queries.letters import accounts_of, children_of, former_letters, grades_of, letters_of_term
from enrollment.queries.values import values_of
from enrollment.views.common import told, with_term


def _letter(pk: int) -> Notice:
    return get_object_or_404(Notice.objects.select_related("term", "published_by", "changed_by"), pk=pk)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def letters(request: PortalRequest, term: Term) -> HttpResponse:
    """The term's letters, and those of former terms to begin from."""
    context = {"letters": letters_of_term(term), "former": former_letters(term), "kinds": NoticeKind.choices}
    return render(request, "enrollment/letters.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def letter_add(request: PortalRequest, term: Term) -> HttpResponse:
    """Begin a letter of one kind and open it in the editor."""
    form = KindForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请选信的种类。")
        return redirect("enrollment:letters")
    notice = actions.write_letter(term=term, kind=NoticeKind(form.cleaned_data["kind"]), by=request.actor)
    return redirect("enrollment:letter-edit", notice.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def letter_copy(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    notice = actions.copy_letter(notice=_letter(pk), term=term, by=request.actor)
    messages.success(request, "已照着写好一份草稿，日期和时间按本学期的设置。")
    return redirect("enrollment:letter-edit", notice.pk)


@allow(Role.ADMINISTRATOR)
@require_GET
def letter(request: PortalRequest, pk: int) -> HttpResponse:
    """One letter as a phone shows it and as paper, with what can be done to it."""
    notice = _letter(pk)
    title, body = shown(notice, request.school)
    day = notice.published_at or clock.now()
    signed = f"{day.year}年{day.month}月{day.day}日"
    context = {
        "notice": notice,
        "title": title,
        "body": mark_safe(body),  # noqa: S308 (cleaned when it was saved)
        "saluted": notice.kind in SALUTED,
        "day": day,
        "draft": notice.state == NoticeState.DRAFT,
        "published": notice.state == NoticeState.PUBLISHED,
        "grades": sorted(grades_of(notice)),
        "text": copy_text(title, body, request.school.name, signed),
    }
    return render(request, "enrollment/letter.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def letter_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Write a draft. What was typed is kept when it cannot be saved."""
    notice = _letter(pk)
    if notice.state != NoticeState.DRAFT:
        messages.error(request, "发布了的信不能再改；可以照着写一份新的。")
        return redirect("enrollment:letter", pk)
    form = LetterForm(request.POST or None, notice=notice)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.save_letter(notice=notice, seen=values.pop("version"), by=request.actor, **values)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "草稿已保存。")
            return redirect("enrollment:letter", pk)
    names = list(values_of(notice.term, request.school))
    return render(request, "enrollment/letter_edit.html", {"form": form, "notice": notice, "names": names})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def letter_publish(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask first: to how many, and what still stands in brackets. Publishing is once and for all."""
    notice = _letter(pk)
    if request.method == "POST":
        seen = request.POST.get("version", "")
        version = int(seen) if seen.isdecimal() and len(seen) < 9 else -1
        said = "已发布，{} 位家长收到消息。"
        told(request, lambda: actions.publish_letter(notice=notice, seen=version, by=request.actor), said)
        return redirect("enrollment:letter", pk)
    if notice.state != NoticeState.DRAFT:
        return redirect("enrollment:letter", pk)
    children = children_of(notice)
    context = {
        "notice": notice,
        "unknown": unknown(notice.body, values_of(notice.term, request.school)),
        "children": children.count(),
        "accounts": len(accounts_of(children)),
        "grades": sorted(grades_of(notice)),
        "empty": not notice.body.strip(),
    }
    return render(request, "enrollment/letter_publish.html", context)


@allow(Role.ADMINISTRATOR)
@require_POST
def letter_take_down(request: PortalRequest, pk: int) -> HttpResponse:
    notice = _letter(pk)
    told(request, lambda: actions.take_down_letter(notice=notice, by=request.actor), "已撤下，家长会看到说明。")
    return redirect("enrollment:letter", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def letter_discard(request: PortalRequest, pk: int) -> HttpResponse:
    notice = _letter(pk)
    if told(request, lambda: actions.discard_letter(notice=notice, by=request.actor), "草稿已删除。"):
        return redirect("enrollment:letters")
    return redirect("enrollment:letter", pk)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@allow(Role.ADMINISTRATOR)
@require_GET
def letter_paper(request: PortalRequest, pk: int) -> HttpResponse:
    """The letter on A4."""
    return _file(letter_pdf(_letter(pk), request.school), "application/pdf", f"letter-{pk}.pdf")


@allow(Role.ADMINISTRATOR)
@require_GET
def letter_picture_file(request: PortalRequest, pk: int) -> HttpResponse:
    """The letter as a picture, for the official account."""
    return _file(letter_picture(_letter(pk), request.school), "image/png", f"letter-{pk}.png")
