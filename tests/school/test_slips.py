"""Slips: issued, revoked, claimed once."""

from datetime import timedelta

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from afterschool.school import codes
from afterschool.school.actions import claims, slips
from afterschool.school.actions.claims import Person
from afterschool.school.enums import Relation
from afterschool.school.models import Event, Guardian, Guardianship, Slip, SlipTry, Student, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from tests.cast import NOW, PASSWORD, make_guardian

GOOD = "春风-杨柳-47"
WANG = {"name": "王大明", "relation": "father", "phone": "13711112222", "password": GOOD}


@pytest.fixture
def issue(cast):
    """Issue a slip for a child by number in the cast; returns the code."""

    def make(index: int = 0, by: str = "office") -> str:
        return slips.issue_for_students(students=[cast.students[index]], by=cast.actor(by))[0].code

    return make


def code_of(refused) -> str:
    return refused.value.code


@given(st.text(alphabet=codes.ALPHABET, min_size=12, max_size=12))
def test_a_code_is_read_however_it_is_typed(letters):
    typed = f" {letters[:4].lower()}－{letters[4:8]} {letters[8:]} "
    assert codes.hash_code(typed) == codes.hash_code(letters)


def test_codes_hold_no_letters_that_are_mistaken():
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert not set("ILO01") & set("".join(made))


@pytest.mark.django_db
class TestIssuing:
    def test_only_a_hash_is_kept(self, cast, issue):
        code = issue()
        slip = Slip.objects.get()
        assert codes.plain(code) not in str(Slip.objects.values().get())
        assert slip.expires_at == NOW + timedelta(days=settings.SLIP_DAYS)

    def test_a_new_slip_ends_the_old_one(self, cast, issue):
        old, new = issue(), issue()
        with pytest.raises(Refused) as refused:
            claims.open_slip(code=old)
        assert code_of(refused) == "slip_revoked"
        assert claims.open_slip(code=new).student == cast.students[0]
        assert Event.objects.filter(verb="slip.revoked").count() == 1

    def test_a_head_teacher_issues_for_the_own_class(self, cast, issue):
        assert issue(0, "head_teacher")

    @pytest.mark.parametrize("person", ["other_head_teacher", "teacher", "grade_leader", "guardian", "gatekeeper"])
    def test_nobody_else_does(self, cast, issue, person):
        with pytest.raises(Refused) as refused:
            issue(0, person)
        assert code_of(refused) == "not_yours"
        assert not Slip.objects.exists()

    def test_a_class_costs_the_same_as_a_child(self, cast, django_assert_max_num_queries):
        office = cast.actor("office")
        slips.issue_for_students(students=cast.students, by=office)
        with django_assert_max_num_queries(10):
            slips.issue_for_students(students=cast.students, by=office)

    def test_staff_slips_are_the_offices(self, cast):
        with pytest.raises(Refused):
            slips.issue_for_staff(teachers=[cast.teacher], by=cast.actor("head_teacher"))
        assert slips.issue_for_staff(teachers=[cast.teacher], by=cast.actor("office"))

    def test_a_slip_taken_back_stays_back(self, cast, issue):
        issue()
        slip = Slip.objects.get()
        slips.revoke(slip=slip, by=cast.actor("head_teacher"))
        with pytest.raises(Refused) as refused:
            slips.revoke(slip=slip, by=cast.actor("head_teacher"))
        assert code_of(refused) == "somebody_was_faster"


