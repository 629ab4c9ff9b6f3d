"""Accounts for many people at once, without passwords: for a school that binds from its own register."""

from collections.abc import Collection

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.events import event, record_many
from afterschool.school.models import Guardian, Teacher, User
from afterschool.support.refusal import Refused

BATCH = 500


@transaction.atomic
def open_accounts(*, guardians: Collection[Guardian], by: Actor) -> int:
    """Give guardians of the register an account that can't log in until a slip sets its password. Return how many are new.

    Only the office does. Who has an account, no phone, or a phone that is taken, is left out.
    """
    if not by.is_office:
        raise Refused("not_yours", "这件事由课程教学中心办理。")
    wanted: dict[str, Guardian] = {}
    for guardian in guardians:
        if guardian.user_id is None and guardian.phone:
            wanted.setdefault(guardian.phone, guardian)
    taken = _taken()
    fresh = [guardian for phone, guardian in wanted.items() if phone not in taken]
    users = _make([User(login=g.phone, phone=g.phone, name=g.name) for g in fresh], by)
    for guardian, user in zip(fresh, users, strict=True):
        guardian.user = user
    _bind(Guardian.objects.filter(user=None), [one.pk for one in fresh], "phone")
    return len(users)


@transaction.atomic
def open_staff_accounts(*, teachers: Collection[Teacher], by: Actor) -> int:
    """Give members of staff an account that can't log in until a slip sets its password. Return how many are new.

    Only the office does. The login is the staff number; who has an account, or whose number is taken, is left out.
    """
    if not by.is_office:
        raise Refused("not_yours", "这件事由课程教学中心办理。")
    taken = _taken()
    fresh = [one for one in teachers if one.user_id is None and one.staff_number not in taken]
    users = _make(
        [
            User(login=t.staff_number, phone=t.phone if t.phone and t.phone not in taken else None, name=t.name)
            for t in fresh
        ],
        by,
    )
    for teacher, user in zip(fresh, users, strict=True):
        teacher.user = user
    _bind(Teacher.objects.filter(user=None), [one.pk for one in fresh], "staff_number")
    return len(users)


def _taken() -> set[str]:
    """Return every name that opens an account already."""
    phones = User.objects.filter(phone__isnull=False).values_list("phone", flat=True)
    return {phone for phone in phones if phone} | set(User.objects.values_list("login", flat=True))


def _bind(people: QuerySet[Guardian] | QuerySet[Teacher], pks: list[int], login: str) -> None:
    """Bind each to the account whose login is this field of theirs: one statement a batch, whatever its size."""
    account = User.objects.filter(login=OuterRef(login)).values("pk")[:1]
    for first in range(0, len(pks), BATCH):
        people.filter(pk__in=pks[first : first + BATCH]).update(user=Subquery(account))


def _make(users: list[User], by: Actor) -> list[User]:
    for user in users:
        user.password = make_password(None)
    made = User.objects.bulk_create(users, batch_size=1000)
    record_many([event("account.opened", subject=user, by=by) for user in made])
    return made
