"""Who may open what (office), and the things for it in the world."""

from typing import TYPE_CHECKING

from tests.house.access_base import OFFICE, Row

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [("evaluation:integrity", "", OFFICE)]


def furnish(world: "World") -> None:
    """Nothing yet."""
