"""Payments that the finance office has on record (B6): brought as a file or written by hand, taken back by a counter-entry."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor, office_user
from afterschool.school.enums import ImportState
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.models import Payment, PaymentImport
from enrollment.payments_file import read_payments
from enrollment.queries.payment_check import PaymentRow, compare


@dataclass(frozen=True)
class Paid:
    """One payment as written by hand; a negative amount was paid back."""

    amount: Decimal
    paid_on: date
    reference: str


def _check(paid: Paid) -> None:
    if not paid.amount:
        raise Refused("no_amount", "金额不能是 0。")
    if paid.paid_on > clock.today():
        raise Refused("not_yet", "日期还没到，请核对。")
    if not paid.reference.strip():
        raise Refused("no_reference", "请填写流水号，同一笔不会登记两次。")


@transaction.atomic
def record_payment(*, term: Term, student: Student, paid: Paid, by: Actor) -> Payment:
    """Write one payment by hand. Refused with `no_amount`, `not_yet`, `no_reference` or `known_reference`."""
    office_user(by)
    _check(paid)
    try:
        with transaction.atomic():
            made = Payment.objects.create(
                term=term,
                student=student,
                amount=paid.amount,
                paid_on=paid.paid_on,
                reference=paid.reference.strip(),
                recorded_by=by.user,
                recorded_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("known_reference", f"流水号 {paid.reference.strip()} 已经登记过。") from None
    data = {"amount": str(made.amount), "on": made.paid_on.isoformat()}
    record("payment.recorded", subject=made, by=by, student_id=student.pk, term_id=term.pk, data=data)
    return made


@transaction.atomic
def take_back(*, payment: Payment, reason: str, by: Actor) -> Payment:
    """Take a payment back by a counter-entry of the same day; both stay. Refused with `no_reason` or `taken_back`."""
    office_user(by)
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么冲销。")
    if payment.takes_back_id is not None:
        raise Refused("taken_back", "这一笔本身是冲销，不能再冲销；请重新登记一笔。")
    try:
        with transaction.atomic():
            made = Payment.objects.create(
                term=payment.term,
                student=payment.student,
                amount=-payment.amount,
                paid_on=clock.today(),
                reference=f"冲销-{payment.pk}",
                takes_back=payment,
                reason=reason.strip()[:200],
                recorded_by=by.user,
                recorded_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("taken_back", "这一笔已经冲销过。") from None
    ids = {"payment": payment.pk, "amount": str(made.amount)}
    record(
        "payment.taken_back",
        subject=made,
        by=by,
        student_id=made.student_id,
        term_id=made.term_id,
        data=ids,
        note=made.reason,
    )
    return made


@transaction.atomic
def upload(*, term: Term, filename: str, content: bytes, by: Actor) -> PaymentImport:
    """Read a file of the finance office and compare it; nothing is written. Refused, with the reason, when unreadable."""
    office_user(by)
    if by.user is None:
        raise Refused("not_yours", "收费由课程教学中心办理。")
    read = read_payments(filename, content)
    found = compare(term, read)
    made = PaymentImport.objects.create(
        term=term,
        filename=filename[-120:],
        state=ImportState.CHECKED if found.new else ImportState.REFUSED,
        report=found.as_report(),
        uploaded_by=by.user,
        uploaded_at=clock.now(),
    )
    data = {"new": len(found.new), "known": found.known, "bad": len(found.problems)}
    record("payments.brought", subject=made, by=by, term_id=term.pk, data=data)
    return made


def _decide(brought: PaymentImport, state: ImportState, by: Actor, **values: Any) -> None:
    changes = {"state": state, "decided_by": by.user, "decided_at": clock.now(), **values}
    seen = PaymentImport.objects.filter(
        pk=brought.pk, state__in=[ImportState.CHECKED, ImportState.REFUSED], decided_at=None
    )
    if seen.update(**changes) != 1:
        raise somebody_was_faster()


@transaction.atomic
def accept(*, brought: PaymentImport, by: Actor) -> int:
    """Write the payments of a file that are new; return how many. Lines with faults are left out, as the preview said.

    Refused with `nothing_new`, or `somebody_was_faster` when the file was decided on or a line of it was written meanwhile.
    """
    office_user(by)
    rows = [PaymentRow.from_report(row) for row in brought.report.get("rows", [])]
    if not rows:
        raise Refused("nothing_new", "这个文件里没有要登记的。")
    kept = {key: value for key, value in brought.report.items() if key in {"known", "sum", "count"}}
    _decide(brought, ImportState.WRITTEN, by, report=kept)
    try:
        with transaction.atomic():
            made = Payment.objects.bulk_create(
                Payment(
                    term=brought.term,
                    student_id=row.student_id,
                    amount=row.amount,
                    paid_on=row.paid_on,
                    reference=row.reference,
                    source=brought,
                    recorded_by=by.user,
                    recorded_at=clock.now(),
                )
                for row in rows
            )
    except IntegrityError:
        raise Refused(
            "somebody_was_faster", "预览以后，这个文件里有的流水号已经登记。请把文件再上传一次，看最新的比较。"
        ) from None
    record_many(
        event(
            "payment.recorded",
            subject=payment,
            by=by,
            student_id=payment.student_id,
            term_id=payment.term_id,
            data={"amount": str(payment.amount), "on": payment.paid_on.isoformat()},
        )
        for payment in made
    )
    record("payments.accepted", subject=brought, by=by, term_id=brought.term_id, data={"new": len(made)})
    return len(made)


@transaction.atomic
def discard(*, brought: PaymentImport, by: Actor) -> None:
    """Put a file away; what was read of it is dropped."""
    office_user(by)
    _decide(brought, ImportState.DISCARDED, by, report={})
    record("payments.discarded", subject=brought, by=by, term_id=brought.term_id)
