"""What happens to an account: logins, passwords."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import User
from afterschool.support.refusal import Refused


def _user(by: Actor) -> User:
    if by.user is None:
        raise Refused("no_account", "请先登录。")
    return by.user


@transaction.atomic
def note_login(*, by: Actor, own_device: bool) -> None:
    """Keep on record that somebody logged in."""
    record("account.logged_in", subject=_user(by), by=by, data={"own_device": own_device})


@transaction.atomic
def note_logout(*, by: Actor) -> None:
    """Keep on record that somebody logged out."""
    record("account.logged_out", subject=_user(by), by=by)


@transaction.atomic
def change_password(*, password: str, by: Actor) -> User:
    """Set one's own password and return the account. The form has checked the old one and the rules."""
    user = User.objects.get(pk=_user(by).pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("account.password_changed", subject=user, by=by)
    return user
