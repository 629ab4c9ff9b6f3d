"""A small school for every seed, its clock standing at the school's own moment."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from afterschool.support import clock
from tests.figures.happenings import small_school
from tests.figures.rows import Rows
from tests.figures.schools import SmallSchool

SEEDS = range(20 if connection.vendor == "sqlite" else 6)  # the same rules; PostgreSQL is asked whether it counts alike


@pytest.fixture(scope="package", params=SEEDS)
def built(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[tuple[SmallSchool, Rows]]:
    """One of the small schools drawn by lot, built once for all tests of this folder and undone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = small_school(request.param)
        yield made, Rows()
        transaction.set_rollback(True)


@pytest.fixture
def school(built: tuple[SmallSchool, Rows], db: None) -> Iterator[SmallSchool]:
    """The school, at its own moment."""
    made, _ = built
    with clock.frozen(made.now):
        yield made


@pytest.fixture
def rows(built: tuple[SmallSchool, Rows]) -> Rows:
    """Every row of the school, to be counted one by one."""
    return built[1]


@pytest.fixture
def office(school: SmallSchool, client):
    """The office's browser."""
    client.force_login(school.office.user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    return client
