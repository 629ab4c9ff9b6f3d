"""A family asks to apply after the window has closed, and the office's no; its yes is `windows.permit_late`."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import acts_for
from enrollment.actions._moves import window_of
from enrollment.enums import ApplicationState, LateState
from enrollment.models import Application, LateRequest
from enrollment.workflow import Phase

NOT_HANDED_IN = {ApplicationState.DRAFT, ApplicationState.WITHDRAWN}
WORDS = 200


@transaction.atomic
def ask_late(*, term: Term, student: Student, reason: str, by: Actor) -> LateRequest:
    """Ask the school to let one child apply late (plan section 5); a reason may be given and need not.

    Refused with `not_yours`, `window_not_over`, `already_permitted`, `already_applied`, `already_asked`, `reason_too_long`.
    """
    if not acts_for(by, student.pk):
        raise Refused("not_yours", "这个孩子的申请不归您办理。")
    phase = window_of(term, student.pk).phase
    if phase is Phase.PERMITTED:
        raise Refused("already_permitted", "学校已经同意补交，现在就可以填写申请。")
    if phase not in {Phase.AFTER, Phase.CLOSED}:
        raise Refused("window_not_over", "申请还没有截止，不用请求补交。")
    held = Application.objects.filter(term=term, student=student).values_list("state", flat=True).first()
    if held is not None and held not in NOT_HANDED_IN:
        raise Refused("already_applied", "这个孩子已经交了申请，不用补交。")
    if len(reason.strip()) > WORDS:
        raise Refused("reason_too_long", f"说明最多 {WORDS} 字。")
    try:
        with transaction.atomic():
            request = LateRequest.objects.create(
                term=term, student=student, reason=reason.strip(), asked_by=by.user, asked_at=clock.now()
            )
    except IntegrityError:
        raise Refused("already_asked", "已经请求过补交，学校还在处理。") from None
    record("late.asked", subject=request, by=by, student_id=student.pk, term_id=term.pk, note=request.reason)
    return request


@transaction.atomic
def decline_late(*, request: LateRequest, answer: str, by: Actor) -> None:
    """Say no to a late application, with a reason that the family reads.

    Refused with `not_yours`, `no_reason`, `reason_too_long`, `somebody_was_faster`.
    """
    if not by.is_office:
        raise Refused("not_yours", "补交由课程教学中心决定。")
    answer = answer.strip()
    if not answer:
        raise Refused("no_reason", "请写明原因，家长会看到。")
    if len(answer) > WORDS:
        raise Refused("reason_too_long", f"原因最多 {WORDS} 字。")
    now = clock.now()
    waiting = LateRequest.objects.filter(pk=request.pk, state=LateState.ASKED)
    if waiting.update(state=LateState.DECLINED, answer=answer, decided_by=by.user, decided_at=now) != 1:
        raise somebody_was_faster()
    student = request.student
    record("late.declined", subject=request, by=by, student_id=student.pk, term_id=request.term_id, note=answer)
    tell(
        guardians_of(student),
        kind="application.late",
        title=f"学校没有同意{student.name}补交课后服务申请",
        body=answer,
        url=reverse("enrollment:apply", args=[student.pk]),
        student=student,
        term=request.term,
        by=by,
    )
