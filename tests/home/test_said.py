"""What families said of today, on the home of who has to know."""

from datetime import time

import pytest
from django.urls import reverse

from attendance.actions import pickups
from attendance.actions.days import ensure_day
from attendance.actions.fetchers import Someone
from attendance.enums import ChangeKind, LeaveSource
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
LINE = "早接 16:30，由姑姑周小慧接"


@pytest.fixture
def said(afternoon):
    """A guardian lets an aunt fetch the first child early."""
    wish = pickups.Wish(TODAY, ChangeKind.EARLY, time(16, 30), someone=Someone("周小慧", "姑姑", "13912340001"))
    pickups.ask_pickup_change(
        term=afternoon.term,
        student=afternoon.students[0],
        wish=wish,
        source=LeaveSource.GUARDIAN,
        by=afternoon.actor("guardian"),
    )
    return afternoon


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("head_teacher", True),
        ("teacher", True),
        ("other_head_teacher", False),
        ("other_teacher", False),
        ("duty_leader", False),
    ],
)
def test_head_teacher_and_teacher_on_duty_read_it_on_their_home(said, login, name, sees):
    assert (LINE in login(name).get(reverse("home")).content.decode()) == sees


def test_the_parents_home_says_it_too(said, login):
    ensure_day(said.term, TODAY, said.actor("office"))
    page = login("guardian").get(reverse("home")).content.decode()
    assert LINE in page
    for word in ("请假", "早接、晚接", "换人接"):
        assert f">{word}</a>" in page
