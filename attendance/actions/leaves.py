"""Leave: asked for by a guardian, or recorded for a family by head teacher, office or the teacher on duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.roll_calls import excuse, meet_leave
from attendance.actions.words import (
    Word,
    called_today,
    check_cutoff,
    check_days,
    check_may_take_back,
    check_speaks,
    end_span,
    one_at_a_time,
    tell_of_word,
    when,
)
from attendance.enums import LeaveSource
from attendance.models import LeaveRequest
from attendance.queries.cutoffs import contacts, cutoff_of_leave
from attendance.queries.leaves import session_of


@dataclass(frozen=True)
class Slip:
    """One child's leave out of several that are recorded in one go."""

    student: Student
    reason: str = ""
    said_by: str = ""


@transaction.atomic
def ask_leave(
    *,
    term: Term,
    student: Student,
    first_day: date,
    last_day: date,
    source: LeaveSource,
    by: Actor,
    reason: str = "",
    said_by: str = "",
) -> LeaveRequest:
    """Put a leave on record; today's comes before the child's teacher and head teacher at once.

    Refused: not_yours, today_only, past, order, outside_term, no_service, too_late_today (guardians, after the school's
    time), already_asked, already_here (seen on today's roll).
    """
    word = Word(source, said_by)
    asker = check_speaks(by, student, word, first_day, last_day)
    days = check_days(student, term, first_day, last_day)
    today = first_day == clock.today() and (days is None or first_day in days)
    if today and source == LeaveSource.GUARDIAN:
        check_cutoff(cutoff_of_leave(term, clock.now()), student, session_of(student, term, first_day))
    one_at_a_time(student)
    _check_not_asked(student, first_day, last_day)
    begun = today and meet_leave(student=student, by=by)
    leave = LeaveRequest.objects.create(
        term=term,
        student=student,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        source=source,
        said_by=said_by,
        asked_by=asker,
        asked_at=clock.now(),
    )
    record(
        "leave.asked",
        subject=leave,
        by=by,
        student_id=student.pk,
        term_id=term.pk,
        data={"source": source.value, "first": first_day.isoformat(), "last": last_day.isoformat()},
    )
    if begun and source == LeaveSource.PHONE:
        excuse(student=student, by=by, note=f"{said_by or '家长'}来电请假 {reason}".strip())
    recorded = source != LeaveSource.GUARDIAN
    kind = "leave.recorded" if recorded else "leave.asked"
    title = f"{student.name}{when(first_day, last_day)}请假"
    tell_of_word(student, term, title, reason, kind=kind, by=by, today=today, recorded=recorded)
    return leave


@transaction.atomic
def record_leaves(
    *, term: Term, slips: Sequence[Slip], first_day: date, last_day: date, source: LeaveSource, by: Actor
) -> list[LeaveRequest]:
    """Record the slips of several children at once, all or none: what is refused is said for each child.

    Refused: nobody_chosen, or the code of the first refusal of `ask_leave`.
    """
    if not slips:
        raise Refused("nobody_chosen", "请先勾选孩子。")
    made, refused = [], []
    for slip in slips:
        try:
            leave = ask_leave(
                term=term,
                student=slip.student,
                first_day=first_day,
                last_day=last_day,
                source=source,
                by=by,
                reason=slip.reason,
                said_by=slip.said_by,
            )
        except Refused as refusal:
            refused.append((slip.student.name, refusal))
        else:
            made.append(leave)
    if refused:
        told = {refusal.sentence: names for names, refusal in refused}
        sentence = "".join(s if name in s else f"{name}：{s}" for s, name in told.items())
        raise Refused(refused[0][1].code, f"{sentence}其他孩子也还没有登记。" if len(slips) > 1 else sentence)
    return made


@transaction.atomic
def cancel_leave(*, leave: LeaveRequest, by: Actor) -> LeaveRequest:
    """Take a leave back, until its last day's roll is called; of a span that has begun, the days still to come.

    Refused: not_yours, over, roll_call_begun.
    """
    student, today = leave.student, clock.today()
    check_may_take_back(by, student, leave.first_day, leave.last_day)
    if leave.last_day < today:
        raise Refused("over", "这次请假已经过去，不能撤销。")
    called = leave.first_day <= today and called_today(student)
    if called and leave.last_day == today:
        numbers = "；".join(str(one) for one in contacts(student, session_of(student, leave.term, today)))
        raise Refused("roll_call_begun", f"今天已经开始点名，请直接打电话：{numbers}。")
    was = leave.last_day
    kept = end_span(leave, by=by, today_stands=called)
    data = {"was": was.isoformat(), "until": kept.isoformat()} if kept else {}
    record("leave.cancelled", subject=leave, by=by, student_id=student.pk, term_id=leave.term_id, data=data)
    _tell_cancelled(leave, was, called=called, by=by)
    return leave


def _tell_cancelled(leave: LeaveRequest, was: date, *, called: bool, by: Actor) -> None:
    today = clock.today()
    if called:
        title = f"{leave.student.name}从明天起不请假了"
    elif leave.first_day <= today or leave.last_day < today:
        title = f"{leave.student.name}今天不请假了"
    else:
        title = f"{leave.student.name}{when(leave.first_day, was)}不请假了"
    comes_today = not called and leave.first_day <= today
    recorded = by.is_staff
    tell_of_word(leave.student, leave.term, title, kind="leave.cancelled", by=by, today=comes_today, recorded=recorded)


def _check_not_asked(student: Student, first: date, last: date) -> None:
    standing = LeaveRequest.objects.filter(
        student=student, first_day__lte=last, last_day__gte=first, cancelled_at__isnull=True
    )
    row = standing.select_related("asked_by").first()
    if row is not None:
        days, who = when(row.first_day, row.last_day), row.asked_by.name
        raise Refused("already_asked", f"{student.name}{days}已请假（{who} {row.get_source_display()}），不用再请。")
