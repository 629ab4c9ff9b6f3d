"""Pages of leave: a family's own child, a head teacher's class, everybody for the office."""

import pytest
from django.urls import reverse

from attendance.models import LeaveRequest, PickupChange
from tests.cast import ROLES, TODAY

pytestmark = pytest.mark.django_db
MAY = {"guardian", "head_teacher", "office"}
STRANGERS = {"other_guardian", "other_head_teacher"}


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("view", ["leave-new", "pickup-change-new"])
def test_a_childs_pages_answer_by_scope(afternoon, login, name, view):
    status = login(name).get(reverse(f"attendance:{view}", args=[afternoon.students[0].pk])).status_code
    assert status == (200 if name in MAY else 404 if name in STRANGERS else 403)


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("view", ["leave-list", "leave-choose"])
def test_lists_are_for_those_who_record(afternoon, login, name, view):
    status = login(name).get(reverse(f"attendance:{view}")).status_code
    assert status == (200 if name in {"head_teacher", "other_head_teacher", "office"} else 403)


def test_a_parent_asks_on_the_phone_and_takes_it_back(afternoon, login):
    client = login("guardian")
    address = reverse("attendance:leave-new", args=[afternoon.students[0].pk])
    assert "17:30 放学" in client.get(address).content.decode()
    page = client.post(address, {"first_day": TODAY.isoformat(), "reason": "看牙"}, follow=True).content.decode()
    assert "看牙" in page
    leave = LeaveRequest.objects.get()
    client.post(reverse("attendance:leave-cancel", args=[leave.pk]))
    leave.refresh_from_db()
    assert leave.cancelled_by == afternoon.guardian.user


def test_a_slip_keeps_what_was_typed_and_says_why(afternoon, login):
    address = reverse("attendance:pickup-change-new", args=[afternoon.students[0].pk])
    values = {"kind": "early", "date": TODAY.isoformat(), "time": "18:00", "note": "外婆来"}
    page = login("guardian").post(address, values).content.decode()
    assert "早接要早于放学" in page
    assert "外婆来" in page
    assert not PickupChange.objects.exists()


def test_a_head_teacher_records_a_slip_and_sees_it_in_the_list(afternoon, login):
    client = login("head_teacher")
    address = reverse("attendance:leave-new", args=[afternoon.students[2].pk])
    page = client.post(address, {"first_day": TODAY.isoformat(), "source": "paper"}, follow=True).content.decode()
    assert "纸质假条" in page
    assert LeaveRequest.objects.get().source == "paper"


def test_another_familys_leave_cannot_be_cancelled(afternoon, login):
    client = login("guardian")
    address = reverse("attendance:leave-new", args=[afternoon.students[0].pk])
    client.post(address, {"first_day": TODAY.isoformat()})
    leave = LeaveRequest.objects.get()
    for name in STRANGERS:
        assert login(name).post(reverse("attendance:leave-cancel", args=[leave.pk])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_however_many(afternoon, login, number, django_assert_max_num_queries):
    for child in afternoon.students[:number]:
        login("office").post(
            reverse("attendance:leave-new", args=[child.pk]), {"first_day": TODAY.isoformat(), "source": "paper"}
        )
    client = login("head_teacher")
    with django_assert_max_num_queries(8):
        assert len(client.get(reverse("attendance:leave-list")).context["today_lines"]) == number
