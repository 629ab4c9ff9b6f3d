"""Messages, for those they were sent to."""

from django.db.models import F, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Channel
from afterschool.school.models import Delivery


def messages_of(actor: Actor) -> QuerySet[Delivery]:
    """Return the person's own messages, unread first, then the newest."""
    return (
        Delivery.objects.filter(recipient_id=actor.user_id, channel=Channel.PORTAL)
        .select_related("message", "message__student")
        .order_by(F("read_at").asc(nulls_first=True), "-message__created_at", "-pk")
    )


def unread_count(actor: Actor) -> int:
    """Return how many messages wait to be read."""
    return messages_of(actor).filter(read_at__isnull=True).count()
