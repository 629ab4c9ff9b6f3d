"""Calls to guardians about a child of the day, noted with time and answer."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Guardian, Guardianship
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.told import child_url, heads_and_leaders
from attendance.enums import CallAbout, CallOutcome, CustodyState
from attendance.models import CallNote, ChildDay


@transaction.atomic
def note_call(
    child_day: ChildDay,
    *,
    guardian: Guardian | None = None,
    outcome: str,
    text: str = "",
    about: str = "",
    by: Actor,
) -> CallNote:
    """Note a call, and what it was about: what the child's state says unless it is named.

    Nobody reached after dismissal: head teacher and duty leaders are told, once a day for a child.

    Refused: not_staff, nobody_called (neither a guardian nor words about who was called), not_a_guardian.
    """
    if by.teacher is None or by.user is None:
        raise Refused("not_staff", "只有学校的人能记电话。")
    if guardian is None and not text:
        raise Refused("nobody_called", "请写明打给了谁。")
    if guardian and not Guardianship.objects.filter(guardian=guardian, student=child_day.student_id).exists():
        raise Refused("not_a_guardian", "这个人不是孩子的家长。")
    first = _first_since_dismissal(child_day)
    call = CallNote.objects.create(
        child_day=child_day,
        guardian=guardian,
        about=about or about_now(child_day),
        outcome=outcome,
        text=text[:200],
        by=by.user,
        at=clock.now(),
    )
    if outcome == CallOutcome.NOT_REACHED and first:
        _tell_nobody_reached(child_day, by)
    return call


def about_now(child_day: ChildDay) -> CallAbout:
    """Return what a call about this child is most likely for: it is missing, or nobody has come for it."""
    if child_day.state == CustodyState.MISSING:
        return CallAbout.MISSING
    if child_day.state == CustodyState.LATE or _waits(child_day):
        return CallAbout.LATE_PICKUP
    return CallAbout.OTHER


def _waits(child_day: ChildDay) -> bool:
    """Tell whether the child stands with a teacher though its session is over."""
    session = child_day.session
    if session is None or child_day.state not in (CustodyState.GROUP, CustodyState.CLUB):
        return False
    return clock.now() >= clock.at(child_day.date, session.ends_at)


def _first_since_dismissal(child_day: ChildDay) -> bool:
    """Tell whether the child stands with a teacher though its session is over, and nobody was called since."""
    if child_day.session is None or not _waits(child_day):
        return False
    dismissal = clock.at(child_day.date, child_day.session.ends_at)
    return not child_day.calls.filter(at__gte=dismissal).exists()


def _tell_nobody_reached(child_day: ChildDay, by: Actor) -> None:
    note = Note(
        heads_and_leaders(child_day.student),
        "custody.nobody_reached",
        f"{child_day.student.name} 放学后没人来接，家长没联系上",
        child_day.student_id,
        child_day.term_id,
        body="孩子还在老师身边。要不要转延时托管，由值班行政决定。",
        url=child_url(child_day.pk),
    )
    tell_many([note], by=by)
