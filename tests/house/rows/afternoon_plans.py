"""Who may open what (plans), and the things for it in the world."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from afterschool.school.models import Session
from attendance.actions.notes import note_child
from attendance.enums import ChildNoteKind, MarkState, PlanState
from attendance.models import Mark, PlanFile, WeekPlan
from attendance.planning import monday_of
from tests.cast import NOW, TODAY
from tests.house.access_base import HEADS, LEADERS, NOBODY, OFFICE, TEACHERS, WHOLE_SCHOOL, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

# The group meets today with `teacher` and tomorrow with `other_teacher`: both write the week's plan.
WRITERS = only("teacher", "other_teacher")
CHECKERS = only("grade_leader", "office")
HERE_TODAY = only("teacher", "office")

ROWS: list[Row] = [
    ("attendance:plans-mine", "", TEACHERS | LEADERS),
    *each("attendance:plans attendance:plans-print", ("", LEADERS)),
    ("attendance:plans-see", "", CHECKERS),
    *each("attendance:plan", ("plan_week", WRITERS | LEADERS), ("plan_week_of_grade_2", WHOLE_SCHOOL)),
    *each("attendance:plan-file-add", ("plan_week", WRITERS), ("plan_week_of_grade_2", NOBODY)),
    *each("attendance:plan-paper", ("week_plan", WRITERS | LEADERS), ("week_plan_of_grade_2", WHOLE_SCHOOL)),
    *each("attendance:plan-file", ("plan_file", WRITERS | LEADERS), ("plan_file_of_grade_2", WHOLE_SCHOOL)),
    *each("attendance:plan-file-remove", ("plan_file", WRITERS), ("plan_file_of_grade_2", NOBODY)),
    *each("attendance:plan-take-back", ("week_plan", WRITERS), ("week_plan_of_grade_2", NOBODY)),
    *each("attendance:plan-return", ("week_plan", CHECKERS), ("week_plan_of_grade_2", OFFICE)),
    *each("attendance:session-note", ("session", LEADERS | {"teacher"}), ("session_of_grade_2", WHOLE_SCHOOL)),
    *each("attendance:session-children", ("session", HERE_TODAY), ("session_of_grade_2", OFFICE)),
    *each("attendance:session-homework", ("session", only("teacher")), ("session_of_grade_2", NOBODY)),
    ("attendance:child-note", "child_note", HERE_TODAY),
    ("attendance:child-note-remove", "child_note", only("teacher")),
    ("attendance:child-notes", "", HEADS),
    *each("attendance:my-child-notes", ("child", only("guardian")), ("neighbour", only("other_guardian"))),
]


def furnish(world: "World") -> None:
    """A plan of this week with a file, handed in, for the group of class 1-1; one of grade 2; a word about a child."""
    cast = world.cast
    week = monday_of(TODAY)
    other = world.things["session_of_grade_2"]["pk"]
    group_of_grade_2 = Session.objects.get(pk=other).group
    made = {"term": cast.term, "monday": week, "written_by": cast.teacher.user, "written_at": NOW}
    made |= {"state": PlanState.HANDED_IN, "handed_in_by": cast.teacher.user, "handed_in_at": NOW}
    plan = WeekPlan.objects.create(group=cast.group, **made)
    plan_2 = WeekPlan.objects.create(group=group_of_grade_2, **made)
    paper = {"name": "折纸.pdf", "media_type": "application/pdf", "size": 4, "by": cast.teacher.user, "at": NOW}
    mark = Mark.objects.filter(roll_call__session=cast.session).first()
    Mark.objects.filter(pk=mark.pk).update(state=MarkState.PRESENT, marked_by=cast.teacher.user, marked_at=NOW)
    note = note_child(
        session=cast.session,
        student=mark.student,
        kind=ChildNoteKind.PRAISE,
        text="把图书角收拾得很整齐",
        by=cast.actor("teacher"),
    )
    world.bodies["attendance:plans-print"] = {"week": week.isoformat()}
    address = {"week": week.isoformat()}
    world.keep(
        week_plan=plan,
        week_plan_of_grade_2=plan_2,
        plan_week={"pk": cast.group.pk} | address,
        plan_week_of_grade_2={"pk": group_of_grade_2.pk} | address,
        plan_file=PlanFile.objects.create(plan=plan, file=ContentFile(b"%PDF", name="a.pdf"), **paper),
        plan_file_of_grade_2=PlanFile.objects.create(plan=plan_2, file=ContentFile(b"%PDF", name="b.pdf"), **paper),
        child_note=note,
    )
