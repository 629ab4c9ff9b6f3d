"""Claiming a slip: a code becomes an account that is bound to a child, or to a member of staff.

Nobody gets to a child without a slip for that child, or without a line in the register that already says so: a name and a
phone number alone prove nothing, since nobody has checked them.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from afterschool.school.access import Actor, actor_for
from afterschool.school.codes import hash_address, hash_code
from afterschool.school.enums import Origin, Relation, StudentState
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Guardian, Guardianship, Slip, SlipTry, Student, Teacher, User
from afterschool.support import clock
from afterschool.support.refusal import Refused

UNKNOWN = "没有这个绑定码。请对照绑定单再输一次，分清字母和数字。"
USED = "这张绑定单已经用过了。要再绑定一位家长，请向班主任要一张新的。"
REVOKED = "这张绑定单已经作废。请用最近发的那一张，或向班主任要一张新的。"
EXPIRED = "这张绑定单已经过期。请向班主任要一张新的。"


@dataclass(frozen=True)
class Person:
    """Who claims: as typed on the phone. Without `password` the account can't log in (the demo's many parents)."""

    name: str
    phone: str
    relation: str = Relation.OTHER
    password: str | None = None


def open_slip(*, code: str, address: str = "") -> Slip:
    """Return the slip that a code opens, or say why it doesn't. Wrong codes from one address are counted."""
    tried = hash_address(address)
    since = timezone.now() - timedelta(minutes=settings.SLIP_TRIES_MINUTES)
    if SlipTry.objects.filter(address_hash=tried, at__gt=since).count() >= settings.SLIP_TRIES:
        raise Refused("too_many_tries", f"输错太多次了，请过 {settings.SLIP_TRIES_MINUTES} 分钟再试。")
    slips = Slip.objects.select_related("student__school_class", "teacher__user", "account")
    slip = slips.filter(code_hash=hash_code(code)).first()
    if slip is None:
        _count_try(tried)
        raise Refused("slip_unknown", UNKNOWN)
    _must_be_open(slip)
    return slip


@transaction.atomic
def _count_try(tried: str) -> None:
    SlipTry.objects.filter(at__lt=timezone.now() - timedelta(hours=1)).delete()
    SlipTry.objects.create(address_hash=tried)


def _must_be_open(slip: Slip) -> None:
    if slip.claimed_at:
        raise Refused("slip_used", USED)
    if slip.revoked_at:
        raise Refused("slip_revoked", REVOKED)
    if slip.expires_at <= clock.now():
        raise Refused("slip_expired", EXPIRED)
    if slip.student and slip.student.state != StudentState.ENROLLED:
        raise Refused("slip_revoked", REVOKED)
    if slip.teacher and not slip.teacher.active:
        raise Refused("slip_revoked", REVOKED)


def account_with(phone: str) -> User | None:
    """Return the account that a phone number opens."""
    return User.objects.filter(Q(phone=phone) | Q(login=phone)).select_related("guardian", "teacher").first()


@transaction.atomic
def claim_for_child(*, slip: Slip, person: Person, account: User | None = None) -> User:
    """Bind an account to the slip's child and return it.

    `account` is one that has just proved itself, by its session or its password. Without it a new one is made; a phone
    number that has one already is refused with `account_exists`.
    """
    student = _locked(slip).student
    if student is None or slip.account_id:
        raise Refused("slip_unknown", UNKNOWN)
    guardian = _guardian(student, person, account)
    user = account or _new_account(login=person.phone, name=guardian.name or person.name, person=person)
    if guardian.user_id is None:
        guardian.user = user
        guardian.save() if guardian.pk is None else guardian.save(update_fields=["user"])
    _use(slip, user)
    link = _link(guardian, student, person.relation)
    by = actor_for(User.objects.select_related("guardian", "teacher").get(pk=user.pk))
    record("slip.claimed", subject=slip, by=by, student_id=student.pk, data={"guardian": guardian.pk})
    _tell_the_others(link, user, by)
    return user


def _tell_the_others(link: Guardianship, user: User, by: Actor) -> None:
    """Let the guardians who are there already see who has come: a slip may have gone astray."""
    others = [pk for pk in guardians_of(link.student) if pk != user.pk]
    if others:
        who = f"{link.guardian.name}（{link.get_relation_display()}）"
        tell(
            others,
            kind="guardian.bound",
            title=f"{who}绑定了{link.student.name}",
            body="从现在起也能看到孩子的消息，替孩子申请、请假。不认识的，请马上告诉班主任，可以解除。",
            url=reverse("school:me"),
            student=link.student,
            by=by,
        )


