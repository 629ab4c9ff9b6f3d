"""Places that follow what became of the applications after the groups were made (C1-C3: no child lost, none waited for)."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.actions import placements
from afterschool.school.events import event, record_many
from afterschool.school.models import Placement, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.queries.applications import weekdays_of
from scheduling.queries.grouping import idle_places, shifted_places


@transaction.atomic
def end_places(*, term: Term, places: Collection[int], by: Actor) -> int:
    """End the places of children who no longer take part, today being the last day; return how many.

    What stands for today (roll calls, the chain) is left alone. Refused with `nothing_chosen`, or with
    `somebody_was_faster` when one of them takes part again or was ended meanwhile.
    """
    need_office(by)
    rows = _seen(list(idle_places(term).filter(pk__in=set(places))), places)
    placements.let_go([row.student_id for row in rows], starts=_tomorrow(), by=by, term=term)
    placements.end_places(_with_earlier(term, rows), starts=_tomorrow())
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
    asked = weekdays_of(term, [row.student_id for row in rows])
    new = placements.renew_weekdays(rows, term=term, starts=_tomorrow(), weekdays=asked)
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


def _with_earlier(term: Term, rows: list[Placement]) -> list[Placement]:
    """Return all places of these children that hold tomorrow or later: one may be written ahead of the open one."""
    return list(placements.places_from(term, {row.student_id for row in rows}, _tomorrow()))


def _tomorrow() -> date:
    return clock.today() + timedelta(days=1)
