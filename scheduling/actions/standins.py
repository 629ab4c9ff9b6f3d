"""Stand-ins and swaps: asked, answered, confirmed, taken back (D6). `scheduling.substituting` says who may do what.

A confirmation moves duty and occupancy in one transaction: the old duty ends, a new one begins with `replaces`, so that both
stay on record. Rota, roll call and papers read the active duty and follow at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Resource, SessionState
from afterschool.school.events import record
from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.access import who_of, who_of_substitution
from scheduling.actions.occupancy import occupy, release
from scheduling.actions.standins_told import tell_of
from scheduling.enums import DutySource, SubstitutionKind, SubstitutionState, TeacherLeaveState
from scheduling.following import turns_changed
from scheduling.models import Duty, Substitution, TeacherLeave
from scheduling.queries.candidates import why_not
from scheduling.queries.standins import RELATED
from scheduling.substituting import Move, in_time, needs_reason, step

S = SubstitutionState
FASTER = (somebody_was_faster().code, somebody_was_faster().sentence)


@transaction.atomic
def ask_stand_ins(*, duty: Duty, teachers: Sequence[Teacher], reason: str = "", by: Actor) -> list[Substitution]:
    """Ask one or several whether they can stand in; the first who says yes has it.

    Refused with `nobody_asked`, `too_late`, `duty_changed`, `already_taken`, `already_asked` or `not_free`.
    """
    if not teachers:
        raise Refused("nobody_asked", "请选至少一位教师。")
    return [_begin(duty, teacher, Move.ASK, reason=reason, by=by) for teacher in teachers]


@transaction.atomic
def ask_swap(*, duty: Duty, back: Duty, reason: str = "", by: Actor) -> Substitution:
    """Ask the teacher of `back` to exchange it for `duty`. Refused as `ask_stand_ins`, and with `same_teacher`."""
    return _begin(duty, back.teacher, Move.ASK, back=back, reason=reason, by=by)


@transaction.atomic
def place_stand_in(*, duty: Duty, teacher: Teacher, reason: str, by: Actor) -> Substitution:
    """Put a stand-in on a duty at once, asked and accepted by word of mouth, also while the session runs.

    Refused as `ask_stand_ins`, and with `reason_missing`.
    """
    one = _begin(duty, teacher, Move.PLACE, reason=reason, by=by)
    _carry_out(one)
    tell_of(one, Move.PLACE, by)
    _end_others(one, by)
    return one


def accept(*, one: Substitution, by: Actor) -> Substitution:
    """Say yes. The duty stays with its owner until it is confirmed. Refused: `too_late`, `not_free`, faster."""
    return _move(one, Move.ACCEPT, by=by)


def decline(*, one: Substitution, answer: str = "", by: Actor) -> Substitution:
    """Say no, also after a yes that nobody has confirmed; words are welcome, not asked for."""
    return _move(one, Move.DECLINE, words=answer, by=by)


def confirm(*, one: Substitution, by: Actor) -> Substitution:
    """Confirm: from now on the duty is the other's. Refused: `too_late`, `not_free`, `duty_changed`, `taken_twice`, faster."""
    return _move(one, Move.CONFIRM, by=by)


def place(*, one: Substitution, reason: str, by: Actor) -> Substitution:
    """Confirm a request that the other accepted by word of mouth. Refused as `confirm`, and with `reason_missing`."""
    return _move(one, Move.PLACE, words=reason, by=by)


def refuse(*, one: Substitution, reason: str, by: Actor) -> Substitution:
    """Refuse what the other has accepted; both read why. Refused with `reason_missing` or faster."""
    return _move(one, Move.REFUSE, words=reason, by=by)


def cancel(*, one: Substitution, reason: str = "", by: Actor) -> Substitution:
    """Take back: a request by who asked, a confirmed change by who leads, before it begins; the duty then returns.

    Refused with `too_late`, `reason_missing` (confirmed ones), `duty_changed`, `taken_twice` or faster.
    """
    return _move(one, Move.CANCEL, words=reason, by=by)


