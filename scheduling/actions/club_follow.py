"""What becomes of club places when something else changes: a child's service or weekdays, the timetables, the day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time, timedelta

from django.db import transaction

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.events import event, record_many
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import Placement, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import show
from scheduling.actions.club_places import TAKING, free_places, sit
from scheduling.club_hours import Key
from scheduling.enums import PlaceState
from scheduling.models import Club, ClubPlace, Sitting
from scheduling.queries.club_hours import club_keys, with_shares


@transaction.atomic
def leave_later(*, places: Sequence[ClubPlace], starts: date, by: Actor) -> None:
    """Let places end before a day that is still ahead: they count until then, and `finish_leaving` frees them.

    The placement has its end already; that tells them from a family's own wish to leave, which can be taken back.
    """
    for place in places:
        row = place.placement
        if row is not None and (row.ends_on is None or row.ends_on >= starts):
            Placement.objects.filter(pk=row.pk, starts_on__lt=starts).update(ends_on=starts - timedelta(days=1))
    rows = ClubPlace.objects.filter(pk__in=[place.pk for place in places], state__in=TAKING)
    rows.update(state=PlaceState.LEAVING, leaves_at=clock.at(starts, time(0)))
    record_many(
        event(
            "club.place_leaving",
            subject=place,
            by=by,
            student_id=place.student_id,
            term_id=place.club.term_id,
            data={"club": place.club_id, "starts": starts.isoformat()},
        )
        for place in places
    )


def finish_leaving(*, by: Actor = SYSTEM) -> int:
    """Free the places whose time to leave has come; return how many. Called by the tick."""
    leaving = ClubPlace.objects.filter(state=PlaceState.LEAVING, leaves_at__lte=clock.now(), club__term__closed_at=None)
    due = list(leaving.select_related("club"))
    return free_places(places=due, ends_on=clock.today() - timedelta(days=1), by=by) if due else 0


def leave_clubs(term: Term | None, student_ids: Collection[int], starts: date, by: Actor) -> None:
    """End the club places of children who take part in the service no more, in one term or in all that still run."""
    places = ClubPlace.objects.filter(student__in=student_ids, state__in=TAKING)
    running = {"club__term__ends_on__gte": starts, "club__term__closed_at": None}
    places = places.filter(club__term=term) if term is not None else places.filter(**running)
    found = list(places)
    if found:
        free_places(places=found, ends_on=starts - timedelta(days=1), by=by)


def follow_weekdays(term: Term, weekdays: Mapping[int, str], starts: date) -> None:
    """End the club places of children who don't come on a day of the club any more, and tell their families."""
    held = ClubPlace.objects.filter(club__term=term, student__in=list(weekdays), state__in=TAKING)
    lost = [
        place
        for place in held.select_related("club", "placement")
        if not set(place.club.weekdays) <= set(weekdays[place.student_id])
    ]
    if not lost:
        return
    if starts > clock.today() + timedelta(days=1):
        leave_later(places=lost, starts=starts, by=SYSTEM)
    else:
        free_places(places=lost, ends_on=starts - timedelta(days=1), by=SYSTEM)
    guardians = guardians_of_each({place.student_id for place in lost})
    tell_many(
        (
            Note(
                guardians.get(place.student_id, []),
                "club.place_ended",
                f"孩子从{starts.month}月{starts.day}日起不在社团“{place.club.name}”",
                student_id=place.student_id,
                term_id=term.pk,
                body=f"社团在{show(place.club.weekdays)}活动，改了参加的星期以后，孩子有的日子不来。",
            )
            for place in lost
        ),
        by=SYSTEM,
    )


def reseat(term: Term) -> None:
    """Write anew which hours the club places of a term take: timetables, or a club's hours, have changed.

    Refused with `clubs_clash` where a child would be in two clubs at one time.
    """
    places = list(
        ClubPlace.objects.filter(club__term=term, state__in=TAKING).select_related("club").order_by("club", "pk")
    )
    if not places:
        return
    clubs = Club.objects.filter(pk__in={place.club_id for place in places}).prefetch_related(with_shares())
    keys = club_keys(term, clubs)
    seen: dict[tuple[int, Key], Club] = {}
    for place in places:
        for key in keys[place.club_id]:
            other = seen.setdefault((place.student_id, key), place.club)
            if other.pk != place.club_id:
                raise Refused("clubs_clash", f"这样改，“{other.name}”和“{place.club.name}”有同一个孩子，时间冲突。")
    Sitting.objects.filter(term=term).delete()
    sit(term, ((place, keys[place.club_id]) for place in places))
