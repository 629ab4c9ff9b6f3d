"""Deeds that begin at the same moment, each in a thread with a database connection of its own."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from threading import Barrier, Thread
from urllib.parse import urlencode

from django.conf import settings
from django.db import connections
from django.test import Client

from afterschool.school.models import User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from tests.enrollment.helpers import OPEN

LATER = OPEN + timedelta(hours=1)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
Deed = Callable[[], object]


def at_once(*deeds: Deed) -> list[object]:
    """Begin all deeds at the same moment, an hour after `OPEN`; return what each brought: a value, or its refusal.

    Anything else that goes wrong (a deadlock, a broken constraint) is raised: it would be a page that says nothing.
    """
    gate = Barrier(len(deeds))
    brought: list[object] = [None] * len(deeds)

    def run(place: int, deed: Deed) -> None:
        try:
            with clock.frozen(LATER):
                gate.wait(timeout=10)
                brought[place] = deed()
        except BaseException as error:
            brought[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for one in brought:
        if isinstance(one, BaseException) and not isinstance(one, Refused):
            raise one
    return brought


def won(brought: list[object]) -> list[bool]:
    """Return which deeds were done; each of the others was told why, in a whole sentence."""
    for one in brought:
        if isinstance(one, Refused):
            assert one.code in {"somebody_was_faster", "wrong_state", "already_permitted", "window_not_open"}
            assert one.sentence.endswith("。")
    return [not isinstance(one, Refused) for one in brought]


class Door:
    """A browser of one person at the live server, with cookies of its own."""

    def __init__(self, url: str, user: User) -> None:
        client = Client()
        client.force_login(user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
        self.place = url.removeprefix("http://")
        self.cookies = {settings.SESSION_COOKIE_NAME: client.session.session_key or ""}

    def read(self, path: str) -> dict[str, str]:
        """Open a page; return its hidden fields."""
        return dict(HIDDEN.findall(self._ask("GET", path)[1]))

    def press(self, path: str, values: dict[str, str]) -> str:
        """Send a form, follow the redirect, return the page that the person then reads."""
        location, page = self._ask("POST", path, urlencode(values))
        return self._ask("GET", location)[1] if location else page

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        with closing(HTTPConnection(self.place, timeout=30)) as line:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition("=")
                self.cookies[name] = value.split(";")[0]
            page = answer.read().decode()
            assert answer.status in {200, 302}, (path, answer.status, page[:300])
            return answer.headers.get("Location", ""), page
