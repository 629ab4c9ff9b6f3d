"""Who may open what (visitors), and the things for it in the world."""

from typing import TYPE_CHECKING

from attendance.models import Visitor
from tests.cast import NOW, TODAY
from tests.house.access_base import OFFICE, WHOLE_SCHOOL, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

DESK = only("gatekeeper", "duty_leader")
ROWS: list[Row] = [
    ("attendance:visitors", "", WHOLE_SCHOOL | DESK),
    ("attendance:visitor-new", "", DESK),
    *each("attendance:visitor-leave attendance:visitor-back", ("visitor", DESK)),
    *each("attendance:visitors-register attendance:visitors-paper", ("", WHOLE_SCHOOL)),
    ("attendance:visitors-hours", "", OFFICE),
]


def furnish(world: "World") -> None:
    """Somebody who is inside now."""
    cast = world.cast
    visitor = Visitor.objects.create(
        term=cast.term,
        date=TODAY,
        name="龚先生",
        paper="identity",
        paper_tail="1234",
        visits=cast.teacher,
        in_at=NOW,
        in_by=cast.gatekeeper.user,
    )
    world.keep(visitor=visitor)
