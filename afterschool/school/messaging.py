"""Telling people something: in the portal always; other ways are sent by the worker."""

from collections.abc import Iterable
from dataclasses import dataclass

from afterschool.school.access import Actor
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.models import Delivery, Guardianship, Message, Student, Term, User
from afterschool.support import clock


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
    """Put one message before these people, in the transaction of what it tells of. Each gets it once."""
    message = Message.objects.create(
        kind=kind,
        title=title,
        body=body,
        url=url,
        student=student,
        term=term,
        created_at=clock.now(),
        created_by=by.user,
    )
    ids = {person if isinstance(person, int) else person.pk for person in recipients}
    Delivery.objects.bulk_create(
        Delivery(
            message=message,
            recipient_id=pk,
            channel=Channel.PORTAL,
            state=DeliveryState.SENT,
            tries=1,
            sent_at=message.created_at,
        )
        for pk in sorted(ids)
    )
    return message


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


def tell_many(notes: Iterable[Note], *, by: Actor) -> None:
    """Put many messages before their people at once, in the transaction of what they tell of: two queries in all."""
    wanted = [note for note in notes if note.recipients]
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
            for note in wanted
        ),
        batch_size=500,
    )
    Delivery.objects.bulk_create(
        (
            Delivery(
                message=message,
                recipient_id=pk,
                channel=Channel.PORTAL,
                state=DeliveryState.SENT,
                tries=1,
                sent_at=now,
            )
            for message, note in zip(messages, wanted, strict=True)
            for pk in sorted(set(note.recipients))
        ),
        batch_size=500,
    )
