"""Two families who want each other's club exchange their places at once (D3)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.club_places import free_places, take_place
from scheduling.actions.waiting import need_chooser
from scheduling.enums import PlaceSource, PlaceState, SwapState
from scheduling.models import Club, ClubPlace, ClubSwap
from scheduling.place_rules import fits
from scheduling.queries.club_places import book_without


@transaction.atomic
def want_swap(*, place: ClubPlace, to_club: Club, by: Actor) -> ClubSwap:
    """Note that a family would give its place for one in another club; exchange at once where another wants the reverse.

    Refused: `not_yours`, `reserved`, `wrong_state`, `same_club`, the codes of `fits`. A second tap changes nothing.
    """
    need_chooser([place.student_id], by)
    if place.source == PlaceSource.RESERVED:
        raise Refused("reserved", "学校预留的名额由学校安排，不能互换。")
    if place.state != PlaceState.HELD:
        raise Refused("wrong_state", f"现在是“{place.get_state_display()}”，不能互换。")
    if to_club.pk == place.club_id:
        raise Refused("same_club", "孩子已在这个社团。")
    book = book_without(to_club.term, {to_club.pk}, {place.student_id: place})
    verdict = fits(book.clubs[to_club.pk], book.children[place.student_id])
    if verdict.code:
        raise Refused(verdict.code, verdict.sentence)
    swap = ClubSwap.objects.filter(place=place, to_club=to_club, state=SwapState.OPEN).first()
    if swap is None:
        try:
            with transaction.atomic():
                swap = ClubSwap.objects.create(place=place, to_club=to_club, at=clock.now())
        except IntegrityError:
            raise somebody_was_faster() from None
        data = {"club": place.club_id, "to": to_club.pk}
        term_id = to_club.term_id
        record("club.swap_wanted", subject=swap, by=by, student_id=place.student_id, term_id=term_id, data=data)
    _match(swap, by)
    return swap


@transaction.atomic
def drop_swap(*, swap: ClubSwap, by: Actor) -> None:
    """Take a wish to swap back. Refused: `not_yours`, `somebody_was_faster`."""
    need_chooser([swap.place.student_id], by)
    if not ClubSwap.objects.filter(pk=swap.pk, state=SwapState.OPEN).update(state=SwapState.CANCELLED):
        raise somebody_was_faster()
    swap.state = SwapState.CANCELLED
    term_id, student_id = swap.to_club.term_id, swap.place.student_id
    record("club.swap_dropped", subject=swap, by=by, student_id=student_id, term_id=term_id)


def drop_swaps(places: Sequence[ClubPlace]) -> None:
    """Drop the wishes to swap places that are given up."""
    open_ones = ClubSwap.objects.filter(place__in=[place.pk for place in places], state=SwapState.OPEN)
    open_ones.update(state=SwapState.CANCELLED)


def _match(swap: ClubSwap, by: Actor) -> None:
    """Exchange with the first family in time that wants the reverse and may."""
    others = ClubSwap.objects.filter(
        place__club=swap.to_club,
        to_club=swap.place.club,
        state=SwapState.OPEN,
        place__state=PlaceState.HELD,
    ).exclude(place__student=swap.place.student_id)
    for other in others.select_related("place__club__term", "place__student", "to_club__term").order_by("at", "pk"):
        try:
            with transaction.atomic():
                _exchange(swap, other, by)
        except Refused as refused:
            if refused.code == "somebody_was_faster":
                raise
            continue
        return


def _exchange(swap: ClubSwap, other: ClubSwap, by: Actor) -> None:
    pair = ClubSwap.objects.filter(pk__in=[swap.pk, other.pk], state=SwapState.OPEN)
    if pair.update(state=SwapState.DONE) != 2:
        raise somebody_was_faster()
    ClubSwap.objects.filter(pk=swap.pk).update(done_with=other)
    ClubSwap.objects.filter(pk=other.pk).update(done_with=swap)
    starts = clock.today() + timedelta(days=1)
    if free_places(places=[swap.place, other.place], ends_on=clock.today(), by=by) != 2:
        raise somebody_was_faster()
    for one in (swap, other):
        take_place(club=one.to_club, student=one.place.student, source=PlaceSource.SWAP, starts_on=starts, by=by)
        drop_swaps([one.place])
    swap.state, swap.done_with = SwapState.DONE, other
    for one in (swap, other):
        data = {"club": one.place.club_id, "to": one.to_club_id}
        student, term = one.place.student, one.to_club.term
        record("club.swapped", subject=one, by=by, student_id=student.pk, term_id=term.pk, data=data)
        tell(
            guardians_of(student),
            kind="choosing.swapped",
            title=f"{student.name}换到{one.to_club.name}",
            body=f"和另一家互换成功，从{starts.month}月{starts.day}日起在{one.to_club.name}，不再在{one.place.club.name}。",
            url=reverse("scheduling:my-clubs"),
            student=student,
            term=term,
            by=SYSTEM,
        )
