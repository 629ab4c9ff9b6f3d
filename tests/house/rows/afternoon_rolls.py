"""Who may open what (rolls), and the things for it in the world."""

from typing import TYPE_CHECKING

from tests.house.access_base import CALLERS_TODAY, LEADERS, OFFICE, WHOLE_SCHOOL, WORLD, Row, each

if TYPE_CHECKING:
    from tests.house.world import World

TAKERS_TODAY = CALLERS_TODAY - {"leading_group"}
ROWS: list[Row] = [
    *each("attendance:roll-call-worker attendance:roll-call-shell", ("", WORLD)),
    *each(
        "attendance:roll-call-nearby",
        ("session", TAKERS_TODAY),
        ("session_of_grade_2", WHOLE_SCHOOL - {"leading_group"}),
    ),
    *each(
        "attendance:roll-call-paper attendance:roll-call-paper-enter attendance:roll-call-clubs",
        ("session", TAKERS_TODAY),
        ("session_of_grade_2", WHOLE_SCHOOL - {"leading_group"}),
    ),
    *each(
        "attendance:roll-call-clubs-back attendance:roll-call-print",
        ("session", CALLERS_TODAY),
        ("session_of_grade_2", WHOLE_SCHOOL),
    ),
    ("attendance:sessions-print", "", LEADERS),
    ("attendance:sessions-not-finished", "", OFFICE),
    ("attendance:roll-call-stay-away", "marked", CALLERS_TODAY),
    ("attendance:roll-call-stay-away", "marked_of_grade_2", WHOLE_SCHOOL),
]


def furnish(world: "World") -> None:
    """Nothing yet."""
