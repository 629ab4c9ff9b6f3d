"""Training and volunteers: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from scheduling.enums import Attended, TrainingKind, VolunteerSource
from scheduling.models import Training, TrainingClass, TrainingPerson, Volunteer, VolunteerTurn
from tests.cast import NOW, TODAY
from tests.house.access_base import HEADS, NOBODY, OFFICE, PARENTS, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    ("scheduling:trainings", "", STAFF),
    ("scheduling:training-new", "kind_staff", OFFICE),
    ("scheduling:training-new", "kind_grade", only("office", "grade_leader")),
    ("scheduling:training", "training", only("office", "teacher")),
    ("scheduling:training", "talk", only("office", "head_teacher")),
    *each(
        "scheduling:training-edit scheduling:training-mark scheduling:training-close scheduling:training-cancel "
        "scheduling:training-paper",
        ("training", OFFICE),
    ),
    ("scheduling:training-person-remove", "training_person", OFFICE),
    ("scheduling:training-class-told", "talk_to_class", only("office", "head_teacher")),
    # Parents offer themselves and end it, the head teacher proposes, the office decides.
    ("scheduling:my-volunteering", "", PARENTS),
    ("scheduling:my-volunteering-end", "volunteer", only("guardian")),
    ("scheduling:volunteer-today", "", NOBODY),  # nobody of the cast is approved
    *each("scheduling:volunteers scheduling:volunteer-propose", ("", HEADS | OFFICE)),
    *each("scheduling:volunteer-place scheduling:volunteer-most", ("", OFFICE)),
    ("scheduling:volunteer-decide", "volunteer", OFFICE),
    ("scheduling:volunteer-turn-cancel", "volunteer_turn", OFFICE),
    # Whether a volunteer came says the teacher of the session.
    ("scheduling:volunteer-turn-came", "volunteer_turn", only("office", "teacher")),
]


def furnish(world: "World") -> None:
    """A training of the teacher, a talk to class 1-1, and the guardian as a volunteer who waits, beside the teacher today."""
    cast = world.cast
    common = {"term": cast.term, "date": TODAY, "made_by": cast.office.user}
    training = Training.objects.create(**common, kind=TrainingKind.STAFF, title="岗前培训")
    talk = Training.objects.create(**common, kind=TrainingKind.SAFETY, title="安全教育")
    volunteer = Volunteer.objects.create(
        term=cast.term,
        guardian=cast.guardian,
        source=VolunteerSource.SELF,
        about="陪读",
        proposed_by=cast.guardian.user,
        proposed_at=NOW,
    )
    world.keep(
        kind_staff={"kind": "staff"},
        kind_grade={"kind": "grade"},
        training=training,
        talk=talk,
        training_person=TrainingPerson.objects.create(training=training, teacher=cast.teacher, state=Attended.INVITED),
        talk_to_class=TrainingClass.objects.create(training=talk, school_class=cast.classes[0]),
        volunteer=volunteer,
        volunteer_turn=VolunteerTurn.objects.create(
            volunteer=volunteer, session=cast.session, by=cast.office.user, at=NOW
        ),
    )