@pytest.mark.django_db
class TestClaiming:
    def test_a_new_parent_comes_in_by_two_steps(self, client, cast, issue):
        code = issue(2)
        page = client.get("/slips/claim/", {"code": code}).content.decode()
        assert "张*" in page
        assert "张三" not in page
        response = client.post("/slips/bind/", WANG | {"code": code, "own_device": "on"})
        assert response["Location"] == "/"
        user = User.objects.get(phone="13711112222")
        assert user.check_password(GOOD)
        link = Guardianship.objects.get(guardian__user=user)
        assert (link.student, link.relation, link.acts) == (cast.students[2], Relation.FATHER, True)
        assert Event.objects.get(verb="slip.claimed").by_id == user.pk
        assert response.cookies["sessionid"]["max-age"]

    @pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKMN"])
    def test_a_wrong_code_stays_in_the_field(self, client, cast, typed):
        page = client.get("/slips/claim/", {"code": typed})
        assert page.status_code == 200
        assert typed in page.content.decode()
        assert 'class="error"' in page.content.decode()

    def test_guessing_codes_is_slowed_down(self, client, cast, issue):
        code = issue()
        for _ in range(settings.SLIP_TRIES):
            client.get("/slips/claim/", {"code": "AAAA-AAAA-AAAA"})
        assert client.get("/slips/claim/", {"code": code}).status_code == 429
        assert client.post("/slips/bind/", WANG | {"code": code}).status_code == 429
        assert "127.0.0.1" not in str(list(SlipTry.objects.values()))
        assert client.get("/slips/claim/", {"code": code}, REMOTE_ADDR="10.0.0.9").status_code == 200

    def test_one_code_serves_once(self, client, cast, issue):
        code = issue(2)
        client.post("/slips/bind/", WANG | {"code": code})
        client.logout()
        page = client.post("/slips/bind/", WANG | {"code": code, "phone": "13711113333"}).content.decode()
        assert "已经用过" in page
        assert not User.objects.filter(phone="13711113333").exists()

    def test_of_two_claims_at_a_time_one_gets_through(self, cast, issue):
        seen = claims.open_slip(code=issue(2))
        also = claims.open_slip(code=issue(3))
        Slip.objects.filter(pk=also.pk).update(revoked_at=NOW)
        claims.claim_for_child(slip=seen, person=Person("甲", "13711112222", password=GOOD))
        for slip in (seen, also):
            with pytest.raises(Refused) as refused:
                claims.claim_for_child(slip=slip, person=Person("乙", "13711113333", password=GOOD))
            assert code_of(refused) in {"slip_used", "slip_revoked"}
        assert not User.objects.filter(phone="13711113333").exists()

    def test_an_old_slip_has_expired(self, cast, issue):
        code = issue()
        with clock.frozen(NOW + timedelta(days=settings.SLIP_DAYS)), pytest.raises(Refused) as refused:
            claims.open_slip(code=code)
        assert code_of(refused) == "slip_expired"

    def test_an_account_that_exists_proves_itself(self, client, cast, issue):
        phone = cast.guardian.phone
        code = issue(3)
        wrong = client.post("/slips/bind/", WANG | {"code": code, "phone": phone, "password": "another-word-9"})
        assert "已有账号" in wrong.content.decode()
        assert not Guardianship.objects.filter(student=cast.students[3]).exists()
        right = client.post("/slips/bind/", WANG | {"code": code, "phone": phone, "password": PASSWORD})
        assert right.status_code == 302
        assert Guardianship.objects.filter(student=cast.students[3], guardian=cast.guardian).exists()
        assert User.objects.filter(phone=phone).count() == 1

    def test_the_registers_guardian_gets_the_account_and_the_siblings(self, cast, issue):
        known = make_guardian(9, "高母", cast.students[2], cast.students[8], account=False)
        user = claims.claim_for_child(
            slip=claims.open_slip(code=issue(2)), person=Person("妈妈", known.phone, password=GOOD)
        )
        known.refresh_from_db()
        assert known.user == user
        assert Guardian.objects.filter(phone=known.phone).count() == 1
        assert known.links.count() == 2

    def test_a_name_and_a_phone_open_no_other_familys_child(self, cast, issue):
        victim = make_guardian(9, "高母", cast.students[8], account=False)
        with pytest.raises(Refused) as refused:
            claims.claim_for_child(
                slip=claims.open_slip(code=issue(2)), person=Person("高母", victim.phone, password=GOOD)
            )
        assert code_of(refused) == "known_elsewhere"
        victim.refresh_from_db()
        assert victim.user is None
        assert claims.open_slip(code=issue(2)).claimed_at is None

    def test_who_only_fetches_here_brings_no_children_of_the_own(self, cast, issue):
        neighbour = make_guardian(9, "邻居", cast.students[8], account=False)
        Guardianship.objects.create(guardian=neighbour, student=cast.students[2], acts=False)
        with pytest.raises(Refused) as refused:
            claims.claim_for_child(
                slip=claims.open_slip(code=issue(2)), person=Person("邻居", neighbour.phone, password=GOOD)
            )
        assert code_of(refused) == "known_elsewhere"

    def test_a_grandmother_who_fetches_becomes_a_guardian_by_the_slip(self, cast, issue):
        grandmother = make_guardian(9, "外婆", account=False)
        Guardianship.objects.create(guardian=grandmother, student=cast.students[2], acts=False)
        claims.claim_for_child(
            slip=claims.open_slip(code=issue(2)), person=Person("外婆", grandmother.phone, password=GOOD)
        )
        assert Guardianship.objects.get(guardian=grandmother).acts

    def test_somebody_banned_is_sent_to_the_head_teacher(self, cast, issue):
        link = Guardianship.objects.get(guardian=cast.guardian, student=cast.students[0])
        Guardianship.objects.filter(pk=link.pk).update(banned=True, may_fetch=False)
        with pytest.raises(Refused) as refused:
            claims.claim_for_child(
                slip=claims.open_slip(code=issue(0)), person=Person("", "", "father"), account=cast.guardian.user
            )
        assert code_of(refused) == "banned"

    def test_a_parent_adds_another_child_without_a_second_account(self, login, cast, issue):
        client = login("guardian")
        code = issue(4)
        assert "绑定到我的账号" in client.get("/slips/claim/", {"code": code}).content.decode()
        client.post("/slips/bind/", {"code": code, "relation": "mother"})
        assert Guardianship.objects.filter(guardian=cast.guardian, student=cast.students[4], acts=True).exists()

    def test_a_weak_password_is_explained_and_the_rest_kept(self, client, cast, issue):
        page = client.post("/slips/bind/", WANG | {"code": issue(2), "password": "12345678"}).content.decode()
        assert "常见" in page
        assert "王大明" in page
        assert not User.objects.filter(phone=WANG["phone"]).exists()

    def test_staff_set_their_password(self, client, cast):
        code = slips.issue_for_staff(teachers=[cast.teacher], by=cast.actor("office"))[0].code
        assert "T004" in client.get("/slips/claim/", {"code": code}).content.decode()
        assert client.post("/slips/bind/", {"code": code, "password": GOOD}).status_code == 302
        assert User.objects.get(pk=cast.teacher.user_id).check_password(GOOD)

    def test_a_parent_who_also_teaches_keeps_one_account(self, client, cast):
        cast.teacher.user.delete()
        cast.teacher.refresh_from_db()
        cast.teacher.phone = cast.guardian.phone
        cast.teacher.save()
        code = slips.issue_for_staff(teachers=[cast.teacher], by=cast.actor("office"))[0].code
        assert "已有账号" in client.post("/slips/bind/", {"code": code, "password": GOOD}).content.decode()
        client.post("/slips/bind/", {"code": code, "password": PASSWORD})
        cast.teacher.refresh_from_db()
        assert cast.teacher.user_id == cast.guardian.user_id
        for name in ("T004", cast.guardian.phone):
            client.logout()
            assert client.post("/login/", {"username": name, "password": PASSWORD}).status_code == 302

    def test_a_forgotten_password_is_set_for_that_account_alone(self, client, cast):
        link = Guardianship.objects.get(guardian=cast.other_guardian)
        code = slips.issue_reset(link=link, by=cast.actor("head_teacher")).code
        assert client.post("/slips/bind/", {"code": code, "password": GOOD}).status_code == 302
        assert User.objects.get(pk=cast.other_guardian.user_id).check_password(GOOD)
        assert Student.objects.filter(links__guardian=cast.other_guardian).count() == 1


