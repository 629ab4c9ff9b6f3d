"""Pages that every logged-in person has."""

import pytest
from django.urls import reverse

from tests.cast import ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("person", ROLES)
@pytest.mark.parametrize("name", ["school:me", "school:me-password", "school:messages", "menu"])
def test_everybody_has_the_pages_of_an_account(login, person, name):
    assert login(person).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["school:me", "school:messages", "menu"])
def test_a_stranger_is_sent_to_the_login(client, cast, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")
