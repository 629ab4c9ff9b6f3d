"""Closing a term, and opening it again: after closing it is only read (A4)."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState
from afterschool.school.events import record
from afterschool.school.models import Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster

REOPENERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


def why_not_yet(term: Term) -> str:
    """Return why a term can't be closed yet: sessions are still to come. Empty where nothing stands against it."""
    today = clock.today()
    if term.ends_on < today:
        return ""
    planned = Session.objects.filter(term=term, state=SessionState.PLANNED)
    ahead = planned.filter(date__gte=today).count()
    if ahead:
        return f"学期到{term.ends_on.month}月{term.ends_on.day}日，还有 {ahead} 节课后服务没有上。"
    if not planned.exists():
        return "这个学期还没有上过课后服务，也还没有到结束的日子。"
    return ""


@transaction.atomic
def close_term(*, term: Term, typed: str, open_ends: Mapping[str, int], by: Actor) -> None:
    """Close a term that is over: from now on nothing of it can be changed. By the office, who types its name.

    `open_ends`: what was still open, as code and number; kept with the history. Refused: `closed_already`, `term_runs`,
    `wrong_name`, `somebody_was_faster`.
    """
    if not by.is_office:
        raise PermissionDenied
    held = Term.objects.select_for_update().get(pk=term.pk)
    if held.closed_at is not None:
        raise Refused("closed_already", "这个学期刚才已经结束归档。")
    if hindered := why_not_yet(held):
        raise Refused("term_runs", hindered)
    if typed.strip() != held.name:
        raise Refused("wrong_name", "写的名称和学期的名称不一样，没有结束。请再写一遍。")
    if Term.objects.filter(pk=held.pk, closed_at=None).update(closed_at=clock.now()) != 1:
        raise somebody_was_faster()
    record("term.closed", subject=held, by=by, term_id=held.pk, data={"open": dict(open_ends)})


@transaction.atomic
def reopen_term(*, term: Term, reason: str, by: Actor) -> None:
    """Let a closed term be changed again: by the office or the leading group, with a reason that stays on record.

    Refused: `no_reason`, `not_closed`, `forgotten` (its words are gone: there is nothing to mend any more).
    """
    if not by.has(*REOPENERS):
        raise PermissionDenied
    words = reason.strip()[:200]
    if not words:
        raise Refused("no_reason", "请写明为什么重新打开。")
    held = Term.objects.select_for_update().get(pk=term.pk)
    if held.closed_at is None:
        raise Refused("not_closed", "这个学期没有结束归档，不用重新打开。")
    if held.forgotten_at is not None:
        raise Refused("forgotten", "这个学期的文字已按规定清除，不能再打开。")
    if Term.objects.filter(pk=held.pk, closed_at=held.closed_at).update(closed_at=None) != 1:
        raise somebody_was_faster()
    record("term.reopened", subject=held, by=by, term_id=held.pk, note=words)
