"""Who may open what (discipline), and the things for it in the world."""

from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile

from attendance.defaults import install_attendance_rules
from attendance.models import (
    AttendanceRule,
    Breach,
    BreachFile,
    ClassroomDevice,
    Flag,
    FlagDecision,
    FlagRecord,
    FlagStatement,
)
from scheduling.models import Duty
from tests.cast import NOW, TODAY
from tests.house.access_base import NOBODY, OFFICE, STAFF, WHOLE_SCHOOL, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
RECORDERS = only("duty_leader", "leading_group")
ROWS: list[Row] = [
    ("attendance:my-attendance", "", STAFF),
    *each("attendance:teacher-flags attendance:teacher-day", ("", READERS)),
    ("attendance:teacher-sign-in", "duty", OFFICE),
    ("attendance:unrecorded-settle", "session", OFFICE),
    *each("attendance:attendance-rules attendance:devices attendance:networks-set attendance:device-add", ("", OFFICE)),
    ("attendance:device-remove", "classroom_pc", OFFICE),
    ("attendance:staff-checks", "", WHOLE_SCHOOL),
    *each("attendance:staff-check-new attendance:staff-check-add", ("session", WHOLE_SCHOOL)),
    ("attendance:flag", "flag", READERS | {"teacher"}),
    ("attendance:flag", "flag_of_grade_2", READERS),
    ("attendance:flag-answer", "flag", only("teacher")),
    ("attendance:flag-answer", "flag_of_grade_2", NOBODY),
    # The office decides, and never twice: the appeal is another's.
    ("attendance:flag-decide", "flag", OFFICE),
    ("attendance:flag-decide", "flag_appealed", only("leading_group")),
    ("attendance:flag-appeal", "flag_decided", only("teacher")),
    *each("attendance:flag-keep attendance:flag-drop", ("flag_changed", OFFICE)),
    # A breach is for its recorder, its second person and the teacher; corporal punishment for the leading group alone.
    ("attendance:breaches", "", WHOLE_SCHOOL),
    ("attendance:breach-new", "", RECORDERS),
    ("attendance:breach", "breach", READERS | {"duty_leader", "teacher"}),
    ("attendance:breach", "corporal", RECORDERS),
    ("attendance:breach-file", "breach_file", READERS | {"duty_leader", "teacher"}),
    ("attendance:breach-file", "corporal_file", RECORDERS),
    ("attendance:breach-file-add", "breach", only("duty_leader")),
    ("attendance:breach-answer", "breach", only("teacher")),
    ("attendance:breach-answer", "corporal", NOBODY),
    ("attendance:breach-ask", "corporal", only("leading_group")),
    *each(
        "attendance:breach-confirm attendance:breach-dismiss", ("breach", READERS), ("corporal", only("leading_group"))
    ),
]


def furnish(world: "World") -> None:
    """Flags of `teacher` in each state, one of a stranger; a registered PC."""
    cast = world.cast
    install_attendance_rules(cast.term)
    rules = list(AttendanceRule.objects.filter(term=cast.term))
    own = Duty.objects.get(session=cast.session, active=True)
    foreign = Duty.objects.get(session=world.things["session_of_grade_2"]["pk"], active=True)

    def flag(rule: AttendanceRule, duty: Duty, state: str) -> Flag:
        row = Flag.objects.create(
            term=cast.term,
            rule=rule,
            teacher=duty.teacher,
            first_day=TODAY,
            last_day=TODAY,
            state=state,
            raised_at=NOW,
        )
        FlagRecord.objects.create(flag=row, duty=duty, kind=rule.kind)
        return row

    decided: dict[str, Any] = {"verdict": "truant", "reason": "没有请假", "by": cast.office.user, "at": NOW}
    made = [flag(rule, own, state) for rule, state in zip(rules, ["open", "decided", "decided", "review"], strict=True)]
    for row in made[1:]:
        FlagDecision.objects.create(flag=row, **decided)
    FlagStatement.objects.create(flag=made[2], kind="appeal", text="有病历", by=cast.teacher.user, at=NOW)
    world.keep(
        flag=made[0],
        flag_decided=made[1],
        flag_appealed=made[2],
        flag_changed=made[3],
        flag_of_grade_2=flag(rules[0], foreign, "open"),
        classroom_pc=ClassroomDevice.objects.create(
            device_id="key-of-a-pc", name="一（1）班电脑", added_by=cast.office.user, added_at=NOW
        ),
    )
    for name, kind in [("breach", "phone"), ("corporal", "corporal")]:
        breach = Breach.objects.create(
            term=cast.term,
            teacher=cast.teacher,
            kind=kind,
            seen_at=NOW,
            place="一（1）班",
            evidence="看到的",
            recorded_by=cast.duty_leader.user,
            recorded_at=NOW,
        )
        content = ContentFile(b"%PDF-1.7 x", name="paper.pdf")
        paper = {
            "name": "登记.pdf",
            "media_type": "application/pdf",
            "size": 10,
            "by": cast.duty_leader.user,
            "at": NOW,
        }
        file = BreachFile.objects.create(breach=breach, file=content, **paper)
        world.things |= {name: {"pk": breach.pk}, f"{name}_file": {"pk": breach.pk, "file_pk": file.pk}}
