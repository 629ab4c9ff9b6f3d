"""Leave, stand-ins and swaps: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from scheduling.models import Duty, Substitution, TeacherLeave
from tests.cast import NOW, TODAY
from tests.house.access_base import LEADERS, OFFICE, STAFF, TEACHERS, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

DECIDERS = only("grade_leader", "office")
OWNER_AND_DECIDERS = DECIDERS | {"teacher"}
ROWS: list[Row] = [
    *each("scheduling:standins scheduling:standins-leave-new", ("", STAFF)),
    ("scheduling:standins-desk", "", DECIDERS),
    *each(
        "scheduling:standins-leave scheduling:standins-leave-cancel",
        ("teacher_leave", OWNER_AND_DECIDERS),
        ("teacher_leave_of_grade_2", OFFICE),
    ),
    *each(
        "scheduling:standins-leave-confirm scheduling:standins-leave-decline",
        ("teacher_leave", DECIDERS),
        ("teacher_leave_of_grade_2", OFFICE),
    ),
    *each(
        "scheduling:standins-duty scheduling:standins-duty-ask scheduling:standins-duty-swap",
        ("duty", OWNER_AND_DECIDERS),
        ("duty_of_grade_2", OFFICE),
    ),
    *each("scheduling:standins-duty-place", ("duty", DECIDERS), ("duty_of_grade_2", OFFICE)),
    # One asked: the other answers and nobody else; its owner and who leads take it back; who leads decides.
    *each(
        "scheduling:standins-accept scheduling:standins-decline",
        ("substitution", only("other_teacher")),
        ("substitution_of_grade_2", only("service_centre")),
    ),
    *each(
        "scheduling:standins-confirm scheduling:standins-place scheduling:standins-refuse",
        ("substitution", DECIDERS),
        ("substitution_of_grade_2", OFFICE),
    ),
    *each("scheduling:standins-cancel", ("substitution", OWNER_AND_DECIDERS), ("substitution_of_grade_2", OFFICE)),
    *each(
        "scheduling:standins-record scheduling:standins-record-paper scheduling:standins-record-excel", ("", LEADERS)
    ),
    ("scheduling:standins-load", "", TEACHERS | LEADERS),
]


def furnish(world: "World") -> None:
    """A leave and a request of `teacher` for today, asked of `other_teacher`; the same of grade 2, of strangers."""
    cast = world.cast
    own = Duty.objects.get(session=cast.session, active=True)
    foreign = Duty.objects.get(session=world.things["session_of_grade_2"]["pk"], active=True)
    days = {"term": cast.term, "kind": "personal", "first_day": TODAY, "last_day": TODAY, "asked_at": NOW}
    asked = {"term": cast.term, "kind": "stand_in", "asked_at": NOW, "reason": "家里有事"}
    common = {"asked_by": cast.office.user}
    world.keep(
        duty=own,
        duty_of_grade_2=foreign,
        teacher_leave=TeacherLeave.objects.create(teacher=cast.teacher, **days, **common),
        teacher_leave_of_grade_2=TeacherLeave.objects.create(teacher=foreign.teacher, **days, **common),
        substitution=Substitution.objects.create(duty=own, teacher=cast.other_teacher, **asked, **common),
        substitution_of_grade_2=Substitution.objects.create(
            duty=foreign, teacher=cast.service_centre, **asked, **common
        ),
    )
