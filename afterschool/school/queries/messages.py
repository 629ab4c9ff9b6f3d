"""Messages, for those they were sent to."""

from datetime import datetime, time

from django.db.models import F, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Channel
from afterschool.school.kinds import DAILY
from afterschool.school.models import Delivery
from afterschool.support import clock


def midnight() -> datetime:
    """Return when today began: news of a day that is over waits for nobody to read it."""
    return clock.at(clock.today(), time())


def _past_news(before: datetime) -> Q:
    return Q(message__kind__in=DAILY, message__created_at__lt=before)


def messages_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the person's own messages, unread first, then the newest."""
    return (
        Delivery.objects.filter(recipient_id=actor.user_id, channel=Channel.PORTAL)
        .select_related("message", "message__student")
        .order_by(F("read_at").asc(nulls_first=True), "-message__created_at", "-pk")
    )


def current_of(actor: Actor, since: datetime | None = None) -> QuerySet[Delivery]:
    """Return the person's messages without the news of past days (before `since`, if not before today)."""
    return messages_of(actor).exclude(_past_news(since or midnight()))


def past_news_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the news of past days (放学, 点名), the newest first."""
    return messages_of(actor).filter(_past_news(midnight())).order_by("-message__created_at", "-pk")


def unread_of(actor: Actor, since: datetime | None = None) -> QuerySet[Delivery]:
    """Return what waits to be read, the newest first."""
    return current_of(actor, since).filter(read_at__isnull=True).order_by("-message__created_at", "-pk")


def unread_count(actor: Actor) -> int:
    """Return how many messages wait to be read."""
    return unread_of(actor).count()
