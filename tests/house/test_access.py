"""One walk over all addresses with everybody, own and foreign things alike."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cast import ROLES
from tests.house.access_table import ROWS
from tests.house.conftest import Door
from tests.house.world import World

CLOSED = {403, 404}
WRITES = re.compile(r"INSERT|UPDATE|DELETE")
KEPT_LOOK = re.compile(r'INSERT INTO "school_event"')  # that a child's file was read


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> dict[str, URLPattern]:
    """Return every named address of the portal."""
    found: dict[str, URLPattern] = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found |= addresses(pattern, inner)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            found[namespace + pattern.name] = pattern
    return found


def test_every_address_stands_in_the_table():
    unknown = set(addresses()) - {name for name, _, _ in ROWS}
    assert not unknown, f"say in tests/house/access_table.py who may open: {sorted(unknown)}"


def test_the_table_names_no_address_that_is_gone():
    assert {name for name, _, _ in ROWS} <= set(addresses())


def test_every_view_says_who_may_open_it():
    silent = [name for name, pattern in addresses().items() if not hasattr(pattern.callback, "audience")]
    assert not silent, f"decorate with @allow, @signed_in or @public: {silent}"


def answer(door: Door, url: str, method: str, body: dict[str, object] | None = None) -> tuple[int, list[str]]:
    """Return how the portal answers this person, and what it wrote; then undo it."""
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        response = door.open(method, url, body)
        transaction.set_rollback(True)
    wrote = [query["sql"] for query in queries if WRITES.match(query["sql"]) and not KEPT_LOOK.match(query["sql"])]
    if response.status_code == 302 and response["Location"].startswith("/login/?next="):
        return 401, wrote
    return response.status_code, wrote


@pytest.mark.django_db
@pytest.mark.walk
@pytest.mark.parametrize(("name", "thing", "inside"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_only_those_named_get_in(world: World, doors, name, thing, inside):
    url, audience = reverse(name, kwargs=world.things[thing]), addresses()[name].callback.audience
    body = world.bodies.get(name)
    for who in [*ROLES, "anonymous"]:
        got, wrote = answer(doors[who], url, "get")
        if who in inside:
            posted = answer(doors[who], url, "post", body)[0] if got == 405 else got
            assert posted not in CLOSED | {401, 405}, f"{who} is kept out of {url}: {posted}"
            assert posted < 500
            assert not wrote, f"looking at {url} writes: {wrote}"
        elif who == "anonymous":
            assert got == 401, f"{url} is open to the world: {got}"
        elif world.roles[who].isdisjoint(audience):
            assert got == 403, f"{who} gets into {url}: {got}"  # before the method is even looked at
        else:
            posted, _ = answer(doors[who], url, "post", body)
            assert {got, posted} <= CLOSED | {405}, f"{who} gets into {url}: {got}, {posted}"
            assert {got, posted} != {405}
