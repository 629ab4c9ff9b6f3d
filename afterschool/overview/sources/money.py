"""Fees told and received: for the office and the whole school alone. What a family pays tells how it fares."""

from django.db.models import QuerySet
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import Figure, Line, Source
from afterschool.overview.sources.lines import by_class, day_word, moment_word, name_of
from enrollment.enums import ChargeState
from enrollment.models import Charge, Payment


def of_the_office(ask: Ask) -> bool:
    """Tell whether fees belong to this question."""
    return ask.scope.is_school and ask.actor.is_office


def charges(ask: Ask) -> QuerySet[Charge]:
    """The statements that hold, issued in these days."""
    return Charge.objects.filter(term=ask.term, state=ChargeState.ISSUED, issued_at__range=ask.span.moments)


def _charge_line(row: Charge, ask: Ask) -> Line:
    hint = f"{row.label}　{row.amount} 元　{moment_word(row.issued_at)}"
    return Line(name_of(row.student), hint, reverse("enrollment:fees-student", args=[row.student_id]))


CHARGES = Source(
    key="charges",
    rows=charges,
    figures=(Figure("charges", "已告知的账单"),),
    line=_charge_line,
    related=("student__school_class",),
    order=("-issued_at", *by_class()),
    seen=of_the_office,
)


def payments(ask: Ask) -> QuerySet[Payment]:
    """The payments of these days that stand: neither taken back nor taking one back."""
    rows = Payment.objects.filter(term=ask.term, paid_on__range=ask.span.days)
    return rows.filter(takes_back__isnull=True, taken_back_by__isnull=True)


def _payment_line(row: Payment, ask: Ask) -> Line:
    hint = f"{day_word(row.paid_on)}　{row.amount} 元　流水号 {row.reference}"
    return Line(name_of(row.student), hint, reverse("enrollment:fees-student", args=[row.student_id]))


PAYMENTS = Source(
    key="payments",
    rows=payments,
    figures=(Figure("payments", "已登记的缴费"),),
    line=_payment_line,
    related=("student__school_class",),
    order=("-paid_on", *by_class()),
    seen=of_the_office,
)
