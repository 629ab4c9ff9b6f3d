"""Who may open what (rubrics), and the things for it in the world."""

from typing import TYPE_CHECKING

from tests.house.access_base import Row

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = []


def furnish(world: "World") -> None:
    """Nothing yet."""
