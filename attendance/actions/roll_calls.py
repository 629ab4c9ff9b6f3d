"""Taking the roll: begin, mark, the rest are present, finish, take in a child who is not listed.

Every mark drives the chain of custody in the same transaction, so that the roll and the board can never disagree.
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, SessionState
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import tell
from afterschool.school.models import Event, Session, Student, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance import access
from attendance.actions.days import ensure_day
from attendance.actions.passes import open_passes
from attendance.actions.roll_told import tell_of_help
from attendance.actions.roll_walk import child_days, walk
from attendance.actions.sign_ins import sign_in
from attendance.devices import NO_DEVICE, Device
from attendance.enums import HERE, CallOutcome, CustodyState, MarkState
from attendance.models import CallNote, ChildDay, Mark, RollCall
from attendance.queries.roll_calls import leaves_on, missing_names, needs_reason, placements_of
from attendance.queries.roll_elsewhere import apart_of, elsewhere
from attendance.queries.roll_later import absent_all_day
from scheduling.models import Duty

NAMES_SHOWN = 8
UNSEEN = (CustodyState.EXPECTED, CustodyState.AWAY, CustodyState.MISSING)


@dataclass(frozen=True)
class Wish:
    """One child's mark as the sender saw it and as it shall be."""

    student_id: int
    seen: MarkState
    state: MarkState


@dataclass(frozen=True)
class Outcome:
    """What became of a batch of marks: those changed, and those that somebody else had set otherwise meanwhile."""

    applied: list[Mark] = field(default_factory=list)
    conflicts: list[Mark] = field(default_factory=list)


@transaction.atomic
def begin(*, session: Session, by: Actor, device: Device = NO_DEVICE) -> RollCall:
    """Open the roll call of a session: the sign-in of its teacher. Doing it again only adds children placed since,
    and signs in the teacher whose roll call somebody else had opened.

    Everybody starts as not yet called, apart from those with leave on record. `device` says where and when it was opened if
    that was before the network brought it here. Refused: not_yours, cancelled, not_today.
    """
    duty = duty_of(session)
    opener = check_may_call(session, duty, by)
    if session.state == SessionState.CANCELLED:
        raise Refused("cancelled", "这一场已经取消，不用点名。")
    if session.date != clock.today():
        raise Refused("not_today", "只能在当天开始点名。")
    roll_call, new = RollCall.objects.get_or_create(
        session=session, defaults={"opened_by": opener, "opened_at": clock.now()}
    )
    if new:
        record("roll_call.opened", subject=roll_call, by=by, term_id=session.term_id, data=device.as_data(clock.now()))
    if duty is not None and by.teacher is not None and by.teacher.pk == duty.teacher_id:
        sign_in(session=session, by=by, device=device)
    fill(roll_call, session, duty, by)
    if new:
        tell_of_help(roll_call, duty, by)
    return roll_call


def fill(roll_call: RollCall, session: Session, duty: Duty | None, by: Actor) -> None:
    """Write a mark for every child due who has none yet."""
    due = set(placements_of(session).values_list("student_id", flat=True))
    due -= set(roll_call.marks.values_list("student_id", flat=True))
    if not due:
        return
    if ChildDay.objects.filter(date=session.date, student__in=due).count() < len(due):
        ensure_day(session.term, session.date, by)
    on_leave = leaves_on(session.date, due)
    absent = absent_all_day(session, due - on_leave.keys())
    Mark.objects.bulk_create(_first_mark(roll_call, pk, on_leave, absent, by) for pk in sorted(due))
    if not on_leave:
        return
    days = child_days(session, set(on_leave), by)
    wishes = [
        (days[pk], MarkState.NOT_CALLED, MarkState.LEAVE)
        for pk in sorted(on_leave)
        if days[pk].state == CustodyState.EXPECTED
    ]
    walk(session, wishes, duty, by, reason="leave", device_at=None)


def _first_mark(
    roll_call: RollCall, student_id: int, on_leave: Container[int], absent: dict[int, Mark], by: Actor
) -> Mark:
    """Return how a child starts: on leave, absent as somebody said earlier today for the whole day, else not yet called."""
    row = Mark(roll_call=roll_call, student_id=student_id)
    if student_id in on_leave:
        row.state, row.marked_by, row.marked_at = MarkState.LEAVE, by.user, clock.now()
    elif earlier := absent.get(student_id):
        row.state, row.marked_by, row.marked_at = MarkState.ABSENT, earlier.marked_by, clock.now()
        row.carried_from_id = earlier.roll_call_id
    return row


