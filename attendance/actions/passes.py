"""Passes (临时加入, move 9): a child taken in unlisted is in care at once; somebody accepts or refuses it the same day."""

from collections.abc import Iterable

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.actions.told import child_url
from attendance.enums import IN_CARE, PassState
from attendance.models import ChildDay, Pass


def open_passes(days: Iterable[ChildDay], session: Session, by: Actor) -> None:
    """Put children who were taken in unlisted before head teacher and duty leader; once a day for a child."""
    if by.user is None:
        return
    now = clock.now()
    rows = [Pass(child_day=day, session=session, by=by.user, at=now) for day in days]
    Pass.objects.bulk_create(rows, ignore_conflicts=True)


def may_decide(by: Actor, child_day: ChildDay) -> bool:
    """Tell whether this person accepts or refuses a pass: the child's head teacher, or a duty leader."""
    return by.has(Role.DUTY_LEADER) or child_day.student.school_class_id in by.class_ids


@transaction.atomic
def decide_pass(taken: Pass, *, accept: bool, answer: str = "", by: Actor) -> Pass:
    """Accept a pass, or refuse it: then the guardians are told, and the child is kept until it is fetched (rules, 7, 9).

    Refused: not_yours, no_reason (a refusal says why), somebody_was_faster.
    """
    child_day = taken.child_day
    if by.user is None or not may_decide(by, child_day):
        raise Refused("not_yours", "由孩子的班主任或值班行政答复。")
    if not accept and not answer.strip():
        raise Refused("no_reason", "不能留下的，请写明原因，家长会看到。")
    state = PassState.ACCEPTED if accept else PassState.REFUSED
    now = clock.now()
    changed = Pass.objects.filter(pk=taken.pk, state=PassState.WAITING).update(
        state=state, decided_by=by.user, decided_at=now, answer=answer.strip()[:100]
    )
    if changed != 1:
        raise somebody_was_faster()
    taken.refresh_from_db()
    record(
        "pass.decided",
        subject=child_day,
        by=by,
        student_id=child_day.student_id,
        term_id=child_day.term_id,
        data={"state": state.value},
    )
    child_day.refresh_from_db(fields=["state", "holder", "place"])
    _tell_teacher(taken, by)
    if not accept and child_day.state in IN_CARE:
        _tell_guardians(taken, by)
    return taken


def _tell_teacher(taken: Pass, by: Actor) -> None:
    """Tell who took the child in, and who has it now."""
    day = taken.child_day
    people = {taken.by_id} | ({day.holder.user_id} if day.holder else set())
    accepted = taken.state == PassState.ACCEPTED
    tell(
        [pk for pk in people if pk and pk != by.user_id],
        kind="roll_call.pass",
        title=f"{day.student.name}：{'今天可以留下' if accepted else '今天不能留下，请等家长来接'}",
        body=taken.answer or "",
        url=child_url(day.pk),
        student=day.student,
        term=day.term,
        by=by,
    )


def _tell_guardians(taken: Pass, by: Actor) -> None:
    day = taken.child_day
    where = f"孩子现在由{day.holder.name}老师照看{f'（{day.place}）' if day.place else ''}。" if day.holder else ""
    tell(
        guardians_of(day.student),
        kind="custody.pass_refused",
        title=f"{day.student.name}今天不在课后服务名单上，请来学校接",
        body=f"{where}{taken.answer}。在您来接之前，学校照看孩子。".replace("。。", "。"),
        student=day.student,
        term=day.term,
        by=by,
    )
