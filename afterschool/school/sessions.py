"""Logins kept in the database, as Django keeps them, but asked for without building the question anew on each request."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from afterschool.support.prepared import prepared


@prepared
def _login(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    """The store of `SESSION_ENGINE`."""

    def _get_session_from_db(self) -> Session | None:
        found = next(iter(_login(self.session_key, timezone.now())), None) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
