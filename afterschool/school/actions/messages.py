"""What a person does with own messages."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.models import Delivery
from afterschool.school.queries.messages import messages_of
from afterschool.support import clock


@transaction.atomic
def mark_read(*, delivery: Delivery, by: Actor) -> bool:
    """Keep when the person first opened a message; again changes nothing. Return whether it was new."""
    unread = Delivery.objects.filter(pk=delivery.pk, recipient_id=by.user_id, read_at__isnull=True)
    return bool(unread.update(read_at=clock.now()))


@transaction.atomic
def mark_all_read(*, by: Actor) -> int:
    """Mark all own messages as read. Return how many were unread."""
    unread = messages_of(by).filter(read_at__isnull=True).order_by().values("pk")
    return Delivery.objects.filter(pk__in=unread).update(read_at=clock.now())
