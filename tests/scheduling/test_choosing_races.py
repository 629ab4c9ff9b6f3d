"""A rush for the last places: exactly as many children get one as there are, and a double tap is one place."""

import os
from datetime import timedelta

import pytest
from django.db import connection

from afterschool.school.models import ClassMembership, Student
from afterschool.support.refusal import Refused
from scheduling.actions import choosing
from scheduling.enums import PlaceState, RoundMode
from scheduling.models import Club, ClubPlace, ClubRound, Sitting
from tests.cast import Cast
from tests.enrollment.helpers import OPEN
from tests.races import at_once
from tests.scheduling.clubs import make_club
from tests.scheduling.rounds import let_in, published

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
RUSH = int(os.environ.get("RUSH", "60"))  # RUSH=500 for the rush of a school
LAST = 10


def open_round(cast: Cast, *clubs: Club) -> ClubRound:
    """Return a round that is open at the moment at which the deeds of a race begin."""
    found = published(cast, *clubs, mode=RoundMode.FIRST)
    ClubRound.objects.filter(pk=found.pk).update(opens_at=OPEN, closes_at=OPEN + timedelta(days=1))
    found.refresh_from_db()
    return found


def crowd(cast: Cast, number: int) -> list[Student]:
    """Make children of class 1-1 who take part in the service."""
    found = Student.objects.bulk_create(
        Student(name=f"学生{n}", school_class=cast.classes[0], number=100 + n) for n in range(number)
    )
    ClassMembership.objects.bulk_create(
        ClassMembership(student=s, school_class=s.school_class, number=s.number, starts_on=cast.term.starts_on)
        for s in found
    )
    let_in(cast, *found)
    return list(Student.objects.filter(pk__in=[s.pk for s in found]).select_related("school_class"))


def tap(found, club, student, by):
    """Press once; who finds the database busy presses again, as a person would."""

    def deed():
        return choosing.choose_now(found=found, club=club, student=student, by=by)

    return deed


def test_a_rush_for_the_last_places_gives_exactly_those(cast):
    children = crowd(cast, RUSH)
    club = make_club(cast, largest=LAST)
    found = open_round(cast, club)
    by = cast.actor("office")
    width = 20 if connection.vendor == "sqlite" else 60
    brought: list[object] = []
    for first in range(0, RUSH, width):
        brought += at_once(*(tap(found, club, child, by) for child in children[first : first + width]))
    got = [one for one in brought if not isinstance(one, Refused)]
    assert len(got) == LAST
    assert {one.code for one in brought if isinstance(one, Refused)} == {"club_full"}
    assert Club.objects.get(pk=club.pk).taken == LAST == ClubPlace.objects.exclude(state=PlaceState.LEFT).count()
    assert Sitting.objects.values("student").distinct().count() == LAST


def test_a_double_tap_and_two_clubs_at_once_are_one_place(cast):
    children = crowd(cast, 6)
    chess, choir = make_club(cast, "围棋"), make_club(cast, "合唱", weekdays="4")
    found = open_round(cast, chess, choir)
    by = cast.actor("office")
    for child in children:
        at_once(tap(found, chess, child, by), tap(found, chess, child, by), tap(found, choir, child, by))
        assert ClubPlace.objects.filter(student=child).exclude(state=PlaceState.LEFT).count() == 1
