"""The code of the day: genuine on its day, worthless on any other, never releasing anybody; typed in six characters."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from afterschool.school.models import Guardianship, School
from afterschool.support import clock
from attendance import gate_code
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.enums import CustodyState
from attendance.models import ChildDay, Handover
from tests.cast import NOW, TODAY, Cast

S = CustodyState
DATES = st.dates(min_value=TODAY - timedelta(days=9000))


@given(st.integers(1, 10**9), DATES)
def test_a_token_says_what_was_signed_and_a_changed_one_says_nothing(guardian, day) -> None:
    signed = gate_code.token(guardian, day)
    assert gate_code.read(signed) == gate_code.Code(guardian, day)
    assert gate_code.read("9" + signed) is None
    assert gate_code.read(signed[:-1]) is None


@given(st.integers(1, 10**9), DATES)
def test_six_characters_are_known_for_a_code_and_stay_the_same(guardian, day) -> None:
    code = gate_code.short(guardian, day)
    assert gate_code.typed(f" {code[:3].lower()} {code[3:]}") == code == gate_code.short(guardian, day)


@pytest.mark.parametrize("words", ["wangyi", "王一", "一1", "1-1", "2A3", "2A3456789", "0A3456", "2O3456", ""])
def test_a_name_or_a_class_is_no_code(words: str) -> None:
    assert gate_code.typed(words) == ""


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    move_many([MoveRequest(child(afternoon, n), S.GROUP) for n in (0, 1)], by=afternoon.actor("teacher"))
    return afternoon


def child(cast: Cast, number: int) -> ChildDay:
    return ChildDay.objects.get(student=cast.students[number], date=TODAY)


def address(cast: Cast, day=TODAY) -> str:
    return reverse("attendance:gate-code", args=[gate_code.token(cast.guardian.pk, day)])


@pytest.mark.django_db
class TestThePage:
    def test_it_shows_the_guardians_children_who_are_here_and_releases_nobody(self, day, login):
        client = login("gatekeeper")
        before = Handover.objects.count()
        with clock.frozen(NOW.replace(hour=17, minute=31)):
            page = client.get(address(day)).content.decode()
        assert "林晓岚的接送码" in page
        assert "王一" in page
        assert "李二" not in page
        assert f'value="{day.guardian.pk}"' in page
        assert "checked" not in page
        assert Handover.objects.count() == before

    def test_a_teacher_sees_the_own_children_only(self, day, login):
        assert "王一" in login("teacher").get(address(day)).content.decode()
        assert "王一" not in login("other_teacher").get(address(day)).content.decode()

    def test_a_parent_and_the_grade_leader_cannot_open_it(self, day, login):
        for name in ("guardian", "grade_leader", "leading_group"):
            assert login(name).get(address(day)).status_code == 403

    def test_a_forged_code_and_one_of_another_day_are_told_apart(self, day, login):
        client = login("gatekeeper")
        forged = client.get(address(day)[:-2] + "x/")
        assert (forged.status_code, "不是学校的接送码" in forged.content.decode()) == (404, True)
        old = client.get(address(day, TODAY - timedelta(days=1)))
        assert (old.status_code, "只在当天有效" in old.content.decode()) == (410, True)
        assert "王一" not in forged.content.decode() + old.content.decode()
        with clock.frozen(NOW + timedelta(days=1)):
            assert client.get(address(day)).status_code == 410

    def test_a_child_the_guardian_is_banned_for_is_left_out(self, day, login):
        Guardianship.objects.create(guardian=day.guardian, student=day.students[1], may_fetch=False, banned=True)
        page = login("gatekeeper").get(address(day)).content.decode()
        assert "王一" in page
        assert "李二" not in page

    def test_a_child_who_has_gone_is_no_longer_asked_for(self, day, login):
        with clock.frozen(NOW.replace(hour=17, minute=31)):
            move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
            page = login("gatekeeper").get(address(day)).content.decode()
        assert "没有孩子还在您能看到的班里" in page

    @pytest.mark.parametrize("children", [1, 3])
    def test_it_takes_seven_queries(self, day, login, django_assert_num_queries, children):
        for number in range(1, children):
            Guardianship.objects.create(guardian=day.guardian, student=day.students[number])
        move_many([MoveRequest(child(day, 2), S.GROUP)], by=day.actor("teacher"))
        client = login("gatekeeper")
        client.get(address(day))
        with django_assert_num_queries(7):
            page = client.get(address(day)).content.decode()
        assert page.count("<fieldset>") == children

    def test_typed_at_the_gate_it_opens_the_same_page(self, day, login):
        client = login("gatekeeper")
        code = gate_code.short(day.guardian.pk, TODAY)
        answer = client.get(reverse("attendance:gate"), {"q": f"{code[:3]} {code[3:]}".lower()})
        assert answer["Location"] == address(day)
        yesterday = gate_code.short(day.guardian.pk, TODAY - timedelta(days=1))
        answer = client.get(reverse("attendance:gate"), {"q": yesterday})
        assert (answer.status_code, "接送码" in answer.content.decode()) == (404, True)
        answer = login("teacher").get(reverse("attendance:gate"), {"q": code})
        assert answer["Location"] == address(day)

    def test_two_with_one_code_are_asked_for_by_name(self, day, login, monkeypatch):
        monkeypatch.setattr(gate_code, "short", lambda guardian, day: "2ABCDE")
        answer = login("gatekeeper").get(reverse("attendance:gate"), {"q": "2ABCDE"})
        assert answer.status_code == 404


@pytest.mark.django_db
class TestTheParentsPage:
    def test_it_shows_the_code_with_the_name_and_the_children(self, day, login):
        page = login("guardian").get(reverse("attendance:gate-my-code")).content.decode()
        code = gate_code.short(day.guardian.pk, TODAY)
        assert "<svg" in page
        assert f"{code[:3]} {code[3:]}" in page
        assert "林晓岚" in page
        assert "王一" in page
        assert reverse("attendance:gate-my-code") in login("guardian").get("/").content.decode()

    def test_without_a_public_address_only_the_characters_stand_there(self, day, login):
        School.objects.update(public_url="")
        page = login("guardian").get(reverse("attendance:gate-my-code")).content.decode()
        assert "<svg" not in page
        assert gate_code.short(day.guardian.pk, TODAY)[:3] in page
