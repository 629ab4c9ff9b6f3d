"""Batches of marks as a device sends them: each counts once, however often and in whatever order it arrives.

A device keeps what was marked until it is answered, so the same batch may come again. A child whose mark can't be set is
answered by itself and holds up nobody else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.models import Student, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.roll_calls import Wish, check_day, check_may_call, duty_of, mark, take_in
from attendance.devices import Device
from attendance.enums import MarkState
from attendance.models import DeviceBatch, Mark, RollCall
from attendance.queries.roll_calls import leaves_on
from attendance.queries.roll_elsewhere import NOT_APART, Apart, apart_of


@dataclass(frozen=True)
class Sent:
    """One child of a batch: what the sender saw and set, and when. `rest`: by "the rest are present"; `joins`: not listed."""

    student_id: int
    seen: MarkState
    state: MarkState
    at: datetime | None = None
    rest: bool = False
    joins: bool = False


@dataclass(frozen=True)
class Batch:
    """What a device sends at once, under a number of its own making."""

    device_id: str
    number: str
    marks: Sequence[Sent]


@dataclass(frozen=True)
class Answer:
    """What is true of one child now (none: not on this roll), and a sentence where that is not what was sent."""

    student_id: int
    state: MarkState | None
    sentence: str = ""
    apart: Apart = NOT_APART


@transaction.atomic
def send(*, roll_call: RollCall, batch: Batch, by: Actor) -> list[Answer]:
    """Set the marks of a batch, those that still are what the sender saw, and say what is true of each child now.

    A batch that came before changes nothing and is answered with what is true now. Refused as a whole: not_yours,
    no_number; and too_late or no_reason once the day is over.
    """
    sender = check_may_call(roll_call.session, duty_of(roll_call.session), by)
    check_day(roll_call, by, "")
    if not batch.device_id or not batch.number:
        raise Refused("no_number", "送来的记录没有编号，请刷新页面。")
    refused = _set(roll_call, batch, by) if _keep(roll_call, batch, sender) else {}
    return _answers(roll_call, batch.marks, refused, by)


def _keep(roll_call: RollCall, batch: Batch, by: User) -> bool:
    """Put the batch on record; False when it is there already."""
    now = clock.now()
    first = min((sent.at for sent in batch.marks if sent.at), default=None)
    try:
        with transaction.atomic():
            DeviceBatch.objects.create(
                roll_call=roll_call,
                device_id=batch.device_id,
                number=batch.number,
                by=by,
                at=now,
                sent_later=Device(batch.device_id, first).sent_later(now),
            )
    except IntegrityError:
        return False
    return True


def _set(roll_call: RollCall, batch: Batch, by: Actor) -> dict[int, str]:
    """Set what can be set, in order; return the sentence for each child whose mark was refused."""
    refused: dict[int, str] = {}
    for group in _alike(batch.marks):
        device = Device(batch.device_id, group[0].at)
        if group[0].joins:
            refused |= _join(roll_call, group[0].student_id, device, by)
        else:
            refused |= _mark(roll_call, group, device, by)
    return refused


def _alike(marks: Iterable[Sent]) -> list[list[Sent]]:
    """Return the marks in order, those side by side that were set in one act together."""
    groups: list[list[Sent]] = []
    for sent in marks:
        last = groups[-1][-1] if groups else None
        if last and not sent.joins and (last.at, last.rest, last.joins) == (sent.at, sent.rest, False):
            groups[-1].append(sent)
        else:
            groups.append([sent])
    return groups


def _mark(roll_call: RollCall, group: list[Sent], device: Device, by: Actor) -> dict[int, str]:
    if group[0].rest:
        apart = apart_of(roll_call.session, [sent.student_id for sent in group])
        group = [sent for sent in group if sent.student_id not in apart]
        left = _not_swept(roll_call, apart)
        return left | (_set_alike(roll_call, group, device, by) if group else {})
    return _set_alike(roll_call, group, device, by)


def _not_swept(roll_call: RollCall, apart: dict[int, Apart]) -> dict[int, str]:
    """Return the sentence for each child whom the sweep of a device leaves as it is."""
    if not apart:
        return {}
    waiting = roll_call.marks.filter(student__in=apart, state=MarkState.NOT_CALLED)
    names = waiting.values_list("student_id", "student__name")
    return {pk: f"{name}{apart[pk].words}，没有记到。" for pk, name in names}


def _set_alike(roll_call: RollCall, group: list[Sent], device: Device, by: Actor) -> dict[int, str]:
    on_leave = leaves_on(roll_call.session.date, [sent.student_id for sent in group]) if group[0].rest else {}
    wishes = [
        Wish(sent.student_id, sent.seen, MarkState.LEAVE if sent.student_id in on_leave else sent.state)
        for sent in group
    ]
    reason = "rest_present" if group[0].rest else "roll_call"
    try:
        with transaction.atomic():
            mark(roll_call=roll_call, wishes=wishes, by=by, device=device, reason=reason)
    except Refused as refusal:
        if len(group) == 1:
            return {group[0].student_id: refusal.sentence}
        return {pk: why for sent in group for pk, why in _set_alike(roll_call, [sent], device, by).items()}
    return {}


def _join(roll_call: RollCall, student_id: int, device: Device, by: Actor) -> dict[int, str]:
    student = (
        Student.objects.select_related("school_class__head_teacher").filter(pk=student_id, state="enrolled").first()
    )
    if student is None:
        return {student_id: "没有找到这个孩子，请刷新页面。"}
    try:
        with transaction.atomic():
            take_in(roll_call=roll_call, student=student, by=by, device=device)
    except Refused as refusal:
        return {} if refusal.code == "already_listed" else {student_id: refusal.sentence}
    return {}


def _answers(roll_call: RollCall, marks: Iterable[Sent], refused: dict[int, str], by: Actor) -> list[Answer]:
    """Return what is true of each child now; the last thing that was sent of a child counts."""
    wanted = {sent.student_id: sent for sent in marks}
    rows = roll_call.marks.filter(student__in=wanted).select_related("student", "marked_by")
    found = {row.student_id: row for row in rows}
    apart = apart_of(roll_call.session, [pk for pk, row in found.items() if row.state == MarkState.NOT_CALLED])
    answers = []
    for pk, sent in wanted.items():
        row = found.get(pk)
        sentence = refused.get(pk, "")
        if row is not None and not sentence and row.state != sent.state and not sent.joins:
            sentence = _other(row, by)
        answers.append(Answer(pk, MarkState(row.state) if row else None, sentence, apart.get(pk, NOT_APART)))
    return answers


def _other(row: Mark, by: Actor) -> str:
    """Return who set a mark otherwise, and when."""
    if row.state == MarkState.LEAVE and row.marked_by_id == by.user_id:
        return f"{row.student.name}今天请了假。"
    return conflict(row)


def conflict(row: Mark) -> str:
    """Return the sentence for a second writer: who set this mark first, when, and to what."""
    who = row.marked_by.name if row.marked_by else "系统"
    at = f"{row.marked_at.astimezone(clock.SHANGHAI):%H:%M} " if row.marked_at else ""
    return f"{row.student.name} {at}已由{who}记为“{row.get_state_display()}”，请看一看再改。"
