"""Who may open what (incidents), and the things for it in the world."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from attendance.enums import IncidentCategory, IncidentKind, IncidentState
from attendance.models import Incident, IncidentFile
from tests.cast import NOW
from tests.house.access_base import OFFICE, STAFF, WHOLE_SCHOOL, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

ROWS: list[Row] = [
    *each("attendance:emergency attendance:emergency-paper", ("", STAFF)),
    *each("attendance:emergency-posts attendance:emergency-numbers", ("", OFFICE)),
    *each(
        "attendance:incidents attendance:incident-bar attendance:incident-alarm attendance:incident-raise", ("", STAFF)
    ),
    # All staff see an incident and write into it; what only a leader decides is refused with a sentence, not hidden.
    *each(
        "attendance:incident attendance:incident-board attendance:incident-confirm attendance:incident-start"
        " attendance:incident-dismiss attendance:incident-note attendance:incident-report attendance:incident-attach",
        ("incident", STAFF),
    ),
    ("attendance:incident-end", "incident", only("duty_leader", "leading_group")),
    ("attendance:incident-paper", "incident", WHOLE_SCHOOL),
    ("attendance:incident-file", "incident_file", WHOLE_SCHOOL | {"other_teacher"}),
    *each("attendance:incident-count attendance:incident-count-save", ("count", WHOLE_SCHOOL | {"teacher"})),
]


def furnish(world: "World") -> None:
    """A drill that runs, and a paper that `other_teacher` brought."""
    cast = world.cast
    drill = Incident.objects.create(
        term=cast.term,
        kind=IncidentKind.DRILL,
        category=IncidentCategory.FIRE,
        place="三楼西侧",
        state=IncidentState.RUNNING,
        alarm_by=cast.teacher.user,
        alarm_at=NOW,
        started_by=cast.duty_leader.user,
        started_at=NOW,
    )
    paper = IncidentFile(
        incident=drill, name="现场.pdf", media_type="application/pdf", size=5, by=cast.other_teacher.user, at=NOW
    )
    paper.file.save("paper.pdf", ContentFile(b"%PDF-"), save=True)
    world.keep(incident=drill, incident_file=paper, count={"pk": drill.pk, "holder": cast.teacher.pk})
    world.bodies["attendance:incident-raise"] = {"kind": "drill", "category": "quake", "place": "操场"}
