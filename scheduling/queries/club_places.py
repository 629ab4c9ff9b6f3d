"""Clubs and children as the rule of places sees them, read in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from afterschool.school.models import Student, Term
from enrollment.queries.applications import weekdays_of
from scheduling.club_hours import Key, keys_of
from scheduling.enums import ClubState, PlaceState
from scheduling.models import Club, ClubPlace, Sitting
from scheduling.place_rules import Book, Child, ClubRoom, Share
from scheduling.queries.club_hours import seasons, wanted_of, with_shares


def rooms_of(term: Term, clubs: Iterable[Club]) -> dict[int, ClubRoom]:
    """Return these clubs (their shares prefetched) with places and hours: four queries."""
    given = seasons(term)
    found = {}
    for club in clubs:
        shares = list(club.shares.all())
        found[club.pk] = ClubRoom(
            club.pk,
            club.name,
            club.group_id,
            club.state == ClubState.APPROVED and club.group_id is not None,
            club.weekdays,
            club.largest,
            club.taken,
            {s.grade: Share(s.pk, s.places, s.taken) for s in shares if s.grade is not None},
            {s.school_class_id: Share(s.pk, s.places, s.taken) for s in shares if s.school_class_id is not None},
            keys_of(given, wanted_of(club)),
        )
    return found


def children_of(term: Term, student_ids: Collection[int]) -> dict[int, Child]:
    """Return these children with their class, weekdays of service, clubs and hours taken: four queries."""
    weekdays = weekdays_of(term, student_ids)
    clubs: dict[int, set[int]] = defaultdict(set)
    held = ClubPlace.objects.filter(club__term=term, student__in=student_ids).exclude(state=PlaceState.LEFT)
    for student_id, club_id in held.order_by().values_list("student_id", "club_id"):
        clubs[student_id].add(club_id)
    sittings: dict[int, dict[Key, str]] = defaultdict(dict)
    rows = Sitting.objects.filter(term=term, student__in=student_ids).order_by()
    for student_id, weekday, period, name in rows.values_list("student_id", "weekday", "period", "place__club__name"):
        sittings[student_id][weekday, period] = name
    return {
        child.pk: Child(
            child.pk,
            child.school_class.grade if child.school_class else None,
            child.school_class_id,
            child.school_class.number if child.school_class else 0,
            weekdays.get(child.pk, ""),
            frozenset(clubs[child.pk]),
            sittings[child.pk],
        )
        for child in Student.objects.filter(pk__in=student_ids).select_related("school_class")
    }


def book_of(term: Term, club_ids: Collection[int], student_ids: Collection[int]) -> Book:
    """Return the book of these clubs and children: ten queries, whatever their number."""
    clubs = Club.objects.filter(term=term, pk__in=club_ids).prefetch_related(with_shares())
    return Book(rooms_of(term, clubs), children_of(term, student_ids))


def book_without(term: Term, club_ids: Collection[int], given_up: Mapping[int, ClubPlace | None]) -> Book:
    """Return the book of these clubs and children as if each child had given up a place: for waiting and swapping."""
    book = book_of(term, club_ids, list(given_up))
    places = {place.pk: pk for pk, place in given_up.items() if place is not None}
    free: dict[int, set[Key]] = defaultdict(set)
    rows = Sitting.objects.filter(place__in=places).order_by() if places else Sitting.objects.none()
    for place_id, weekday, period in rows.values_list("place_id", "weekday", "period"):
        free[places[place_id]].add((weekday, period))
    children = dict(book.children)
    for pk, place in given_up.items():
        if place is not None and pk in children:
            kept = {key: name for key, name in children[pk].sittings.items() if key not in free[pk]}
            children[pk] = replace(children[pk], clubs=children[pk].clubs - {place.club_id}, sittings=kept)
    return Book(book.clubs, children)
