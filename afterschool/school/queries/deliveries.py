"""What was sent to whom, by which way: for the office."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.models import Delivery, Robot, User
from afterschool.support import clock


@dataclass(frozen=True)
class Wanted:
    """What the office looks for; empty means all."""

    channel: str = ""
    state: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    person: str = ""
    message: int | None = None


def deliveries_of(actor: Actor, wanted: Wanted | None = None) -> QuerySet[Delivery]:
    """Return what was sent, newest first. The office's alone."""
    if not actor.is_office:
        return Delivery.objects.none()
    rows = Delivery.objects.select_related("message", "message__student", "recipient", "robot").order_by("-pk")
    return rows.filter(_where(wanted)) if wanted else rows


def _where(wanted: Wanted) -> Q:
    where = Q()
    if wanted.channel:
        where &= Q(channel=wanted.channel)
    if wanted.state:
        where &= Q(state=wanted.state)
    if wanted.kind:
        where &= Q(message__kind=wanted.kind) | Q(message__kind__startswith=f"{wanted.kind}.")
    if wanted.first:
        where &= Q(message__created_at__gte=clock.at(wanted.first, time()))
    if wanted.last:
        where &= Q(message__created_at__lt=clock.at(wanted.last + timedelta(days=1), time()))
    if wanted.person:
        where &= Q(recipient__name__contains=wanted.person) | Q(robot__name__contains=wanted.person)
    if wanted.message:
        where &= Q(message=wanted.message)
    return where


def tally_of(actor: Actor, message: int | None) -> list[str]:
    """Return how one message went by each way, as lines: one query. Nothing without a message, nothing but to the office."""
    if not message:
        return []
    rows = deliveries_of(actor).filter(message=message).order_by().values("channel")
    counted = rows.annotate(
        all=Count("pk"),
        read=Count("pk", filter=Q(read_at__isnull=False)),
        sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
    )
    lines = []
    for row in sorted(counted, key=lambda row: Channel.values.index(row["channel"])):
        if row["channel"] == Channel.PORTAL:
            parts = [f"{row['all']} 人", f"已读 {row['read']}"]
        else:
            waiting = row["all"] - row["sent"] - row["failed"]
            parts = [
                f"送达 {row['sent']}",
                *([f"待发 {waiting}"] if waiting else []),
                *([f"未送达 {row['failed']}"] if row["failed"] else []),
            ]
        lines.append(f"{Channel(row['channel']).label}：{'，'.join(parts)}")
    return lines


def robots_of(actor: Actor) -> "QuerySet[Any]":
    """Return the robots with what became of the last thing each said: one query. The office's alone."""
    if not actor.is_office:
        return Robot.objects.none()
    last = Delivery.objects.filter(robot=OuterRef("pk"), channel=Channel.ROBOT).order_by("-pk")
    return Robot.objects.annotate(
        last_state=Subquery(last.values("state")[:1]),
        last_error=Subquery(last.values("error")[:1]),
        last_at=Subquery(last.values("message__created_at")[:1]),
    ).order_by("-active", "for_staff", "name")


def mail_figures() -> dict[str, int]:
    """Return how many take e-mail, how many have yet to confirm, and how letters of the last week went: two queries."""
    people = User.objects.exclude(email="").aggregate(
        confirmed=Count("pk", filter=Q(email_confirmed_at__isnull=False)),
        waiting=Count("pk", filter=Q(email_confirmed_at__isnull=True)),
    )
    week = clock.now() - timedelta(days=7)
    letters = Delivery.objects.filter(channel=Channel.EMAIL, message__created_at__gte=week).aggregate(
        sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        queued=Count("pk", filter=Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])),
    )
    return {**people, **letters}
