"""What families ask of their child's data, and what became of it (A5; 个人信息保护法 45-47)."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Guardianship, Student
from afterschool.school.told import head_account, office_accounts
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import reviews_class
from enrollment.enums import RightsKind, RightsState
from enrollment.models import RightsRequest

MOST = 300


@transaction.atomic
def ask(*, student: Student, kind: RightsKind, text: str, by: Actor) -> RightsRequest:
    """Ask for a correction or for erasure, by a guardian who acts, also for a child who has left.

    Refused: `not_yours`, `no_text`, `too_long`, `asked_already`.
    """
    if by.user is None or not Guardianship.objects.filter(guardian=by.guardian, student=student, acts=True).exists():
        raise Refused("not_yours", "只能为自己的孩子提出。")
    text = text.strip()
    if kind == RightsKind.CORRECT and not text:
        raise Refused("no_text", "请写明哪里不对、应该是什么。")
    if len(text) > MOST:
        raise Refused("too_long", f"说明最多 {MOST} 字。")
    try:
        with transaction.atomic():
            made = RightsRequest.objects.create(
                student=student, kind=kind, text=text, asked_by=by.user, asked_at=clock.now()
            )
    except IntegrityError:
        raise Refused("asked_already", "同样的要求已经提过，学校在办。") from None
    record("rights.asked", subject=made, by=by, student_id=student.pk, data={"kind": kind.value})
    told = office_accounts() if kind == RightsKind.ERASE else [*head_account(student), *office_accounts()]
    tell(
        told,
        kind="rights.asked",
        title=f"{student.name}的家长要求{kind.label}资料",
        body=text,
        url=reverse("privacy:requests"),
        student=student,
        by=by,
    )
    return made


@transaction.atomic
def take_back(*, request: RightsRequest, by: Actor) -> None:
    """Take back what was asked, before it was answered."""
    if not Guardianship.objects.filter(guardian=by.guardian, student_id=request.student_id, acts=True).exists():
        raise Refused("not_yours", "这条要求不是您家提的。")
    if RightsRequest.objects.filter(pk=request.pk, state=RightsState.ASKED).update(state=RightsState.WITHDRAWN) != 1:
        raise somebody_was_faster()
    record("rights.taken_back", subject=request, by=by, student_id=request.student_id)


@transaction.atomic
def answer(*, request: RightsRequest, done: bool, words: str, by: Actor) -> None:
    """Answer a request: done, or not with a reason that the parent reads. Erasure is done by erasing, never by a word.

    A correction by the head teacher of the class or the office, erasure by the office.
    Refused: `not_yours`, `no_reason`, `too_long`, `erase_first`, `somebody_was_faster`.
    """
    own_class = request.kind == RightsKind.CORRECT and reviews_class(by, request.student.school_class_id)
    if not (by.is_office or own_class):
        raise Refused("not_yours", "这条要求不归您答复。")
    words = words.strip()
    if not done and not words:
        raise Refused("no_reason", "不能办理的，请写明原因，家长会看到。")
    if len(words) > MOST:
        raise Refused("too_long", f"答复最多 {MOST} 字。")
    if done and request.kind == RightsKind.ERASE:
        raise Refused("erase_first", "要删除资料，请在“删除资料”那一页办理，办完会自动答复。")
    settle(request=request, done=done, words=words, by=by)
    word = "已更正" if done else "没有办理"
    tell(
        guardians_of(request.student),
        kind="rights.answered",
        title=f"您要求{request.get_kind_display()}{request.student.name}的资料：{word}",
        body=words,
        url=reverse("privacy:mine"),
        student=request.student,
        by=by,
    )


def settle(*, request: RightsRequest, done: bool, words: str, by: Actor) -> None:
    """Write the answer. Call it inside the transaction of what was done."""
    state = RightsState.DONE if done else RightsState.REFUSED
    row = RightsRequest.objects.filter(pk=request.pk, state=RightsState.ASKED)
    if row.update(state=state, answer=words, decided_by=by.user, decided_at=clock.now()) != 1:
        raise somebody_was_faster()
    verb = "rights.done" if done else "rights.refused"
    record(verb, subject=request, by=by, student_id=request.student_id, data={"kind": request.kind})
