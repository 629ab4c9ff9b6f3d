"""Messages, for those they were sent to."""

from datetime import time

from django.db.models import F, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Channel
from afterschool.school.kinds import DAILY
from afterschool.school.models import Delivery
from afterschool.support import clock


def _past_news() -> Q:
    """News of a day that is over: a child fetched last week waits for nobody to read it."""
    return Q(message__kind__in=DAILY, message__created_at__lt=clock.at(clock.today(), time()))


def messages_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the person's own messages, unread first, then the newest."""
    return (
        Delivery.objects.filter(recipient_id=actor.user_id, channel=Channel.PORTAL)
        .select_related("message", "message__student")
        .order_by(F("read_at").asc(nulls_first=True), "-message__created_at", "-pk")
    )


def current_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the person's messages without the news of past days."""
    return messages_of(actor).exclude(_past_news())


def past_news_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the news of past days (放学, 点名), the newest first."""
    return messages_of(actor).filter(_past_news()).order_by("-message__created_at", "-pk")


def unread_of(actor: Actor) -> QuerySet[Delivery]:
    """Return what waits to be read, the newest first."""
    return current_of(actor).filter(read_at__isnull=True).order_by("-message__created_at", "-pk")


def unread_count(actor: Actor) -> int:
    """Return how many messages wait to be read."""
    return unread_of(actor).count()
