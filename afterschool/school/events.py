"""Writing history: one row for each thing done, in the transaction that does it."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from afterschool.school.access import Actor
from afterschool.school.models import Event, EventNote
from afterschool.support import clock


def event(
    verb: str,
    *,
    subject: models.Model,
    by: Actor,
    student_id: int | None = None,
    term_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Return an unsaved history row: ids and codes only, never a name or free text."""
    return Event(
        at=clock.now(),
        verb=verb,
        by_id=by.user_id,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        student_id=student_id,
        term_id=term_id,
        data=data or {},
    )


def record(
    verb: str,
    *,
    subject: models.Model,
    by: Actor,
    student_id: int | None = None,
    term_id: int | None = None,
    data: dict[str, Any] | None = None,
    note: str = "",
) -> Event:
    """Write one history row. `note` takes the words (a reason, a name), kept beside the row so that erasure can blank them."""
    row = event(verb, subject=subject, by=by, student_id=student_id, term_id=term_id, data=data)
    row.save()
    if note:
        EventNote.objects.create(event=row, text=note)
    return row


def record_many(rows: Iterable[Event], *, note: str = "") -> None:
    """Write many history rows at once; `note` stands beside each of them."""
    made = Event.objects.bulk_create(rows, batch_size=1000)
    if note:
        EventNote.objects.bulk_create((EventNote(event=row, text=note) for row in made), batch_size=1000)
