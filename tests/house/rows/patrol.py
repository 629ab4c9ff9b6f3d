"""Patrol: who may open what, and the things for it in the world."""

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduling.models import PatrolChange, PatrolTurn
from tests.cast import NOW, TODAY
from tests.house.access_base import OFFICE, STAFF, Row, each

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    *each("scheduling:patrol scheduling:patrol-paper", ("", STAFF)),
    ("scheduling:patrol-day", "patrol_day", OFFICE),
    ("scheduling:patrol-change", "patrol_turn", OFFICE),
    ("scheduling:patrol-change-remove", "patrol_change", OFFICE),
]


def furnish(world: "World") -> None:
    """Both posts on Monday, another person next week."""
    cast = world.cast
    turn = PatrolTurn.objects.create(term=cast.term, weekday=1, post="leader", teacher=cast.leading_group)
    PatrolTurn.objects.create(term=cast.term, weekday=1, post="admin", teacher=cast.duty_leader)
    world.keep(
        patrol_day={"weekday": 1},
        patrol_turn=turn,
        patrol_change=PatrolChange.objects.create(
            turn=turn, date=TODAY + timedelta(days=7), teacher=cast.service_centre, by=cast.office.user, at=NOW
        ),
    )