@transaction.atomic
def mark(
    *,
    roll_call: RollCall,
    wishes: Sequence[Wish],
    by: Actor,
    device: Device = NO_DEVICE,
    reason: str = "roll_call",
    note: str = "",
) -> Outcome:
    """Set marks, each only if it still is what its sender saw; sending the same again changes nothing.

    A mark that somebody else changed meanwhile is left and handed back as a conflict. Once the day is closed or over, `note`
    says why. Refused: not_yours, too_late, no_reason, not_listed, not_called, already_gone, and whatever the chain of
    custody refuses.
    """
    duty = duty_of(roll_call.session)
    check_may_call(roll_call.session, duty, by)
    check_day(roll_call, by, note)
    if not wishes:
        return Outcome()
    outcome = _apply(roll_call, wishes, duty=duty, by=by, device=device, reason=reason, note=note)
    tell_of_help(roll_call, duty, by)
    return outcome


def check_day(roll_call: RollCall, by: Actor, note: str) -> None:
    """Refuse a change that comes too late for this person (too_late), or that must say why by now (no_reason)."""
    if roll_call.session.date < clock.today() and not by.is_office:
        raise Refused("too_late", "过了当天，点名由课程教学中心来改。")
    if not note.strip() and needs_reason(roll_call):
        raise Refused("no_reason", "这一天已经结束：请写明为什么改。")


def _apply(
    roll_call: RollCall,
    wishes: Sequence[Wish],
    *,
    duty: Duty | None,
    by: Actor,
    device: Device,
    reason: str,
    note: str = "",
) -> Outcome:
    if any(wish.state == MarkState.NOT_CALLED for wish in wishes):
        raise Refused("not_called", "点过的名字不能改回“未点名”。")
    listed = Mark.objects.select_for_update(of=("self",)).filter(
        roll_call=roll_call, student__in=[wish.student_id for wish in wishes]
    )
    marks = {row.student_id: row for row in listed.select_related("student", "marked_by")}
    if len(marks) < len({wish.student_id for wish in wishes}):
        raise Refused("not_listed", "这个孩子不在这张点名册上，请刷新页面。")
    outcome, changed = Outcome(), []
    for wish in wishes:
        row = marks[wish.student_id]
        if row.state == wish.state:
            outcome.applied.append(row)
        elif row.state != wish.seen:
            outcome.conflicts.append(row)
        else:
            outcome.applied.append(row)
            changed.append(wish)
    if changed:
        _write(roll_call, changed, marks, duty=duty, by=by, device=device, reason=reason, note=note)
    return outcome


def _write(
    roll_call: RollCall,
    wishes: list[Wish],
    marks: dict[int, Mark],
    *,
    duty: Duty | None,
    by: Actor,
    device: Device,
    reason: str,
    note: str,
) -> None:
    session, now = roll_call.session, clock.now()
    by_change: dict[tuple[MarkState, MarkState], list[int]] = defaultdict(list)
    for wish in wishes:
        by_change[wish.seen, wish.state].append(marks[wish.student_id].pk)
    for (seen, state), pks in by_change.items():
        written = Mark.objects.filter(pk__in=pks, state=seen).update(
            state=state, marked_by=by.user, marked_at=now, device_id=device.id[:40], device_at=device.at
        )
        if written != len(pks):
            raise somebody_was_faster()
    verb = "roll_call.marked" if roll_call.closed_at is None else "roll_call.mended"
    told = [wish for wish in wishes if note or wish.seen != MarkState.NOT_CALLED]
    record_many((_changed(verb, roll_call, wish, by) for wish in told), note=note)
    days = child_days(session, [wish.student_id for wish in wishes], by)
    walk(
        session,
        [(days[wish.student_id], wish.seen, wish.state) for wish in wishes],
        duty,
        by,
        reason=reason,
        device_at=device.at,
    )
    for wish in wishes:
        row = marks[wish.student_id]
        row.state, row.marked_by, row.marked_at = wish.state, by.user, now


