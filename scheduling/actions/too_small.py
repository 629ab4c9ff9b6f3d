"""A club that stays under its smallest size: kept, merged into another, or closed (D3). Families are told why."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.club_places import TAKING, Wish, free_places, take_places
from scheduling.actions.clubs import close_club
from scheduling.actions.swapping import drop_swaps
from scheduling.actions.waiting import STANDING, need_chooser
from scheduling.enums import ClubState, PlaceSource, PlaceState, RoundState, TooSmall, WaitState
from scheduling.models import Club, ClubPlace, ClubSwap, ClubWait, RoundClub

AGAIN = "您可以在下一轮先选别的社团，开始时会通知您。"


def _decide(offer: RoundClub, as_what: TooSmall, by: Actor, into: Club | None = None) -> None:
    need_office(by)
    if offer.round.state != RoundState.CONFIRMED:
        raise Refused("wrong_state", "这一轮的结果还没有确认，先确认再决定。")
    seen = RoundClub.objects.filter(pk=offer.pk, too_small=offer.too_small).exclude(
        too_small__in=[TooSmall.MERGED, TooSmall.CLOSED]
    )
    if seen.update(too_small=as_what, merged_into=into) != 1:
        raise somebody_was_faster()
    offer.too_small, offer.merged_into = as_what, into
    data = {"club": offer.club_id, "as": str(as_what), "into": into.pk if into else None}
    record("club.too_small", subject=offer.club, by=by, term_id=offer.round.term_id, data=data)


@transaction.atomic
def keep_small(*, offer: RoundClub, by: Actor) -> None:
    """Let a club run with fewer children than its smallest size."""
    _decide(offer, TooSmall.KEPT, by)


@transaction.atomic
def merge_club(*, offer: RoundClub, into: Club, by: Actor) -> int:
    """Move a club's children into another with room, and close it; return how many moved.

    Each family is told and may say no (`leave_merged`); who doesn't fit the other club is told to choose again. Refused:
    `same_club`, `wrong_state`, `no_room`.
    """
    if into.pk == offer.club_id or into.state != ClubState.APPROVED:
        raise Refused("same_club", "请选另一个已批准的社团。")
    club = offer.club
    places = list(ClubPlace.objects.filter(club=club, state__in=TAKING).select_related("club", "student"))
    if into.largest - into.taken < len(places):
        raise Refused("no_room", f"“{into.name}”只剩{into.largest - into.taken}个名额，放不下{len(places)}人。")
    _decide(offer, TooSmall.MERGED, by, into)
    _shut(club, places, f"人数不到{club.smallest}人，并入“{into.name}”", by)
    starts = clock.today() + timedelta(days=1)
    wishes = [Wish(place.student_id, into.pk, f"由“{club.name}”并入") for place in places]
    taken = take_places(term=club.term, wishes=wishes, source=PlaceSource.OFFICE, starts_on=starts, by=by)
    moved = {place.student_id for place in taken.places}
    ClubPlace.objects.filter(club=club, student__in=moved, displaced_at__isnull=False).update(displaced_at=None)
    lost = [place for place in places if place.student_id not in moved]
    came = [place for place in places if place.student_id in moved]
    body = f"{club.name}人数不到{club.smallest}人，和{into.name}合并，从{starts.month}月{starts.day}日起参加。"
    _tell(came, f"{club.name}并入{into.name}", body + "不想去可以不参加，再选别的社团。", by)
    _tell(lost, f"{club.name}停办", f"{club.name}人数不到，并入的社团孩子不能参加。{AGAIN}", by)
    return len(moved)


@transaction.atomic
def close_small(*, offer: RoundClub, reason: str, by: Actor) -> int:
    """Close a club for a reason that its families read; they choose first in the next round. Return how many children it was.

    Refused: `no_reason`, `wrong_state`.
    """
    if not reason.strip():
        raise Refused("no_reason", "请写明停办的原因，家长会看到。")
    club = offer.club
    places = list(ClubPlace.objects.filter(club=club, state__in=TAKING).select_related("club", "student"))
    _decide(offer, TooSmall.CLOSED, by)
    _shut(club, places, reason.strip(), by)
    _tell(places, f"{club.name}停办", f"{reason.strip()}{AGAIN}", by)
    return len(places)


def _shut(club: Club, places: Sequence[ClubPlace], reason: str, by: Actor) -> None:
    """Free the places of a club, note whom it displaced, end its waiting list and close it."""
    drop_swaps(places)
    ClubSwap.objects.filter(to_club=club, state="open").update(state="cancelled")
    ClubWait.objects.filter(club=club, state__in=STANDING).update(state=WaitState.LEFT)
    free_places(places=places, ends_on=clock.today(), by=by)
    ClubPlace.objects.filter(pk__in=[place.pk for place in places]).update(displaced_at=clock.now())
    club.refresh_from_db()
    close_club(club=club, reason=reason, by=by)


@transaction.atomic
def leave_merged(*, place: ClubPlace, by: Actor) -> None:
    """Say no to the club one's own was merged into: the place is free at once, and the family chooses first again.

    Refused: `not_yours`, `not_merged`, `wrong_state`.
    """
    need_chooser([place.student_id], by)
    old = ClubPlace.objects.filter(
        student=place.student_id, state=PlaceState.LEFT, club__offers__merged_into=place.club_id
    ).first()
    if place.source != PlaceSource.OFFICE or old is None:
        raise Refused("not_merged", "这个名额不是合并来的，可以申请退出。")
    if place.state != PlaceState.HELD:
        raise Refused("wrong_state", f"现在是“{place.get_state_display()}”。")
    drop_swaps([place])
    if free_places(places=[place], ends_on=clock.today(), by=by) != 1:
        raise somebody_was_faster()
    ClubPlace.objects.filter(pk=old.pk).update(displaced_at=clock.now())
    data = {"club": place.club_id}
    record(
        "club.merge_declined", subject=place, by=by, student_id=place.student_id, term_id=place.club.term_id, data=data
    )


def _tell(places: Sequence[ClubPlace], title: str, body: str, by: Actor) -> None:
    guardians = guardians_of_each(place.student_id for place in places)
    tell_many(
        (
            Note(
                guardians.get(place.student_id, []),
                "choosing.closed",
                f"{place.student.name}：{title}",
                student_id=place.student_id,
                term_id=place.club.term_id,
                body=body,
                url=reverse("scheduling:my-clubs"),
            )
            for place in places
        ),
        by=by,
    )
