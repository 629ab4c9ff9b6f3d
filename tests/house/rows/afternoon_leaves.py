"""Who may open what (leaves), and the things for it in the world."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from attendance.enums import LeaveSource
from attendance.models import DayFetcher
from tests.cast import NOW, TODAY
from tests.house.access_base import FAMILY_AND_CLASS, OFFICE, PARENTS, TEACHERS, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

# The family, the class, the office; and today who has the child's group.
OF_TODAY = FAMILY_AND_CLASS | {"teacher"}
ROWS: list[Row] = [
    *each("attendance:leave-list attendance:leave-slips", ("", TEACHERS | OFFICE)),
    ("attendance:leave-mine", "", PARENTS),
    *each(
        "attendance:leave-new attendance:pickup-change-new",
        ("child", OF_TODAY),
        ("neighbour", only("other_guardian", "head_teacher", "teacher", "office")),
        ("child_of_grade_2", OFFICE),
    ),
    ("attendance:leave-cancel", "leave", FAMILY_AND_CLASS),
    ("attendance:leave-cancel", "leave_of_grade_2", OFFICE),
    ("attendance:pickup-change-cancel", "change", only("other_guardian", "head_teacher", "office")),
    ("attendance:pickup-change-cancel", "change_of_grade_2", OFFICE),
    ("attendance:fetcher-cancel", "fetcher", OF_TODAY),
    ("attendance:fetcher-cancel", "fetcher_tomorrow", FAMILY_AND_CLASS),
    ("attendance:fetcher-cancel", "fetcher_of_grade_2", OFFICE),
    ("attendance:afternoon-settings", "", OFFICE),
]


def furnish(world: "World") -> None:
    """An aunt who fetches today, one who comes tomorrow, one in grade 2."""
    cast = world.cast

    def aunt(number: int, day: date) -> DayFetcher:
        return DayFetcher.objects.create(
            term=cast.term,
            student=cast.students[number],
            first_day=day,
            last_day=day,
            name="周小慧",
            relation="姑姑",
            source=LeaveSource.GUARDIAN,
            asked_by=cast.guardian.user,
            asked_at=NOW,
        )

    world.keep(
        fetcher=aunt(0, TODAY), fetcher_tomorrow=aunt(0, TODAY + timedelta(days=1)), fetcher_of_grade_2=aunt(12, TODAY)
    )
