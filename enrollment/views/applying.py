"""The form of an application: for one child, or for all of a family at once; kept by itself while it is filled in."""

from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.richtext import clean
from enrollment import actions
from enrollment.access import family_of, own_child
from enrollment.actions.agreements import text_in_force
from enrollment.enums import ApplicationState, Move
from enrollment.forms import ApplyForm, Applying
from enrollment.queries import FamilyChild, dismissal_of, family_children, known_fetchers
from enrollment.views.common import told, with_term


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
@with_term
def apply(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """One child's application, or the page that says why there is none to fill in now."""
    student = own_child(request.actor, pk)
    child = family_children(term, [student], whole=True)[0]
    if Move.SUBMIT not in child.moves:
        return render(request, "enrollment/apply_closed.html", {"child": child, "student": student})
    return _fill_in(request, term, [child])


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
@with_term
def apply_all(request: PortalRequest, term: Term) -> HttpResponse:
    """All children of the family for whom nothing has been handed in yet."""
    children = [child for child in family_children(term, family_of(request.actor), whole=True) if child.new]
    if len(children) == 1:
        return redirect("enrollment:apply", children[0].student.pk)
    return _fill_in(request, term, children) if children else redirect("enrollment:my-applications")


@allow(Role.PARENT)
@require_POST
@with_term
def autosave(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    return _keep(request, term, family_children(term, [own_child(request.actor, pk)], whole=True))


@allow(Role.PARENT)
@require_POST
@with_term
def autosave_all(request: PortalRequest, term: Term) -> HttpResponse:
    children = family_children(term, family_of(request.actor), whole=True)
    return _keep(request, term, [child for child in children if child.new])


def _form(request: PortalRequest, term: Term, children: list[FamilyChild], *, draft: bool) -> ApplyForm:
    links = known_fetchers([child.student.pk for child in children])
    guardian = request.actor.guardian
    return ApplyForm(
        request.POST if request.method == "POST" else None,
        term=term,
        children=[Applying(child.student, child.application, links[child.student.pk]) for child in children],
        signer=guardian.name if guardian else "",
        draft=draft,
        signed_before=children[0].signed_by_name(term.agreement_version) if len(children) == 1 else "",
    )


def _fill_in(request: PortalRequest, term: Term, children: list[FamilyChild]) -> HttpResponse:
    """Show the form; take it in when it is whole."""
    draft = "draft" in request.POST and all(Move.SAVE in child.moves for child in children)
    form = _form(request, term, children, draft=draft)
    unseen = _changed_unseen(request, children)
    if unseen is not None:
        messages.warning(request, unseen)
    elif request.method == "POST" and form.is_valid() and _take_in(request, term, form, owes=children[0].owes_sheet):
        return redirect("enrollment:my-applications")
    context = form_context(term, form) | {"moves": children[0].moves, "window": children[0].window}
    if all(child.new for child in children):
        alone = [children[0].student.pk] if len(children) == 1 else []
        context["keep"] = reverse("enrollment:apply-autosave" if alone else "enrollment:apply-all-autosave", args=alone)
    return render(request, "enrollment/apply.html", context)


def _changed_unseen(request: PortalRequest, children: list[FamilyChild]) -> str | None:
    """Return what to say where another guardian has handed in since this page was made, so that neither overwrites."""
    held = children[0].application
    if "was" not in request.POST or len(children) > 1 or held is None or held.state == ApplicationState.DRAFT:
        return None
    guardian = request.actor.guardian
    if held.state == ApplicationState.RETURNED and request.POST["was"] != held.state:
        return "班主任刚才退回了这份申请，请先看退回的原因，再提交。"
    if request.POST["was"] == held.state or (guardian and held.guardian_id == guardian.pk):
        return None
    return f"另一位家长刚才已提交，申请现在是“{held.word}”。请核对，要改再按一次。"


def _take_in(request: PortalRequest, term: Term, form: ApplyForm, *, owes: bool) -> bool:
    rows = form.rows
    names = "、".join(student.name for student, _ in rows)
    if form.draft:
        said = "草稿已存，提交后班主任才看得到。"
        return told(request, lambda: _save_each(term, rows, request), said)
    paper = "请把签好名的协议交给班主任。" if form.signs and rows[0][1].on_paper and (owes or not form.stands) else ""
    said = f"{names}的申请已提交，等班主任审核。{paper}"
    return told(request, lambda: actions.submit_all(term=term, forms=rows, by=request.actor), said)


def _save_each(term: Term, rows: list[tuple[Student, Any]], request: PortalRequest) -> None:
    for student, details in rows:
        actions.save_draft(term=term, student=student, details=details, by=request.actor)


def form_context(term: Term, form: ApplyForm) -> dict[str, Any]:
    """Return what the form's page shows beside the form."""
    only = form.children[0]
    agreement = text_in_force(term)
    bands = dismissal_of(term, {child.limits.grade for child in form.children})
    for child in form.children:
        child.band = bands.get(child.limits.grade)
    return {
        "form": form,
        "student": only.student,
        "application": only.applying.application,
        "state": only.applying.application.state if only.applying.application else "",
        "agreement": agreement,
        "agreement_body": _readable(agreement.body) if agreement else "",
    }


@lru_cache(maxsize=8)
def _readable(body: str) -> SafeString:
    """Return a text for reading: one typed in the editor is HTML, an older one is plain."""
    return mark_safe(clean(body) if "<" in body else linebreaks(body, autoescape=True))  # noqa: S308 (cleaned)


def _keep(request: PortalRequest, term: Term, children: list[FamilyChild]) -> HttpResponse:
    """Keep what is typed so far. The answer is the word beside the buttons, and "saved" is said after it is."""
    if not children:
        return HttpResponse("没有自动保存：这份申请已经交了，或者申请已经结束。")
    form = _form(request, term, children, draft=True)
    if not form.savable:
        wrong = form.mistakes
        place = format_html('<a href="#{}">{}</a>', *wrong[0]) if wrong else "没有选孩子"
        return HttpResponse(format_html("还没有保存，有一处要改：{}", place))
    try:
        actions.keep_drafts(term=term, forms=form.rows, by=request.actor)
    except Refused as refused:
        return HttpResponse(format_html("没有自动保存：{}", refused.sentence))
    left = "" if form.persons.is_valid() else "（没写完的接送人除外）"
    now = clock.now().astimezone(clock.SHANGHAI)
    return HttpResponse(f"已自动保存 {now:%H:%M}{left}")
