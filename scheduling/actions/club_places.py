"""Places in clubs: taken and given back, with the counters that no rush can overrun (D2, D3).

`take_place`, `take_places` and `free_place` are the only writers of `ClubPlace`, `Sitting`, `Club.taken` and
`ClubShare.taken`. They check what the club and the child allow; who may ask is the question of the action that calls them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from afterschool.school.access import Actor
from afterschool.school.enums import PlacementKind
from afterschool.school.events import event, record_many
from afterschool.school.models import Placement, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.sessions import follow_places
from scheduling.club_hours import Key
from scheduling.enums import PlaceSource, PlaceState, SwapState
from scheduling.models import Club, ClubPlace, ClubShare, ClubSwap, ClubWait, Sitting
from scheduling.place_rules import ClubRoom, Verdict
from scheduling.queries.club_places import book_of

BATCH = 500
TAKING = (PlaceState.HELD, PlaceState.LEAVING)


@dataclass(frozen=True)
class Wish:
    """A place to be taken: one child in one club, with a word on how it came about."""

    student_id: int
    club_id: int
    note: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of many wishes: the places, and what was refused, each with why."""

    places: list[ClubPlace] = field(default_factory=list)
    refused: list[tuple[Wish, Refused]] = field(default_factory=list)


@transaction.atomic
def take_place(
    *, club: Club, student: Student, source: PlaceSource, starts_on: date, by: Actor, note: str = ""
) -> ClubPlace:
    """Give a child a place in a club from a day on: counters, sittings and placement in one transaction.

    Refused: `club_not_open`, `already_in`, `not_in_service`, `not_admitted`, `weekday_not_attended`, `busy_then`,
    `club_full`, `grade_full`, `class_full`.
    """
    taken = take_places(
        term=club.term, wishes=[Wish(student.pk, club.pk, note)], source=source, starts_on=starts_on, by=by
    )
    if taken.refused:
        raise taken.refused[0][1]
    return taken.places[0]


@transaction.atomic
def take_places(*, term: Term, wishes: Sequence[Wish], source: PlaceSource, starts_on: date, by: Actor) -> Taken:
    """Give many children places at once, in the order given: the result of a draw. About twenty queries, whatever the number.

    What a child or club doesn't allow is handed back with its refusal, and the others stand. Refused as a whole with
    `club_full`, `class_full` or `busy_then` where somebody else took a last place, or the same hour, meanwhile.
    """
    book = book_of(term, {wish.club_id for wish in wishes}, {wish.student_id for wish in wishes})
    given: list[tuple[Wish, Verdict]] = []
    refused: list[tuple[Wish, Refused]] = []
    for wish in wishes:
        verdict = book.ask(wish.student_id, wish.club_id)
        if verdict.code:
            refused.append((wish, Refused(verdict.code, verdict.sentence)))
        else:
            given.append((wish, verdict))
    if not given:
        return Taken([], refused)
    count_up(given)
    starts = max(starts_on, term.service_starts_on)
    places = _write(term, book.clubs, given, source=source, starts=starts, by=by)
    follow_places([place.placement for place in places if place.placement])
    return Taken(places, refused)


def count_up(given: Sequence[tuple[Wish, Verdict]]) -> None:
    """Raise the counters, each only while it stays within its size; clubs before shares, so that nobody waits in a ring."""
    for number, ids in _by_number(Counter(wish.club_id for wish, _ in given)).items():
        rows = Club.objects.filter(pk__in=ids, taken__lte=F("largest") - number)
        if rows.update(taken=F("taken") + number) != len(ids):
            raise Refused("club_full", "刚才名额已满，请选别的社团。")
    shares = Counter(share for _, verdict in given for share in verdict.shares)
    for number, ids in _by_number(shares).items():
        room = Q(places__isnull=True) | Q(taken__lte=F("places") - number)
        if ClubShare.objects.filter(room, pk__in=ids).update(taken=F("taken") + number) != len(ids):
            raise Refused("class_full", "刚才本年级或本班的名额已满，请选别的社团。")


