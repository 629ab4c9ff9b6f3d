"""The page of a paper being made leads back to where it was asked for, and nowhere outside the portal."""

import pytest
from django.urls import reverse

from afterschool.school.models import Paper

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("came", "back"),
    [
        ("http://testserver/scheduling/rota/?week=2026-09-21", "http://testserver/scheduling/rota/?week=2026-09-21"),
        ("https://example.com/evil/", "/"),
        ("//example.com/", "/"),
        ("", "/"),
    ],
)
def test_it_leads_back(cast, login, came, back):
    paper = Paper.objects.create(kind="rota", title="值班表", requested_by=cast.teacher.user)
    page = login("teacher").get(reverse("school:paper", args=[paper.pk]), headers={"referer": came})
    assert page.context["back"] == back


def test_it_never_leads_to_itself(cast, login):
    paper = Paper.objects.create(kind="rota", title="值班表", requested_by=cast.teacher.user)
    address = reverse("school:paper", args=[paper.pk])
    page = login("teacher").get(address, headers={"referer": f"http://testserver{address}"})
    assert page.context["back"] == "/"
