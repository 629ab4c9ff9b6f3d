"""What the class and the school decide (plan section 5, B3): nobody skips a step, nobody decides twice."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.fetchers import Fetcher, set_fetchers
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import Note, guardians_of, guardians_of_each, tell, tell_many
from afterschool.school.models import SchoolClass, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.weekdays import show
from enrollment.access import reviews_class
from enrollment.actions._moves import checked, compare_and_set, not_changed_since, wrong_state
from enrollment.enums import ApplicationState, Move
from enrollment.models import Application, PickupPerson
from enrollment.workflow import Who

S = ApplicationState
DECIDED = {
    Move.RETURN: ("returned", "退回，请补正"),
    Move.DECLINE: ("declined", "没有通过"),
    Move.UPHOLD: ("upheld", "学校再看过，维持原来的决定"),
}


@transaction.atomic
def class_approve_many(
    *,
    term: Term,
    school_class: SchoolClass,
    application_ids: Collection[int],
    by: Actor,
    seen_at: datetime | None = None,
) -> int:
    """Pass the chosen applications of a head teacher's own class, all or none. Return how many.

    `seen_at`: when the page was made; what a family changed since is not passed unseen.
    """
    if not reviews_class(by, school_class.pk):
        raise Refused("not_yours", "这不是您的班。")
    if not application_ids:
        raise Refused("nothing_chosen", "请先勾选要通过的申请。")
    chosen = Application.objects.filter(
        term=term, student__school_class=school_class, pk__in=set(application_ids), state=S.SUBMITTED
    )
    if seen_at is not None:
        chosen = chosen.filter(changed_at__lte=seen_at)
    rows = list(_held(chosen).only("pk", "student_id", "term_id"))
    if len(rows) != len(set(application_ids)):
        raise somebody_was_faster()
    _move_many(rows, S.SUBMITTED, S.CLASS_APPROVED, "application.class_approved", by=by)
    return len(rows)


@transaction.atomic
def school_approve_many(*, term: Term, class_ids: Collection[int], by: Actor, expected: int | None = None) -> int:
    """Approve all that these classes have passed; the persons who fetch enter the register, the guardians are told.

    `expected`: the number the page named; another number is refused with `somebody_was_faster`.
    """
    if not by.is_office:
        raise Refused("not_yours", "学校批准由课程教学中心办理。")
    waiting = Application.objects.filter(term=term, student__school_class_id__in=class_ids, state=S.CLASS_APPROVED)
    rows = list(_held(waiting).select_related("student"))
    if expected is not None and len(rows) != expected:
        raise somebody_was_faster()
    if not rows:
        raise Refused("nothing_waits", "没有等待学校批准的申请。")
    _move_many(rows, S.CLASS_APPROVED, S.SCHOOL_APPROVED, "application.school_approved", by=by)
    _into_register(rows, by=by)
    accounts = guardians_of_each(row.student_id for row in rows)
    tell_many(
        [
            Note(
                recipients=accounts.get(row.student_id, []),
                kind="application.approved",
                title=f"{row.student.name}的课后服务申请已通过",
                body=f"参加{show(row.weekdays)}。编班后会告诉您教室和老师。",
                url=reverse("enrollment:my-applications"),
                student_id=row.student_id,
                term_id=row.term_id,
            )
            for row in rows
        ],
        by=by,
    )
    return len(rows)


def _held(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Hold these rows until the decision is written, so that no family changes one between the look and the decision.

    PostgreSQL looks again at what it had to wait for; SQLite lets only one write at a time. In order of the key, so that
    two who decide at once wait for each other and never in a circle.
    """
    return applications.order_by("pk").select_for_update(of=("self",))


def _move_many(rows: list[Application], seen: S, to: S, verb: str, *, by: Actor) -> None:
    now = clock.now()
    moved: QuerySet[Application] = Application.objects.filter(pk__in=[row.pk for row in rows], state=seen)
    if moved.update(state=to, changed_at=now, decided_by=by.user, decided_at=now, reason="") != len(rows):
        raise somebody_was_faster()
    record_many(
        event(verb, subject=row, by=by, student_id=row.student_id, term_id=row.term_id, data={"from": seen.value})
        for row in rows
    )


def _into_register(rows: Iterable[Application], *, by: Actor) -> None:
    children = {row.pk: row.student_id for row in rows}
    persons = PickupPerson.objects.filter(application_id__in=list(children)).order_by("pk")
    set_fetchers(
        [Fetcher(children[p.application_id], p.name, p.relation, p.phone) for p in persons],
        student_ids=list(children.values()),
        by=by,
    )


@transaction.atomic
def return_one(*, application: Application, reason: str, by: Actor, seen_at: datetime | None = None) -> None:
    """Send an application back with a reason that the parent sees and can answer."""
    _decide(application, Move.RETURN, reason, by=by, seen_at=seen_at)


