"""The one door to icalendar: plain events in, a calendar that phones subscribe to out (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from afterschool.support.clock import SHANGHAI

if TYPE_CHECKING:
    from icalendar import Component


@dataclass(frozen=True)
class Event:
    """One thing in a calendar. Without times it takes the whole day. `uid` is the same whenever the same thing is told again."""

    uid: str
    day: date
    title: str
    starts_at: time | None = None
    ends_at: time | None = None
    place: str = ""
    cancelled: bool = False
    tentative: bool = False


def calendar(name: str, events: Iterable[Event], *, made_at: datetime) -> bytes:
    """Return a calendar with these events, times in Asia/Shanghai. The same events give the same bytes."""
    from icalendar import Calendar

    book = Calendar()
    book.add("prodid", "-//afterschool//calendar//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", name)
    book.add("x-wr-timezone", SHANGHAI.key)
    book.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    book.add("x-published-ttl", "PT6H")
    rows = list(events)
    for event in rows:
        book.add_component(_component(event, made_at))
    if any(event.starts_at for event in rows):
        book.add_missing_timezones()
    return bytes(book.to_ical())


def _component(event: Event, made_at: datetime) -> "Component":
    from icalendar import Event as Entry

    row = Entry()
    row.add("uid", event.uid)
    row.add("dtstamp", made_at)
    row.add("summary", event.title)
    if event.starts_at and event.ends_at:
        row.add("dtstart", datetime.combine(event.day, event.starts_at, tzinfo=SHANGHAI))
        row.add("dtend", datetime.combine(event.day, event.ends_at, tzinfo=SHANGHAI))
    else:
        row.add("dtstart", event.day)
        row.add("dtend", event.day + timedelta(days=1))
    if event.place:
        row.add("location", event.place)
    row.add("status", "CANCELLED" if event.cancelled else "TENTATIVE" if event.tentative else "CONFIRMED")
    row.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    row.add("class", "PRIVATE")
    return row
