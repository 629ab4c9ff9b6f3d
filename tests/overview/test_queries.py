"""How often the numbers ask the database: the same for a few records and for many."""

import pytest

from tests.overview.school import fill

pytestmark = pytest.mark.django_db
PAGES = [("today", "", 7), ("week", "", 8), ("term", "", 10), ("today", "due/", 7), ("term", "expected/", 7)]


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(("span", "path", "most"), PAGES)
def test_the_numbers_ask_as_often_for_many_as_for_few(cast, login, django_assert_num_queries, span, path, most, size):
    fill(cast, 21, size)
    client = login("office")
    with django_assert_num_queries(most):
        assert client.get(f"/overview/{path}", {"span": span}).status_code == 200
