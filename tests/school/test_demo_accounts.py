"""The demo's logins are made by the pages' own actions."""

import random

import pytest

from afterschool.demo.play import accounts
from afterschool.school.access import actor_for
from afterschool.school.actions.accounts_bulk import open_accounts
from afterschool.school.models import Guardian, User
from afterschool.support.refusal import Refused
from tests.cast import make_guardian

pytestmark = pytest.mark.django_db


def test_everybody_of_the_demo_can_log_in(client, cast):
    for number in range(20, 24):
        make_guardian(number, f"家长{number}", cast.students[number % 6], cast.students[9], account=False)
    User.objects.filter(teacher__isnull=False).exclude(pk=cast.office.user_id).delete()
    logins = accounts.play(cast.actor("office"), random.Random(1))
    assert len(logins) >= 7
    for _word, login, password in logins:
        assert client.post("/login/", {"username": login, "password": password}).status_code == 302, login
        client.logout()
    assert len({login for _, login, _ in logins}) == len(logins)


def test_many_accounts_cost_a_fixed_number_of_queries(cast, django_assert_max_num_queries):
    made = [make_guardian(n, f"家长{n}", cast.students[9], account=False) for n in range(20, 60)]
    with django_assert_max_num_queries(10):
        assert open_accounts(guardians=made, by=cast.actor("office")) == 40
    assert open_accounts(guardians=list(Guardian.objects.all()), by=cast.actor("office")) == 0
    assert not actor_for(User.objects.get(phone=made[0].phone)).user.has_usable_password()


def test_nobody_else_opens_accounts(cast):
    with pytest.raises(Refused):
        open_accounts(guardians=[], by=cast.actor("head_teacher"))
