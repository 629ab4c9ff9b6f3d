"""One's own address for e-mail: set, confirmed by whoever reads it, taken away."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.mailing import CONFIRM, STOP, user_of
from afterschool.school.models import User
from afterschool.support import clock
from afterschool.support.refusal import Refused

PAUSE = timedelta(minutes=1)
TOO_OLD = "这个链接已经失效：可能用过了、过了时间，或邮箱已改。请登录后在“我的”里再发一封确认邮件。"


@transaction.atomic
def ask_email(*, email: str, by: Actor) -> User:
    """Keep an address as not yet confirmed and have the worker ask whoever reads it.

    Nothing is sent to it before it is confirmed. Refused: `mail_off`, `no_account`, `confirmed_already`, `too_soon` (one
    letter a minute, so that nobody fills a stranger's mailbox).
    """
    if not settings.MAIL_ON:
        raise Refused("mail_off", "学校没有开通邮件通知。")
    if by.user is None:
        raise Refused("no_account", "请先登录。")
    user = User.objects.select_for_update().get(pk=by.user.pk)
    now = timezone.now()
    if user.email == email and user.email_confirmed_at is not None:
        raise Refused("confirmed_already", "这个邮箱已经确认过，正在收通知。")
    if user.email_asked_at is not None and user.email_asked_at > now - PAUSE:
        raise Refused("too_soon", "刚发过一封确认邮件，请过一分钟再试。")
    user.email, user.email_confirmed_at, user.email_asked_at = email, None, now
    user.save(update_fields=["email", "email_confirmed_at", "email_asked_at"])
    record("email.asked", subject=user, by=by)
    from afterschool.school.sending import send_confirmation

    transaction.on_commit(lambda: send_confirmation.enqueue(user.pk), robust=True)
    return user


def asked_user(token: str) -> User:
    """Return whose address waits for this key. Refused with `link_dead` when forged, used, too old or replaced."""
    user = user_of(token, CONFIRM, max_age=settings.EMAIL_CONFIRM_HOURS * 3600)
    if user is None or user.email_confirmed_at is not None:
        raise Refused("link_dead", TOO_OLD)
    return user


@transaction.atomic
def confirm_email(*, token: str, by: Actor) -> User:
    """Take the address into use, once. The key is the right to do so: the letter may be read on a phone without login."""
    user = asked_user(token)
    waiting = User.objects.filter(pk=user.pk, email=user.email, email_asked_at=user.email_asked_at)
    if waiting.filter(email_confirmed_at__isnull=True).update(email_confirmed_at=clock.now()) != 1:
        raise Refused("link_dead", TOO_OLD)
    record("email.confirmed", subject=user, by=by)
    return user


@transaction.atomic
def remove_email(*, by: Actor) -> None:
    """Take one's own address away: no more letters."""
    if by.user is None:
        raise Refused("no_account", "请先登录。")
    _forget(by.user, by)


def stopped_user(token: str) -> User:
    """Return whose letters this key stops. Refused with `link_dead` when forged or when the address has changed."""
    user = user_of(token, STOP)
    if user is None:
        raise Refused("link_dead", "这个邮箱已经不再收学校的邮件，不用再操作。")
    return user


@transaction.atomic
def stop_email(*, token: str, by: Actor) -> None:
    """Take away the address that a letter went to, by the key in that letter."""
    _forget(stopped_user(token), by)


def _forget(user: User, by: Actor) -> None:
    had = User.objects.filter(pk=user.pk).exclude(email="")
    if had.update(email="", email_confirmed_at=None, email_asked_at=None):
        record("email.removed", subject=user, by=by)
