"""Papers, for those who asked for them."""

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import Paper


def papers_of(actor: Actor) -> QuerySet[Paper]:
    """Return the papers this person asked for; nobody else's."""
    return Paper.objects.filter(requested_by_id=actor.user_id)
