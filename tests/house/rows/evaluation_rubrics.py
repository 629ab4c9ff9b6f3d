"""Who may open what (rubrics), and the things for it in the world."""

from typing import TYPE_CHECKING

from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import Rubric, ScoreSheet, SheetObjection
from tests.cast import NOW
from tests.house.access_base import NOBODY, OFFICE, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
PERIOD = READERS | only("grade_leader")
ROLES_OF_PERIOD = "evaluation:teacher-period-sheet evaluation:teacher-period-save"
ROWS: list[Row] = [
    ("evaluation:teacher-periods", "", PERIOD),
    ("evaluation:teacher-period", "teachers_month", PERIOD),
    ("evaluation:teacher-period", "teachers_term", PERIOD),
    *each(ROLES_OF_PERIOD, ("teacher_in_month", PERIOD), ("teacher_in_term", READERS), ("office_in_month", NOBODY)),
    ("evaluation:teacher-sheet-object", "teacher_sheet", only("teacher")),
    ("evaluation:sheet-paper", "teacher_sheet", READERS | only("grade_leader", "duty_leader", "teacher")),
    ("evaluation:sheet-paper", "teacher_draft", NOBODY),
    ("evaluation:sheet-paper", "child_sheet", only("teacher", "other_teacher", "office", "guardian")),
    ("evaluation:sheet-paper", "child_sheet_of_grade_2", OFFICE),
    ("evaluation:objection-answer", "objection", READERS),
    ("evaluation:results", "", READERS),
    *each("evaluation:results-paper evaluation:results-follow", ("", READERS)),
    *each("evaluation:result evaluation:result-decide", ("teacher_of_group", READERS)),
    ("evaluation:rubric-version", "rubric_version", STAFF),
    *each("evaluation:rubric-edit evaluation:rubric-save", ("rubric_kind", OFFICE)),
]


def furnish(world: "World") -> None:
    """A month's sheet with an objection, and the periods as addresses name them."""
    cast = world.cast
    rubric = Rubric.objects.get(kind=RubricKind.TEACHER, active=True)
    sheet = ScoreSheet.objects.create(
        term=cast.term, rubric=rubric, occasion=Occasion.TERM, teacher=cast.other_teacher, date=cast.term.ends_on,
        state=SheetState.FINAL, scored_by=cast.duty_leader.user, scored_at=NOW,
    )  # fmt: skip
    objection = SheetObjection.objects.create(sheet=sheet, text="第一项不对。", by=cast.other_teacher.user, at=NOW)
    world.keep(
        teachers_month={"period": "2026-09"},
        teachers_term={"period": "term"},
        teacher_in_month={"period": "2026-09", "pk": cast.teacher.pk},
        teacher_in_term={"period": "term", "pk": cast.teacher.pk},
        office_in_month={"period": "2026-09", "pk": cast.office.pk},
        objection=objection,
        teacher_of_group=cast.teacher,
        rubric_version=rubric,
        rubric_kind={"kind": "teacher"},
    )
