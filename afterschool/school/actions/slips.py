"""Slips (绑定单): one-time codes that bind an account to a child or to a member of staff.

Who issues one gets the code once, to print or to show; the portal keeps its hash. A new slip revokes the old one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.codes import hash_code, new_code
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Guardianship, Slip, Student, Teacher, User
from afterschool.school.queries.people import children_of, staff_of, students_of
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster


@dataclass(frozen=True)
class Issued:
    """A slip with its code, as long as the code is known: while the paper or the page is made."""

    slip: Slip
    code: str


def _issuer(by: Actor) -> User:
    if by.user is None:
        raise Refused("no_account", "请先登录。")
    return by.user


def _revoke(slips: QuerySet[Slip], *, by: Actor) -> int:
    """End open slips, in two statements and their history."""
    found = list(slips.filter(claimed_at__isnull=True, revoked_at__isnull=True).select_for_update())
    Slip.objects.filter(pk__in=[slip.pk for slip in found], claimed_at__isnull=True).update(revoked_at=clock.now())
    record_many([event("slip.revoked", subject=slip, by=by, student_id=slip.student_id) for slip in found])
    return len(found)


def _issue(slips: Sequence[Slip], *, by: Actor) -> list[Issued]:
    """Give these unsaved slips a code each and write them, with their history."""
    now, issuer = clock.now(), _issuer(by)
    codes = [new_code() for _ in slips]
    for slip, code in zip(slips, codes, strict=True):
        slip.code_hash, slip.issued_by, slip.issued_at = hash_code(code), issuer, now
        slip.expires_at = now + timedelta(days=settings.SLIP_DAYS)
    try:
        with transaction.atomic():
            made = Slip.objects.bulk_create(slips, batch_size=500)
    except IntegrityError as error:
        raise somebody_was_faster() from error
    record_many([event("slip.issued", subject=slip, by=by, student_id=slip.student_id) for slip in made])
    return [Issued(slip, code) for slip, code in zip(made, codes, strict=True)]


@transaction.atomic
def issue_for_students(*, students: Iterable[Student], by: Actor) -> list[Issued]:
    """Issue one slip a child and revoke the ones not used yet: a constant number of statements.

    The office issues for all, a head teacher for the own class; a foreign child is refused with `not_yours`.
    """
    wanted = list(students)
    ids = [student.pk for student in wanted]
    if students_of(by).filter(pk__in=ids).count() != len(set(ids)):
        raise Refused("not_yours", "只能给自己班的学生发绑定单。")
    _revoke(Slip.objects.filter(student__in=ids, by_guardian=False), by=by)
    return _issue([Slip(student=student) for student in wanted], by=by)


@transaction.atomic
def issue_for_staff(*, teachers: Collection[Teacher], by: Actor) -> list[Issued]:
    """Issue one slip for each of these members of staff; only the office does."""
    if not by.is_office:
        raise Refused("not_yours", "教职工的绑定单由课程教学中心发放。")
    wanted = list(staff_of(by).filter(pk__in=[teacher.pk for teacher in teachers], active=True))
    _revoke(Slip.objects.filter(teacher__in=wanted), by=by)
    return _issue([Slip(teacher=teacher) for teacher in wanted], by=by)


@transaction.atomic
def issue_reset(*, link: Guardianship, by: Actor) -> Issued:
    """Issue a slip that only sets a new password for the account of this guardian (forgotten password)."""
    account = link.guardian.user
    if not students_of(by).filter(links=link).exists():
        raise Refused("not_yours", "只能给自己班的家长重发。")
    if account is None:
        raise Refused("no_account", "这位家长还没有账号，请发绑定单。")
    _revoke(Slip.objects.filter(student_id=link.student_id, by_guardian=False), by=by)
    return _issue([Slip(student_id=link.student_id, account=account)], by=by)[0]


@transaction.atomic
def invite(*, student: Student, by: Actor) -> Issued:
    """Let a guardian invite a second one for a child: one open invitation a child, a new one ends the old."""
    if not children_of(by).filter(pk=student.pk).exists():
        raise Refused("not_yours", "只能为自己的孩子邀请家长。")
    _revoke(Slip.objects.filter(student=student, by_guardian=True), by=by)
    return _issue([Slip(student=student, by_guardian=True)], by=by)[0]


@transaction.atomic
def revoke(*, slip: Slip, by: Actor) -> None:
    """End a slip before it is used: who keeps the child's register, who invited, or the office for staff."""
    own = slip.by_guardian and slip.issued_by_id == by.user_id
    keeps = students_of(by).filter(slips=slip).exists()
    if not (own or keeps or by.is_office):
        raise Refused("not_yours", "这张绑定单不归您管。")
    ended = Slip.objects.filter(pk=slip.pk, claimed_at__isnull=True, revoked_at__isnull=True)
    if ended.update(revoked_at=clock.now()) != 1:
        raise somebody_was_faster()
    record("slip.revoked", subject=slip, by=by, student_id=slip.student_id)
