"""What a family says about its consent afterwards: yes to a newer text, no at all, or no longer (A5; 个人信息保护法 15)."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.placements import give_up_places
from afterschool.school.closed_terms import lifted
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell, tell_many
from afterschool.school.models import SchoolClass, Student, Term
from afterschool.school.told import head_account, office_accounts
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import acts_for, reviews_class
from enrollment.actions.consents import give
from enrollment.actions.family import withdraw
from enrollment.enums import AmendmentState, ApplicationState, Move, Source
from enrollment.models import Amendment, Application, Consent, Needs
from enrollment.queries import APPLIED
from enrollment.workflow import step


@dataclass(frozen=True)
class Ended:
    """What followed from a withdrawal: whether an application was taken back."""

    application: bool


def _application(term: Term, student: Student) -> Application | None:
    return Application.objects.filter(term=term, student=student).first()


@transaction.atomic
def consent_anew(*, term: Term, student: Student, version: int, by: Actor) -> Consent:
    """Consent to the term's newer text. `version`: the one that was read.

    Refused: `not_yours`, `nothing_applied`, `newer_text` (it was changed while it was being read).
    """
    if not acts_for(by, student.pk):
        raise Refused("not_yours", "只能替自己的孩子同意。")
    return _consented(term, student, version, Source.PARENT, by)


@transaction.atomic
def consent_on_paper(*, term: Term, student: Student, version: int, by: Actor) -> Consent:
    """Put a family's consent to the newer text on record from its sheet of paper: by the head teacher of the class.

    Refused: `not_yours`, `nothing_applied`, `newer_text`.
    """
    if not reviews_class(by, student.school_class_id):
        raise Refused("not_yours", "只能登记自己班孩子的同意。")
    return _consented(term, student, version, Source.PAPER, by)


def _consented(term: Term, student: Student, version: int, source: Source, by: Actor) -> Consent:
    if version != term.consent_version:
        raise Refused("newer_text", "知情同意刚才又改了，请看最新的一版再决定。")
    application = _application(term, student)
    if application is None or application.state not in APPLIED:
        raise Refused("nothing_applied", "孩子没有申请课后服务，不用同意。申请的时候再看。")
    consent = give(term=term, student=student, source=source, by=by, at=clock.now())
    Application.objects.filter(pk=application.pk).update(consent_version=version, consented_at=consent.given_at)
    data = {"version": version, "source": source.value}
    record("consent.given", subject=consent, by=by, student_id=student.pk, term_id=term.pk, data=data)
    return consent


@transaction.atomic
def refuse_consent(*, term: Term, student: Student, by: Actor) -> None:
    """Say no before anything was handed in: what stood in a draft goes, and nobody is told. The account stays as it is.

    Refused: `not_yours`, and `handed_in` where there is something to withdraw instead.
    """
    if not acts_for(by, student.pk):
        raise Refused("not_yours", "只能替自己的孩子决定。")
    application = _application(term, student)
    if application is not None and application.state in APPLIED:
        raise Refused("handed_in", "申请已经交了。不同意了，请用“撤回同意”。")
    if application is not None and application.state == ApplicationState.DRAFT:
        _drop_draft(application)
    record("consent.refused", subject=student, by=by, student_id=student.pk, term_id=term.pk)


def _drop_draft(draft: Application) -> None:
    """Take away what was typed without consent. A draft that was signed once keeps its row for the signature's sake."""
    Needs.objects.filter(application=draft).delete()
    draft.pickups.all().delete()
    row = Application.objects.filter(pk=draft.pk, state=ApplicationState.DRAFT)
    if draft.signatures.exists():
        if row.update(state=ApplicationState.WITHDRAWN, changed_at=clock.now()) != 1:
            raise somebody_was_faster()
    elif row.delete()[0] == 0:
        raise somebody_was_faster()


