"""Telling people something: in the portal always; by e-mail and group robots where set up, sent by the worker.

The rows of every way are made in the transaction of what they tell of: what is rolled back is never sent, and what is
committed is never forgotten. `kinds.py` says what may leave the portal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from afterschool.school.access import Actor
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.kinds import GROUP_KINDS, kind_of, spoken_to
from afterschool.school.models import Delivery, Guardianship, Message, Robot, Student, Term, User
from afterschool.support import clock


@dataclass(frozen=True)
class Note:
    """One message of many: to whom (accounts), what kind, what it says, about which child."""

    recipients: list[int]
    kind: str
    title: str
    student_id: int | None = None
    term_id: int | None = None
    body: str = ""
    url: str = ""


def tell(
    recipients: Iterable[User | int],
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str = "",
    student: Student | None = None,
    term: Term | None = None,
    by: Actor,
) -> Message:
    """Put one message before these people, in the transaction of what it tells of. Each gets it once by each way."""
    ids = {person if isinstance(person, int) else person.pk for person in recipients}
    note = Note(
        sorted(ids), kind, title, student.pk if student else None, term.pk if term else None, body=body, url=url
    )
    return _tell([note], by=by)[0]


def tell_many(notes: Iterable[Note], *, by: Actor) -> None:
    """Put many messages before their people at once, in the transaction of what they tell of: four queries at most."""
    wanted = [note for note in notes if note.recipients]
    if wanted:
        _tell(wanted, by=by)


def _tell(notes: Sequence[Note], *, by: Actor) -> list[Message]:
    now = clock.now()
    messages = Message.objects.bulk_create(
        (
            Message(
                kind=note.kind,
                title=note.title,
                body=note.body,
                url=note.url,
                student_id=note.student_id,
                term_id=note.term_id,
                created_at=now,
                created_by=by.user,
            )
            for note in notes
        ),
        batch_size=500,
    )
    told = list(zip(messages, notes, strict=True))
    portal = [
        Delivery(
            message=message,
            recipient_id=pk,
            channel=Channel.PORTAL,
            state=DeliveryState.SENT,
            tries=1,
            sent_at=now,
        )
        for message, note in told
        for pk in sorted(set(note.recipients))
    ]
    outside = [*_mails(told), *_robots(told)]
    Delivery.objects.bulk_create([*portal, *outside], batch_size=500)
    if outside:
        send_soon()
    return messages


def _mails(told: list[tuple[Message, Note]]) -> list[Delivery]:
    """Return a row for everybody with a confirmed address, where the school has mail: one query."""
    if not settings.MAIL_ON:
        return []
    mailed = [(message, note) for message, note in told if kind_of(note.kind).mail]
    wanted = {pk for _, note in mailed for pk in note.recipients}
    if not wanted:
        return []
    people = User.objects.filter(email_confirmed_at__isnull=False, is_active=True).exclude(email="")
    reached = set(people.filter(pk__in=wanted).values_list("pk", flat=True))
    return [
        _queued(message, recipient_id=pk, channel=Channel.EMAIL)
        for message, note in mailed
        for pk in sorted(reached & set(note.recipients))
    ]


def _robots(told: list[tuple[Message, Note]]) -> list[Delivery]:
    """Return a row for each group that may hear it: a group reads along, so nothing that belongs to a child.

    One thing told in several ways (to families, to staff) is said once, in the words of the first.
    """
    spoken: dict[tuple[str, str], Message] = {}
    for message, note in told:
        if note.kind in GROUP_KINDS and note.student_id is None:
            spoken.setdefault((note.kind, note.title), message)
    if not spoken:
        return []
    robots = list(Robot.objects.filter(active=True))
    return [
        _queued(message, robot_id=robot.pk, channel=Channel.ROBOT)
        for message in spoken.values()
        for robot in robots
        if spoken_to(message.kind, for_staff=robot.for_staff)
    ]


def _queued(
    message: Message, *, channel: Channel, recipient_id: int | None = None, robot_id: int | None = None
) -> Delivery:
    return Delivery(
        message=message,
        recipient_id=recipient_id,
        robot_id=robot_id,
        channel=channel,
        state=DeliveryState.QUEUED,
        try_after=timezone.now(),
    )


def queue_for_robot(message: Message, robot: Robot) -> Delivery:
    """Queue one message for one group, in the caller's transaction."""
    row = _queued(message, robot_id=robot.pk, channel=Channel.ROBOT)
    row.save()
    send_soon()
    return row


def send_soon() -> None:
    """Wake the sender when this transaction has been committed."""
    from afterschool.school.sending import wake

    transaction.on_commit(wake, robust=True)  # what isn't woken now, the tick wakes


def guardians_of(student: Student) -> list[int]:
    """Return the accounts of those who act for this child."""
    links = Guardianship.objects.filter(student=student, acts=True, guardian__user__isnull=False)
    return list(links.values_list("guardian__user_id", flat=True))


def guardians_of_each(student_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return the accounts of those who act for each of these children: one query."""
    links = Guardianship.objects.filter(student_id__in=list(student_ids), acts=True, guardian__user__isnull=False)
    found: dict[int, list[int]] = {}
    for student_id, user_id in links.order_by().values_list("student_id", "guardian__user_id"):
        found.setdefault(student_id, []).append(user_id)
    return found
