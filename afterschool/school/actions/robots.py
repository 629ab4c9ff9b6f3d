"""Group robots that the office sets up: added, changed, retired, tried out. Their addresses are secrets."""

from django.conf import settings
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.events import record
from afterschool.school.messaging import queue_for_robot
from afterschool.school.models import Delivery, Message, Robot
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.senders import check_address


def _office_only(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "这件事由课程教学中心办理。")


def _name_is_free(name: str, *, but: int = 0) -> None:
    if Robot.objects.filter(name=name).exclude(pk=but).exists():
        raise Refused("name_taken", "已有同名的群。")


@transaction.atomic
def add_robot(*, name: str, service: str, address: str, secret: str, for_staff: bool, by: Actor) -> Robot:
    """Set up a robot. Refused: `not_yours`, `name_taken`, `bad_address` (not the service's own host over https)."""
    _office_only(by)
    _name_is_free(name)
    check_address(service, address, loopback=settings.ROBOTS_ON_LOOPBACK)
    robot = Robot.objects.create(name=name, service=service, address=address, secret=secret, for_staff=for_staff)
    record("robot.added", subject=robot, by=by, data={"service": service, "for_staff": for_staff})
    return robot


@transaction.atomic
def change_robot(*, robot: Robot, name: str, address: str, secret: str, for_staff: bool, by: Actor) -> None:
    """Change a robot; an empty address or secret keeps the one it has. Refused as `add_robot` is."""
    _office_only(by)
    _name_is_free(name, but=robot.pk)
    if address:
        check_address(robot.service, address, loopback=settings.ROBOTS_ON_LOOPBACK)
    changed = {"name": name, "for_staff": for_staff}
    changed |= {key: value for key, value in (("address", address), ("secret", secret)) if value}
    Robot.objects.filter(pk=robot.pk).update(**changed)
    record(
        "robot.changed",
        subject=robot,
        by=by,
        data={"for_staff": for_staff, "address": bool(address), "secret": bool(secret)},
    )


@transaction.atomic
def retire_robot(*, robot: Robot, by: Actor) -> None:
    """Stop speaking through a robot; what still waits for it ends as not delivered."""
    _office_only(by)
    if Robot.objects.filter(pk=robot.pk, active=True).update(active=False):
        waiting = Delivery.objects.filter(robot=robot, state=DeliveryState.QUEUED, channel=Channel.ROBOT)
        waiting.update(state=DeliveryState.FAILED, error="群机器人已停用")
        record("robot.retired", subject=robot, by=by)


@transaction.atomic
def restore_robot(*, robot: Robot, by: Actor) -> None:
    """Speak through a retired robot again, from the next message on."""
    _office_only(by)
    if Robot.objects.filter(pk=robot.pk, active=False).update(active=True):
        record("robot.restored", subject=robot, by=by)


@transaction.atomic
def try_robot(*, robot: Robot, by: Actor) -> Delivery:
    """Say one sentence in the group by the same way as every message; what became of it is on record.

    Refused: `not_yours`, `retired`.
    """
    _office_only(by)
    if not robot.active:
        raise Refused("retired", "这个群机器人已停用，先启用再试。")
    message = Message.objects.create(
        kind="channel.tested",
        title="试发一条",
        body="看到这一条，说明学校的通知可以发到这个群。",
        created_at=clock.now(),
        created_by=by.user,
    )
    record("robot.tried", subject=robot, by=by)
    return queue_for_robot(message, robot)
