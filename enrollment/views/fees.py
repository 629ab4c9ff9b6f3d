"""Fees for the office: the term's settings, periods and their statements, lists and papers."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import SchoolClass, Student, Term
from afterschool.school.papers import request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.actions import fees as actions
from enrollment.enums import ChargeState
from enrollment.forms.fees import FeePlanForm, PaymentForm, RateFormSet, initial_of, rates_of
from enrollment.models import CareCategory, Charge, FeePlan
from enrollment.queries import fee_balances, fee_statements
from enrollment.queries.fees import plan_of, told
from enrollment.views.common import told as done
from enrollment.views.common import with_term


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def fees(request: PortalRequest, term: Term) -> HttpResponse:
    """The term's fee in words, its periods, what is owed, paid and open."""
    plan = plan_of(term)
    rows = fee_balances.balances(term)
    stated = fee_balances.by_label(rows)
    labels = list(stated)
    choices = fee_statements.periods(term, plan.basis, fee_statements.service_days(term)) if plan else []
    context = {
        "told": told(term),
        "plan": plan,
        "money": fee_balances.money(rows),
        "periods": [(choice, stated.pop(choice.period.label, None)) for choice in choices],
        "others": stated,
        "labels": labels,
        "classes": fee_balances.by_class(rows),
    }
    return render(request, "enrollment/fees/overview.html", context)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@with_term
def settings(request: PortalRequest, term: Term) -> HttpResponse:
    """Set what the term costs, with worked cases; "先算算看" shows them without saving."""
    plan = FeePlan.objects.filter(term=term).prefetch_related("rates", "waivers").first()
    first, lines = initial_of(plan)
    categories = list(CareCategory.objects.filter(active=True))
    form = FeePlanForm(request.POST or None, categories=categories, initial=first)
    rates = RateFormSet(request.POST or None, initial=lines, prefix="rate")
    shown: list[fee_statements.Sample] = []
    if request.method == "POST" and form.is_valid() and rates.is_valid():
        values = form.values(rates_of(rates.cleaned_data))
        if "try" in request.POST:
            shown = _samples(term, values)
        elif _saved(request, form, term, values):
            return redirect("enrollment:fees-settings")
    elif request.method == "GET" and (held := plan_of(term)):
        percents = {row.category_id: row.percent for row in held.waivers.all()}
        shown = _samples(term, actions.PlanValues(fee_statements.terms_of(held), percents))
    issued = Charge.objects.filter(term=term, state=ChargeState.ISSUED).count()
    context = {"form": form, "rates": rates, "samples": shown, "issued": issued, "tried": "try" in request.POST}
    return render(request, "enrollment/fees/settings.html", context | {"told": told(term)})


def _saved(request: PortalRequest, form: FeePlanForm, term: Term, values: actions.PlanValues) -> bool:
    try:
        actions.set_plan(term=term, values=values, by=request.actor)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, "收费设置已保存。")
    return True


def _samples(term: Term, values: actions.PlanValues) -> list[fee_statements.Sample]:
    percent = max(values.waivers.values(), default=Decimal(0))
    return fee_statements.samples(term, values.terms, fee_statements.service_days(term), percent)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def period(request: PortalRequest, term: Term, period: str) -> HttpResponse:
    """What every child would owe for the period by what is known now, beside what was issued."""
    chosen = fee_statements.choice_of(term, period)
    if chosen is None:
        raise Http404
    found = fee_statements.preview(term, *chosen)
    over = chosen[2].period.last >= clock.today()
    return render(request, "enrollment/fees/period.html", {"preview": found, "plan": chosen[0], "not_over": over})


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def period_issue(request: PortalRequest, term: Term, period: str) -> HttpResponse:
    try:
        stamp = request.POST.get("stamp", "")
        paper = actions.ask_issue(term=term, slug=period, stamp=stamp, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("enrollment:fees-period", period)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def withdraw(request: PortalRequest, term: Term) -> HttpResponse:
    """Take down a period's statements, with a reason."""
    label, reason = request.POST.get("label", ""), request.POST.get("reason", "")
    done(
        request,
        lambda: actions.withdraw_period(term=term, label=label, reason=reason, by=request.actor),
        "已撤下 {} 份账单，家长已收到消息。",
    )
    return redirect("enrollment:fees")


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def school_class(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """One class: each child with owed, paid and open."""
    one = get_object_or_404(SchoolClass, pk=pk)
    ids = list(Student.objects.filter(school_class=one).values_list("pk", flat=True))
    rows = fee_balances.balances(term, ids)
    context = {"school_class": one, "rows": rows, "money": fee_balances.money(rows)}
    return render(request, "enrollment/fees/class.html", context)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def student(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    return student_page(request, term, get_object_or_404(Student.objects.select_related("school_class"), pk=pk))


def student_page(
    request: PortalRequest, term: Term, child: Student, form: PaymentForm | None = None, **more: Any
) -> HttpResponse:
    """One child's statements with older versions and payments; a payment can be written or taken back here."""
    payments = fee_balances.payments_of(term).filter(student=child)
    context = {
        "student": child,
        "balance": next(iter(fee_balances.balances(term, [child.pk])), None),
        "versions": fee_balances.versions_of(term, child).filter(state=ChargeState.REPLACED),
        "payments": payments.select_related("recorded_by", "source", "taken_back_by", "takes_back"),
        "form": form or PaymentForm(initial={"paid_on": clock.today()}),
    }
    return render(request, "enrollment/fees/student.html", context | more)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def student_print(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    child = get_object_or_404(Student, pk=pk)
    params = {"term": term.pk, "student": child.pk}
    paper = request_paper("fees_statements", title=f"{child.name}课后服务费账单", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def class_print(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    one = get_object_or_404(SchoolClass, pk=pk)
    params = {"term": term.pk, "class": one.pk}
    paper = request_paper("fees_statements", title=f"{one}课后服务费账单", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_POST
@with_term
def export(request: PortalRequest, term: Term) -> HttpResponse:
    """The finance office's list as Excel."""
    paper = request_paper("fees_list", title=f"{term.name}课后服务费", params={"term": term.pk}, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.ADMINISTRATOR)
@require_GET
@with_term
def differences(request: PortalRequest, term: Term) -> HttpResponse:
    """Who still owes, who paid too much, who gets money back; a page at a time."""
    context = fee_balances.differences(term, request.GET.get("show", ""), request.GET.get("page", ""))
    return render(request, "enrollment/fees/differences.html", context)
