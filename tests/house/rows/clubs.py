"""Clubs: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from scheduling.enums import ClubState, PlaceSource
from scheduling.models import Club, ClubPlace
from tests.house.access_base import HEADS, OFFICE, STAFF, WHOLE_SCHOOL, Row, only
from tests.scheduling.clubs import make_club

if TYPE_CHECKING:
    from tests.house.world import World

PROPOSERS = only("office", "head_teacher", "other_head_teacher", "teacher", "other_teacher")
OWN_AND_OFFICE = only("teacher", "office")
ROWS: list[Row] = [
    ("scheduling:clubs", "", STAFF),
    ("scheduling:club-new", "", PROPOSERS),
    ("scheduling:clubs-most", "", OFFICE),
    ("scheduling:clubs-print", "", OFFICE),
    ("scheduling:clubs-class", "", HEADS),
    ("scheduling:club", "club", STAFF),
    ("scheduling:club", "club_proposed", WHOLE_SCHOOL | {"teacher"}),
    ("scheduling:club-edit", "club", PROPOSERS),
    ("scheduling:club-edit", "club_proposed", OWN_AND_OFFICE),
    ("scheduling:club-approve", "club_proposed", OFFICE),
    ("scheduling:club-return", "club_proposed", OFFICE),
    ("scheduling:club-decline", "club_proposed", OFFICE),
    ("scheduling:club-close", "club", OFFICE),
    ("scheduling:club-print", "club", STAFF),
    ("scheduling:club-members", "club", WHOLE_SCHOOL | HEADS | {"teacher"}),
    ("scheduling:club-reserve", "club", OWN_AND_OFFICE),
    ("scheduling:club-member-remove", "club_member", OWN_AND_OFFICE),
]


def furnish(world: "World") -> None:
    """Put the things of these rows into the world."""
    cast = world.cast
    club = make_club(cast, "围棋", teacher=cast.teacher)
    proposed = make_club(cast, "陶艺", teacher=cast.teacher, state=ClubState.PROPOSED, proposed_by=cast.teacher.user)
    place = ClubPlace.objects.create(
        club=club, student=cast.students[0], source=PlaceSource.RESERVED, at=club.proposed_at
    )
    Club.objects.filter(pk=club.pk).update(taken=1)
    world.keep(club=club, club_proposed=proposed, club_member=place)
    world.bodies["scheduling:club-reserve"] = {"student": cast.students[1].pk}
