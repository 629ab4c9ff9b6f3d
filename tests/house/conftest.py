"""One school with everything in it for a whole module of tests, and a browser for each of the cast."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client

from tests.cast import ROLES, build_cast
from tests.house.world import World, build_world

BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"


@dataclass
class Door:
    """One person's browser. It stays logged in whatever the last page did."""

    client: Client
    session: str = ""

    def open(self, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request as this person."""
        self.client.cookies.clear()
        if self.session:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        response = getattr(self.client, method)(url, body)
        # A file has to be closed; the client's own care for the open transaction covers only what isn't streamed.
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)
        return response


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One school for the whole module; every request is undone after it."""
    refusals = logging.getLogger("django.request")
    refusals.setLevel(logging.CRITICAL)  # a thousand refusals, each with its trace
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world(build_cast())
        transaction.set_rollback(True)
    refusals.setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def doors(world: World) -> dict[str, Door]:
    """A browser for each of the cast, logged in once."""
    found = {"anonymous": Door(Client())}
    for who in ROLES:
        client = Client()
        client.force_login(getattr(world.cast, who).user, backend=BACKEND)
        found[who] = Door(client, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return found
