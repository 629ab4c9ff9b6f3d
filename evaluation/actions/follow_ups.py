"""What needs doing after a patrol: a person, an end, and how it was done (F3)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import FollowUpState
from evaluation.models import FollowUp, PatrolVisit
from evaluation.queries.patrol import PATROLLERS


@transaction.atomic
def ask(
    *, term: Term, text: str, owner: Teacher, due_on: date, visit: PatrolVisit | None = None, by: Actor
) -> FollowUp:
    """Ask somebody to see to something by a day. Refused: words_missing, past, outside_term, gone."""
    if by.user is None or not by.has(*PATROLLERS):
        raise PermissionDenied
    text = text.strip()[:200]
    if not text:
        raise Refused("words_missing", "请写明要做什么。")
    if due_on < clock.today():
        raise Refused("past", "最晚的日子不能早于今天。")
    if due_on > term.ends_on:
        raise Refused("outside_term", "最晚的日子要在本学期内。")
    if not owner.active:
        raise Refused("gone", "这位教师已经不在岗，请换一位。")
    row = FollowUp.objects.create(
        term=term, visit=visit, text=text, owner=owner, due_on=due_on, asked_by=by.user, asked_at=clock.now()
    )
    record("follow_up.asked", subject=row, by=by, term_id=term.pk, data={"owner": owner.pk}, note=text)
    if owner.user_id is not None and owner.user_id != by.user_id:
        title = f"请办一件事，最晚 {due_on.month}月{due_on.day}日：{text[:40]}"
        _tell(owner.user_id, row, title, by)
    return row


@transaction.atomic
def finish(*, row: FollowUp, answer: str, by: Actor) -> FollowUp:
    """Say how it was done, by its owner or the office. Refused: answer_missing, faster."""
    own = by.teacher is not None and by.teacher.pk == row.owner_id
    if by.user is None or not (own or by.has(Role.ADMINISTRATOR)):
        raise PermissionDenied
    answer = answer.strip()[:200]
    if not answer:
        raise Refused("answer_missing", "请写明怎么办的。")
    seen = FollowUp.objects.filter(pk=row.pk, state=FollowUpState.OPEN)
    if seen.update(state=FollowUpState.DONE, answer=answer, done_by=by.user, done_at=clock.now()) != 1:
        raise somebody_was_faster()
    row.refresh_from_db()
    record("follow_up.done", subject=row, by=by, term_id=row.term_id, note=answer)
    if row.asked_by_id != by.user_id:
        _tell(row.asked_by_id, row, f"已办：{row.text[:40]}", by)
    return row


def _tell(account: int, row: FollowUp, title: str, by: Actor) -> None:
    url = reverse("evaluation:patrol-mine")
    tell([account], kind="patrol.follow_up", title=title, url=url, term=row.term, by=by)
