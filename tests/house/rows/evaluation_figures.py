"""Half-monthly figures and class tables: who may open what, and the things for it in the world."""

from datetime import timedelta
from typing import TYPE_CHECKING

from evaluation.models import ClassTable, ClassTableVersion, HalfMonth
from tests.cast import NOW, TODAY
from tests.house.access_base import HEADS, OFFICE, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
OF_TABLES = HEADS | only("grade_leader", "office", "leading_group")
ROWS: list[Row] = [
    ("evaluation:figures", "", READERS),
    ("evaluation:figures-columns", "", OFFICE),
    *each("evaluation:figures-report evaluation:figures-paper", ("half_month", READERS)),
    *each(
        "evaluation:figures-send evaluation:figures-correct evaluation:figures-drop evaluation:figures-type",
        ("half_month", OFFICE),
    ),
    ("evaluation:class-tables", "", OF_TABLES),
    ("evaluation:class-tables-remind", "", only("grade_leader", "office")),
    *each(
        "evaluation:class-table evaluation:class-table-paper",
        ("class_table", only("head_teacher", "grade_leader", "office", "leading_group")),
        ("class_table_of_grade_2", READERS),
    ),
    *each(
        "evaluation:class-table-version",
        ("returned_table", only("head_teacher", "grade_leader", "office", "leading_group")),
        ("returned_table_of_grade_2", READERS),
    ),
    ("evaluation:class-table-confirm", "class_table", only("head_teacher", "office")),
    ("evaluation:class-table-confirm", "class_table_of_grade_2", OFFICE),
    ("evaluation:class-table-reopen", "class_table", OFFICE),
]


def furnish(world: "World") -> None:
    """A report that is due, and the tables of a class and of one of grade 2."""
    cast = world.cast
    due = TODAY - timedelta(days=6)
    world.keep(
        half_month=HalfMonth.objects.create(
            term=cast.term, due_on=due, first_day=cast.term.service_starts_on, last_day=due, made_at=NOW
        ),
        class_table=ClassTable.objects.create(term=cast.term, school_class=cast.classes[0], due_on=due),
        class_table_of_grade_2=ClassTable.objects.create(term=cast.term, school_class=cast.classes[2], due_on=due),
    )
    for name in ("class_table", "class_table_of_grade_2"):
        pk = world.things[name]["pk"]
        ClassTableVersion.objects.create(
            table_id=pk, version=1, confirmed_by=cast.office.user, confirmed_at=NOW,
            returned_by=cast.office.user, returned_at=NOW, reason="漏了",
        )  # fmt: skip
        world.keep(**{name.replace("class", "returned", 1): {"pk": pk, "number": 1}})
    world.bodies["evaluation:class-tables-remind"] = {"due": f"{due:%Y-%m-%d}"}
