"""What a leader saw in a session: the teacher there, somebody else with the children, or nobody (F1, F3)."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.events import record
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import CHECKERS
from attendance.actions.flags import recount
from attendance.devices import NO_DEVICE, Device
from attendance.enums import SignInSource
from attendance.models import SignIn, StaffCheck
from scheduling.models import Duty

BEFORE = timedelta(minutes=30)


def may_check(by: Actor, session: Session) -> bool:
    """Tell whether the person may write down what is seen in a session: a leader everywhere, a grade leader in the grade."""
    return by.user is not None and (by.has(*CHECKERS) or session.group.grade in by.grades)


@transaction.atomic
def check(
    *,
    session: Session,
    there: bool,
    held_by: Teacher | None = None,
    note: str = "",
    device: Device = NO_DEVICE,
    by: Actor,
) -> StaffCheck:
    """Write down what was seen now, or by a device without the network a while ago (补传).

    A teacher who was seen is signed in by it; nobody with the children: name nobody. Refused: not_now (before the session
    or on another day), cancelled, own (nobody checks the own turn), held_by_own.
    """
    if by.user is None or not may_check(by, session):
        raise PermissionDenied
    seen_at = device.at or clock.now()
    if session.state == SessionState.CANCELLED:
        raise Refused("cancelled", "这一场已经取消。")
    if session.date != clock.today() or seen_at < clock.at(session.date, session.starts_at) - BEFORE:
        raise Refused("not_now", "只能在当天、快开始以后记巡查。")
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").first()
    teacher = duty.teacher if duty else None
    if teacher is not None and by.teacher is not None and teacher.pk == by.teacher.pk:
        raise Refused("own", "这是您自己的班，请另一位值班行政来看。")
    _check_holder(teacher, there, held_by)
    row = StaffCheck.objects.create(
        session=session,
        teacher=teacher,
        at=seen_at,
        device_at=device.at,
        there=there,
        held_by=held_by,
        nobody=not there and held_by is None,
        note=note.strip()[:200],
        by=by.user,
    )
    record("session.checked", subject=session, by=by, term_id=session.term_id, data={"there": there}, note=row.note)
    _follow(row, by, device)
    return row


@transaction.atomic
def mend(*, row: StaffCheck, there: bool, held_by: Teacher | None = None, note: str = "", by: Actor) -> StaffCheck:
    """Correct an own check of the same day: what was first written stands in the history, and the rules count anew.

    A sign-in that came from the mistaken look goes with it. Refused: too_late, held_by_own.
    """
    if by.user is None or row.by_id != by.user_id:
        raise PermissionDenied
    if row.session.date != clock.today():
        raise Refused("too_late", "只能当天改。")
    _check_holder(row.teacher, there, held_by)
    before = {"was_there": row.there, "was_held_by": row.held_by_id}
    if row.there and not there:
        SignIn.objects.filter(
            session=row.session, teacher=row.teacher, source=SignInSource.CHECK, by=row.by, at=row.at
        ).delete()
    row.there, row.held_by, row.nobody = there, held_by, not there and held_by is None
    row.note = note.strip()[:200]
    row.save(update_fields=["there", "held_by", "nobody", "note"])
    data = {"check": row.pk, "there": there, **before}
    record("session.check_mended", subject=row.session, by=by, term_id=row.session.term_id, data=data)
    _follow(row, by)
    return row


def _check_holder(teacher: Teacher | None, there: bool, held_by: Teacher | None) -> None:
    if held_by is not None and (there or held_by == teacher):
        raise Refused("held_by_own", "教师在的，不用写由谁看着。")


def _follow(row: StaffCheck, by: Actor, device: Device = NO_DEVICE) -> None:
    """Sign in who was seen, and count the rules of the teacher anew."""
    if row.teacher is None:
        return
    if row.there:
        _sign_in(row, by, device)
    recount(row.session.term, [row.teacher.pk], by=by)


def _sign_in(row: StaffCheck, by: Actor, device: Device) -> None:
    """Sign a teacher in who was seen and has no sign-in that counts yet."""
    known = SignIn.objects.filter(session=row.session, teacher=row.teacher).exclude(from_school=False)
    if by.user is not None and row.teacher is not None and not known.exists():
        SignIn.objects.create(
            session=row.session,
            teacher=row.teacher,
            source=SignInSource.CHECK,
            at=row.at,
            device_at=row.device_at,
            device_id=device.id[:40],
            sent_later=device.sent_later(clock.now()),
            from_school=True,
            by=by.user,
        )