@transaction.atomic
def withdraw_consent(*, term: Term, student: Student, by: Actor) -> Ended:
    """End all consents of a child: the application is withdrawn, the place ends with today, what was told of its health goes.

    By a guardian who acts; by the head teacher for a family on paper. Head teacher and office are told.
    Refused: `not_yours`, `not_paper`, `no_consent`.
    """
    application = _application(term, student)
    if not acts_for(by, student.pk):
        _must_be_paper(application, student, by)
    now = clock.now()
    with lifted():  # consent may be taken back at any time
        ended = Consent.objects.filter(student=student, withdrawn_at=None).update(
            withdrawn_at=now, withdrawn_by=by.user
        )
        Needs.objects.filter(application__student=student).delete()
        Amendment.objects.filter(application__student=student, state=AmendmentState.ASKED).update(
            state=AmendmentState.WITHDRAWN
        )
    if not ended:
        raise Refused("no_consent", "现在没有有效的同意，不用撤回。")
    runs = term.closed_at is None  # of a closed term application and places stay as they were
    taken_back = runs and application is not None and step(application.status, Move.WITHDRAW) is not None
    if taken_back:
        withdraw(term=term, student=student, by=by, quiet=True)
    elif runs:
        give_up_places(term=term, student=student, by=by)
    data = {"consents": ended, "application": taken_back}
    record("consent.withdrawn", subject=student, by=by, student_id=student.pk, term_id=term.pk, data=data)
    _tell_school(term, student, by)
    return Ended(taken_back)


def _must_be_paper(application: Application | None, student: Student, by: Actor) -> None:
    if not reviews_class(by, student.school_class_id):
        raise Refused("not_yours", "这个孩子的同意不归您撤回。")
    if application is None or application.source != Source.PAPER:
        raise Refused("not_paper", "这份同意是家长自己给的，请家长撤回。")


def _tell_school(term: Term, student: Student, by: Actor) -> None:
    told = {*head_account(student), *office_accounts()} - {by.user_id}
    if told:
        tell(
            [pk for pk in told if pk is not None],
            kind="consent.withdrawn",
            title=f"{student.name}的家长撤回了知情同意",
            body="申请已撤回，从明天起不在服务班名单上；今天仍按原来的安排放学。健康说明已删除。",
            student=student,
            term=term,
            by=by,
        )


@transaction.atomic
def ask_anew(*, term: Term, by: Actor) -> int:
    """Tell every family that has applied that the text is a new one now. Return how many children it is about."""
    rows = list(Application.objects.filter(term=term, state__in=APPLIED).order_by("pk").select_related("student"))
    accounts = guardians_of_each(row.student_id for row in rows)
    tell_many(
        [
            Note(
                recipients=accounts.get(row.student_id, []),
                kind="consent.asked",
                title=f"{row.student.name}：知情同意有了新的一版，请再看一次",
                body="同意的点一下同意；不同意的可以撤回，孩子从第二天起不再参加。",
                url=reverse("enrollment:consent-of", args=[row.student_id]),
                student_id=row.student_id,
                term_id=term.pk,
            )
            for row in rows
        ],
        by=by,
    )
    _ask_heads([row.student for row in rows if row.student_id not in accounts], term, by)
    record("consent.asked_anew", subject=term, by=by, term_id=term.pk, data={"children": len(rows)})
    return len(rows)


def _ask_heads(unreached: list[Student], term: Term, by: Actor) -> None:
    """Tell head teachers how many families of theirs read no message: they get the new text on paper."""
    found = Counter(student.school_class_id for student in unreached if student.school_class_id is not None)
    heads = SchoolClass.objects.filter(pk__in=found, head_teacher__user__isnull=False).select_related("head_teacher")
    tell_many(
        [
            Note(
                recipients=[one.head_teacher.user_id],
                kind="consent.paper",
                title=f"知情同意有了新的一版，{one} {found[one.pk]} 家收不到消息",
                body="这些家庭没有绑定手机。请发纸质的，收回以后在班级审核的“知情同意”里登记。",
                url=reverse("enrollment:class-consents", args=[one.pk]),
                term_id=term.pk,
            )
            for one in heads
            if one.head_teacher is not None and one.head_teacher.user_id is not None
        ],
        by=by,
    )
