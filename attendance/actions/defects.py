"""A defect on its way: who repairs it until when, repaired, looked at by somebody else (E10)."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.uploads import keep_file
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.enums import DefectMove, DefectState
from attendance.models import Defect, DefectPhoto
from attendance.queries.checks import who_of
from attendance.safety import step

WORDS = 200


def _step(defect: Defect, move: DefectMove, by: Actor) -> DefectState:
    """Return where a move leads. 403 for who may never do it. Refused: wrong_state, own_repair."""
    found = step(DefectState(defect.state), move)
    if found is None:
        raise Refused("wrong_state", f"这一处现在是“{defect.get_state_display()}”，不能这样办。")
    if not found.who & who_of(by, defect):
        raise PermissionDenied
    if found.by_another and defect.repaired_by_id == by.user_id:
        raise Refused("own_repair", "修的人不能自己复查，请另一位去看。")
    return found.to


def _move(defect: Defect, to: DefectState, **values: Any) -> None:
    """Write the step where the defect is as it was seen; else somebody was faster."""
    seen = Defect.objects.filter(
        pk=defect.pk, state=defect.state, repaired_at=defect.repaired_at, owner=defect.owner, due_on=defect.due_on
    )
    if not seen.update(state=to, **values):
        raise somebody_was_faster()


def _person(by: Actor) -> User:
    if by.user is None:
        raise PermissionDenied
    return by.user


@transaction.atomic
def arrange(*, defect: Defect, owner: Teacher, due_on: date, closes_room: bool, by: Actor) -> None:
    """Say who repairs it until when, and whether the room may be used meanwhile; the owner is told.

    Refused: wrong_state, due_wrong, owner_gone, somebody_was_faster.
    """
    to = _step(defect, DefectMove.ARRANGE, by)
    if due_on < clock.today():
        raise Refused("due_wrong", "最晚哪一天，不能早于今天。")
    if not owner.active:
        raise Refused("owner_gone", f"{owner.name}已不在职，请另选一位。")
    old = {"owner": defect.owner_id, "due": defect.due_on and defect.due_on.isoformat(), "closes": defect.closes_room}
    new = {"owner": owner.pk, "due": due_on.isoformat(), "closes": closes_room}
    _move(defect, to, owner=owner, due_on=due_on, closes_room=closes_room)
    record("defect.arranged", subject=defect, by=by, term_id=defect.term_id, data={"old": old, "new": new})
    if old["owner"] != owner.pk or old["due"] != new["due"]:
        title = f"请在{due_on.month}月{due_on.day}日前修好：{defect.room.name}"
        _tell([owner.user_id], defect, title, defect.text, by)


@transaction.atomic
def repair(*, defect: Defect, words: str, photo: UploadedFile | None = None, by: Actor) -> None:
    """Write that it is repaired, in words and with a photo; whoever found it is asked to look.

    Refused: wrong_state, words_missing, somebody_was_faster, those of `keep_file`.
    """
    to = _step(defect, DefectMove.REPAIR, by)
    words = words.strip()[:WORDS]
    if not words:
        raise Refused("words_missing", "请写怎么修的。")
    _move(defect, to, repair=words, repaired_by=_person(by), repaired_at=clock.now())
    if photo is not None:
        keep_file(DefectPhoto, photo, by=by, pictures_only=True, defect=defect, after=True)
    record("defect.repaired", subject=defect, by=by, term_id=defect.term_id, note=words)
    _tell([defect.found_by_id], defect, f"已修，请去复查：{defect.room.name}", f"{defect.text}。{words}", by)


@transaction.atomic
def pass_repair(*, defect: Defect, by: Actor) -> None:
    """Say that the repair was looked at and holds: the defect is closed, its room open again.

    Refused: wrong_state, own_repair, somebody_was_faster.
    """
    to = _step(defect, DefectMove.PASS, by)
    _move(defect, to, closed_by=_person(by), closed_at=clock.now())
    record("defect.passed", subject=defect, by=by, term_id=defect.term_id, data={"repaired_by": defect.repaired_by_id})


@transaction.atomic
def fail_repair(*, defect: Defect, why: str, by: Actor) -> None:
    """Say that the repair does not hold: it is open again, its owner is told why.

    Refused: wrong_state, own_repair, words_missing, somebody_was_faster.
    """
    to = _step(defect, DefectMove.FAIL, by)
    why = why.strip()[:WORDS]
    if not why:
        raise Refused("words_missing", "请写哪里没有修好。")
    data = {"repaired_by": defect.repaired_by_id}
    _move(defect, to, repair="", repaired_by=None, repaired_at=None)
    record("defect.failed", subject=defect, by=by, term_id=defect.term_id, data=data, note=f"{why}（{defect.repair}）")
    people = [defect.owner.user_id if defect.owner else None, defect.repaired_by_id]
    _tell(people, defect, f"没有修好，请再修：{defect.room.name}", why, by)


def _tell(people: list[int | None], defect: Defect, title: str, body: str, by: Actor) -> None:
    accounts = {pk for pk in people if pk is not None} - {by.user_id}
    if accounts:
        tell(
            [pk for pk in accounts if pk is not None],
            kind="defect",
            title=title,
            body=body,
            url=reverse("attendance:defect", args=[defect.pk]),
            term=defect.term,
            by=by,
        )
