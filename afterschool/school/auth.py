"""Login by phone number or staff number."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from afterschool.school.models import User
from afterschool.support.prepared import prepared


@prepared
def _account(pk: int) -> QuerySet[User]:
    return User.objects.select_related("teacher", "guardian").filter(pk=pk, is_active=True)


class PhoneOrStaffNumberBackend(BaseBackend):
    """One account, two names: the staff number and the phone number both open it."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        name = "".join(unicodedata.normalize("NFKC", username).split())
        user = User.objects.filter(Q(login__iexact=name) | Q(phone=name), is_active=True).first()
        if user is None:
            User().set_password(password)  # the same time as for a known name
            return None
        return user if user.check_password(password) else None

    def get_user(self, user_id: int) -> User | None:
        return next(iter(_account(user_id)), None)