def _by_number(counts: Counter[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for pk, number in sorted(counts.items()):
        found[number].append(pk)
    return found


def _write(
    term: Term,
    rooms: Mapping[int, ClubRoom],
    given: Sequence[tuple[Wish, Verdict]],
    *,
    source: PlaceSource,
    starts: date,
    by: Actor,
) -> list[ClubPlace]:
    now = clock.now()
    made = _placements(term, rooms, given, starts)
    rows = [
        ClubPlace(
            club_id=wish.club_id,
            student_id=wish.student_id,
            placement=placement,
            grade_share_id=verdict.grade_share,
            class_share_id=verdict.class_share,
            source=source,
            note=wish.note[:100],
            by=by.user,
            at=now,
        )
        for (wish, verdict), placement in zip(given, made, strict=True)
    ]
    try:
        with transaction.atomic():
            places = ClubPlace.objects.bulk_create(rows, batch_size=BATCH)
            sit(term, ((place, verdict.keys) for place, (_, verdict) in zip(places, given, strict=True)))
    except IntegrityError:
        raise Refused("busy_then", "孩子刚才已进了同一时间的社团，请看最新的页面。") from None
    record_many(
        event(
            "club.place_taken",
            subject=place,
            by=by,
            student_id=place.student_id,
            term_id=term.pk,
            data={"club": place.club_id, "source": str(source), "starts_on": starts.isoformat()},
        )
        for place in places
    )
    return places


def _placements(
    term: Term, rooms: Mapping[int, ClubRoom], given: Sequence[tuple[Wish, Verdict]], starts: date
) -> list[Placement]:
    """Return a placement for each wish; one given up on the very day it would begin again is taken up again."""
    clubs = {wish.club_id: rooms[wish.club_id] for wish, _ in given}
    groups = {one.group_id or 0: one for one in clubs.values()}
    old = {
        (row.group_id, row.student_id): row
        for row in Placement.objects.filter(
            group__in=groups, student__in={wish.student_id for wish, _ in given}, starts_on=starts
        )
    }
    ClubPlace.objects.filter(placement__in=old.values()).update(placement=None)
    again = list(old.values())
    for row in again:
        row.ends_on, row.weekdays = None, groups[row.group_id].weekdays
    Placement.objects.bulk_update(again, ["ends_on", "weekdays"], batch_size=BATCH)
    rows = [
        old.get((clubs[wish.club_id].group_id or 0, wish.student_id))
        or Placement(
            term=term,
            student_id=wish.student_id,
            group_id=clubs[wish.club_id].group_id or 0,
            kind=PlacementKind.CLUB,
            weekdays=clubs[wish.club_id].weekdays,
            starts_on=starts,
        )
        for wish, _ in given
    ]
    Placement.objects.bulk_create([row for row in rows if row.pk is None], batch_size=BATCH)
    return rows


def sit(term: Term, places: Iterable[tuple[ClubPlace, frozenset[Key]]]) -> None:
    """Write which hours of the week these places take; a child taken twice at once is an IntegrityError."""
    Sitting.objects.bulk_create(
        (
            Sitting(place=place, term=term, student_id=place.student_id, weekday=weekday, period=period)
            for place, keys in places
            for weekday, period in sorted(keys)
        ),
        batch_size=1000,
    )


@transaction.atomic
def free_place(*, place: ClubPlace, ends_on: date, by: Actor) -> None:
    """End a child's place in a club, `ends_on` being its last day; the place is free for others at once.

    Refused with `somebody_was_faster` where it was given up already.
    """
    if free_places(places=[place], ends_on=ends_on, by=by) != 1:
        raise somebody_was_faster()
    place.state = PlaceState.LEFT


@transaction.atomic
def free_places(*, places: Sequence[ClubPlace], ends_on: date, by: Actor) -> int:
    """End many places; return how many. One that somebody else ended meanwhile is left alone. Eight queries or so.

    Who waits to swap such a place waits no more.
    """
    held = list(
        ClubPlace.objects.select_for_update(of=("self",))
        .filter(pk__in=[place.pk for place in places], state__in=TAKING)
        .select_related("club", "placement")
        .order_by("club", "pk")
    )
    ids = [place.pk for place in held]
    if ClubPlace.objects.filter(pk__in=ids, state__in=TAKING).update(state=PlaceState.LEFT, leaves_at=None) != len(ids):
        raise somebody_was_faster()
    count_down(held)
    Sitting.objects.filter(place__in=ids).delete()
    ClubSwap.objects.filter(place__in=ids, state=SwapState.OPEN).update(state=SwapState.CANCELLED)
    _end_placements(held, ends_on)
    record_many(
        event(
            "club.place_freed",
            subject=place,
            by=by,
            student_id=place.student_id,
            term_id=place.club.term_id,
            data={"club": place.club_id, "ends_on": ends_on.isoformat()},
        )
        for place in held
    )
    return len(held)


def count_down(held: Sequence[ClubPlace | ClubWait]) -> None:
    """Lower the counters of places given up, or of places that were kept for an offer."""
    for number, ids in _by_number(Counter(place.club_id for place in held)).items():
        Club.objects.filter(pk__in=ids).update(taken=F("taken") - number)
    shares = Counter(pk for place in held for pk in (place.grade_share_id, place.class_share_id) if pk is not None)
    for number, ids in _by_number(shares).items():
        ClubShare.objects.filter(pk__in=ids).update(taken=F("taken") - number)


def _end_placements(held: Sequence[ClubPlace], ends_on: date) -> None:
    """End the placements; one that never was in force leaves no row."""
    rows = [place.placement for place in held if place.placement is not None]
    still = [row for row in rows if row.ends_on is None or row.ends_on > ends_on]
    never = [row.pk for row in still if row.starts_on > ends_on]
    begun = [row.pk for row in still if row.starts_on <= ends_on]
    ClubPlace.objects.filter(placement__in=never).update(placement=None)
    Placement.objects.filter(pk__in=never).delete()
    Placement.objects.filter(pk__in=begun).update(ends_on=ends_on)
