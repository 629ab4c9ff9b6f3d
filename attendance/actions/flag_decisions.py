"""What people do with a flag: the teacher answers and appeals, the office decides, another person decides the appeal."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import StaffRole
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.enums import FlagState, StatementKind, Verdict
from attendance.flag_workflow import Move, Step, step
from attendance.models import Flag, FlagDecision, FlagStatement
from attendance.queries.flags import holds, stage_of, who_of

VERBS = {
    Move.ANSWER: "flag.answered",
    Move.DECIDE: "flag.decided",
    Move.APPEAL: "flag.appealed",
    Move.DECIDE_APPEAL: "flag.appeal_decided",
    Move.KEEP: "flag.kept",
    Move.DROP: "flag.dropped",
}
WORDS = 500
REASON = 200


@transaction.atomic
def answer(*, flag: Flag, text: str, by: Actor) -> FlagStatement:
    """Say how it was, before the decision; as often as needed. Refused: words_missing, faster."""
    return _say(flag, Move.ANSWER, StatementKind.ANSWER, text, by)


@transaction.atomic
def appeal(*, flag: Flag, text: str, by: Actor) -> FlagStatement:
    """Ask for another person to look at a decision: once. Refused: words_missing, faster."""
    return _say(flag, Move.APPEAL, StatementKind.APPEAL, text, by)


def _say(flag: Flag, move: Move, kind: StatementKind, text: str, by: Actor) -> FlagStatement:
    found = _step(flag, move, by)
    text = text.strip()[:WORDS]
    if not text or by.user is None:
        raise Refused("words_missing", "请写明情况。")
    _go(flag, move, found, by)
    try:
        with transaction.atomic():
            made = FlagStatement.objects.create(flag=flag, kind=kind, text=text, by=by.user, at=clock.now())
    except IntegrityError:
        raise somebody_was_faster() from None
    _tell_office(flag, "作了说明" if kind == StatementKind.ANSWER else "提出申诉", by)
    return made


@transaction.atomic
def decide(
    *,
    flag: Flag,
    verdict: Verdict,
    reason: str,
    downgrades: bool = False,
    holds_awards: bool = False,
    by: Actor,
) -> FlagDecision:
    """Decide on a flag, or on the appeal against its decision; nothing follows from it by itself.

    Refused: reason_missing, not_grave (a downgrade without 按旷工处理), faster. 403 for whom the table does not let.
    """
    move = Move.DECIDE_APPEAL if step(stage_of(flag), Move.DECIDE_APPEAL) else Move.DECIDE
    found = _step(flag, move, by)
    reason = reason.strip()[:REASON]
    if not reason or by.user is None:
        raise Refused("reason_missing", "请写明理由，教师会看到。")
    if verdict != Verdict.TRUANT and (downgrades or holds_awards):
        raise Refused("not_grave", "只有按旷工处理的，才能降级或暂缓推荐。")
    _go(flag, move, found, by)
    try:
        with transaction.atomic():
            made = FlagDecision.objects.create(
                flag=flag,
                verdict=verdict,
                reason=reason,
                downgrades=downgrades,
                holds_awards=holds_awards,
                on_appeal=move == Move.DECIDE_APPEAL,
                by=by.user,
                at=clock.now(),
            )
    except IntegrityError:
        raise somebody_was_faster() from None
    word = "复议已决定" if made.on_appeal else "已有决定"
    _tell_teacher(flag, f"{word}：{made.get_verdict_display()}", reason, by)
    return made


@transaction.atomic
def keep(*, flag: Flag, reason: str, by: Actor) -> None:
    """Keep a decision after its records have changed. Refused: reason_missing, faster."""
    _review(flag, Move.KEEP, "决定不变", reason, by)


@transaction.atomic
def drop(*, flag: Flag, reason: str, by: Actor) -> None:
    """Take a decision back whose records no longer meet the rule. Refused: reason_missing, still_holds, faster."""
    if holds(flag):
        raise Refused("still_holds", "记录仍然达到这一条规则，不能撤销；请维持决定，或先更正记录。")
    _review(flag, Move.DROP, "决定已撤销", reason, by)


def _review(flag: Flag, move: Move, word: str, reason: str, by: Actor) -> None:
    found = _step(flag, move, by)
    reason = reason.strip()[:REASON]
    if not reason:
        raise Refused("reason_missing", "请写明理由，教师会看到。")
    _go(flag, move, found, by, note=reason)
    _tell_teacher(flag, f"复核：{word}", reason, by)


def _step(flag: Flag, move: Move, by: Actor) -> Step:
    """Return the step of the table if it exists here and this person may make it."""
    found = step(stage_of(flag), move)
    if found is None:
        raise somebody_was_faster()
    if found.who not in who_of(by, flag):
        raise PermissionDenied
    return found


def _go(flag: Flag, move: Move, found: Step, by: Actor, note: str = "") -> None:
    """Set the state if it still is what was seen, and write the history."""
    closed_at = clock.now() if found.to == FlagState.CLOSED else None
    if Flag.objects.filter(pk=flag.pk, state=flag.state).update(state=found.to, closed_at=closed_at) != 1:
        raise somebody_was_faster()
    record(VERBS[move], subject=flag, by=by, term_id=flag.term_id, data={"teacher": flag.teacher_id}, note=note)
    flag.state, flag.closed_at = found.to, closed_at


def _title(flag: Flag) -> str:
    return f"考勤提醒（{flag.rule.get_kind_display()}）{flag.first_day.month}月{flag.first_day.day}日"


def _tell_teacher(flag: Flag, word: str, body: str, by: Actor) -> None:
    if flag.teacher.user_id is not None:
        tell(
            [flag.teacher.user_id],
            kind="teacher_attendance",
            title=f"{_title(flag)}{word}",
            body=body,
            url=reverse("attendance:flag", args=[flag.pk]),
            term=flag.term,
            by=by,
        )


def _tell_office(flag: Flag, word: str, by: Actor) -> None:
    roles = [Role.ADMINISTRATOR] if word == "作了说明" else [Role.ADMINISTRATOR, Role.LEADING_GROUP]
    staff = StaffRole.objects.filter(role__in=roles, teacher__active=True, teacher__user__isnull=False)
    accounts = {pk for pk in staff.values_list("teacher__user", flat=True) if pk is not None} - {by.user_id or 0}
    if accounts:
        tell(
            accounts,
            kind="teacher_attendance",
            title=f"{flag.teacher.name}对考勤提醒{word}",
            url=reverse("attendance:flag", args=[flag.pk]),
            term=flag.term,
            by=by,
        )
