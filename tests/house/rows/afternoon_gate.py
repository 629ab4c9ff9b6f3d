"""Who may open what (gate and late care), and the things for it in the world."""

from typing import TYPE_CHECKING

from attendance import gate_code
from attendance.models import LateCarePlace
from tests.cast import TODAY
from tests.house.access_base import (
    AT_THE_GATE,
    HEADS,
    OF_A_FOREIGN_CHILD,
    OFFICE,
    PARENTS,
    STAFF,
    TEACHERS,
    Row,
    each,
    only,
)

if TYPE_CHECKING:
    from tests.house.world import World

OPENS_THE_GATE = TEACHERS | only("duty_leader", "service_centre", "gatekeeper", "office")
ROWS: list[Row] = [
    *each(
        "attendance:gate-refuse attendance:gate-call",
        ("here", AT_THE_GATE | {"gatekeeper"}),
        ("let_out_last_week", OF_A_FOREIGN_CHILD["gate"] | {"head_teacher"}),
        ("day_of_grade_2", OF_A_FOREIGN_CHILD["gate"]),
    ),
    # A parent's code: shown by parents, opened by those who stand at the gate and by nobody else.
    ("attendance:gate-code", "code_of_the_day", OPENS_THE_GATE),
    ("attendance:gate-my-code", "", PARENTS),
    ("attendance:late-care-accept", "", STAFF - {"grade_leader"}),
    ("attendance:late-care-often", "", HEADS | OFFICE),
]


def furnish(world: "World") -> None:
    """The code of the day of the guardian; the place that children are accepted at."""
    world.keep(code_of_the_day={"token": gate_code.token(world.cast.guardian.pk, TODAY)})
    place = LateCarePlace.objects.filter(term=world.cast.term).first()
    world.bodies["attendance:late-care-accept"] = {"place": place.pk if place else 0}
    world.bodies["attendance:gate-call"] = {"answer": ""}
