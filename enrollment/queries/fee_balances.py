"""What each child owes, has paid and still owes: the office's lists, a family's own page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet, Sum

from afterschool.school.access import Actor
from afterschool.school.models import ClassMembership, SchoolClass, Student, Term
from enrollment import fees
from enrollment.access import own_children
from enrollment.enums import ChargeState, LineKind
from enrollment.models import Charge, Payment, PaymentImport


@dataclass(frozen=True)
class Stated:
    """One statement with what falls on it of what was paid, the oldest first."""

    charge: Charge
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.charge.amount - self.paid

    def sum_of(self, kind: LineKind) -> Decimal:
        """Return the sum of one kind of lines."""
        return sum((line.amount for line in self.charge.lines.all() if line.kind == kind), fees.ZERO)

    @property
    def waived(self) -> Decimal:
        return -self.sum_of(LineKind.WAIVER)


@dataclass(frozen=True)
class Balance:
    """One child's statements and payments of a term."""

    student: Student
    school_class: SchoolClass | None
    stated: list[Stated]
    paid: Decimal
    over: Decimal  # paid and owed by no statement; below nothing: paid back too much

    @property
    def owed(self) -> Decimal:
        return sum((one.charge.amount for one in self.stated), fees.ZERO)

    @property
    def waived(self) -> Decimal:
        return sum((one.waived for one in self.stated), fees.ZERO)

    @property
    def open(self) -> Decimal:
        """What is still to pay; below nothing: to pay back."""
        return self.owed - self.paid

    @property
    def to_refund(self) -> Decimal:
        return max(-self.open, fees.ZERO)

    @property
    def corrected(self) -> bool:
        return any(one.charge.version > 1 for one in self.stated)


def valid_charges(term: Term) -> QuerySet[Charge]:
    """Return the statements that hold, by period."""
    return Charge.objects.filter(term=term, state=ChargeState.ISSUED).order_by("starts_on", "ends_on", "pk")


def balances(term: Term, student_ids: Collection[int] | None = None, *, lines: bool = True) -> list[Balance]:
    """Return all children with a statement or a payment, by class and number: five queries at most, however many."""
    charges, payments = valid_charges(term), Payment.objects.filter(term=term)
    if lines:
        charges = charges.prefetch_related("lines")
    if student_ids is not None:
        charges, payments = charges.filter(student_id__in=student_ids), payments.filter(student_id__in=student_ids)
    by_student: dict[int, list[Charge]] = {}
    for charge in charges:
        by_student.setdefault(charge.student_id, []).append(charge)
    paid = dict(payments.order_by().values_list("student_id").annotate(Sum("amount")))
    pupils = Student.objects.filter(pk__in={*by_student, *paid}).select_related("school_class")
    found = list(pupils)
    classes = _last_classes([one for one in found if one.school_class_id is None])
    rows = [
        _balance(one, one.school_class or classes.get(one.pk), by_student.get(one.pk, []), paid.get(one.pk, fees.ZERO))
        for one in found
    ]
    return sorted(rows, key=_place)


def _last_classes(gone: list[Student]) -> dict[int, SchoolClass]:
    if not gone:
        return {}
    rows = ClassMembership.objects.filter(student__in=gone).select_related("school_class").order_by("starts_on", "pk")
    return {row.student_id: row.school_class for row in rows}


def _place(row: Balance) -> tuple[int, int, int, int]:
    one = row.school_class
    return (one.grade if one else 0, one.number if one else 0, row.student.number or 0, row.student.pk)


def _balance(student: Student, school_class: SchoolClass | None, charges: list[Charge], paid: Decimal) -> Balance:
    parts, over = fees.allocate([charge.amount for charge in charges], paid)
    stated = [Stated(charge, part) for charge, part in zip(charges, parts, strict=True)]
    return Balance(student, school_class, stated, paid, over)


@dataclass
class Money:
    """Sums of a list."""

    children: int = 0
    owed: Decimal = fees.ZERO
    waived: Decimal = fees.ZERO
    paid: Decimal = fees.ZERO
    open: Decimal = fees.ZERO
    to_refund: Decimal = fees.ZERO


def money(rows: Iterable[Balance]) -> Money:
    """Return the sums of some children."""
    found = Money()
    for row in rows:
        found.children += 1
        found.owed += row.owed
        found.waived += row.waived
        found.paid += row.paid
        found.open += max(row.open, fees.ZERO)
        found.to_refund += row.to_refund
    return found


@dataclass(frozen=True)
class OwnChild:
    """One child on the family's page."""

    student: Student
    balance: Balance | None
    payments: list[Payment]


def own_fees(actor: Actor, term: Term) -> list[OwnChild]:
    """Return the children this person acts for, with statements and payments: six queries, however many children."""
    children = list(own_children(actor))
    ids = [child.pk for child in children]
    held = {row.student.pk: row for row in balances(term, ids)}
    paid: dict[int, list[Payment]] = {}
    for payment in payments_of(term).filter(student_id__in=ids, takes_back=None, taken_back_by=None):
        paid.setdefault(payment.student_id, []).append(payment)
    return [OwnChild(child, held.get(child.pk), paid.get(child.pk, [])) for child in children]


def payments_of(term: Term) -> QuerySet[Payment]:
    """Return the payments of a term in order of their dates."""
    return Payment.objects.filter(term=term).order_by("paid_on", "pk")


def versions_of(term: Term, student: Student) -> QuerySet[Charge]:
    """Return all statements of a child, those replaced too, with their lines."""
    found = Charge.objects.filter(term=term, student=student).select_related("issued_by")
    return found.order_by("starts_on", "-version").prefetch_related(Prefetch("lines"))


def imports_of(term: Term) -> QuerySet[PaymentImport]:
    """Return the finance office's files of a term, the newest first."""
    return PaymentImport.objects.filter(term=term).select_related("uploaded_by", "decided_by")


@dataclass
class PeriodSum:
    """What was issued for one period."""

    children: int = 0
    owed: Decimal = fees.ZERO
    paid: Decimal = fees.ZERO

    @property
    def open(self) -> Decimal:
        return self.owed - self.paid


def by_label(rows: Iterable[Balance]) -> dict[str, PeriodSum]:
    """Return what was issued, by period."""
    found: dict[str, PeriodSum] = {}
    for row in rows:
        for one in row.stated:
            period = found.setdefault(one.charge.label, PeriodSum())
            period.children += 1
            period.owed += one.charge.amount
            period.paid += one.paid
    return found


def by_class(rows: Iterable[Balance]) -> list[tuple[SchoolClass | None, Money]]:
    """Return the sums of each class, in order; children who left school stand with the class they left."""
    classes: dict[SchoolClass | None, list[Balance]] = {}
    for row in rows:
        classes.setdefault(row.school_class, []).append(row)
    return [(one, money(some)) for one, some in classes.items()]


A_PAGE = 50


def differences(term: Term, show: str, page: str) -> dict[str, Any]:
    """Return who still owes, who has money to get back after a correction, and who paid too much."""
    rows = balances(term)
    groups = {
        "open": [row for row in rows if row.open > 0],
        "refund": [row for row in rows if row.to_refund and row.corrected],
        "over": [row for row in rows if row.to_refund and not row.corrected],
    }
    words = {"open": "未交", "refund": "应退", "over": "多交"}
    show = show if show in groups else next((key for key, some in groups.items() if some), "open")
    tabs = [(key, words[key], len(some), key == show) for key, some in groups.items()]
    shown = Paginator(groups[show], A_PAGE).get_page(page)
    return {"tabs": tabs, "show": show, "word": words[show], "page": shown, "money": money(groups[show])}
