"""The words in the head of each page lead somewhere, for each role."""

import pytest
from django.urls import reverse

from afterschool.navigation import LANDING_ORDER, NAVIGATION
from afterschool.school.enums import Role
from afterschool.school.models import StaffRole

pytestmark = pytest.mark.django_db
PERSON = {
    Role.PARENT: "guardian",
    Role.HEAD_TEACHER: "head_teacher",
    Role.TEACHER: "teacher",
    Role.GRADE_LEADER: "grade_leader",
    Role.DUTY_LEADER: "duty_leader",
    Role.LEADING_GROUP: "leading_group",
    Role.SERVICE_CENTRE: "service_centre",
    Role.GATEKEEPER: "gatekeeper",
    Role.ADMINISTRATOR: "office",
    Role.VOLUNTEER: "other_teacher",
}


def test_every_role_has_a_place_in_the_navigation():
    assert set(NAVIGATION) == set(Role) == set(LANDING_ORDER) == set(PERSON)


@pytest.mark.parametrize("role", Role)
def test_each_word_leads_to_a_page_of_that_role(afternoon, login, role):
    if role == Role.VOLUNTEER:
        StaffRole.objects.create(teacher=afternoon.other_teacher, role=role)
    client = login(PERSON[role])
    session = client.session
    session["role"] = role
    session.save()
    links = client.get(reverse("home"), follow=True).context["links"]
    assert [link.word for link in links] == [entry.word for entry in NAVIGATION[role]]
    for link in links:
        assert client.get(link.url).status_code in {200, 302}, f"{role.label}: {link.word}"
        final = client.get(link.url, follow=True)
        assert final.status_code == 200, f"{role.label}: {link.word}"


def test_who_leads_the_school_and_is_on_duty_finds_the_reports_in_either_role(afternoon, login):
    StaffRole.objects.create(teacher=afternoon.leading_group, role=Role.DUTY_LEADER)
    client = login("leading_group")
    for role in (Role.DUTY_LEADER, Role.LEADING_GROUP):
        session = client.session
        session["role"] = role
        session.save()
        assert "报表" in [link.word for link in client.get(reverse("home"), follow=True).context["links"]]
    assert "报表" not in [link.word for link in login("duty_leader").get(reverse("home"), follow=True).context["links"]]
