"""Fees: settings of the term and statements (B6). Only the office; the portal takes no money itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from afterschool.school.access import Actor, office_user
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import Paper, Term
from afterschool.school.papers import Progress, request_paper
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment import fees
from enrollment.enums import ChargeState, FeeBasis, LineKind
from enrollment.models import Charge, ChargeLine, FeePlan, FeeRate, FeeWaiver
from enrollment.queries.fee_statements import Preview, Row, Standing, choice_of, preview

CHUNK = 200


@dataclass(frozen=True)
class PlanValues:
    """A term's fee as typed: the rule's terms, waivers by category (percent), the note for parents."""

    terms: fees.Terms
    waivers: dict[int, Decimal]
    note: str = ""


@transaction.atomic
def set_plan(*, term: Term, values: PlanValues, by: Actor) -> None:
    """Set what the term costs. Statements issued before stay as they are.

    Refused with `no_rate` (a fee without an amount) or `rates_overlap` (a grade with two).
    """
    office_user(by)
    wanted = values.terms
    rates = sorted(wanted.rates, key=lambda rate: rate.first_grade)
    if wanted.basis != FeeBasis.NONE and not rates:
        raise Refused("no_rate", "要写至少一个年级的金额；不收费就选“不收费”。")
    if any(a.last_grade >= b.first_grade for a, b in pairwise(rates)):
        raise Refused("rates_overlap", "同一个年级写了两个金额，请核对从几年级到几年级。")
    plan, _ = FeePlan.objects.update_or_create(
        term=term,
        defaults={
            "basis": wanted.basis,
            "settlement": wanted.settlement,
            "refund_unit": wanted.refund_unit,
            "sick_days": wanted.sick_days,
            "refund_cancelled": wanted.refund_cancelled,
            "note": values.note.strip(),
            "changed_by": by.user,
            "changed_at": clock.now(),
        },
    )
    plan.rates.all().delete()
    FeeRate.objects.bulk_create(
        FeeRate(plan=plan, first_grade=r.first_grade, last_grade=r.last_grade, amount=r.amount) for r in rates
    )
    plan.waivers.all().delete()
    FeeWaiver.objects.bulk_create(
        FeeWaiver(plan=plan, category_id=pk, percent=percent) for pk, percent in sorted(values.waivers.items())
    )
    data = {
        "basis": wanted.basis.value,
        "settlement": wanted.settlement.value,
        "refund": wanted.refund_unit.value,
        "sick_days": wanted.sick_days,
        "cancelled": wanted.refund_cancelled,
        "rates": [[r.first_grade, r.last_grade, str(r.amount)] for r in rates],
        "waivers": {str(pk): str(percent) for pk, percent in sorted(values.waivers.items())},
    }
    record("fees.set", subject=term, by=by, term_id=term.pk, data=data)


def _previewed(term: Term, slug: str) -> Preview:
    chosen = choice_of(term, slug)
    if chosen is None:
        raise Refused("no_period", "没有这个账期，请看收费设置。")
    plan, days, choice = chosen
    period = choice.period
    other = Charge.objects.filter(
        term=term, state=ChargeState.ISSUED, starts_on__lte=period.last, ends_on__gte=period.first
    ).exclude(label=period.label)
    if found := other.order_by("starts_on").first():
        raise Refused("other_period", f"“{found.label}”已经出过账，和“{period.label}”的日子重叠，不能两样都出。")
    return preview(term, plan, days, choice)


@transaction.atomic
def ask_issue(*, term: Term, slug: str, stamp: str, by: Actor) -> Paper:
    """Let the worker issue the statements of a period as the office saw them.

    Refused with `no_period`, `other_period`, `nothing_to_issue`, or `changed_since` where the numbers are no longer those seen.
    """
    office_user(by)
    found = _previewed(term, slug)
    if not found.to_issue:
        raise Refused("nothing_to_issue", "没有要出的账单：都已经出过，金额也没有变。")
    if found.stamp != stamp:
        raise Refused("changed_since", "预览以后数字有变动，请再看一遍。")
    title = f"{found.choice.period.label}课后服务费账单"
    return request_paper("fees_issue", title=title, params={"term": term.pk, "period": slug}, by=by)


def issue(*, term: Term, slug: str, by: Actor, progress: Progress = lambda _: None) -> tuple[int, int]:
    """Issue the statements of a period: new ones, and new versions where the amount changed. Return both numbers.

    Issued again, nothing is done twice: what stands stays.
    """
    office_user(by)
    found = _previewed(term, slug)
    rows = [row for row in found.rows if row.standing != Standing.SAME]
    new = changed = 0
    for number, chunk in enumerate(_chunks(rows)):
        progress(5 + 80 * number * CHUNK // max(1, len(rows)))
        done = _issue_some(term, found.choice.period, chunk, by)
        new, changed = new + done[0], changed + done[1]
    return new, changed


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


@transaction.atomic
def _issue_some(term: Term, period: fees.Period, rows: Iterable[Row], by: Actor) -> tuple[int, int]:
    FeePlan.objects.select_for_update().get(pk=term.pk)  # one after the other
    by_student = {row.student.pk: row for row in rows}
    mine = Charge.objects.filter(term=term, label=period.label, student_id__in=list(by_student)).order_by()
    standing = {charge.student_id: charge for charge in mine.filter(state=ChargeState.ISSUED)}
    versions = dict(mine.values_list("student_id").annotate(Max("version")))
    wanted = [
        row for pk, row in by_student.items() if pk not in standing or standing[pk].amount != row.statement.amount
    ]
    replaced = [standing[row.student.pk] for row in wanted if row.student.pk in standing]
    seen = Charge.objects.filter(pk__in=[charge.pk for charge in replaced], state=ChargeState.ISSUED)
    if seen.update(state=ChargeState.REPLACED) != len(replaced):
        raise somebody_was_faster()
    charges = Charge.objects.bulk_create(
        Charge(
            term=term,
            student=row.student,
            label=period.label,
            starts_on=period.first,
            ends_on=period.last,
            version=versions.get(row.student.pk, 0) + 1,
            amount=row.statement.amount,
            percent=row.statement.percent,
            issued_by=by.user,
            issued_at=clock.now(),
        )
        for row in wanted
    )
    ChargeLine.objects.bulk_create(
        ChargeLine(charge=charge, position=place, kind=line.kind, text=line.text, amount=line.amount)
        for charge, row in zip(charges, wanted, strict=True)
        for place, line in enumerate(row.statement.lines or (NOT_BOOKED,), 1)
    )
    record_many(
        event(
            "fees.issued",
            subject=charge,
            by=by,
            student_id=charge.student_id,
            term_id=term.pk,
            data={"version": charge.version, "amount": str(charge.amount)},
        )
        for charge in charges
    )
    _tell(term, charges, standing, wanted, by)
    return len(charges) - len(replaced), len(replaced)


NOT_BOOKED = fees.Line(LineKind.FEE, "这段时间没有参加，不收费", fees.ZERO)


def _tell(term: Term, charges: list[Charge], standing: dict[int, Charge], rows: list[Row], by: Actor) -> None:
    guardians = guardians_of_each(charge.student_id for charge in charges)
    notes = []
    for charge, row in zip(charges, rows, strict=True):
        old = standing.get(charge.student_id)
        what = "更正" if old else "账单"
        title = f"{row.student.name}：{charge.label}课后服务费{what}，应交 {fees.yuan(charge.amount)}"
        body = f"原来应交 {fees.yuan(old.amount)}。" if old else ""
        notes.append(
            Note(
                guardians.get(charge.student_id, []),
                "fee.corrected" if old else "fee.issued",
                title[:80],
                charge.student_id,
                term.pk,
                body=f"{body}怎么算的，请看账单。本站不收钱，按学校通知的办法交费。",
                url=reverse("enrollment:my-fees"),
            )
        )
    tell_many(notes, by=by)


@transaction.atomic
def withdraw_period(*, term: Term, label: str, reason: str, by: Actor) -> int:
    """Take down all statements of a period, as when it was issued under the wrong settings; return how many.

    They stay on record as replaced, payments stay as they are, the families are told why. Refused with `no_reason` or
    `nothing_to_withdraw`.
    """
    office_user(by)
    if not (reason := reason.strip()[:200]):
        raise Refused("no_reason", "请写明为什么撤下，家长会看到。")
    charges = list(Charge.objects.filter(term=term, label=label, state=ChargeState.ISSUED).select_related("student"))
    if not charges:
        raise Refused("nothing_to_withdraw", "这个账期没有有效的账单。")
    seen = Charge.objects.filter(pk__in=[charge.pk for charge in charges], state=ChargeState.ISSUED)
    if seen.update(state=ChargeState.REPLACED) != len(charges):
        raise somebody_was_faster()
    record_many(
        event("fees.withdrawn", subject=charge, by=by, student_id=charge.student_id, term_id=term.pk)
        for charge in charges
    )
    record("fees.period_withdrawn", subject=term, by=by, term_id=term.pk, data={"count": len(charges)}, note=reason)
    guardians = guardians_of_each(charge.student_id for charge in charges)
    tell_many(
        (
            Note(
                guardians.get(charge.student_id, []),
                "fee.withdrawn",
                f"{charge.student.name}：{label}课后服务费账单已撤下"[:80],
                charge.student_id,
                term.pk,
                body=f"原因：{reason}",
                url=reverse("enrollment:my-fees"),
            )
            for charge in charges
        ),
        by=by,
    )
    return len(charges)
