"""A person's calendar as a feed: as little as possible, since it lies on servers that are not the school's."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.utils.crypto import salted_hmac

from afterschool.calendars.entries import entries_of
from afterschool.calendars.values import Entry
from afterschool.school.access import Actor, actor_for
from afterschool.school.models import School, Term
from afterschool.support import clock, ics
from scheduling.models import CalendarFeed

KEPT = timedelta(days=31)  # of what is past


def feed_bytes(feed: CalendarFeed, school: School, term: Term | None) -> bytes:
    """Return the feed of a person, from a month back to the end of the term."""
    actor = actor_for(feed.user)
    events = _events(actor, term) if term is not None else ()
    return ics.calendar(f"{school.name}课后服务", events, made_at=feed.made_at)


def _events(actor: Actor, term: Term) -> Iterator[ics.Event]:
    for entry in entries_of(actor, term, clock.today() - KEPT, term.ends_on):
        yield ics.Event(
            uid=_uid(actor, entry),
            day=entry.date,
            title=f"{entry.outside}（取消）" if entry.cancelled else entry.outside,
            starts_at=entry.starts_at,
            ends_at=entry.ends_at,
            place=entry.outside_place,
            cancelled=entry.cancelled,
            tentative=entry.tentative,
        )


def _uid(actor: Actor, entry: Entry) -> str:
    """Return a name that says nothing and never changes: the key itself would number children."""
    return f"{salted_hmac('calendar.uid', f'{actor.user_id}|{entry.key}').hexdigest()[:32]}@afterschool"


def etag_of(content: bytes) -> str:
    """Return the mark of a feed's content."""
    return f'"{sha256(content).hexdigest()[:32]}"'
