"""What other moves make of lists that wait: a child taken over by a roll call counts as taken, one that left does not."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from afterschool.school.access import Actor
from attendance.custody import State
from attendance.enums import OfferState
from attendance.models import Handover, HandoverOffer, OfferChild


def follow_offers(links: Sequence[Handover], *, by: Actor, now: datetime) -> None:
    """Settle waiting offers of children who have just been moved by another act: one query where there are none.

    A list on which nobody waits any more is answered: accepted if somebody came, else taken back.
    """
    moved = {link.child_day_id: link for link in links}
    waiting = OfferChild.objects.filter(child_day__in=moved, taken=None, offer__state=OfferState.WAITING)
    rows = list(waiting.select_related("offer"))
    if not rows:
        return
    arrived = [row.pk for row in rows if _arrived(row.offer, moved[row.child_day_id])]
    OfferChild.objects.filter(pk__in=arrived).update(taken=True)
    OfferChild.objects.filter(pk__in=[row.pk for row in rows if row.pk not in arrived]).update(taken=False)
    still = OfferChild.objects.filter(offer=OuterRef("pk"), taken=None)
    came = OfferChild.objects.filter(offer=OuterRef("pk"), taken=True)
    ended = HandoverOffer.objects.filter(pk__in={row.offer_id for row in rows}, state=OfferState.WAITING)
    answer = {"answered_by": by.user, "answered_at": now}
    ended.filter(Exists(came) & ~Exists(still)).update(state=OfferState.ACCEPTED, **answer)
    ended.exclude(Exists(came) | Exists(still)).update(state=OfferState.WITHDRAWN, **answer)


def _arrived(offer: HandoverOffer, link: Handover) -> bool:
    """Tell whether a move brought the child to where it was offered, with somebody else than the giver."""
    if link.to_holder_id is None or link.to_holder_id == offer.giver_id:
        return False
    if offer.to_session_id is not None:
        return link.at_session_id == offer.to_session_id and link.to_state in (State.GROUP, State.CLUB)
    return link.to_state == State.STAFF and link.to_holder_id == offer.receiver_id
