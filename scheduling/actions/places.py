"""Places that follow what became of the applications after the groups were made (C1-C3: no child lost, none waited for)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import event, record_many
from afterschool.school.models import Placement, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.access import need_office
from scheduling.queries.grouping import approved, idle_places, shifted_places


@transaction.atomic
def end_places(*, term: Term, places: Collection[int], by: Actor) -> int:
    """End the places of children who no longer take part, today being the last day; return how many.

    What stands for today (roll calls, the chain) is left alone. Refused with `nothing_chosen`, or with
    `somebody_was_faster` when one of them takes part again or was ended meanwhile.
    """
    need_office(by)
    rows = _seen(list(idle_places(term).filter(pk__in=set(places))), places)
    _end(rows, clock.today())
    record_many(
        event(
            "placement.ended",
            subject=row,
            by=by,
            student_id=row.student_id,
            term_id=term.pk,
            data={"group": row.group_id, "ends_on": clock.today().isoformat()},
        )
        for row in rows
    )
    return len(rows)


@transaction.atomic
def renew_weekdays(*, term: Term, places: Collection[int], by: Actor) -> int:
    """Let places follow the weekdays of the applications approved anew, from tomorrow; return how many.

    The old row ends and a new one begins, so that past days keep what was true. Refused as `end_places`.
    """
    need_office(by)
    rows = _seen(list(shifted_places(term).filter(pk__in=set(places))), places)
    _end(rows, clock.today())
    asked = dict(approved(term).order_by().values_list("student_id", "weekdays"))
    tomorrow = clock.today() + timedelta(days=1)
    new = Placement.objects.bulk_create(
        Placement(
            term=term,
            student_id=row.student_id,
            group_id=row.group_id,
            kind=row.kind,
            weekdays=asked[row.student_id],
            starts_on=max(tomorrow, row.starts_on),
        )
        for row in rows
    )
    record_many(
        event(
            "placement.weekdays_followed",
            subject=place,
            by=by,
            student_id=place.student_id,
            term_id=term.pk,
            data={"group": place.group_id, "old": row.weekdays, "new": place.weekdays},
        )
        for row, place in zip(rows, new, strict=True)
    )
    return len(new)


def _seen(rows: list[Placement], places: Collection[int]) -> list[Placement]:
    if not places:
        raise Refused("nothing_chosen", "没有要处理的孩子。")
    if len(rows) != len(set(places)):
        raise somebody_was_faster()
    return rows


def _end(rows: Sequence[Placement], last: date) -> None:
    """End rows in force; a place that never began leaves no row, history keeps the event."""
    begun = [row.pk for row in rows if row.starts_on <= last]
    never = [row.pk for row in rows if row.starts_on > last]
    if Placement.objects.filter(pk__in=begun, ends_on=None).update(ends_on=last) != len(begun):
        raise somebody_was_faster()
    if Placement.objects.filter(pk__in=never, ends_on=None).delete()[0] != len(never):
        raise somebody_was_faster()
