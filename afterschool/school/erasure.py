"""The register's part of erasure: words and messages, papers, and at last the names themselves."""

from dataclasses import dataclass
from functools import partial

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction
from django.db.models import F, ProtectedError, Q, QuerySet

from afterschool.school.actions.purging import remove_paper
from afterschool.school.enums import JobState, StudentState
from afterschool.school.models import (
    ClassMembership,
    Delivery,
    EventNote,
    Guardian,
    Guardianship,
    Message,
    Paper,
    RosterImport,
    Slip,
    Student,
    User,
)
from afterschool.school.models.uploads import Upload
from afterschool.school.papers import KINDS
from afterschool.school.privacy import GONE, Scope, nameless, without
from afterschool.support import clock


@dataclass(frozen=True)
class People:
    """Who goes with a child: the guardians that have no other child here, and the accounts that go with them."""

    guardians: tuple[Guardian, ...]
    accounts: tuple[User, ...]
    words: tuple[str, ...]  # by which they could be found in texts


def people_of(student: Student) -> People:
    """Return whom the erasure of a child takes along. An account of a member of staff stays theirs."""
    others = Guardianship.objects.exclude(student=student).values("guardian")
    found = Guardian.objects.filter(links__student=student).exclude(pk__in=others)
    guardians = tuple(found.select_related("user__teacher").distinct())
    users = [one.user for one in guardians if one.user is not None]
    accounts = tuple(user for user in users if getattr(user, "teacher", None) is None)
    words = {student.name} if student.erased_at is None else set()
    words |= {word for one in guardians for word in (one.name, one.phone)}
    words |= {word for user in accounts for word in (user.phone or "", user.login, user.name, user.email)}
    return People(guardians, accounts, tuple(sorted(word for word in words if word)))


def erase(scope: Scope) -> None:
    """Delete the words and messages of a child or of a term."""
    Message.objects.filter(**scope).delete()
    notes = {f"event__{name}_id": value.pk for name, value in scope.items()}
    EventNote.objects.filter(**notes).delete()


def drop_uploads(rows: "QuerySet[Upload]") -> None:
    """Delete files that people put beside records; the bytes when the transaction is committed."""
    for row in rows:
        transaction.on_commit(partial(row.file.storage.delete, row.file.name or ""), robust=True)
    rows.delete()


def papers_naming(student: Student, people: People) -> QuerySet[Paper]:
    """Return the papers that name a child or may: about it, asked for by its family, or lists it may stand in.

    Lists of other classes stay; those still waiting to be made will be made without it.
    """
    links = list(Guardianship.objects.filter(student=student).values_list("pk", flat=True))
    classes = list(ClassMembership.objects.filter(student=student).values_list("school_class", flat=True))
    found = Q(params__student=student.pk) | Q(params__reset__in=links) | Q(requested_by__in=people.accounts)
    for word in people.words:
        found |= Q(title__contains=word)
    lists = Q(kind__in=[name for name, kind in KINDS.items() if kind.names]) & ~Q(state=JobState.QUEUED)
    anothers = Q(params__has_key="student")
    other_class = Q(params__has_key="class") & ~Q(params__class__in=classes)
    return Paper.objects.filter(found | (lists & ~anothers & ~other_class))


def erase_files(student: Student, people: People) -> None:
    """Delete the papers that name a child, and what reports of rosters quote of its family."""
    for paper in papers_naming(student, people):
        remove_paper(paper)
    for brought in RosterImport.objects.exclude(report={}):
        report = without(brought.report, people.words, GONE)
        if report != brought.report:
            RosterImport.objects.filter(pk=brought.pk).update(report=report)


def erase_people(student: Student, people: People) -> None:
    """Take the names out of the register: the child's, and of those who go with it."""
    Slip.objects.filter(student=student).delete()
    Guardianship.objects.filter(student=student).delete()
    for guardian in people.guardians:
        blank = {"name": nameless(guardian.pk), "pinyin": "", "initials": "", "phone": "", "user": None}
        Guardian.objects.filter(pk=guardian.pk).update(**blank)
        _drop_if_free(guardian)
    for account in people.accounts:
        _close(account)
    today = clock.today()
    ClassMembership.objects.filter(student=student, ends_on=None, starts_on__gt=today).delete()
    ClassMembership.objects.filter(student=student, ends_on=None).update(ends_on=today)
    ClassMembership.objects.filter(student=student).update(number=0)
    Student.objects.filter(pk=student.pk).update(
        name=nameless(student.pk),
        pinyin="",
        initials="",
        school_class=None,
        number=None,
        state=StudentState.LEFT,
        erased_at=clock.now() if student.erased_at is None else F("erased_at"),
    )


def _close(account: User) -> None:
    """Close an account for good and take its name; what it wrote keeps the number."""
    names = [name for name in (account.login, account.phone) if name]
    for log in (AccessAttempt, AccessFailureLog, AccessLog):
        log.objects.filter(username__in=names).delete()
    Delivery.objects.filter(recipient=account).delete()
    closed = User(pk=account.pk)
    closed.set_unusable_password()
    User.objects.filter(pk=account.pk).update(
        login=f"erased-{account.pk}",
        phone=None,
        name="已删除",
        email="",
        email_confirmed_at=None,
        password=closed.password,
        is_active=False,
    )
    _drop_if_free(account)


def _drop_if_free(row: Guardian | User) -> None:
    """Delete a nameless row, unless history still leans on its number."""
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        return
