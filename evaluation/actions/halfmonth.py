"""Half-monthly figures: made when they are due, columns set by the office, sent and so frozen, corrected by a new version (H1)."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor, office_user
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Term
from afterschool.school.told import office_accounts
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import PaperState
from evaluation.halfmonth import BY_KEY, COLUMNS, Span, own_key
from evaluation.models import FigureColumn, HalfMonth
from evaluation.queries import halfmonth as queries
from evaluation.seen import check_seen

MOST_COLUMNS = 24
LONGEST_TITLE = 30
LONGEST_VALUE = 40


@transaction.atomic
def make_due(term: Term, *, by: Actor) -> list[HalfMonth]:
    """Begin the report of each due day that has come, once; the office is told. Run by time itself, any number of times."""
    today = clock.today()
    there = set(HalfMonth.objects.filter(term=term).values_list("due_on", flat=True))
    made = []
    for span in queries.spans_of(term):
        if span.due_on > today or span.due_on in there:
            continue
        row, new = HalfMonth.objects.get_or_create(
            term=term,
            due_on=span.due_on,
            version=1,
            defaults={"first_day": span.first, "last_day": span.last, "made_at": clock.now()},
        )
        if new:
            record("half_month.made", subject=row, by=by, term_id=term.pk)
            made.append(row)
    for row in made[-1:]:  # of several at once only the last is news
        tell(
            office_accounts(),
            kind="half_month.made",
            title=f"{row.due_on.month}月{row.due_on.day}日的双减数据已算好，请核对后上报",
            url=reverse("evaluation:figures-report", args=[row.pk]),
            term=term,
            by=by,
        )
    return made


@transaction.atomic
def send(report: HalfMonth, *, seen: str = "", by: Actor) -> HalfMonth:
    """Freeze a report as it was sent: numbers, columns and what was typed. `seen`: the fingerprint of what was looked at.

    Refused: not_yours, not_due, somebody_was_faster, changed_meanwhile.
    """
    office_user(by)
    if report.due_on > clock.today():
        raise Refused("not_due", "还没到上报日。")
    span = Span(report.due_on, report.first_day, report.last_day)
    found = queries.figures(report.term, span)
    columns = [{"id": head.id, "key": head.key, "title": head.title} for head in queries.heads(report.term)]
    now = clock.now()
    changed = HalfMonth.objects.filter(pk=report.pk, state=PaperState.DRAFT).update(
        state=PaperState.SENT, figures=found.as_data(), columns=columns, sent_by=by.user, sent_at=now, made_at=now
    )
    if changed != 1:
        raise somebody_was_faster()
    check_seen(seen, found.as_data())
    earlier = HalfMonth.objects.filter(term=report.term_id, due_on=report.due_on, state=PaperState.SENT)
    earlier.exclude(pk=report.pk).update(state=PaperState.REPLACED)
    record("half_month.sent", subject=report, by=by, term_id=report.term_id, data={"version": report.version})
    report.refresh_from_db()
    return report


@transaction.atomic
def correct(report: HalfMonth, *, reason: str, by: Actor) -> HalfMonth:
    """Begin a new version of a report that was sent; the old one stands until the new one is sent.

    Refused: not_yours, not_sent, no_reason, begun_already.
    """
    office_user(by)
    if report.state != PaperState.SENT:
        raise Refused("not_sent", "还没有上报，可以直接改。")
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么更正。")
    try:
        with transaction.atomic():
            row = HalfMonth.objects.create(
                term_id=report.term_id,
                due_on=report.due_on,
                first_day=report.first_day,
                last_day=report.last_day,
                version=report.version + 1,
                typed=report.typed,
                reason=reason.strip()[:200],
                made_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("begun_already", "这一期的更正已经开始。") from None
    record("half_month.corrected", subject=row, by=by, term_id=row.term_id, note=reason.strip())
    return row


@transaction.atomic
def drop_correction(report: HalfMonth, *, by: Actor) -> None:
    """Give up a correction that was not sent. Refused: not_yours, not_a_correction."""
    office_user(by)
    gone, _ = HalfMonth.objects.filter(pk=report.pk, state=PaperState.DRAFT, version__gt=1).delete()
    if not gone:
        raise Refused("not_a_correction", "这一份不是没上报的更正，不能放弃。")
    record("half_month.dropped", subject=report, by=by, term_id=report.term_id, data={"version": report.version})


@transaction.atomic
def type_in(report: HalfMonth, *, values: Mapping[str, Mapping[str, str]], by: Actor) -> None:
    """Keep what the office types into the school's own columns: by column id, then by grade ("" is the school).

    Refused: not_yours, sent (a report that was sent stands), too_long.
    """
    office_user(by)
    own = {str(head.id) for head in queries.heads(report.term) if not head.key}
    kept = {
        column: {grade: text.strip() for grade, text in cells.items() if text.strip()}
        for column, cells in values.items()
        if column in own
    }
    if any(len(text) > LONGEST_VALUE for cells in kept.values() for text in cells.values()):
        raise Refused("too_long", f"一格最多 {LONGEST_VALUE} 个字。")
    if HalfMonth.objects.filter(pk=report.pk, state=PaperState.DRAFT).update(typed=kept) != 1:
        raise Refused("sent", "这一份已经上报，要改请先做更正。")
    record("half_month.typed", subject=report, by=by, term_id=report.term_id)


@transaction.atomic
def set_columns(term: Term, *, columns: Sequence[tuple[str, str, bool]], by: Actor) -> None:
    """Set the columns of the reports from now on, in this order: (key, title, active); without a key a new one of the school's.

    The school's own that stands already has the key `own_key`, so that a new name keeps what was typed under the old one.
    Reports that were sent keep their columns. Refused: not_yours, no_title, no_columns, column_twice, too_many.
    """
    office_user(by)
    if not any(active for _, _, active in columns):
        raise Refused("no_columns", "至少要有一列。")
    if len(columns) > MOST_COLUMNS:
        raise Refused("too_many", f"最多 {MOST_COLUMNS} 列。")
    keys = [key for key, _, _ in columns if key]
    standing = {row.key or own_key(row.pk): row for row in FigureColumn.objects.filter(term=term)}
    if len(set(keys)) < len(keys) or not set(keys) <= {*BY_KEY, *standing}:
        raise Refused("column_twice", "同一列写了两次，请刷新页面再试。")
    titles = [title.strip()[:LONGEST_TITLE] for _, title, _ in columns]
    if not all(titles):
        raise Refused("no_title", "每一列都要有列名。")
    if len(set(titles)) < len(titles):
        raise Refused("column_twice", "有两列的列名相同，请改成不同的。")
    same = {row.title: row for key, row in standing.items() if not row.key and key not in keys}  # a second tap
    kept = []
    for position, ((key, _, active), title) in enumerate(zip(columns, titles, strict=True), 1):
        row = (standing.get(key) if key else same.get(title)) or FigureColumn(term=term, key=key)
        row.title, row.position, row.active = title, position, active
        row.save()
        kept.append(row.pk)
    FigureColumn.objects.filter(term=term).exclude(pk__in=kept).delete()
    record("half_month.columns_set", subject=term, by=by, term_id=term.pk)


def usual_columns() -> list[tuple[str, str, bool]]:
    """Return all columns that the portal can fill, the usual ones on."""
    return [(column.key, column.title, column.usual) for column in COLUMNS]


def due_soon(term: Term, today: date) -> Span | None:
    """Return the next report that is not yet due."""
    return next((span for span in queries.spans_of(term) if span.due_on > today), None)
