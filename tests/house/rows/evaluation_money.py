"""Allowance and statements: who may open what, and the things for it in the world."""

from datetime import date
from typing import TYPE_CHECKING

from evaluation.models import AllowanceList, AllowanceRate
from tests.cast import NOW
from tests.house.access_base import OFFICE, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
ROWS: list[Row] = [
    *each("evaluation:allowance evaluation:statements evaluation:statements-paper", ("", READERS)),
    *each("evaluation:allowance-rates", ("", OFFICE)),
    ("evaluation:allowance-begin", "", OFFICE),
    ("evaluation:allowance-rate-drop", "allowance_rate", OFFICE),
    *each("evaluation:allowance-list evaluation:allowance-paper", ("allowance_list", READERS)),
    *each(
        "evaluation:allowance-send evaluation:allowance-correct evaluation:allowance-drop", ("allowance_list", OFFICE)
    ),
    ("evaluation:my-statement", "", STAFF),
    *each("evaluation:statement evaluation:statement-paper", ("statement", READERS | only("teacher"))),
]


def furnish(world: "World") -> None:
    """A rate, August's list, the teacher's statement."""
    cast = world.cast
    world.keep(
        allowance_rate=AllowanceRate.objects.create(
            term=cast.term, kind="group", starts_on=cast.term.service_starts_on, rate="60"
        ),
        allowance_list=AllowanceList.objects.create(
            term=cast.term, month=date(2026, 9, 1), made_by=cast.office.user, made_at=NOW
        ),
        statement=cast.teacher,
    )
    world.bodies["evaluation:allowance-begin"] = {"month": "2026-09"}
