"""Taking a place at once, first come, first served; leaving one with time to think it over; having it back (D3)."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import SYSTEM, Actor, need_office
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.club_follow import finish_leaving
from scheduling.actions.club_places import free_place, take_place
from scheduling.actions.rounds import checked
from scheduling.actions.swapping import drop_swaps
from scheduling.actions.waiting import need_chooser, offer_free_places
from scheduling.choosing import Phase, moment
from scheduling.choosing_access import choosers_of
from scheduling.enums import PlaceSource, PlaceState, RoundMode, RoundMove, WaitState
from scheduling.models import Club, ClubPlace, ClubRound, ClubWait
from scheduling.queries.choosing import displaced_ids, held_numbers, hours_of, window_of

TOLD = ("club_full", "grade_full", "class_full")


@transaction.atomic
def choose_now(
    *, found: ClubRound, club: Club, student: Student, by: Actor, instead_of: ClubPlace | None = None
) -> ClubPlace:
    """Take a place in a round of first come, first served. The same tap twice is one place.

    `instead_of`: a place given up in the same moment. Refused: `wrong_state`, `window_before`, `window_after`, `by_lot`,
    `not_yours`, `not_offered`, `displaced_first`, `enough_clubs`, `reserved`, and the codes of `take_place`.
    """
    scope = choosers_of(by, [student.pk])
    if not scope.covers([student.pk]):
        raise Refused("not_yours", "这个孩子的社团不归您选。")
    checked(found, RoundMove.CHOOSE, scope.who)
    if found.mode != RoundMode.FIRST:
        raise Refused("by_lot", "这一轮抽签，请填志愿。")
    if not found.offers.filter(club=club).exists():
        raise Refused("not_offered", "这个社团不在这一轮里，请看最新的页面。")
    if window_of(found).phase is Phase.FIRST and student.pk not in displaced_ids(found.term):
        raise Refused("displaced_first", window_of(found).sentence)
    list(Student.objects.select_for_update().filter(pk=student.pk).order_by())  # one tap of a child after the other
    have = ClubPlace.objects.filter(club=club, student=student).exclude(state=PlaceState.LEFT).first()
    if have is not None:
        return have
    if instead_of is not None:
        _give_up(instead_of, student, by)
    _not_too_many(found, student)
    place = take_place(club=club, student=student, source=PlaceSource.FIRST, starts_on=_starts(found), by=by)
    ClubWait.objects.filter(club=club, student=student, state=WaitState.WAITING).update(state=WaitState.LEFT)
    if instead_of is not None:
        offer_free_places(term=found.term, clubs=[instead_of.club_id])
    return place


def _give_up(place: ClubPlace, student: Student, by: Actor) -> None:
    if place.student_id != student.pk:
        raise Refused("not_yours", "要换掉的不是这个孩子的社团。")
    if place.source == PlaceSource.RESERVED:
        raise Refused("reserved", "学校预留的名额由学校安排，不能自己换掉。")
    drop_swaps([place])
    free_place(place=place, ends_on=clock.today(), by=by)


def _not_too_many(found: ClubRound, student: Student) -> None:
    held = held_numbers(found.term, [student.pk]).get(student.pk, 0)
    if held >= found.clubs_per_child:
        raise Refused(
            "enough_clubs", f"孩子已有{held}个社团，每个孩子最多{found.clubs_per_child}个。可以换，或先退出。"
        )


def _starts(found: ClubRound):  # type: ignore[no-untyped-def]
    return max(found.starts_on, clock.today() + timedelta(days=1))


# Leaving


@transaction.atomic
def leave_club(*, place: ClubPlace, by: Actor) -> None:
    """Ask to leave a club: the place is kept for a while, in which it can be taken back; then it is free for others.

    Refused: `not_yours`, `reserved`, `wrong_state`.
    """
    need_chooser([place.student_id], by)
    if place.source == PlaceSource.RESERVED and not by.is_office:
        raise Refused("reserved", "学校预留的名额由学校安排，不能自己退。请联系带社团的老师。")
    if place.state != PlaceState.HELD:
        raise Refused("wrong_state", f"现在是“{place.get_state_display()}”，不能再退。")
    term = place.club.term
    at = clock.now() + timedelta(hours=hours_of(term).cool)
    seen = ClubPlace.objects.filter(pk=place.pk, state=PlaceState.HELD)
    if seen.update(state=PlaceState.LEAVING, leaves_at=at) != 1:
        raise somebody_was_faster()
    place.state, place.leaves_at = PlaceState.LEAVING, at
    drop_swaps([place])
    data = {"club": place.club_id, "until": at.isoformat()}
    record("club.leave_asked", subject=place, by=by, student_id=place.student_id, term_id=term.pk, data=data)
    tell(
        guardians_of(place.student),
        kind="choosing.left",
        title=f"{place.student.name}申请退出{place.club.name}",
        body=f"{moment(at)}以前可以反悔，名额还留着。",
        url=reverse("scheduling:my-clubs"),
        student=place.student,
        term=term,
        by=by,
    )


@transaction.atomic
def take_back(*, place: ClubPlace, by: Actor) -> None:
    """Stay in a club after all, while the place is still kept. Refused: `not_yours`, `too_late`."""
    need_chooser([place.student_id], by)
    seen = ClubPlace.objects.filter(
        pk=place.pk, state=PlaceState.LEAVING, leaves_at__gt=clock.now(), placement__ends_on__isnull=True
    )
    if seen.update(state=PlaceState.HELD, leaves_at=None) != 1:
        raise Refused("too_late", "已经过了可以反悔的时间，名额已空出来。可以重新选或候补。")
    place.state, place.leaves_at = PlaceState.HELD, None
    data = {"club": place.club_id}
    record(
        "club.leave_taken_back",
        subject=place,
        by=by,
        student_id=place.student_id,
        term_id=place.club.term_id,
        data=data,
    )


@transaction.atomic
def restore_place(*, place: ClubPlace, by: Actor) -> ClubPlace:
    """Give back a place that was left, for the office, while there is room. Refused: `wrong_state`, the codes of `take_place`."""
    need_office(by)
    if place.state != PlaceState.LEFT:
        raise Refused("wrong_state", f"现在是“{place.get_state_display()}”，不用恢复。")
    starts = clock.today() + timedelta(days=1)
    back = take_place(club=place.club, student=place.student, source=PlaceSource.OFFICE, starts_on=starts, by=by)
    tell(
        guardians_of(place.student),
        kind="choosing.restored",
        title=f"{place.student.name}在{place.club.name}的名额已恢复",
        url=reverse("scheduling:my-clubs"),
        student=place.student,
        term=place.club.term,
        by=by,
    )
    return back


@transaction.atomic
def leaving_and_lines(*, term: Term) -> int:
    """What time brings about: places whose time to think is over get free, and all that is free is offered. For the tick."""
    left = finish_leaving(by=SYSTEM)
    return left + offer_free_places(term=term)