@pytest.mark.django_db
class TestInviting:
    def test_a_parent_invites_a_second_one(self, login, cast, client):
        page = login("guardian").post(f"/children/{cast.students[0].pk}/invite/")
        code = page.context["issued"].code
        assert code in page.content.decode()
        assert "<svg" in page.content.decode()
        client.logout()
        assert client.post("/slips/bind/", WANG | {"code": code}).status_code == 302
        assert Guardianship.objects.filter(student=cast.students[0], guardian__name="王大明").exists()

    def test_one_invitation_a_child_is_open(self, cast):
        guardian = cast.actor("guardian")
        slips.invite(student=cast.students[0], by=guardian)
        slips.invite(student=cast.students[0], by=guardian)
        assert Slip.objects.filter(revoked_at__isnull=True).count() == 1

    def test_nobody_invites_to_a_foreign_child(self, login, cast):
        assert login("other_guardian").post(f"/children/{cast.students[0].pk}/invite/").status_code == 404
        assert login("head_teacher").post(f"/children/{cast.students[0].pk}/invite/").status_code == 403

    def test_an_invitation_is_taken_back(self, login, cast):
        slip = slips.invite(student=cast.students[0], by=cast.actor("guardian")).slip
        assert login("other_guardian").post(f"/invitations/{slip.pk}/revoke/").status_code == 404
        login("guardian").post(f"/invitations/{slip.pk}/revoke/")
        slip.refresh_from_db()
        assert slip.revoked_at

    def test_my_page_costs_the_same_for_more_children(self, login, cast, django_assert_max_num_queries):
        client = login("guardian")
        with django_assert_max_num_queries(8):
            page = client.get("/me/").content.decode()
        assert cast.students[0].name in page
        assert "可接走" in page
        assert cast.students[1].name not in page
