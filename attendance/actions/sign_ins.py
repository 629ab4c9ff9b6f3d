"""A teacher's sign-in: by opening the roll call, or entered by the office with a reason (rules of attendance, section 8)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.flags import recount
from attendance.devices import NO_DEVICE, Device
from attendance.enums import SignInSource
from attendance.models import ClassroomDevice, SignIn
from attendance.networks import within
from attendance.queries.settings import afternoon
from scheduling.models import Duty


def sign_in(*, session: Session, by: Actor, device: Device = NO_DEVICE) -> SignIn | None:
    """Sign the person in by opening the roll call, once; once more only where the first was not from the school."""
    if by.teacher is None or by.user is None:
        return None
    known = SignIn.objects.filter(session=session, teacher=by.teacher, source=SignInSource.ROLL_CALL)
    earlier = list(known.values_list("from_school", flat=True))
    here = from_school(session, device)
    if any(before is not False for before in earlier) or (earlier and here is False):
        return None
    now = clock.now()
    made = SignIn.objects.create(
        session=session,
        teacher=by.teacher,
        source=SignInSource.ROLL_CALL,
        at=now,
        device_at=device.at,
        device_id=device.id[:40],
        from_school=here,
        sent_later=device.sent_later(now),
        by=by.user,
    )
    if now > clock.at(session.date, session.starts_at):
        recount(session.term, [by.teacher.pk])
    return made


@transaction.atomic
def enter(*, duty: Duty, at: datetime, reason: str, by: Actor) -> SignIn:
    """Enter that a teacher was there (补记), with a reason: by the office, never for oneself.

    Refused: reason_missing, time_wrong (in the future, or not on the day of the session), own.
    """
    if by.user is None or not by.is_office:
        raise PermissionDenied
    if by.teacher is not None and by.teacher.pk == duty.teacher_id:
        raise Refused("own", "自己的到岗由另一位同事补记。")
    session, reason = duty.session, reason.strip()[:100]
    if not reason:
        raise Refused("reason_missing", "请写明原因，例如：停电，按纸质点名册补记。")
    if at > clock.now() or at.astimezone(clock.SHANGHAI).date() != session.date:
        raise Refused("time_wrong", "时间要在这一场的当天，不能晚于现在。")
    row = SignIn.objects.create(
        session=session, teacher=duty.teacher, source=SignInSource.OFFICE, at=at, reason=reason, by=by.user
    )
    data = {"teacher": duty.teacher_id, "at": at.isoformat()}
    record("sign_in.entered", subject=session, by=by, term_id=session.term_id, data=data, note=reason)
    recount(session.term, [duty.teacher_id], by=by)
    return row


def from_school(session: Session, device: Device) -> bool | None:
    """Tell whether a device stands at school: in its networks, or a registered classroom PC; nothing where none are set."""
    networks = afternoon(session.term).school_networks
    if not networks.strip():
        return None
    if within(device.address, networks):
        return True
    return bool(device.pc) and ClassroomDevice.objects.filter(device_id=device.pc, active=True).exists()
