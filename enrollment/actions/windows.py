"""The office opens, closes and lets in late (plan section 5: 1 to 3 September; late only with the school's word)."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.actions._moves import window_of
from enrollment.enums import LateState
from enrollment.models import LatePermit, LateRequest
from enrollment.workflow import Phase


def _office_only(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "申请时间由课程教学中心决定。")


@transaction.atomic
def permit_late(*, term: Term, student: Student, by: Actor) -> LatePermit:
    """Let one child apply after the window has closed, on the phone or on paper; it answers what the family asked."""
    _office_only(by)
    if window_of(term).phase not in {Phase.AFTER, Phase.CLOSED}:
        raise Refused("window_not_over", "申请还没有截止，不用另外同意。")
    permit, made = LatePermit.objects.get_or_create(
        term=term, student=student, defaults={"permitted_by": by.user, "permitted_at": clock.now()}
    )
    if not made:
        raise Refused("already_permitted", "已经同意过这个孩子补交。")
    LateRequest.objects.filter(term=term, student=student, state=LateState.ASKED).update(
        state=LateState.GRANTED, decided_by=by.user, decided_at=clock.now()
    )
    record("late.permitted", subject=permit, by=by, student_id=student.pk, term_id=term.pk)
    tell(
        guardians_of(student),
        kind="application.late",
        title=f"学校同意{student.name}补交课后服务申请",
        url=reverse("enrollment:apply", args=[student.pk]),
        student=student,
        term=term,
        by=by,
    )
    return permit


@transaction.atomic
def close_window(*, term: Term, by: Actor) -> None:
    """End the window before its time."""
    _office_only(by)
    if window_of(term).phase is not Phase.OPEN:
        raise Refused("window_not_open", "现在不在申请时间内。")
    if Term.objects.filter(pk=term.pk, applications_closed=False).update(applications_closed=True) != 1:
        raise somebody_was_faster()
    term.applications_closed = True
    record("window.closed", subject=term, by=by, term_id=term.pk)


@transaction.atomic
def reopen_window(*, term: Term, until: datetime, by: Actor) -> None:
    """Open the window again, up to a new moment."""
    _office_only(by)
    if window_of(term).phase not in {Phase.AFTER, Phase.CLOSED}:
        raise Refused("window_open", "申请还没有截止，不用重新开放。")
    if until <= clock.now():
        raise Refused("until_past", "新的截止时间要晚于现在。")
    old = term.applications_close_at
    seen = Term.objects.filter(pk=term.pk, applications_close_at=old, applications_closed=term.applications_closed)
    if seen.update(applications_closed=False, applications_close_at=until) != 1:
        raise somebody_was_faster()
    term.applications_closed, term.applications_close_at = False, until
    record(
        "window.reopened",
        subject=term,
        by=by,
        term_id=term.pk,
        data={"was": old.isoformat(), "until": until.isoformat()},
    )
