"""Children fetched late again and again (plan: duty list, late care), counted to be talked about and never ranked.

Late is who leaves after dismissal and grace without a late pick-up that a guardian asked for beforehand. Minutes are those
past dismissal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class Leaving:
    """How a child left on one day."""

    student: int
    day: date
    dismissal: datetime
    left: datetime
    asked: bool = False  # a guardian asked for a late pick-up that day


def minutes_late(dismissal: datetime, left: datetime, grace: int) -> int:
    """Return the whole minutes past dismissal, or 0 within the grace (minutes)."""
    late = left - dismissal
    return int(late.total_seconds() // 60) if late > timedelta(minutes=grace) else 0


def is_late(leaving: Leaving, grace: int) -> bool:
    """Tell whether this counts: past dismissal and grace, and nobody asked for it."""
    return not leaving.asked and minutes_late(leaving.dismissal, leaving.left, grace) > 0


def frequent(
    leavings: Iterable[Leaving], *, grace: int, times: int, days: int, today: date
) -> dict[int, list[Leaving]]:
    """Return the late days of each child who was late at least `times` in the last `days` days, today among them."""
    first = today - timedelta(days=days - 1)
    found: dict[int, list[Leaving]] = {}
    for one in leavings:
        if first <= one.day <= today and is_late(one, grace):
            found.setdefault(one.student, []).append(one)
    return {student: sorted(late, key=lambda one: one.day) for student, late in found.items() if len(late) >= times}


def is_open(opens_at: time | None, closes_at: time | None, now: time) -> bool:
    """Tell whether a place of late care takes children at this hour; without an hour it always does."""
    return (opens_at is None or opens_at <= now) and (closes_at is None or now < closes_at)
