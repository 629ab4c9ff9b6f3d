"""The end of the afternoon: a session handed on, children let go by a named decision, a session ended."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Guardian, Guardianship, Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import custody
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.facts import DECISION
from attendance.actions.told import child_url, heads_and_leaders
from attendance.enums import IN_CARE, CallOutcome, CustodyState
from attendance.fetching import is_named_in
from attendance.models import ChildDay, Handover, RollCall
from attendance.queries.custody import GONE, of_session
from attendance.queries.gate import REFUSED_AT_GATE
from scheduling.models import Duty

NAMES_SHOWN = 12


@transaction.atomic
def release_by_decision(
    child_day: ChildDay,
    *,
    who_came: str,
    decided_by: Teacher,
    guardian: Guardian | None,
    call: str,
    by: Actor,
) -> Handover:
    """Let a child go with somebody who is not on the list, or before dismissal: the call and the decider are on record."""
    if not who_came.strip():
        raise Refused("nobody_named", "请写明交给谁。")
    for banned in Guardianship.objects.filter(student=child_day.student_id, banned=True).select_related("guardian"):
        if is_named_in(who_came, banned.guardian.name, banned.guardian.phone):
            raise Refused("banned", f"{banned.guardian.name}已登记为不可接走，不能把孩子交给他。请打班主任电话。")
    note_call(child_day, guardian=guardian, outcome=CallOutcome.REACHED, text=call, by=by)
    move = MoveRequest(child_day, custody.State.FETCHED, reason=DECISION, note=who_came, decided_by=decided_by)
    return move_many([move], by=by)[0]


@transaction.atomic
def refuse_at_gate(child_day: ChildDay, *, who_came: str, by: Actor) -> None:
    """Keep that somebody came for a child and was refused; the family, the head teacher and the duty leaders are told.

    Refused: not_staff, nobody_named, not_here (the child is in nobody's care).
    """
    if by.teacher is None:
        raise Refused("not_staff", "只有学校的人能记。")
    if not who_came.strip():
        raise Refused("nobody_named", "请写明来的是谁：姓名、与孩子的关系、电话。")
    if child_day.state not in IN_CARE:
        raise Refused("not_here", "孩子现在不在校，不用记。")
    student, now = child_day.student, clock.now()
    record(
        REFUSED_AT_GATE, subject=child_day, by=by, student_id=student.pk, term_id=child_day.term_id, note=who_came[:200]
    )
    for recipients, url in (
        (guardians_of(student), ""),
        (heads_and_leaders(student), child_url(child_day.pk)),
    ):
        tell(
            recipients,
            kind="custody.refused",
            title=f"{now:%H:%M} 有人来接{student.name}，没有放行",
            body=f"来的人：{who_came[:160]}。门口没有放行，孩子还在学校。",
            url=url,
            student=student,
            term=child_day.term,
            by=by,
        )


@transaction.atomic
def take_over(session: Session, *, by: Actor, reason: str = "take_over") -> list[Handover]:
    """Receive all children of a session whom somebody else still answers for (move 8): the stand-in's first act."""
    rows = ChildDay.objects.filter(at_session=session, state=CustodyState.GROUP).select_related("term", "session")
    moves = [
        MoveRequest(row, custody.State.GROUP, at_session=session, reason=reason)
        for row in rows
        if by.teacher is None or row.holder_id != by.teacher.pk
    ]
    return move_many(moves, by=by)


@transaction.atomic
def correct(child_day: ChildDay, *, note: str, by: Actor) -> Handover:
    """Take the last move of a child who left back (move 14): a new row; the old one stays.

    The family was told that the child has gone, so it is told that this was not so. Refused: no_reason,
    nothing_to_correct, and what the chain refuses.
    """
    if not note.strip():
        raise Refused("no_reason", "请写明为什么更正。")
    last = child_day.handovers.order_by("-number").first()
    if last is None or child_day.state not in custody.ENDS:
        raise Refused("nothing_to_correct", "孩子还在校，没有可以更正的放行。")
    made = move_many([MoveRequest(child_day, last.from_state, reason="correction", note=note)], by=by)[0]
    if last.to_state in GONE:
        student = child_day.student
        tell(
            guardians_of(student),
            kind="custody.corrected",
            title=f"更正：{student.name}还在学校",
            body=f"{last.at.astimezone(clock.SHANGHAI):%H:%M} 的离校记录记错了。",
            student=student,
            term=child_day.term,
            by=by,
        )
    return made


@transaction.atomic
def end_session(session: Session, *, by: Actor) -> RollCall:
    """Close a session by its teacher; refused with the names while any of its children is open (rules, section 7)."""
    if (
        by.teacher is None
        or by.user is None
        or not Duty.objects.filter(session=session, active=True, teacher=by.teacher).exists()
    ):
        raise Refused("not_yours", "由这一场的老师来结束。")
    roll_call = RollCall.objects.filter(session=session).first()
    if roll_call is None or roll_call.closed_at is None:
        raise Refused("not_called", "还没有完成点名，不能结束。")
    children = list(of_session(session))
    mine = by.teacher.pk
    left = [child for child in children if not custody.session_may_end([(child.state, child.holder_id == mine)])]
    if left:
        names = "、".join(child.student.name for child in left[:NAMES_SHOWN])
        more = "等" if len(left) > NAMES_SHOWN else ""
        raise Refused("children_open", f"还有 {len(left)} 个孩子没有离开：{names}{more}。")
    now = clock.now()
    if RollCall.objects.filter(pk=roll_call.pk, ended_at=None).update(ended_by=by.user, ended_at=now) != 1:
        raise Refused("ended_already", "这一场已经结束。")
    record("session.ended", subject=session, by=by, term_id=session.term_id)
    roll_call.ended_by, roll_call.ended_at = by.user, now
    return roll_call
