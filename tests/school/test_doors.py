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


def test_who_pressed_a_button_after_the_session_had_ended_comes_back_to_its_page(login, cast):
    client = login("guardian")
    page, button = reverse("school:messages"), reverse("school:messages-read")
    client.logout()
    response = client.post(button, headers={"referer": f"http://testserver{page}?page=2"})
    assert response["Location"] == "/login/?next=/messages/%3Fpage%3D2"
    assert "刚才按的没有办" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/x", "javascript:alert(1)"])
def test_a_button_pressed_from_elsewhere_leads_home(client, cast, referer):
    response = client.post(reverse("school:messages-read"), headers={"referer": referer} if referer else {})
    assert response["Location"] == "/login/?next=/"
