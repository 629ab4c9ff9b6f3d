"""The allowance: rates set by the school, a month's list sent and so frozen, corrected by a new version (G5)."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor, office_user
from afterschool.school.events import record
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import PaperState, PayKind
from evaluation.models import AllowanceLine, AllowanceList, AllowanceRate
from evaluation.month import Month
from evaluation.queries import allowance as queries
from evaluation.queries.work_done import month_is_over
from evaluation.seen import check_seen

MOST = Decimal(10_000)  # yuan a turn


@transaction.atomic
def set_rate(term: Term, *, kind: str, starts_on: date, rate: str, by: Actor) -> AllowanceRate:
    """Set what a kind of work is paid a turn from a day on; the same day again mends it. Sent lists stay as they are.

    Refused: not_yours, no_kind, not_in_term, no_amount.
    """
    office_user(by)
    if kind not in PayKind.values:
        raise Refused("no_kind", "请选做什么。")
    if not term.starts_on <= starts_on <= term.ends_on:
        raise Refused("not_in_term", "日期要在学期以内。")
    try:
        amount = Decimal(rate.strip())
    except InvalidOperation:
        raise Refused("no_amount", "请写每次多少元，例如 60 或 62.50。") from None
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != amount.quantize(Decimal("0.01")):
        raise Refused("no_amount", "每次多少元要在 0 到 10000 之间，最多两位小数。")
    row, _ = AllowanceRate.objects.update_or_create(
        term=term, kind=kind, starts_on=starts_on, defaults={"rate": amount}
    )
    record(
        "allowance.rate_set",
        subject=row,
        by=by,
        term_id=term.pk,
        data={"kind": kind, "from": starts_on.isoformat(), "rate": str(amount)},
    )
    return row


@transaction.atomic
def drop_rate(rate: AllowanceRate, *, by: Actor) -> None:
    """Take a rate back. Refused: not_yours."""
    office_user(by)
    record(
        "allowance.rate_dropped",
        subject=rate,
        by=by,
        term_id=rate.term_id,
        data={"kind": rate.kind, "from": rate.starts_on.isoformat(), "rate": str(rate.rate)},
    )
    rate.delete()


@transaction.atomic
def begin(term: Term, month: Month, *, by: Actor) -> AllowanceList:
    """Begin a month's list, counted anew whenever it is opened until it is sent. Refused: not_yours, not_yet."""
    user = office_user(by)
    if month.first > clock.today():
        raise Refused("not_yet", "这个月还没到。")
    row, new = AllowanceList.objects.get_or_create(
        term=term, month=month.first, version=1, defaults={"made_by": user, "made_at": clock.now()}
    )
    if new:
        record("allowance.made", subject=row, by=by, term_id=term.pk)
    standing = AllowanceList.objects.filter(term=term, month=month.first).exclude(state=PaperState.REPLACED)
    return standing.order_by("-version").first() or row


@transaction.atomic
def send(row: AllowanceList, *, seen: str = "", by: Actor) -> AllowanceList:
    """Freeze a list as it goes to the finance office. `seen`: the fingerprint of what was looked at.

    Refused: not_yours, month_runs, no_rate, somebody_was_faster, changed_meanwhile.
    """
    office_user(by)
    found = queries.allowance_of(row)
    if not month_is_over(found.month.last):
        raise Refused("month_runs", "这个月还没过完，下月再交。")
    if found.no_rate:
        kinds = "、".join(kind.label for kind in found.no_rate)
        raise Refused("no_rate", f"{kinds}还没有标准，请先设置。不发的写 0。")
    lines = queries.lines_of(row)
    check_seen(seen, found.as_data())
    now = clock.now()
    changed = AllowanceList.objects.filter(pk=row.pk, state=PaperState.DRAFT).update(
        state=PaperState.SENT, sent_by=by.user, sent_at=now
    )
    if changed != 1:
        raise somebody_was_faster()
    AllowanceLine.objects.bulk_create(
        AllowanceLine(
            list=row,
            teacher_id=line.teacher,
            kind=line.kind,
            turns=line.turns,
            minutes=line.minutes,
            rate=None if line.rate is None else Decimal(line.rate) / 100,
            amount=Decimal(line.cents) / 100,
        )
        for line in lines
    )
    same = AllowanceList.objects.filter(term=row.term_id, month=row.month, state=PaperState.SENT)
    same.exclude(pk=row.pk).update(state=PaperState.REPLACED)
    record("allowance.sent", subject=row, by=by, term_id=row.term_id, data={"cents": found.cents})
    row.refresh_from_db()
    return row


@transaction.atomic
def correct(row: AllowanceList, *, reason: str, by: Actor) -> AllowanceList:
    """Begin a new version of a list that was sent. Refused: not_yours, not_sent, no_reason, begun_already."""
    user = office_user(by)
    if row.state != PaperState.SENT:
        raise Refused("not_sent", "还没有上报，可以直接改。")
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么更正。")
    try:
        with transaction.atomic():
            made = AllowanceList.objects.create(
                term_id=row.term_id,
                month=row.month,
                version=row.version + 1,
                reason=reason.strip()[:200],
                made_by=user,
                made_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("begun_already", "这个月的更正已经开始。") from None
    record("allowance.corrected", subject=made, by=by, term_id=row.term_id, note=reason.strip())
    return made


@transaction.atomic
def drop_correction(row: AllowanceList, *, by: Actor) -> None:
    """Give up a correction that was not sent; the list that was sent stands. Refused: not_yours, not_a_correction."""
    office_user(by)
    gone, _ = AllowanceList.objects.filter(pk=row.pk, state=PaperState.DRAFT, version__gt=1).delete()
    if not gone:
        raise Refused("not_a_correction", "这一份不是没固定的更正，不能放弃。")
    record("allowance.dropped", subject=row, by=by, term_id=row.term_id, data={"version": row.version})
