"""A teacher's objection to the own sheet, and its answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest, told
from evaluation import access
from evaluation.actions import objections as actions
from evaluation.forms import AnswerForm, ObjectionForm
from evaluation.models import SheetObjection
from evaluation.views.common import term_or_404


@allow(*STAFF)
@require_POST
def object_to(request: PortalRequest, pk: int) -> HttpResponse:
    """Object to one's own finished sheet."""
    sheet = get_object_or_404(access.own_sheets(request.actor), pk=pk)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["text"][0]))
        return redirect("evaluation:teacher-sheet", pk)
    told(
        request,
        lambda: actions.object_to(sheet=sheet, text=form.cleaned_data["text"], by=request.actor),
        "异议已提出，由评价人以外的人答复。",
    )
    return redirect("evaluation:teacher-sheet", pk)


@allow(*access.REPORT_READERS)
@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer an objection: uphold it and open the sheet again, or let the sheet stand."""
    sheets = access.teacher_sheets(request.actor, term_or_404(request)).exclude(teacher=request.actor.teacher)
    rows = SheetObjection.objects.filter(sheet__in=sheets).select_related("sheet__teacher")
    objection = get_object_or_404(rows, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("evaluation:teacher-sheet", objection.sheet_id)
    uphold = form.cleaned_data["verdict"] == "upheld"
    told(
        request,
        lambda: actions.answer(objection=objection, uphold=uphold, text=form.cleaned_data["text"], by=request.actor),
        "已采纳，评价表重新打开，由评价人修改。" if uphold else "已答复，维持原评价。",
    )
    return redirect("evaluation:teacher-sheet", objection.sheet_id)
