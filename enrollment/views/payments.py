"""Payments for the office: the finance office's files, one by hand, one taken back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Student, Term
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import CONTENT_TYPE
from enrollment.actions import payments as actions
from enrollment.forms.fees import PaymentForm, PaymentsUploadForm
from enrollment.models import Payment
from enrollment.payments_file import blank_workbook
from enrollment.queries.fee_balances import imports_of
from enrollment.views.common import told, with_term
from enrollment.views.fees import student_page

A_PAGE = 20
ROWS_A_PAGE = 100


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def payments(request: PortalRequest, term: Term) -> HttpResponse:
    """Show the files brought so far and take a new one."""
    form = PaymentsUploadForm(request.POST, request.FILES) if request.method == "POST" else PaymentsUploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            brought = actions.upload(term=term, filename=file.name, content=file.read(), by=request.actor)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            return redirect("enrollment:fees-payments-file", brought.pk)
    page = Paginator(imports_of(term).defer("report"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "enrollment/fees/payments.html", {"form": form, "page": page})


@allow(Role.ADMINISTRATOR)
@require_GET
def template(request: PortalRequest) -> HttpResponse:
    """Give out the blank workbook."""
    response = HttpResponse(blank_workbook(), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E7%BC%B4%E8%B4%B9%E8%AE%B0%E5%BD%95%E6%A8%A1%E6%9D%BF.xlsx"
    )
    return response


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def file(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Show what a file would do: lines with faults, what is new, what differs."""
    brought = get_object_or_404(imports_of(term), pk=pk)
    rows = brought.report.get("rows", [])
    rows = sorted(rows, key=lambda row: not row["remark"])  # what is worth a look comes first
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "enrollment/fees/file.html", {"brought": brought, "report": brought.report, "page": page})


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def accept(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    brought = get_object_or_404(imports_of(term), pk=pk)
    told(request, lambda: actions.accept(brought=brought, by=request.actor), "已登记 {} 笔。")
    return redirect("enrollment:fees-payments-file", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def discard(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    brought = get_object_or_404(imports_of(term), pk=pk)
    told(request, lambda: actions.discard(brought=brought, by=request.actor), "已放弃，一笔也没有登记。")
    return redirect("enrollment:fees-payments")


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def add(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Write one payment by hand."""
    child = get_object_or_404(Student.objects.select_related("school_class"), pk=pk)
    form = PaymentForm(request.POST)
    if form.is_valid():
        try:
            actions.record_payment(term=term, student=child, paid=form.paid(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, "已登记。")
            return redirect("enrollment:fees-student", pk)
    return student_page(request, term, child, form)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def take_back(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """Take a payment back by a counter-entry, with a reason."""
    payment = get_object_or_404(Payment.objects.filter(term=term).select_related("term", "student"), pk=pk)
    reason = request.POST.get("reason", "")
    told(request, lambda: actions.take_back(payment=payment, reason=reason, by=request.actor), "已冲销，两笔都留着。")
    return redirect("enrollment:fees-student", payment.student_id)
