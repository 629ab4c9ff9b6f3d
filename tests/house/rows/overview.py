"""The numbers: who may open what. Whose numbers one sees is cut by the scope (tests/overview/test_scopes.py)."""

from typing import TYPE_CHECKING

from tests.house.access_base import HEADS, OFFICE, Row, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = HEADS | OFFICE | only("grade_leader")
ROWS: list[Row] = [
    ("overview:page", "", READERS),
    ("overview:records", "figure", READERS),
    ("overview:records", "figure_of_fees", OFFICE),
]


def furnish(world: "World") -> None:
    """Put the things of these rows into the world."""
    world.keep(figure={"key": "leaves"}, figure_of_fees={"key": "charges"})
