"""From where a sign-in counts: the school's networks, and classroom PCs that were registered."""

from secrets import token_urlsafe

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Room, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.models import AfternoonSettings, ClassroomDevice
from attendance.networks import broken


@transaction.atomic
def set_networks(*, term: Term, networks: str, by: Actor) -> None:
    """Set the school's networks, a line each; none: a sign-in counts from anywhere. Refused: no_network."""
    if not by.is_office:
        raise PermissionDenied
    if wrong := broken(networks):
        raise Refused("no_network", f"“{wrong[0]}”不是网络地址。")
    AfternoonSettings.objects.update_or_create(term=term, defaults={"school_networks": networks.strip()})
    record("networks.set", subject=term, by=by, term_id=term.pk, note=networks.strip())


@transaction.atomic
def register_pc(*, name: str, room: Room | None, key: str = "", by: Actor) -> ClassroomDevice:
    """Register the PC one sits at: the caller keeps its key there. `key`: the one it has already. Refused: known."""
    if by.user is None or not by.is_office:
        raise PermissionDenied
    known = ClassroomDevice.objects.filter(device_id=key).first() if key else None
    if known is not None and known.active:
        raise Refused("known", f"这台电脑已经登记为“{known.name}”。")
    row = ClassroomDevice.objects.create(
        device_id=token_urlsafe(24)[:40], name=name.strip()[:40], room=room, added_by=by.user, added_at=clock.now()
    )
    record("classroom_pc.registered", subject=row, by=by)
    return row


@transaction.atomic
def remove_pc(*, device: ClassroomDevice, by: Actor) -> None:
    """Let a PC count no more; what was signed in from it stays."""
    if not by.is_office:
        raise PermissionDenied
    if ClassroomDevice.objects.filter(pk=device.pk, active=True).update(active=False) != 1:
        raise somebody_was_faster()
    record("classroom_pc.removed", subject=device, by=by)
