"""Sessions that are over and that nobody left any record of: the office asks, and writes down what it was told."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Session, Teacher, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.actions.flags import recount
from attendance.models import StaffCheck
from attendance.queries.discipline import without_record
from scheduling.actions.sessions import cancel_past
from scheduling.models import Duty


def _checked(session: Session, reason: str, by: Actor) -> tuple[User, str]:
    """Return who asked and the reason, or refuse: reason_missing, on_record (somebody left a record since)."""
    if by.user is None or not by.is_office:
        raise PermissionDenied
    reason = reason.strip()[:100]
    if not reason:
        raise Refused("reason_missing", "请写明问了谁、是怎么回事。")
    if not without_record(session.term).filter(pk=session.pk).exists():
        raise Refused("on_record", "这一场已经有记录，请看当天的到岗。")
    return by.user, reason


@transaction.atomic
def say_absent(*, session: Session, held_by: Teacher | None = None, reason: str, by: Actor) -> StaffCheck:
    """Say that a session was held and its teacher did not come; `held_by` had the children. The rules count anew.

    Who wrote this down does not decide on the flag. Refused: reason_missing, on_record, own, held_by_own.
    """
    user, reason = _checked(session, reason, by)
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").get()
    if by.teacher is not None and by.teacher.pk == duty.teacher_id:
        raise Refused("own", "这是您自己的班，请另一位同事来记。")
    if held_by == duty.teacher:
        raise Refused("held_by_own", "教师在的，请补记到岗。")
    row = StaffCheck.objects.create(
        session=session,
        teacher=duty.teacher,
        at=clock.now(),
        there=False,
        held_by=held_by,
        nobody=held_by is None,
        note=reason,
        by=user,
    )
    data = {"there": False, "afterwards": True}
    record("session.checked", subject=session, by=by, term_id=session.term_id, data=data, note=reason)
    recount(session.term, [duty.teacher_id], by=by)
    return row


@transaction.atomic
def say_not_held(*, session: Session, reason: str, by: Actor) -> None:
    """Say that a session did not take place: it is cancelled and counts for nobody. Refused: reason_missing, on_record."""
    _, reason = _checked(session, reason, by)
    if not cancel_past(session, reason):
        raise somebody_was_faster()
    record("session.not_held", subject=session, by=by, term_id=session.term_id, note=reason)
