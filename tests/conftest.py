"""Fixtures of all tests: the clock stands still, the network is shut, the cast is at hand."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck, settings

from afterschool.support import clock
from tests.cast import NOW, Cast, build_cast, place_group

settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep SQLite in a file where threads take part, as it is at a school: in memory they would share one connection."""
    default = connections["default"]
    threads = any(item.get_closest_marker(name) for name in ("browser", "race") for item in request.session.items)
    if default.vendor == "sqlite" and threads:
        default.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.sqlite3")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask a database: the others need not be run on both."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or {"db", "transactional_db", "django_db_setup"} & set(fixtures):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def school_clock() -> Iterator[None]:
    """The school's clock stands at Monday 21 September 2026, 16:05."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """A small school with everybody in it."""
    return build_cast()


@pytest.fixture
def afternoon(cast: Cast) -> Cast:
    """The same school with one group that meets today."""
    place_group(cast)
    return cast


@pytest.fixture
def login(client: Client, cast: Cast):
    """Log in as one of the cast: `login("head_teacher")` returns the client."""

    def as_person(name: str) -> Client:
        client.force_login(getattr(cast, name).user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
        return client

    return as_person
