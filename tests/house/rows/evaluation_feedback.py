"""Messages from parents: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from evaluation.models import Feedback
from tests.cast import NOW, TODAY
from tests.house.access_base import OFFICE, PARENTS, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

DESK = only("office", "leading_group")
ROWS: list[Row] = [
    *each("evaluation:feedback-write evaluation:feedback-by-code", ("", PARENTS)),
    ("evaluation:my-feedback", "feedback", only("other_guardian")),
    ("evaluation:my-feedback", "feedback_unnamed", only()),
    ("evaluation:feedback", "", STAFF),
    *each(
        "evaluation:feedback-one evaluation:feedback-find",
        ("feedback", DESK | only("grade_leader")),  # who was asked to look into it
        ("feedback_unnamed", DESK),
        ("feedback_about_office", only("leading_group")),  # nobody handles what is about oneself
    ),
    *each("evaluation:feedback-answer evaluation:feedback-assign evaluation:feedback-close", ("feedback", OFFICE)),
]


def furnish(world: "World") -> None:
    """One with a name that the grade leader looks into, one without, one about the office's own person."""
    cast = world.cast
    world.keep(
        feedback=Feedback.objects.create(
            term=cast.term, kind="complaint", text="放学太乱", user=cast.other_guardian.user, student=cast.students[1],
            sent_on=TODAY, sent_at=NOW, owner=cast.grade_leader, teacher=cast.teacher,
        ),
        feedback_unnamed=Feedback.objects.create(
            term=cast.term, kind="suggestion", text="多一点体育", code_hash="h" * 64, sent_on=TODAY
        ),
        feedback_about_office=Feedback.objects.create(
            term=cast.term, kind="complaint", text="电话没人接", code_hash="i" * 64, sent_on=TODAY, teacher=cast.office
        ),
    )  # fmt: skip
