"""When nobody from outside is let in: round each dismissal, while children leave (plan section 9 (2) and (4); E7).

Hours that touch or overlap are one. At `until` people come in again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, order=True)
class Hours:
    """A time in which nobody is let in."""

    since: datetime
    until: datetime


def closed_hours(dismissals: Iterable[datetime], before: int, after: int) -> list[Hours]:
    """Return the hours round these dismissals, `before` and `after` in minutes, in order; none where both are 0."""
    found: list[Hours] = []
    for at in sorted(set(dismissals)):
        since, until = at - timedelta(minutes=before), at + timedelta(minutes=after)
        if since == until:
            continue
        if found and since <= found[-1].until:
            found[-1] = Hours(found[-1].since, max(found[-1].until, until))
        else:
            found.append(Hours(since, until))
    return found


def closed_at(now: datetime, dismissals: Iterable[datetime], before: int, after: int) -> Hours | None:
    """Return the hours that `now` falls into, so that a page can say until when; nothing while people are let in."""
    hours = closed_hours(dismissals, before, after)
    return next((one for one in hours if one.since <= now < one.until), None)
