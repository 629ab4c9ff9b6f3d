"""A difference between the count and what was expected: explained by the teacher, accepted or not (F3)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import ExplanationState
from evaluation.explaining import Move, Step, Who, moves, step
from evaluation.models import PatrolVisit

JUDGES = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


def who_of(by: Actor, row: PatrolVisit) -> frozenset[Who]:
    """Return as whom the table sees this person: nobody judges an explanation of one's own."""
    if by.user is None or by.teacher is None:
        return frozenset()
    if row.check_made is not None and row.check_made.teacher_id == by.teacher.pk:
        return frozenset({Who.TEACHER})
    if by.has(*JUDGES) or row.round.teacher_id == by.teacher.pk:
        return frozenset({Who.JUDGE})
    return frozenset()


def open_moves(by: Actor, row: PatrolVisit) -> list[Move]:
    """Return what this person may do about a difference; nothing where the numbers agree."""
    return moves(ExplanationState(row.explanation_state), who_of(by, row)) if row.differs else []


def _step(row: PatrolVisit, move: Move, by: Actor) -> Step:
    found = step(ExplanationState(row.explanation_state), move)
    if not row.differs or found is None:
        raise somebody_was_faster()
    if found.who not in who_of(by, row):
        raise PermissionDenied
    return found


@transaction.atomic
def explain(*, row: PatrolVisit, text: str, by: Actor) -> PatrolVisit:
    """Say how it comes, the same day or later. Refused: words_missing, faster."""
    found = _step(row, Move.EXPLAIN, by)
    text = text.strip()[:200]
    if not text:
        raise Refused("words_missing", "请写明差在哪里，例如几人去了哪里。不写孩子姓名。")
    seen = PatrolVisit.objects.filter(pk=row.pk, explanation_state=row.explanation_state)
    values = {"explained_by": by.user, "explained_at": clock.now(), "judged_by": None, "judged_at": None}
    if seen.update(explanation_state=found.to, explanation=text, **values) != 1:
        raise somebody_was_faster()
    row.refresh_from_db()
    record("patrol.explained", subject=row, by=by, term_id=row.round.term_id, note=text)
    if row.round.teacher.user_id is not None:
        _tell(row.round.teacher.user_id, row, f"{row.session.group.name}：教师说明了人数不符的原因，请看是否合理", by)
    return row


@transaction.atomic
def judge(*, row: PatrolVisit, accepted: bool, by: Actor) -> PatrolVisit:
    """Accept an explanation or not. Refused: faster."""
    found = _step(row, Move.ACCEPT if accepted else Move.REFUSE, by)
    seen = PatrolVisit.objects.filter(pk=row.pk, explanation_state=row.explanation_state, explanation=row.explanation)
    if seen.update(explanation_state=found.to, judged_by=by.user, judged_at=clock.now()) != 1:
        raise somebody_was_faster()
    row.refresh_from_db()
    record("patrol.explanation_judged", subject=row, by=by, term_id=row.round.term_id, data={"accepted": accepted})
    if row.explained_by_id is not None:
        _tell(row.explained_by_id, row, f"{row.session.group.name}：{row.get_explanation_state_display()}", by)
    return row


def _tell(account: int, row: PatrolVisit, title: str, by: Actor) -> None:
    tell(
        [account],
        kind="patrol.explanation",
        title=title,
        url=reverse("evaluation:patrol-visit", args=[row.pk]),
        term=row.session.term,
        by=by,
    )