@transaction.atomic
def decline(*, application: Application, reason: str, by: Actor, seen_at: datetime | None = None) -> None:
    """Refuse an application, with a reason that the parent sees."""
    _decide(application, Move.DECLINE, reason, by=by, seen_at=seen_at)


@transaction.atomic
def return_many(
    *,
    term: Term,
    school_class: SchoolClass,
    application_ids: Collection[int],
    reason: str,
    by: Actor,
    seen_at: datetime | None,
) -> int:
    """Send several applications of a head teacher's own class back for one reason, all or none. Return how many."""
    if not application_ids:
        raise Refused("nothing_chosen", "请先勾选要退回的申请。")
    chosen = Application.objects.filter(term=term, student__school_class=school_class, pk__in=set(application_ids))
    rows = list(chosen.select_related("student", "term").order_by("student__number"))
    if len(rows) != len(set(application_ids)):
        raise somebody_was_faster()
    for row in rows:
        _decide(row, Move.RETURN, reason, by=by, seen_at=seen_at)
    return len(rows)


@transaction.atomic
def ask_again(*, application: Application, words: str, by: Actor) -> None:
    """Ask the school to look once more at what it declined: the parent, in a sentence. The head teacher is told."""
    student, words = application.student, words.strip()
    found = checked(application, Move.ASK_AGAIN, term=application.term, student=student, by=by, only=Who.PARENT)
    if application.answer:
        raise Refused("already_asked", "已经请学校再看一次了，请等答复。")
    if not words:
        raise Refused("no_words", "请写一句为什么要再看一次。")
    if len(words) > 200:
        raise Refused("reason_too_long", "最多 200 字。")
    compare_and_set(application, found.to, answer=words)
    _record(application, "application.asked_again", by, note=words)
    head = student.school_class.head_teacher if student.school_class else None
    if head is not None and head.user_id is not None:
        tell(
            [head.user_id],
            kind="application.asked_again",
            title=f"{student.name}的家长请学校再看一次申请",
            body=words,
            url=reverse("enrollment:application", args=[application.pk]),
            student=student,
            term=application.term,
            by=by,
        )


@transaction.atomic
def uphold(*, application: Application, reason: str, by: Actor) -> None:
    """Look again at a declined application and let it stand, with a reason that answers what the parent wrote."""
    if not application.answer:
        raise Refused("not_asked", "家长没有请学校再看一次。")
    _decide(application, Move.UPHOLD, reason, by=by, seen_at=None)


@transaction.atomic
def review_again(*, application: Application, by: Actor) -> None:
    """Put a declined application before the class again: by the head teacher or the office. The family is told."""
    student = application.student
    only = reviewer_of(application, by)
    found = checked(application, Move.REOPEN, term=application.term, student=student, by=by, only=only)
    compare_and_set(application, found.to, reason="", decided_by=None, decided_at=None)
    tell(
        guardians_of(student),
        kind="application.review_again",
        title=f"{student.name}的课后服务申请重新审核",
        url=reverse("enrollment:my-applications"),
        student=student,
        term=application.term,
        by=by,
    )
    _record(application, "application.review_again", by)


def _record(
    application: Application, verb: str, by: Actor, *, data: dict[str, str] | None = None, note: str = ""
) -> None:
    record(
        verb,
        subject=application,
        by=by,
        student_id=application.student_id,
        term_id=application.term_id,
        data=data,
        note=note,
    )


def reviewer_of(application: Application, by: Actor) -> Who:
    """Return as whom a person decides: before the class has passed it the head teacher, then the office.

    What was declined may be looked at again by either.
    """
    if application.state == S.DECLINED and not reviews_class(by, application.student.school_class_id):
        return Who.OFFICE
    return Who.OFFICE if application.state == S.CLASS_APPROVED else Who.HEAD


def _decide(application: Application, move: Move, reason: str, *, by: Actor, seen_at: datetime | None) -> None:
    reason = reason.strip()
    student, before, turn = application.student, application.state, reviewer_of(application, by)
    if turn is Who.OFFICE and not by.is_office and reviews_class(by, student.school_class_id):
        raise wrong_state(application, move)  # passed a moment ago: no longer the class's, though the child is
    found = checked(application, move, term=application.term, student=student, by=by, only=turn)
    if not reason:
        raise Refused("no_reason", "请写明原因，家长会看到。")
    if len(reason) > 200:
        raise Refused("reason_too_long", "原因最多 200 字。")
    not_changed_since(application, seen_at)
    compare_and_set(application, found.to, reason=reason, answer="", decided_by=by.user, decided_at=clock.now())
    verb, word = DECIDED[move]
    _record(application, f"application.{verb}", by, data={"from": before}, note=reason)
    tell(
        guardians_of(student),
        kind=f"application.{verb}",
        title=f"{student.name}的课后服务申请{word}",
        body=reason,
        url=reverse("enrollment:my-applications"),
        student=student,
        term=application.term,
        by=by,
    )