def _changed(verb: str, roll_call: RollCall, wish: Wish, by: Actor) -> Event:
    return event(
        verb,
        subject=roll_call,
        by=by,
        student_id=wish.student_id,
        term_id=roll_call.session.term_id,
        data={"from": wish.seen.value, "to": wish.state.value},
    )


@transaction.atomic
def rest_present(*, roll_call: RollCall, by: Actor, device: Device = NO_DEVICE) -> Outcome:
    """Set all who are not yet called to present; leave and other marks made before stay as they are.

    A child whose leave came in after the roll call was opened is set on leave, never present. Who is with somebody else,
    gone, or looked for is left as it is: nobody saw it here.
    """
    waiting = set(roll_call.marks.filter(state=MarkState.NOT_CALLED).values_list("student_id", flat=True))
    waiting -= apart_of(roll_call.session, waiting).keys()
    on_leave = leaves_on(roll_call.session.date, waiting)
    wishes = [
        Wish(pk, MarkState.NOT_CALLED, MarkState.LEAVE if pk in on_leave else MarkState.PRESENT)
        for pk in sorted(waiting)
    ]
    return mark(roll_call=roll_call, wishes=wishes, by=by, device=device, reason="rest_present")


@transaction.atomic
def close(*, roll_call: RollCall, by: Actor) -> RollCall:
    """Finish the roll call. Refused with their names while anyone is not yet called: nobody is present unseen.

    Who is with somebody else or gone is not waited for; the history says whom that was.
    """
    check_may_call(roll_call.session, duty_of(roll_call.session), by)
    others = elsewhere(roll_call)
    waiting = missing_names(roll_call, but=others)
    if waiting:
        more = f"等 {len(waiting)} 人" if len(waiting) > NAMES_SHOWN else ""
        raise Refused("not_all_called", f"还有 {len(waiting)} 人没点名：{'、'.join(waiting[:NAMES_SHOWN])}{more}。")
    now = clock.now()
    if RollCall.objects.filter(pk=roll_call.pk, closed_at=None).update(closed_by=by.user, closed_at=now) != 1:
        raise Refused("already_closed", "这次点名已经完成。")
    roll_call.closed_by, roll_call.closed_at = by.user, now
    data = {"elsewhere": sorted(others)} if others else {}
    record("roll_call.closed", subject=roll_call, by=by, term_id=roll_call.session.term_id, data=data)
    return roll_call


@transaction.atomic
def take_in(*, roll_call: RollCall, student: Student, by: Actor, device: Device = NO_DEVICE) -> Mark:
    """Take in a child who turned up unlisted: in care at once, as a pass that head teacher or duty leader looks at.

    A child of the day whom a club doesn't have on its list is no pass: it comes by its group's teacher (move 7).
    Refused: not_yours, already_listed, not_a_member, elsewhere (with another teacher), already_gone.
    """
    session = roll_call.session
    duty = duty_of(session)
    check_may_call(session, duty, by)
    try:
        with transaction.atomic():
            row = Mark.objects.create(roll_call=roll_call, student=student)
    except IntegrityError:
        raise Refused("already_listed", f"{student.name}已在点名册上。") from None
    day = child_days(session, [student.pk], by)[student.pk]
    if session.group.kind != GroupKind.CLUB and day.state not in UNSEEN:
        raise Refused("elsewhere", f"{student.name}现在是“{day.get_state_display()}”，不能在这里加入。")
    of_a_group = day.session_id not in (None, session.pk) and day.state not in (CustodyState.AWAY, CustodyState.MISSING)
    if session.group.kind == GroupKind.CLUB and of_a_group:
        raise Refused(
            "not_a_member",
            f"{student.name}不在{session.group.name}的名单上。临时来的，请带班老师用“交接”交给您，写明地点。",
        )
    due = session.group.kind != GroupKind.CLUB and day.state in (CustodyState.EXPECTED, CustodyState.MISSING)
    own = day.session if due and day.session_id != session.pk else None
    ChildDay.objects.filter(pk=day.pk).update(is_pass=True)
    if own is None:  # a child of the day has its place: nobody need accept it
        open_passes([day], session, by)
    wish = Wish(student.pk, MarkState.NOT_CALLED, MarkState.PRESENT)
    _apply(roll_call, [wish], duty=duty, by=by, device=device, reason="pass")
    record("roll_call.pass", subject=roll_call, by=by, student_id=student.pk, term_id=session.term_id)
    _tell_of_pass(session, student, own, by)
    row.refresh_from_db()
    return row


