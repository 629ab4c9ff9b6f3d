"""Who may open what (patrol), and the things for it in the world."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from attendance.models import StaffCheck
from evaluation.models import FollowUp, PatrolRound, PatrolVisit, VisitPhoto
from tests.cast import NOW, TODAY
from tests.house.access_base import LEADERS, NOBODY, OFFICE, STAFF, WHOLE_SCHOOL, WORLD, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

JUDGES = only("office", "leading_group", "duty_leader")  # who walked, and those who settle it
ROWS: list[Row] = [
    *each("evaluation:patrol-shell evaluation:patrol-worker", ("", WORLD)),
    *each(
        "evaluation:patrol evaluation:patrol-start evaluation:patrol-send evaluation:patrol-numbers evaluation:patrol-end"
        " evaluation:patrol-resume evaluation:patrol-record",
        ("", LEADERS),
    ),
    ("evaluation:patrol-record-paper", "", WHOLE_SCHOOL),
    ("evaluation:patrol-session", "session", LEADERS),
    ("evaluation:patrol-session", "session_of_grade_2", WHOLE_SCHOOL),
    ("evaluation:patrol-mine", "", STAFF),
    ("evaluation:patrol-visit", "patrol_visit", LEADERS | {"teacher", "service_centre"}),
    ("evaluation:patrol-visit", "patrol_visit_of_grade_2", WHOLE_SCHOOL),
    ("evaluation:patrol-photo", "patrol_photo", LEADERS | {"teacher", "service_centre"}),
    *each("evaluation:patrol-correct evaluation:patrol-photo-add", ("patrol_visit", only("duty_leader"))),
    ("evaluation:patrol-explain", "patrol_visit", only("teacher")),
    ("evaluation:patrol-explain", "patrol_visit_of_grade_2", NOBODY),
    *each("evaluation:patrol-accept evaluation:patrol-refuse", ("patrol_visit_explained", JUDGES)),
    ("evaluation:patrol-ask", "patrol_visit", LEADERS),
    ("evaluation:patrol-follow-up-done", "follow_up", OFFICE | {"service_centre"}),
]


def furnish(world: "World") -> None:
    """A round of the duty leader: a difference in class 1-1, one explained, one in grade 2; something to do."""
    cast = world.cast
    walk = PatrolRound.objects.create(term=cast.term, date=TODAY, teacher=cast.duty_leader, started_at=NOW)

    def visit(session_pk: int, walk: PatrolRound, *, own: bool, **values: object) -> PatrolVisit:
        teacher = cast.teacher if own else None
        look = StaffCheck.objects.create(
            session_id=session_pk, teacher=teacher, at=NOW, there=True, by=cast.duty_leader.user
        )
        return PatrolVisit.objects.create(
            round=walk, session_id=session_pk, check_made=look, at=NOW, expected=6, counted=5, **values
        )

    earlier = PatrolRound.objects.create(
        term=cast.term, date=cast.term.service_starts_on, teacher=cast.duty_leader, started_at=NOW
    )
    made = visit(cast.session.pk, walk, own=True)
    explained = visit(
        cast.session.pk,
        earlier,
        own=True,
        explanation_state="given",
        explanation="1 人在医务室",
        explained_by=cast.teacher.user,
        explained_at=NOW,
    )
    photo = VisitPhoto(visit=made, name="灯.jpg", media_type="image/jpeg", size=10, by=cast.duty_leader.user, at=NOW)
    photo.file.save("picture.jpg", ContentFile(b"\xff\xd8\xff x"), save=False)
    photo.save()
    world.keep(
        patrol_visit=made,
        patrol_visit_explained=explained,
        patrol_visit_of_grade_2=visit(world.things["session_of_grade_2"]["pk"], walk, own=False),
        follow_up=FollowUp.objects.create(
            term=cast.term,
            visit=made,
            text="换一盏灯",
            owner=cast.service_centre,
            due_on=TODAY,
            asked_by=cast.duty_leader.user,
            asked_at=NOW,
        ),
    )
    world.things["patrol_photo"] = {"pk": made.pk, "photo_pk": photo.pk}
