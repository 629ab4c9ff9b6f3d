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
from attendance.enums import SignInSource
from attendance.models import SignIn, StaffCheck
from scheduling.models import Duty

BEFORE = timedelta(minutes=30)


@transaction.atomic
def check(*, session: Session, there: bool, held_by: Teacher | None = None, note: str = "", by: Actor) -> StaffCheck:
    """Write down what was seen now. A teacher who was seen is signed in by it; nobody with the children: name nobody.

    Refused: not_now (before the session or on another day), cancelled, own (nobody checks the own turn), held_by_own.
    """
    if by.user is None or not by.has(*CHECKERS):
        raise PermissionDenied
    now = clock.now()
    if session.state == SessionState.CANCELLED:
        raise Refused("cancelled", "这一场已经取消。")
    if session.date != now.date() or now < clock.at(session.date, session.starts_at) - BEFORE:
        raise Refused("not_now", "只能在当天、快开始以后记巡查。")
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").first()
    teacher = duty.teacher if duty else None
    if teacher is not None and by.teacher is not None and teacher.pk == by.teacher.pk:
        raise Refused("own", "这是您自己的班，请另一位值班行政来看。")
    if held_by is not None and (there or held_by == teacher):
        raise Refused("held_by_own", "教师在的，不用写由谁看着。")
    row = StaffCheck.objects.create(
        session=session,
        teacher=teacher,
        at=now,
        there=there,
        held_by=held_by,
        nobody=not there and held_by is None,
        note=note.strip()[:200],
        by=by.user,
    )
    record("session.checked", subject=session, by=by, term_id=session.term_id, data={"there": there}, note=row.note)
    if teacher is None:
        return row
    if there:
        _sign_in(session, teacher, by)
    recount(session.term, [teacher.pk], by=by)
    return row


def _sign_in(session: Session, teacher: Teacher, by: Actor) -> None:
    """Sign a teacher in who was seen and has no sign-in that counts yet."""
    known = SignIn.objects.filter(session=session, teacher=teacher).exclude(from_school=False)
    if by.user is not None and not known.exists():
        SignIn.objects.create(
            session=session,
            teacher=teacher,
            source=SignInSource.CHECK,
            at=clock.now(),
            from_school=True,
            by=by.user,
        )
