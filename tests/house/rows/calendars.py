"""Calendars: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from afterschool.support import clock
from scheduling.feeds import token_of
from scheduling.models import CalendarFeed
from tests.house.access_base import ANYBODY, WORLD, Row, each

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    *each("calendars:mine calendars:feed-make calendars:feed-stop", ("", ANYBODY)),
    # A phone asks without login: the key is the right. It opens the calendar of its own person and nothing else.
    ("calendars:feed", "calendar_key", WORLD),
]


def furnish(world: "World") -> None:
    """Put the things of these rows into the world."""
    feed = CalendarFeed.objects.create(user=world.cast.leading_group.user, made_at=clock.now())
    world.keep(calendar_key={"token": token_of(feed)})
