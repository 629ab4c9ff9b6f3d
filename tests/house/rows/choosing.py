"""Choosing clubs: who may open what, and the things for it in the world."""

from datetime import timedelta
from typing import TYPE_CHECKING

from afterschool.support import clock
from scheduling.enums import PlaceSource, RoundMode
from scheduling.models import Club, ClubDraw, ClubPlace, ClubRound, ClubSwap, ClubWait, RoundClub
from tests.cast import NOW
from tests.house.access_base import FAMILY_AND_CLASS, HEADS, OFFICE, PARENTS, STAFF, WORLD, Row, each, only
from tests.scheduling.clubs import make_club

if TYPE_CHECKING:
    from tests.house.world import World

CHECKERS = only("teacher", "office")
ROWS: list[Row] = [
    # The family's, the class's, the office's: a child's clubs
    ("scheduling:my-clubs", "", PARENTS),
    *each(
        "scheduling:choose scheduling:choose-take", ("choosing_child", FAMILY_AND_CLASS), ("choosing_child_2", OFFICE)
    ),
    *each(
        "scheduling:child-clubs scheduling:wait-join",
        ("clubs_of_child", FAMILY_AND_CLASS),
        ("clubs_of_child_2", OFFICE),
    ),
    *each("scheduling:wait-leave scheduling:wait-take", ("club_wait", FAMILY_AND_CLASS), ("club_wait_2", OFFICE)),
    *each(
        "scheduling:place-leave scheduling:place-take-back scheduling:place-leave-merged scheduling:place-swap",
        ("club_place", FAMILY_AND_CLASS),
        ("club_place_2", OFFICE),
    ),
    ("scheduling:place-restore", "club_place", OFFICE),
    ("scheduling:swap-drop", "club_swap", FAMILY_AND_CLASS),
    # Rounds: the office; the class's list for its head teacher
    *each("scheduling:rounds scheduling:round-new", ("", OFFICE)),
    *each(
        "scheduling:round scheduling:round-edit scheduling:round-publish scheduling:round-extend scheduling:round-cancel "
        "scheduling:round-end scheduling:round-excel scheduling:round-seal scheduling:round-draw scheduling:round-again "
        "scheduling:round-confirm",
        ("club_round", OFFICE),
    ),
    *each("scheduling:round-club-keep scheduling:round-club-merge scheduling:round-club-close", ("club_offer", OFFICE)),
    ("scheduling:wishes-on-paper", "", HEADS | OFFICE),
    ("scheduling:round-class-choose", "club_round", HEADS | OFFICE),
    ("scheduling:round-class", "club_round_class", only("head_teacher", "office")),
    # The draw: the checker it names, and the world
    ("scheduling:round-checks", "", STAFF),
    ("scheduling:round-checking", "club_round", CHECKERS),
    *each("scheduling:draw-check scheduling:draw-file", ("club_draw", CHECKERS)),
    ("scheduling:round-public", "club_round", WORLD),
]


def furnish(world: "World") -> None:
    """Two rounds (by lot with a sealed draw, first come), and places, waits and a swap of an own and a foreign child."""
    cast = world.cast
    mine, theirs = cast.students[0], cast.students[12]
    chess, choir = make_club(cast, "围棋（抽签）"), make_club(cast, "合唱（抽签）", weekdays="4")
    common = {"term": cast.term, "starts_on": clock.today() + timedelta(days=7)}
    window = {"opens_at": NOW - timedelta(days=2), "closes_at": NOW - timedelta(days=1)}
    found = ClubRound.objects.create(
        name="第一轮", state="sealed", checker=cast.teacher, published_at=NOW, **window, **common
    )
    first = ClubRound.objects.create(
        name="第二轮",
        mode=RoundMode.FIRST,
        state="published",
        published_at=NOW,
        **(window | {"closes_at": NOW + timedelta(days=1)}),
        **common,
    )
    offers = [RoundClub.objects.create(round=one, club=club) for one in (found, first) for club in (chess, choir)]
    places = [
        ClubPlace.objects.create(club=chess, student=student, source=PlaceSource.FIRST, at=NOW)
        for student in (mine, theirs)
    ]
    waits = [
        ClubWait.objects.create(club=choir, student=student, order=n, at=NOW)
        for n, student in enumerate((mine, theirs), 1)
    ]
    Club.objects.filter(pk=chess.pk).update(taken=2)
    run = ClubDraw.objects.create(
        round=found, number=1, full_input="{}", fingerprint="0" * 64, fingerprint_at=NOW, by=cast.office.user
    )
    world.bodies["scheduling:choose-take"] = {"club": choir.pk}
    world.bodies["scheduling:wait-join"] = {"club": choir.pk}
    world.bodies["scheduling:place-swap"] = {"to_club": choir.pk}
    world.bodies["scheduling:round-club-merge"] = {"into": choir.pk}
    world.keep(
        club_round=found,
        club_offer=offers[0],
        club_draw=run,
        club_round_class={"pk": found.pk, "class_pk": cast.classes[0].pk},
        choosing_child={"pk": first.pk, "student_pk": mine.pk},
        choosing_child_2={"pk": first.pk, "student_pk": theirs.pk},
        clubs_of_child={"student_pk": mine.pk},
        clubs_of_child_2={"student_pk": theirs.pk},
        club_place=places[0],
        club_place_2=places[1],
        club_wait=waits[0],
        club_wait_2=waits[1],
        club_swap=ClubSwap.objects.create(place=places[0], to_club=choir, at=NOW),
    )
