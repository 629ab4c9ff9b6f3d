"""A teacher's leave: asked, decided by who leads the grade or the office, taken back (D6)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.access import may_decide_leave, may_record_leave
from scheduling.enums import SubstitutionState, TeacherLeaveKind, TeacherLeaveState
from scheduling.following import turns_changed
from scheduling.models import Substitution, TeacherLeave
from scheduling.queries.standins import leader_accounts, span_words

STANDING = (TeacherLeaveState.ASKED, TeacherLeaveState.CONFIRMED)
OPEN = (SubstitutionState.ASKED, SubstitutionState.ACCEPTED)


@transaction.atomic
def ask_leave(
    *,
    term: Term,
    teacher: Teacher,
    kind: TeacherLeaveKind,
    first_day: date,
    last_day: date,
    reason: str = "",
    by: Actor,
) -> TeacherLeave:
    """Ask for leave from one day to another, both included; what a leader or the office writes for another is decided at once.

    Refused with `days_wrong` (backwards, outside the term, by the teacher for a day that is over) or `already_on_leave`.
    """
    if by.user is None or not may_record_leave(by, teacher):
        raise PermissionDenied
    own = by.teacher is not None and by.teacher.pk == teacher.pk
    _check_days(term, teacher, first_day, last_day, past=not own)
    leave = TeacherLeave.objects.create(
        term=term,
        teacher=teacher,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip()[:100],
        asked_by=by.user,
        asked_at=clock.now(),
    )
    record("teacher_leave.asked", subject=leave, by=by, term_id=term.pk, data={"teacher": teacher.pk, "kind": kind})
    if own:
        _tell_leaders(leave, by)
        return leave
    return decide_leave(leave=leave, granted=True, by=by)


def _check_days(term: Term, teacher: Teacher, first_day: date, last_day: date, *, past: bool) -> None:
    if last_day < first_day:
        raise Refused("days_wrong", "结束日期不能早于开始日期。")
    if first_day < term.starts_on or last_day > term.ends_on:
        raise Refused("days_wrong", "请选本学期内的日期。")
    if first_day < clock.today() and not past:
        raise Refused("days_wrong", "已经过去的日子请年级组长补记。")
    overlapping = TeacherLeave.objects.filter(teacher=teacher, state__in=STANDING, first_day__lte=last_day)
    if overlapping.filter(last_day__gte=first_day).exists():
        raise Refused("already_on_leave", f"{teacher.name}这几天里已有请假，请先看已有的一条。")


@transaction.atomic
def decide_leave(*, leave: TeacherLeave, granted: bool, answer: str = "", by: Actor) -> TeacherLeave:
    """Grant a leave, or not; nobody but the office decides the own one. Not granting wants words the teacher will read.

    Refused with `reason_missing` or `somebody_was_faster`. Leave granted afterwards excuses from then on.
    """
    if by.user is None or not may_decide_leave(by, leave):
        raise PermissionDenied
    answer = answer.strip()[:100]
    if not granted and not answer:
        raise Refused("reason_missing", "请写明不批准的原因，教师会看到。")
    state = TeacherLeaveState.CONFIRMED if granted else TeacherLeaveState.DECLINED
    seen = TeacherLeave.objects.filter(pk=leave.pk, state=TeacherLeaveState.ASKED)
    if seen.update(state=state, decided_by=by.user, decided_at=clock.now(), answer=answer) != 1:
        raise somebody_was_faster()
    verb = "teacher_leave.confirmed" if granted else "teacher_leave.declined"
    record(verb, subject=leave, by=by, term_id=leave.term_id, data={"teacher": leave.teacher_id}, note=answer)
    leave.refresh_from_db()
    turns_changed(leave.term, {leave.teacher_id}, leave.first_day)
    _tell_teacher(leave, "已批准" if granted else "未批准", answer, by)
    return leave


@transaction.atomic
def cancel_leave(*, leave: TeacherLeave, by: Actor) -> TeacherLeave:
    """Take a leave back while one of its days is still to come; requests for it that nobody has confirmed end with it.

    A confirmed stand-in stays until who leads takes it back. Refused with `leave_over` or `somebody_was_faster`.
    """
    own = by.teacher is not None and by.teacher.pk == leave.teacher_id
    if not own and not may_decide_leave(by, leave):
        raise PermissionDenied
    if leave.last_day < clock.today():
        raise Refused("leave_over", "这次请假已经过去，不能再撤销。")
    seen = TeacherLeave.objects.filter(pk=leave.pk, state=leave.state, state__in=STANDING)
    if seen.update(state=TeacherLeaveState.CANCELLED) != 1:
        raise somebody_was_faster()
    Substitution.objects.filter(leave=leave, state__in=OPEN).update(state=SubstitutionState.CANCELLED)
    record("teacher_leave.cancelled", subject=leave, by=by, term_id=leave.term_id, data={"teacher": leave.teacher_id})
    leave.state = TeacherLeaveState.CANCELLED
    turns_changed(leave.term, {leave.teacher_id}, leave.first_day)
    if own:
        _tell_leaders(leave, by)
    else:
        _tell_teacher(leave, "已撤销", "", by)
    return leave


def can_be_cancelled(leave: TeacherLeave) -> bool:
    """Tell whether a leave still stands and one of its days is still to come."""
    return leave.state in STANDING and leave.last_day >= clock.today()


def _tell_leaders(leave: TeacherLeave, by: Actor) -> None:
    what = "请假" if leave.state == TeacherLeaveState.ASKED else "撤销了请假"
    tell(
        leader_accounts([leave.teacher.grade]) - {by.user_id or 0},
        kind="teacher_leave",
        title=f"{leave.teacher.name}{what}：{span_words(leave)}",
        body="请批复。" if leave.state == TeacherLeaveState.ASKED else "已确认的代课要改回来，请在这里撤回。",
        url=reverse("scheduling:standins-leave", args=[leave.pk]),
        term=leave.term,
        by=by,
    )


def _tell_teacher(leave: TeacherLeave, word: str, answer: str, by: Actor) -> None:
    accounts = {leave.teacher.user_id} - {None, by.user_id}
    if accounts:
        tell(
            [pk for pk in accounts if pk is not None],
            kind="teacher_leave",
            title=f"请假{word}：{span_words(leave)}",
            body=answer,
            url=reverse("scheduling:standins-leave", args=[leave.pk]),
            term=leave.term,
            by=by,
        )
