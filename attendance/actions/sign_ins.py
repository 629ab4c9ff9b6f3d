"""A teacher's sign-in: by opening the roll call, or entered by the office with a reason (rules of attendance, section 8)."""

from afterschool.school.access import Actor
from afterschool.school.models import Session
from afterschool.support import clock
from attendance.devices import NO_DEVICE, Device
from attendance.enums import SignInSource
from attendance.models import ClassroomDevice, SignIn
from attendance.networks import within
from attendance.queries.settings import afternoon


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
    return SignIn.objects.create(
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


def from_school(session: Session, device: Device) -> bool | None:
    """Tell whether a device stands at school: in its networks, or a registered classroom PC; nothing where none are set."""
    networks = afternoon(session.term).school_networks
    if not networks.strip():
        return None
    if within(device.address, networks):
        return True
    return bool(device.pc) and ClassroomDevice.objects.filter(device_id=device.pc, active=True).exists()
