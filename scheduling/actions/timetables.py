"""Timetables of the grade bands, and the periods they cut the day into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.models import GradeBand, Term
from afterschool.support.refusal import Refused
from scheduling.actions.club_follow import reseat
from scheduling.actions.sessions import hours_changed
from scheduling.enums import SlotKind
from scheduling.hours import cut
from scheduling.models import Period, Slot, SlotPart, Timetable
from scheduling.queries.sessions import hours_of_term


@dataclass(frozen=True)
class Part:
    """What happens in a slot; side by side with the part before it, or after it in turn."""

    kind: SlotKind
    text: str
    place: str = ""
    side_by_side: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a timetable."""

    starts_at: time
    ends_at: time
    parts: Sequence[Part]


@transaction.atomic
def put_timetable(
    *,
    band: GradeBand,
    weekdays: str,
    valid_from: date | None,
    dismissal: time,
    rows: Sequence[Row],
    by: Actor,
    timetable: Timetable | None = None,
) -> Timetable:
    """Write a timetable whole (plan section 6 (5)): a new one, or `timetable` anew. Sessions to come follow it.

    Refused with `no_rows`, `rows_in_disorder` (an end before its start, lines that overlap), `no_weekday`,
    `dismissal_early` (before the last line ends) or `timetable_twice` (same band, weekdays and season).
    """
    need_office(by)
    rows = _checked(rows, weekdays, dismissal)
    twins = Timetable.objects.filter(band=band, weekdays=weekdays, valid_from=valid_from)
    if twins.exclude(pk=timetable.pk if timetable else 0).exists():
        raise Refused("timetable_twice", "这个年级段在同样的日子已有一份课表。")
    if timetable is None:
        timetable = Timetable.objects.create(band=band, weekdays=weekdays, valid_from=valid_from, dismissal=dismissal)
    else:
        Timetable.objects.filter(pk=timetable.pk).update(weekdays=weekdays, valid_from=valid_from, dismissal=dismissal)
    _write_rows(timetable, rows)
    record("timetable.put", subject=timetable, by=by, term_id=band.term_id, data={"band": band.pk, "rows": len(rows)})
    follow_timetables(band.term)
    return timetable


@transaction.atomic
def remove_timetable(*, timetable: Timetable, by: Actor) -> None:
    """Take a timetable away; refused with `last_timetable` while it is the only one of its band."""
    need_office(by)
    if not Timetable.objects.filter(band=timetable.band).exclude(pk=timetable.pk).exists():
        raise Refused("last_timetable", "这个年级段只有这一份课表，不能删除。")
    record("timetable.removed", subject=timetable, by=by, term_id=timetable.band.term_id)
    term = timetable.band.term
    timetable.delete()
    follow_timetables(term)


def follow_timetables(term: Term) -> None:
    """Cut the term's day anew at all boundaries, and let the sessions to come follow the hours."""
    tables = {hours.id: hours for rows in hours_of_term(term).values() for hours in rows}
    Period.objects.filter(term=term).delete()
    Period.objects.bulk_create(
        Period(term=term, number=s.number, starts_at=s.starts_at, ends_at=s.ends_at) for s in cut(tables.values())
    )
    reseat(term)
    hours_changed(term)


def _checked(rows: Sequence[Row], weekdays: str, dismissal: time) -> list[Row]:
    rows = sorted(rows, key=lambda row: row.starts_at)
    if not rows or not all(row.parts for row in rows):
        raise Refused("no_rows", "课表至少要有一个时段，每个时段至少一项内容。")
    if not weekdays:
        raise Refused("no_weekday", "请选适用的星期。")
    if any(row.ends_at <= row.starts_at for row in rows) or any(b.starts_at < a.ends_at for a, b in pairwise(rows)):
        raise Refused("rows_in_disorder", "时段的结束要晚于开始，各时段不能重叠。")
    if dismissal < rows[-1].ends_at:
        raise Refused("dismissal_early", "放学不能早于最后一个时段结束。")
    return rows


def _write_rows(timetable: Timetable, rows: Sequence[Row]) -> None:
    Slot.objects.filter(timetable=timetable).delete()
    slots = Slot.objects.bulk_create(
        Slot(timetable=timetable, number=n, starts_at=row.starts_at, ends_at=row.ends_at)
        for n, row in enumerate(rows, 1)
    )
    SlotPart.objects.bulk_create(
        SlotPart(
            slot=slot,
            position=n,
            side_by_side=part.side_by_side and n > 1,
            kind=part.kind,
            text=part.text,
            place=part.place,
        )
        for slot, row in zip(slots, rows, strict=True)
        for n, part in enumerate(row.parts, 1)
    )
