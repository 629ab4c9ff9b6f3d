"""Who is told of a list handed over: the receiver that it waits, the giver what was not received."""

from collections.abc import Sequence

from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.messaging import tell
from attendance.models import ChildDay, HandoverOffer

NAMES_SHOWN = 8


def destination(made: HandoverOffer) -> str:
    """Return where the children of an offer go, in words."""
    return made.to_session.group.name if made.to_session else made.place


def offer_url(made: HandoverOffer) -> str:
    """Return the address of an offer."""
    return reverse("attendance:offer", args=[made.pk])


def tell_receiver(made: HandoverOffer, children: int, *, by: Actor) -> None:
    """Tell who is to receive that a list waits; no child is named."""
    if made.receiver is None or made.receiver.user_id is None:
        return
    tell(
        [made.receiver.user_id],
        kind="custody.offer",
        title=f"{made.giver.name}交来 {children} 个孩子：{destination(made)}",
        body=made.reason,
        url=offer_url(made),
        term=made.term,
        by=by,
    )


def tell_giver_not_received(made: HandoverOffer, children: Sequence[ChildDay], *, by: Actor) -> None:
    """Tell the giver, who still answers for them, which children did not come."""
    names = "、".join(child.student.name for child in children[:NAMES_SHOWN])
    more = f"等 {len(children)} 人" if len(children) > NAMES_SHOWN else ""
    _tell_giver(
        made,
        title=f"{names}{more}没到{destination(made)}",
        body="对方没有接到，孩子仍由您负责。不在您身边的，请马上记“未到”去找。",
        by=by,
    )


def tell_giver_of_objection(made: HandoverOffer, *, by: Actor) -> None:
    """Tell the giver that the whole list stays."""
    who = made.answered_by.name if made.answered_by else ""
    _tell_giver(
        made, title=f"{who}没有接收{destination(made)}的名单", body=f"{made.objection}。孩子仍由您负责。", by=by
    )


def _tell_giver(made: HandoverOffer, *, title: str, body: str, by: Actor) -> None:
    if made.giver.user_id is None:
        return
    tell(
        [made.giver.user_id],
        kind="custody.not_received",
        title=title,
        body=body.replace("。。", "。"),
        url=offer_url(made),
        term=made.term,
        by=by,
    )
