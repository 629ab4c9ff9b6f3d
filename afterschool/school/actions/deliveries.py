"""How a delivery moves: queued → sending → sent, queued again, or failed. Every move is a compare-and-set.

The machine's clock, not the school's: a demo's clock that is moved forward must not send, and retries run by real time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from afterschool.school.access import Actor
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.events import record
from afterschool.school.messaging import send_soon
from afterschool.school.models import Delivery, Robot
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.senders import Fate, Outcome

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
A_BATCH = 20  # what a worker that dies leaves uncertain at most
A_MINUTE = 20  # what the three services let a robot say in a minute
DEAD_AFTER = timedelta(minutes=10)
NOBODY_KNOWS = "不确定是否送达：发送时程序中断了"


@dataclass(frozen=True)
class Claim:
    """Rows that this worker alone may send, and since when."""

    at: datetime
    rows: Sequence[Delivery] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.QUEUED, try_after__lte=now).exclude(channel=Channel.PORTAL)


def anything_due(*, mails_only: bool = False) -> bool:
    """Tell whether something waits to be sent now."""
    due = _due(timezone.now())
    return (due.filter(channel=Channel.EMAIL) if mails_only else due).exists()


def robots_waiting() -> list[Robot]:
    """Return the robots that have something to say now."""
    waiting = _due(timezone.now()).filter(channel=Channel.ROBOT).order_by().values("robot")
    return list(Robot.objects.filter(pk__in=waiting))


def _claim(due: QuerySet[Delivery], most: int) -> Claim:
    """Take rows: locked where the database locks rows, compared and set everywhere."""
    now = timezone.now()
    ids = list(due.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:most])
    if not ids:
        return Claim(now)
    queued = Delivery.objects.filter(pk__in=ids, state=DeliveryState.QUEUED)
    if queued.update(state=DeliveryState.SENDING, claimed_at=now, tries=F("tries") + 1) != len(ids):
        raise somebody_was_faster()
    mine = Delivery.objects.filter(pk__in=ids).select_related("message", "recipient").order_by("pk")
    return Claim(now, list(mine))


@transaction.atomic
def claim_mails() -> Claim:
    """Take the next letters, so that nobody else sends them."""
    return _claim(_due(timezone.now()).filter(channel=Channel.EMAIL), A_BATCH)


@transaction.atomic
def claim_robot(robot: Robot) -> Claim:
    """Take what this robot may still say: not more in a minute than its service allows, whoever else speaks through it."""
    list(Robot.objects.select_for_update().filter(pk=robot.pk))  # one worker counts at a time
    now = timezone.now()
    said = Delivery.objects.filter(
        robot=robot, channel=Channel.ROBOT, claimed_at__gt=now - timedelta(minutes=1)
    ).count()
    room = min(A_BATCH, A_MINUTE - said)
    return _claim(_due(now).filter(robot=robot), room) if room > 0 else Claim(now)


def _mine(claim: Claim, rows: Iterable[Delivery]) -> QuerySet[Delivery]:
    """Return those of these rows that are still this claimer's to write."""
    return Delivery.objects.filter(pk__in=[row.pk for row in rows], state=DeliveryState.SENDING, claimed_at=claim.at)


@transaction.atomic
def settle(claim: Claim, done: Iterable[tuple[Delivery, Outcome]]) -> None:
    """Write what became of the rows of a claim: one update for each outcome that occurred."""
    alike: dict[tuple[Outcome, int], list[Delivery]] = defaultdict(list)
    for row, outcome in done:
        alike[outcome, 0 if outcome.fate is Fate.SENT else row.tries].append(row)
    for (outcome, tries), rows in alike.items():
        _write(_mine(claim, rows), outcome, tries)


def _write(rows: QuerySet[Delivery], outcome: Outcome, tries: int) -> None:
    if outcome.fate is Fate.SENT:
        rows.update(state=DeliveryState.SENT, sent_at=clock.now(), error="")
    elif outcome.fate is Fate.LATER and tries <= len(PAUSES):
        again = timezone.now() + PAUSES[tries - 1]
        rows.update(state=DeliveryState.QUEUED, try_after=again, error=outcome.reason[:200])
    else:
        gave_up = f"试了 {tries} 次：{outcome.reason}" if outcome.fate is Fate.LATER else outcome.reason
        rows.update(state=DeliveryState.FAILED, error=gave_up[:200])


@transaction.atomic
def put_back(claim: Claim, rows: Iterable[Delivery]) -> None:
    """Give back what was claimed and surely not said."""
    if rows := list(rows):
        _mine(claim, rows).update(state=DeliveryState.QUEUED, tries=F("tries") - 1)


@transaction.atomic
def give_up_on_dead() -> int:
    """End the rows that a worker took and never settled: it may have spoken, so they are not sent again. Return how many."""
    dead = Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=timezone.now() - DEAD_AFTER)
    return dead.update(state=DeliveryState.FAILED, error=NOBODY_KNOWS)


@transaction.atomic
def send_again(*, delivery: Delivery, by: Actor) -> None:
    """Send by hand what failed, on the office's word, even where it may have arrived; who said so is on record.

    Refused: `not_yours`, `not_failed` (sent, or still on its way), `channel_off` (the group's robot was retired).
    """
    if not by.is_office:
        raise Refused("not_yours", "重发由课程教学中心办理。")
    if delivery.channel == Channel.PORTAL or delivery.state != DeliveryState.FAILED:
        raise Refused("not_failed", "这条不是没送达的，不用再发。")
    if delivery.robot is not None and not delivery.robot.active:
        raise Refused("channel_off", "这个群机器人已停用，先启用再发。")
    failed = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED)
    queued = failed.update(state=DeliveryState.QUEUED, tries=0, try_after=timezone.now(), error="")
    if queued != 1:
        raise somebody_was_faster()
    record("delivery.sent_again", subject=delivery, by=by, data={"message": delivery.message_id})
    send_soon()
