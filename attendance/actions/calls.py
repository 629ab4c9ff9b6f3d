"""Calls to guardians about a child of the day, noted with time and answer."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Guardian, Guardianship, StaffRole
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.told import child_url
from attendance.enums import CallOutcome, CustodyState
from attendance.models import CallNote, ChildDay


@transaction.atomic
def note_call(
    child_day: ChildDay, *, guardian: Guardian | None = None, outcome: str, text: str = "", by: Actor
) -> CallNote:
    """Note a call. Nobody reached after dismissal: head teacher and duty leaders are told, once a day for a child.

    Refused: not_staff, nobody_called (neither a guardian nor words about who was called), not_a_guardian.
    """
    if by.teacher is None or by.user is None:
        raise Refused("not_staff", "只有学校的人能记电话。")
    if guardian is None and not text:
        raise Refused("nobody_called", "请写明打给了谁。")
    if guardian and not Guardianship.objects.filter(guardian=guardian, student=child_day.student_id).exists():
        raise Refused("not_a_guardian", "这个人不是孩子的家长。")
    told_before = child_day.calls.exists()
    call = CallNote.objects.create(
        child_day=child_day, guardian=guardian, outcome=outcome, text=text[:200], by=by.user, at=clock.now()
    )
    if outcome == CallOutcome.NOT_REACHED and not told_before and _waits(child_day):
        _tell_nobody_reached(child_day, by)
    return call


def _waits(child_day: ChildDay) -> bool:
    """Tell whether the child stands with a teacher though its session is over."""
    session = child_day.session
    if session is None or child_day.state not in (CustodyState.GROUP, CustodyState.CLUB):
        return False
    return clock.now() >= clock.at(child_day.date, session.ends_at)


def _tell_nobody_reached(child_day: ChildDay, by: Actor) -> None:
    leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__active=True, teacher__user__isnull=False)
    recipients = list(leaders.values_list("teacher__user_id", flat=True))
    school_class = child_day.student.school_class
    if school_class and school_class.head_teacher and school_class.head_teacher.user_id:
        recipients.append(school_class.head_teacher.user_id)
    note = Note(
        recipients,
        "custody.nobody_reached",
        f"{child_day.student.name} 放学后没人来接，家长没联系上",
        child_day.student_id,
        child_day.term_id,
        body="孩子还在老师身边。要不要转延时托管，由值班行政决定。",
        url=child_url(child_day.pk),
    )
    tell_many([note], by=by)
