"""A child's places in groups over time: what changes ends a row, and begins another (ADR 7).

Every change of places goes through `begin_places`, `end_places`, `renew_weekdays`, `move_group` or `move_groups`. A place may
be written ahead (from next week other weekdays, or another group): each of them therefore takes the rows in force on a day
*and* those that begin later.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import PlacementKind
from afterschool.school.models import Group, Placement, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import somebody_was_faster

Follower = Callable[[Sequence[Placement]], None]
FOLLOWERS: list[Follower] = []
Leaver = Callable[[Term | None, Collection[int], date, Actor], None]
LEAVERS: list[Leaver] = []
Changer = Callable[[Term, Mapping[int, str], date], None]
CHANGERS: list[Changer] = []


def register(follower: Follower) -> None:
    """Let what comes later in the order of layers (sessions) follow new places, in the same transaction."""
    if follower not in FOLLOWERS:
        FOLLOWERS.append(follower)


def register_leaver(leaver: Leaver) -> None:
    """Let what comes later (clubs) end what these children have from a day on: they take part in the service no more."""
    if leaver not in LEAVERS:
        LEAVERS.append(leaver)


def register_changer(changer: Changer) -> None:
    """Let what comes later (clubs) follow new weekdays, by child, from a day on."""
    if changer not in CHANGERS:
        CHANGERS.append(changer)


def let_go(student_ids: Collection[int], *, starts: date, by: Actor, term: Term | None = None) -> None:
    """Tell those who registered that these children take part no more from a day on (in no term, or not in this one).

    Call it inside the transaction in which that is decided.
    """
    for leave in LEAVERS if student_ids else []:
        leave(term, student_ids, starts, by)


def places_from(term: Term, student_ids: Collection[int], starts: date) -> QuerySet[Placement]:
    """Return the places in service groups of these children that hold on this day or begin after it, oldest first."""
    in_force = Q(ends_on__isnull=True) | Q(ends_on__gte=starts)
    rows = Placement.objects.filter(in_force, term=term, student_id__in=student_ids, kind=PlacementKind.SERVICE)
    return rows.order_by("starts_on", "pk")


def end_places(places: Sequence[Placement], *, starts: date) -> None:
    """End these places before the day on which something else begins. Call it inside the transaction of that change.

    A place that never was in force leaves no row: history keeps the event. `somebody_was_faster` where a row is not as read.
    """
    begun = [place.pk for place in places if place.starts_on < starts]
    never = [place.pk for place in places if place.starts_on >= starts]
    still = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts))
    if still.filter(pk__in=begun).update(ends_on=starts - timedelta(days=1)) != len(begun):
        raise somebody_was_faster()
    if still.filter(pk__in=never).delete()[0] != len(never):
        raise somebody_was_faster()


def renew_weekdays(
    places: Sequence[Placement], *, term: Term, starts: date, weekdays: Mapping[int, str]
) -> list[Placement]:
    """Let these places hold on other weekdays from a day on; `weekdays` is by child. Return the new rows.

    A child in `weekdays` without a place yet is no error: what it has beside the service group follows all the same.
    """
    made = _replace(places, starts, lambda old: (old.group_id, weekdays[old.student_id]))
    for change in CHANGERS:
        change(term, weekdays, starts)
    return made


def move_group(places: Sequence[Placement], *, starts: date, group: Group) -> list[Placement]:
    """Let these places be in another group from a day on, on the weekdays that each had. Return the new rows."""
    return _replace(places, starts, lambda old: (group.pk, old.weekdays))


def move_groups(places: Sequence[Placement], *, starts: date, groups: Mapping[int, int]) -> list[Placement]:
    """Let these places be in other groups from a day on; `groups` is by child. Who calls this lets sessions follow at the end."""
    return _replace(places, starts, lambda old: (groups[old.student_id], old.weekdays), follow=False)


def begin_places(places: Sequence[Placement], *, follow: bool = True) -> list[Placement]:
    """Make first places in a group. Return the rows. Without `follow` the caller lets sessions follow at the end."""
    made = Placement.objects.bulk_create(places, batch_size=500)
    if follow:
        _let_follow(made)
    return made


def move_days(places: Sequence[Placement], *, starts: date, weekdays: str) -> dict[int, Placement]:
    """Let places of one group (a club) all hold on these weekdays from a day on. Return the new row of each, by the old's key."""
    made = _replace(places, starts, lambda old: (old.group_id, weekdays))
    return {old.pk: new for old, new in zip(places, made, strict=True)}


def _replace(
    places: Sequence[Placement],
    starts: date,
    become: Callable[[Placement], tuple[int, str]],
    *,
    follow: bool = True,
) -> list[Placement]:
    new = []
    for old in places:
        group_id, weekdays = become(old)
        new.append(
            Placement(
                term_id=old.term_id,
                student_id=old.student_id,
                group_id=group_id,
                kind=old.kind,
                weekdays=weekdays,
                starts_on=max(starts, old.starts_on),
                ends_on=old.ends_on,
            )
        )
    end_places(places, starts=starts)
    return begin_places(new, follow=follow)


def _let_follow(made: Sequence[Placement]) -> None:
    for follower in FOLLOWERS if made else []:
        follower(made)


def give_up_places(*, term: Term, student: Student, by: Actor) -> bool:
    """End all places of a child that takes no part any more, from tomorrow on: who is here today is still looked after.

    Tell whether there was one. Call it inside the transaction of the withdrawal.
    """
    tomorrow = clock.today() + timedelta(days=1)
    let_go([student.pk], starts=tomorrow, by=by, term=term)
    later = Q(ends_on__isnull=True) | Q(ends_on__gte=tomorrow)
    places = list(Placement.objects.filter(later, term=term, student=student))
    end_places(places, starts=tomorrow)
    return bool(places)