@transaction.atomic
def back_from_club(*, roll_call: RollCall, student_id: int, by: Actor, device: Device = NO_DEVICE) -> bool:
    """Take a listed child back from its club: who has the group answers for it again. Return whether it was in one.

    Refused: not_yours.
    """
    session = roll_call.session
    duty = duty_of(session)
    check_may_call(session, duty, by)
    if session.group.kind == GroupKind.CLUB or not roll_call.marks.filter(student=student_id, state__in=HERE).exists():
        return False
    day = ChildDay.objects.filter(student=student_id, date=session.date, state=CustodyState.CLUB).first()
    if day is None:
        return False
    back = [(day, MarkState.NOT_CALLED, MarkState.PRESENT)]
    walk(session, back, duty, by, reason="roll_call", device_at=device.at)
    return True


def _tell_of_pass(session: Session, student: Student, own: Session | None, by: Actor) -> None:
    """Tell the head teacher; of a child who is due in another group today, the teacher there too, who may fetch it."""
    head = student.school_class.head_teacher if student.school_class else None
    duty = duty_of(own) if own else None
    people = [head.user_id if head else None, duty.teacher.user_id if duty else None]
    where = session.group.name + (f"（{session.room}）" if session.room else "")
    said = (
        f"{student.name}在{where}，由{by.user.name if by.user else '老师'}照看"
        if own
        else f"{student.name}没有报今天的服务，已在{session.group.name}"
    )
    todo = (
        f"接回{own.group.name}以后，在点名册上把“未到”改为“到”。" if own else "请联系家长，今天内告诉带班教师收不收。"
    )
    tell(
        [pk for pk in people if pk is not None and pk != by.user_id],
        kind="roll_call.pass",
        title=said,
        body=todo,
        student=student,
        term=session.term,
        by=by,
    )


def meet_leave(*, student: Student, by: Actor) -> bool:
    """Tell whether today's roll call is open already, so that its teacher must see a leave that comes in only now.

    Refused: already_here, when the child has been seen.
    """
    row = (
        Mark.objects.filter(student=student, roll_call__session__date=clock.today())
        .exclude(roll_call__session__group__kind=GroupKind.CLUB)
        .first()
    )
    if row is not None and row.state in HERE:
        at = (row.marked_at or clock.now()).astimezone(clock.SHANGHAI)
        raise Refused("already_here", f"{at:%H:%M} 点名时{student.name}已经到班，今天不能再请假。要提前接，请填早接。")
    return row is not None


@transaction.atomic
def excuse(*, student: Student, by: Actor, note: str) -> bool:
    """Settle a child marked absent today by a guardian's word that head teacher or office has on the phone.

    Appends the call, sets the mark to leave and takes the child off the search. False when there is nothing to settle.
    """
    row = (
        Mark.objects.filter(student=student, roll_call__session__date=clock.today(), state=MarkState.ABSENT)
        .select_related("roll_call__session__group", "roll_call__session__room", "roll_call__session__term")
        .first()
    )
    if row is None or by.user is None:
        return False
    session = row.roll_call.session
    day = child_days(session, [student.pk], by)[student.pk]
    CallNote.objects.create(child_day=day, outcome=CallOutcome.REACHED, text=note, by=by.user, at=clock.now())
    wish = Wish(student.pk, MarkState.ABSENT, MarkState.LEAVE)
    _apply(row.roll_call, [wish], duty=duty_of(session), by=by, device=NO_DEVICE, reason="leave")
    return True


def duty_of(session: Session) -> Duty | None:
    """Return who has the duty at a session now."""
    return Duty.objects.filter(session=session, active=True).select_related("teacher").first()


def check_may_call(session: Session, duty: Duty | None, by: Actor) -> User:
    """Return the account of somebody who may take this roll, or refuse: not_yours."""
    if by.user is None or not access.may_call_roll(by, session, duty.teacher_id if duty else None):
        raise Refused("not_yours", "这一场不是您负责，不能在这里点名。")
    return by.user
