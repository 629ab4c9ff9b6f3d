"""Leave, early and late pick-up: asked for by a guardian, or recorded for a family by head teacher or office."""

from dataclasses import dataclass
from datetime import date, time

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import SchoolDay, Session, Student, Term, User
from afterschool.school.naming import grade_name
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance import access
from attendance.actions.roll_calls import excuse, meet_leave
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import ChildDay, LateCarePlace, LeaveRequest, Mark, PickupChange
from attendance.queries.leaves import session_of
from scheduling.models import Duty


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
) -> LeaveRequest:
    """Put a leave on record; today's comes before the child's teacher and head teacher at once.

    Refused: not_yours, past, order, outside_term, no_service, already_asked, already_here.
    """
    asker = _check_speaks(by, student)
    today = clock.today()
    if last_day < first_day:
        raise Refused("order", "结束日期不能早于开始日期。")
    if first_day < today:
        raise Refused("past", "过去的日子不能再请假。")
    if last_day > term.ends_on:
        raise Refused("outside_term", f"这个学期到 {term.ends_on.month}月{term.ends_on.day}日为止。")
    kinds = set(SchoolDay.objects.filter(date__range=(first_day, last_day)).values_list("kind", flat=True))
    if kinds and DayKind.SERVICE not in kinds:
        raise Refused("no_service", "这几天没有课后服务，不用请假。")
    standing = LeaveRequest.objects.filter(
        student=student, first_day__lte=last_day, last_day__gte=first_day, cancelled_at__isnull=True
    ).first()
    if standing is not None:
        raise Refused("already_asked", f"{student.name}这几天已有一条请假（{standing.get_source_display()}）。")
    begun = first_day == today and meet_leave(student=student, by=by)
    leave = LeaveRequest.objects.create(
        term=term,
        student=student,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        source=source,
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
    if begun and source == LeaveSource.PHONE and by.is_staff:
        excuse(student=student, by=by, note=f"家长来电请假 {reason}".strip())
    if first_day == today:
        _tell_school(student, term, f"{student.name}今天请假", reason, kind="leave.asked", by=by, teacher_too=begun)
    if source == LeaveSource.GUARDIAN:
        return leave
    _tell_family(student, term, f"学校已登记{student.name}的请假", kind="leave.recorded", by=by)
    return leave


@transaction.atomic
def cancel_leave(*, leave: LeaveRequest, by: Actor) -> LeaveRequest:
    """Take a leave back: a guardian until today's roll call, head teacher and office until it ends.

    Refused: not_yours, over, roll_call_begun.
    """
    _check_speaks(by, leave.student)
    today = clock.today()
    if leave.last_day < today:
        raise Refused("over", "这次请假已经过去，不能撤销。")
    _check_not_called(leave.student, leave.first_day <= today)
    changed = LeaveRequest.objects.filter(pk=leave.pk, cancelled_at=None).update(
        cancelled_at=clock.now(), cancelled_by=by.user
    )
    if changed != 1:
        raise somebody_was_faster()
    record("leave.cancelled", subject=leave, by=by, student_id=leave.student_id, term_id=leave.term_id)
    if leave.first_day <= today:
        title = f"{leave.student.name}今天不请假了"
        _tell_school(leave.student, leave.term, title, "", kind="leave.cancelled", by=by)
    return leave


@dataclass(frozen=True)
class Wish:
    """An early or late pick-up as it is asked for: which day, at what time, by whom fetched."""

    day: date
    kind: ChangeKind
    at: time
    alone: bool = False
    note: str = ""


@transaction.atomic
def ask_pickup_change(*, term: Term, student: Student, wish: Wish, source: LeaveSource, by: Actor) -> PickupChange:
    """Put an early or late pick-up of one day on record.

    Refused: not_yours, past, no_service, not_early, not_late, too_late, too_young, gone, already_asked.
    """
    asker = _check_speaks(by, student)
    _check_change(session_of(student, term, wish.day), student, wish)
    try:
        with transaction.atomic():
            change = PickupChange.objects.create(
                term=term,
                student=student,
                date=wish.day,
                kind=wish.kind,
                time=wish.at,
                alone=wish.alone,
                note=wish.note,
                source=source,
                asked_by=asker,
                asked_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("already_asked", "这一天已有一条早接或晚接，请先撤销。") from None
    record(
        "pickup.asked",
        subject=change,
        by=by,
        student_id=student.pk,
        term_id=term.pk,
        data={"kind": wish.kind.value, "time": f"{wish.at:%H:%M}", "alone": wish.alone, "source": source.value},
    )
    if wish.day == clock.today():
        title = f"{student.name}今天{wish.kind.label} {wish.at:%H:%M}{'，自行离校' if wish.alone else ''}"
        _tell_school(student, term, title, wish.note, kind="pickup.asked", by=by, teacher_too=True)
    return change


@transaction.atomic
def cancel_pickup_change(*, change: PickupChange, by: Actor) -> PickupChange:
    """Take an early or late pick-up back, until the child has left. Refused: not_yours, over, gone."""
    _check_speaks(by, change.student)
    if change.date < clock.today():
        raise Refused("over", "这一天已经过去，不能撤销。")
    _check_still_here(change.student, change.date)
    changed = PickupChange.objects.filter(pk=change.pk, cancelled_at=None).update(
        cancelled_at=clock.now(), cancelled_by=by.user
    )
    if changed != 1:
        raise somebody_was_faster()
    record("pickup.cancelled", subject=change, by=by, student_id=change.student_id, term_id=change.term_id)
    if change.date == clock.today():
        title = f"{change.student.name}今天照常接（撤销{change.get_kind_display()}）"
        _tell_school(change.student, change.term, title, "", kind="pickup.cancelled", by=by, teacher_too=True)
    return change


def _check_speaks(by: Actor, student: Student) -> User:
    if by.user is None or not access.may_speak_for(by, student):
        raise Refused("not_yours", "只有孩子的监护人、班主任和课程教学中心可以登记。")
    return by.user


def _check_change(session: Session | None, student: Student, wish: Wish) -> None:
    now = clock.now()
    if wish.day < now.date():
        raise Refused("past", "过去的日子不能再改。")
    if session is None:
        raise Refused("no_service", f"{student.name}这一天没有课后服务，不用改接的时间。")
    dismissal = session.ends_at
    if wish.kind == ChangeKind.EARLY and wish.at >= dismissal:
        raise Refused("not_early", f"这一天 {dismissal:%H:%M} 放学，早接要早于放学。")
    if wish.kind == ChangeKind.LATE and wish.at <= dismissal:
        raise Refused("not_late", f"这一天 {dismissal:%H:%M} 放学，晚接要晚于放学。")
    if wish.kind == ChangeKind.LATE and (until := _late_care_until(session.term)) and wish.at > until:
        raise Refused("too_late", f"延时托管到 {until:%H:%M}，请在这之前来接。")
    if clock.at(wish.day, wish.at) < now:
        raise Refused("past", "这个时间已经过了。")
    grade = student.school_class.grade if student.school_class else 0
    if wish.alone and grade < session.term.alone_from_grade:
        raise Refused("too_young", f"{grade_name(session.term.alone_from_grade)}起才可以自行离校。")
    _check_still_here(student, wish.day)


def _late_care_until(term: Term) -> time | None:
    """Return when the last late-care place closes; nothing where one has no end, or none is set up."""
    ends = list(LateCarePlace.objects.filter(term=term).order_by().values_list("closes_at", flat=True))
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _check_still_here(student: Student, day: date) -> None:
    row = ChildDay.objects.filter(student=student, date=day, state__in=["fetched", "alone", "away"]).first()
    if row is not None:
        at = row.since.astimezone(clock.SHANGHAI)
        raise Refused("gone", f"{student.name}现在是“{row.get_state_display()}”（{at:%H:%M} 起），不用再改。")


def _check_not_called(student: Student, today_is_in: bool) -> None:
    if today_is_in and Mark.objects.filter(student=student, roll_call__session__date=clock.today()).exists():
        raise Refused("roll_call_begun", "今天已经开始点名，请直接和带班老师联系。")


def _tell_school(
    student: Student, term: Term, title: str, body: str, *, kind: str, by: Actor, teacher_too: bool = False
) -> None:
    """Tell the head teacher, and where the roll call runs already the teacher on duty; nobody is told of the own act."""
    users = (
        {student.school_class.head_teacher.user_id}
        if student.school_class and student.school_class.head_teacher
        else set()
    )
    if teacher_too and (session := session_of(student, term, clock.today())):
        users |= set(Duty.objects.filter(session=session, active=True).values_list("teacher__user_id", flat=True))
    users -= {None, by.user_id}
    if users:
        known = [pk for pk in users if pk is not None]
        tell(known, kind=kind, title=title, body=body, student=student, term=term, by=by)


def _tell_family(student: Student, term: Term, title: str, *, kind: str, by: Actor) -> None:
    if guardians := guardians_of(student):
        tell(guardians, kind=kind, title=title, student=student, term=term, by=by)