@transaction.atomic
def claim_for_staff(*, slip: Slip, password: str, account: User | None = None) -> User:
    """Give a member of staff an account, or its own one a new password. Login is the staff number.

    A phone number that a parent's account has already takes the staff's role too, once that account has proved itself.
    """
    teacher = _locked(slip).teacher
    if teacher is None:
        raise Refused("slip_unknown", UNKNOWN)
    user = teacher.user
    if user is None and account is not None:
        user = _as_staff(account, teacher)
    elif user is None:
        person = Person(teacher.name, teacher.phone, password=password)
        user = _new_account(login=teacher.staff_number, name=teacher.name, person=person)
    else:
        _set_password(user, password)
    if teacher.user_id is None:
        teacher.user = user
        teacher.save(update_fields=["user"])
    _use(slip, user)
    record("slip.claimed", subject=slip, by=Actor(user), data={"teacher": teacher.pk})
    return user


@transaction.atomic
def claim_new_password(*, slip: Slip, password: str) -> User:
    """Set the new password of the one account that this slip was issued for."""
    user = _locked(slip).account
    if user is None:
        raise Refused("slip_unknown", UNKNOWN)
    _set_password(user, password)
    _use(slip, user)
    record("slip.claimed", subject=slip, by=Actor(user), student_id=slip.student_id, data={"password": True})
    return user


def _locked(slip: Slip) -> Slip:
    """Return the slip as it is now, held until the transaction ends (SQLite: the transaction holds everything)."""
    found = Slip.objects.select_for_update().get(pk=slip.pk)
    _must_be_open(found)
    return found


def _use(slip: Slip, user: User) -> None:
    """Spend the slip: exactly one claim gets through."""
    still = Slip.objects.filter(
        pk=slip.pk, claimed_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now()
    )
    if still.update(claimed_at=clock.now(), claimed_by=user) != 1:
        raise Refused("slip_used", USED)


def _guardian(student: Student, person: Person, account: User | None) -> Guardian:
    """Return the guardian who claims: the account's own, the register's, or a new one (unsaved)."""
    if account is not None and (own := Guardian.objects.filter(user=account).first()):
        return own
    phone = account.phone or person.phone if account else person.phone
    name = account.name if account else person.name
    here = Guardian.objects.filter(phone=phone, links__student=student, user__isnull=True).order_by(
        "-links__acts", "pk"
    )
    for known in here if phone else []:
        if known.links.filter(student=student, acts=True).exists() or not known.links.filter(acts=True).exists():
            return known
    if phone and Guardian.objects.filter(name=name, phone=phone).exists():
        raise Refused(
            "known_elsewhere",
            "这个姓名和手机号已登记为另一个孩子的家长。请先用那个孩子的绑定单开通账号，登录后在“我的”里添加这个孩子。",
        )
    return Guardian(name=name, phone=phone)


def _link(guardian: Guardian, student: Student, relation: str) -> Guardianship:
    link, new = Guardianship.objects.get_or_create(
        guardian=guardian, student=student, defaults={"relation": relation, "origin": Origin.HAND}
    )
    if link.banned:
        raise Refused("banned", "学校的登记里，您目前不能绑定这个孩子。请与班主任联系。")
    if not new and (not link.acts or link.relation == Relation.OTHER):
        link.acts = True
        link.relation = relation if link.relation == Relation.OTHER else link.relation
        link.save(update_fields=["acts", "relation"])
    return link


def _new_account(*, login: str, name: str, person: Person) -> User:
    if account_with(person.phone) or User.objects.filter(login__iexact=login).exists():
        raise Refused("account_exists", "这个手机号已有账号，请输入这个账号的密码。")
    user = User(login=login, phone=person.phone or None, name=name)
    if person.password is None:
        user.set_unusable_password()
    else:
        validate_password(person.password, user)
        user.set_password(person.password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refused("account_exists", "这个手机号已有账号，请输入这个账号的密码。") from error
    record("account.opened", subject=user, by=Actor(user))
    return user


def _set_password(user: User, password: str) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("account.password_changed", subject=user, by=Actor(user))


def _as_staff(account: User, teacher: Teacher) -> User:
    """Let a parent's account be that of a member of staff too: the staff number opens it, and the phone as before."""
    if Teacher.objects.filter(user=account).exists():
        raise Refused("staff_already", "这个账号已是另一位教职工的。请先退出登录，再扫一次。")
    if User.objects.filter(login__iexact=teacher.staff_number).exclude(pk=account.pk).exists():
        raise Refused("account_exists", "这个工号已有账号，请找课程教学中心。")
    if account.phone:
        account.login = teacher.staff_number
        account.save(update_fields=["login"])
    return account
