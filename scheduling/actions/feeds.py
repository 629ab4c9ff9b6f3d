"""The secret address of a person's calendar: made, made anew, switched off."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.support import clock
from scheduling.models import CalendarFeed


@transaction.atomic
def make_feed(*, by: Actor) -> CalendarFeed:
    """Give the person a new address; the one before, if any, is dead from now on."""
    if by.user is None:
        raise PermissionDenied
    now = clock.now()
    feed, new = CalendarFeed.objects.get_or_create(user=by.user, defaults={"made_at": now})
    if not new:
        CalendarFeed.objects.filter(pk=feed.pk).update(version=F("version") + 1, made_at=now, stopped_at=None)
        feed.refresh_from_db()
    record("feed.made", subject=feed, by=by, data={"version": feed.version})
    return feed


@transaction.atomic
def stop_feed(*, by: Actor) -> bool:
    """Switch the person's address off; tell whether there was one. The row stays, so that no old key comes alive again."""
    if by.user is None:
        raise PermissionDenied
    rows = CalendarFeed.objects.filter(pk=by.user.pk, stopped_at__isnull=True)
    if rows.update(stopped_at=clock.now()) != 1:
        return False
    record("feed.stopped", subject=CalendarFeed.objects.get(pk=by.user.pk), by=by)
    return True
