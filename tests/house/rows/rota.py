"""The rota: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from tests.house.access_base import OFFICE, STAFF, TEACHERS, Row, each

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    # The rota and how turns are spread: all staff, no parent; what it is made from and its draft: the office.
    *each(
        "scheduling:rota scheduling:rota-load scheduling:rota-print scheduling:rota-paper scheduling:rota-excel",
        ("", STAFF),
    ),
    *each(
        "scheduling:rota-propose scheduling:rota-draft scheduling:rota-settings scheduling:rota-floaters "
        "scheduling:rota-carry",
        ("", OFFICE),
    ),
    ("scheduling:rota-accept", "rota", OFFICE),
    *each("scheduling:rota-turn scheduling:rota-turn-check scheduling:rota-turn-free", ("turn", OFFICE)),
    *each("scheduling:rota-person scheduling:rota-person-wish", ("member", OFFICE)),
    ("scheduling:rota-wishes", "", TEACHERS),
]


def furnish(world: "World") -> None:
    """Put the things of these rows into the world."""