def _begin(
    duty: Duty, teacher: Teacher, move: Move, *, by: Actor, reason: str, back: Duty | None = None
) -> Substitution:
    first = step(None, move)
    grades = [d.session.group.grade for d in (duty, back) if d is not None]
    who = who_of(by, owner_id=duty.teacher_id, other_id=teacher.pk, grades=grades)
    if move == Move.ASK and back is not None:  # asking for a swap over two grades is open to who leads one of them
        who |= who_of(by, owner_id=duty.teacher_id, other_id=teacher.pk, grades=grades[:1])
    if first is None or by.user is None or not first.who & who:
        raise PermissionDenied
    reason = reason.strip()[:100]
    if needs_reason(None, move) and not reason:
        raise Refused("reason_missing", "请写明原因和怎么联系的，会留下记录。")
    if teacher.pk == duty.teacher_id:
        raise Refused("same_teacher", f"{teacher.name}就是这一次的值班教师。")
    now = clock.now()
    placed = {"decided_by": by.user, "decided_at": now} if first.to == S.CONFIRMED else {}
    one = Substitution(
        term_id=duty.session.term_id,
        kind=SubstitutionKind.SWAP if back else SubstitutionKind.STAND_IN,
        duty=duty,
        teacher=teacher,
        back=back,
        leave=_leave_of(duty),
        state=first.to,
        reason=reason,
        asked_by=by.user,
        asked_at=now,
        **placed,
    )
    _check(one, None, move)
    if Substitution.objects.filter(duty__in=one.duties, state__in=[S.ACCEPTED, S.CONFIRMED]).exists():
        raise Refused("already_taken", "这一次已有人接下。")
    already = ("already_asked", f"已经问过{teacher.name}，等答复。") if move == Move.ASK else FASTER
    with one_wins(*already):
        one.save()
    record(f"substitution.{_verb(move)}", subject=one, by=by, term_id=one.term_id, data=_ids(one), note=reason)
    if move == Move.ASK:
        tell_of(one, move, by)
    return one


@transaction.atomic
def _move(one: Substitution, move: Move, *, by: Actor, words: str = "") -> Substitution:
    seen = SubstitutionState(one.state)
    found = step(seen, move)
    if by.user is None:
        raise PermissionDenied
    if found is None:
        raise somebody_was_faster()
    if not found.who & who_of_substitution(by, one):
        raise PermissionDenied
    words = words.strip()[:100]
    if needs_reason(seen, move) and not words:
        raise Refused("reason_missing", "请写明原因，会留下记录，双方看得到。")
    _check(one, seen, move)
    now = clock.now()
    values: dict[str, Any] = {"state": found.to, "answer": words or one.answer}
    if move in {Move.ACCEPT, Move.DECLINE}:
        values |= {"answered_by": by.user, "answered_at": now}
    if move in {Move.CONFIRM, Move.REFUSE, Move.PLACE}:
        values |= {"decided_by": by.user, "decided_at": now}
    with one_wins(*FASTER):
        if Substitution.objects.filter(pk=one.pk, state=seen).update(**values) != 1:
            raise somebody_was_faster()
    for name, value in values.items():
        setattr(one, name, value)
    record(f"substitution.{_verb(move)}", subject=one, by=by, term_id=one.term_id, data=_ids(one), note=words)
    if found.to == S.CONFIRMED:
        _carry_out(one)
    elif seen == S.CONFIRMED:
        _undo(one)
    tell_of(one, move, by)
    if found.to == S.CONFIRMED:
        _end_others(one, by)
    return one


def _check(one: Substitution, seen: SubstitutionState | None, move: Move) -> None:
    """Refuse what comes too late, what its duty no longer allows, and a person who is taken otherwise."""
    if not in_time(seen, move, one.times, clock.now()):
        raise Refused("too_late", "这一次已经开始或结束，来不及了。" if one.is_swap else "这一次已经过去，来不及了。")
    if move not in {Move.ASK, Move.ACCEPT, Move.CONFIRM, Move.PLACE}:
        return
    for duty in one.duties:
        if not duty.active or duty.session.state != SessionState.PLANNED:
            raise Refused("duty_changed", "这一次的安排已经变了，请回到值班表看最新的。")
    sentence = why_not(one)
    if sentence:
        raise Refused("not_free", sentence)


