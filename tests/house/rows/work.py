"""The work list: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from afterschool.school.enums import Role
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem
from tests.cast import NOW, TODAY
from tests.house.access_base import OFFICE, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    ("scheduling:my-work", "", STAFF),
    *each(
        "scheduling:work scheduling:work-list scheduling:work-begin scheduling:work-paper scheduling:work-item-new",
        ("", OFFICE),
    ),
    *each("scheduling:work-item scheduling:work-item-switch scheduling:work-item-move", ("work_item", OFFICE)),
    # A task is that of its person, or of whoever holds the post; the office sees to all.
    *each(
        "scheduling:work-done scheduling:work-hand-over",
        ("task_of_grade", only("grade_leader", "office")),
        ("task_of_teacher", only("teacher", "office")),
    ),
    ("scheduling:work-undo", "task_done", only("teacher", "office")),
    ("scheduling:work-drop", "task_of_grade", OFFICE),
]


def furnish(world: "World") -> None:
    """A line of the work list whose task is any grade leader's, and tasks of one teacher: one open, one done."""
    cast = world.cast
    item = WorkItem.objects.create(
        term=cast.term,
        order=1,
        department="年级组",
        text="巡视本年级组",
        role=Role.GRADE_LEADER,
        when=WorkRule.ON_DATE,
        date=TODAY,
        since=TODAY,
    )
    common = {"item": item, "term": cast.term, "due_on": TODAY}
    done = {"state": TaskState.DONE, "done_at": NOW, "done_by": cast.teacher.user}
    world.keep(
        work_item=item,
        task_of_grade=Task.objects.create(**common),
        task_of_teacher=Task.objects.create(**common, teacher=cast.teacher),
        task_done=Task.objects.create(
            **(common | {"due_on": cast.term.service_starts_on}), teacher=cast.teacher, **done
        ),
    )