def _carry_out(one: Substitution) -> None:
    """Give each duty to the other side."""
    source = DutySource.SWAP if one.is_swap else DutySource.STAND_IN
    takers = [(one.duty, one.teacher)] if one.back is None else [(one.duty, one.teacher), (one.back, one.duty.teacher)]
    _hand_over([(duty, teacher, source) for duty, teacher in takers], reason=one.reason or one.answer)


def _undo(one: Substitution) -> None:
    """Give each duty back, as it came: refused when it has gone on to a third. What is its owner's again needs no giving."""
    handed = {d.replaces_id: d for d in Duty.objects.filter(replaces__in=one.duties, active=True)}
    theirs = Duty.objects.filter(pk__in=[duty.pk for duty in one.duties], active=True)
    if not handed and theirs.count() == len(one.duties):
        return
    if len(handed) != len(one.duties):
        raise Refused("duty_changed", "这一次后来又换了人，不能再撤回，请直接安排。")
    back = [
        (_with_session(handed[old.pk], old), old.teacher, DutySource(old.source))
        for old in one.duties
        if handed[old.pk].teacher_id == (one.teacher_id if old.pk == one.duty_id else one.duty.teacher_id)
    ]
    if len(back) != len(one.duties):
        raise Refused("duty_changed", "这一次后来又换了人，不能再撤回，请直接安排。")
    _hand_over(back, reason=one.answer)


def _with_session(duty: Duty, old: Duty) -> Duty:
    duty.session = old.session
    return duty


def _hand_over(changes: Sequence[tuple[Duty, Teacher, DutySource]], *, reason: str) -> None:
    """End these duties, begin the new ones, move what the teachers take: nobody twice at one time."""
    for duty, _, _ in sorted(changes, key=lambda change: change[0].pk):
        if Duty.objects.filter(pk=duty.pk, active=True, teacher=duty.teacher_id).update(active=False) != 1:
            raise somebody_was_faster()
        duty.active = False
    sessions = [duty.session for duty, _, _ in changes]
    release([session.pk for session in sessions], Resource.TEACHER)
    with one_wins(*FASTER):
        Duty.objects.bulk_create(
            Duty(session=d.session, teacher=teacher, source=source, replaces=d, reason=reason)
            for d, teacher, source in changes
        )
        taken = {duty.session_id: teacher.pk for duty, teacher, _ in changes}
        occupy(sessions[0].term, sessions, teachers=taken)
    people = {duty.teacher_id for duty, _, _ in changes} | set(taken.values())
    turns_changed(sessions[0].term, people, min(session.date for session in sessions))


def _end_others(one: Substitution, by: Actor) -> None:
    """End what else was asked for these duties; whoever was asked is told."""
    others = Substitution.objects.filter(duty__in=one.duties) | Substitution.objects.filter(back__in=one.duties)
    waiting = others.filter(state__in=[S.ASKED, S.ACCEPTED]).exclude(pk=one.pk)
    for other in waiting.select_related(*RELATED).order_by("pk"):
        if Substitution.objects.filter(pk=other.pk, state=other.state).update(state=S.CANCELLED) == 1:
            other.state = S.CANCELLED
            tell_of(other, Move.CANCEL, by)


def _leave_of(duty: Duty) -> TeacherLeave | None:
    day = duty.session.date
    standing = TeacherLeave.objects.filter(teacher=duty.teacher_id, first_day__lte=day, last_day__gte=day)
    return standing.filter(state__in=[TeacherLeaveState.ASKED, TeacherLeaveState.CONFIRMED]).first()


def _verb(move: Move) -> str:
    past = {Move.PLACE: "placed", Move.DECLINE: "declined", Move.REFUSE: "refused", Move.CANCEL: "cancelled"}
    return past.get(move, f"{move.name.lower()}ed")


def _ids(one: Substitution) -> dict[str, Any]:
    return {"duty": one.duty_id, "teacher": one.teacher_id, "back": one.back_id}


@contextmanager
def one_wins(code: str, sentence: str) -> Iterator[None]:
    """Turn a constraint that another transaction was faster to take into a refusal."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Refused(code, sentence) from None
