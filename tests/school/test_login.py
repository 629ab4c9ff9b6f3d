"""Login, logout, password, role."""

import time

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from afterschool.school.models import Event, User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
PHONE = "13900000001"


def enter(client, username=PHONE, password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password} | more)


@pytest.mark.parametrize("name", [PHONE, "139 0000 0001", " 13900000001 ", "１３９００００\u3000０００１"])
def test_a_parent_enters_by_phone_however_it_is_spaced(client, cast, name):
    assert enter(client, name)["Location"] == "/"
    assert client.get("/me/").status_code == 200
    assert Event.objects.filter(verb="account.logged_in", by_id=cast.guardian.user_id).count() == 1


@pytest.mark.parametrize("name", ["T002", "t002", "13800000002"])
def test_staff_enter_by_staff_number_or_phone(client, cast, name):
    assert enter(client, name).status_code == 302


def test_a_wrong_password_keeps_the_name_and_not_the_password(client, cast):
    page = enter(client, password="wrong-word-1").content.decode()
    assert page.count("手机号（工号）或密码不对") == 1
    assert PHONE in page
    assert "wrong-word-1" not in page


def test_own_phone_keeps_the_session_half_a_year(client, cast):
    response = enter(client, own_device="on")
    assert response.cookies["sessionid"]["max-age"] == settings.OWN_DEVICE_SESSION_AGE


def test_a_shared_pc_forgets_with_the_browser(client, cast):
    assert not enter(client).cookies["sessionid"]["max-age"]


def test_a_shared_pc_left_alone_logs_out(client, cast):
    enter(client)
    session = client.session
    session["shared_since"] = time.time() - settings.SHARED_DEVICE_IDLE - 1
    session.save()
    response = client.get("/me/", follow=True)
    assert response.redirect_chain[0][0].startswith("/login/")
    assert "很久没有操作" in response.content.decode()


def test_polling_is_no_touch_and_a_visit_is(client, cast):
    enter(client)
    session = client.session
    session["shared_since"] = old = time.time() - 1000
    session.save()
    client.get("/me/", headers={"HX-Request": "true"})
    assert client.session["shared_since"] == old
    client.get("/me/")
    assert client.session["shared_since"] > old


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/messages/", "/messages/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_leads_inside_only(client, cast, wanted, landed):
    assert enter(client, next=wanted)["Location"] == landed


def test_the_door_tells_window_and_hours(client, cast):
    page = client.get("/login/").content.decode()
    assert "15:30—17:30" in page
    assert "三至六年级" in page
    assert "9月1日" in page


def test_the_door_stands_without_a_term(client, cast):
    cast.school.current_term = None
    cast.school.save()
    assert "还没有学期" in client.get("/login/").content.decode()


def test_guessing_is_slowed_down(client, cast, settings):
    settings.AXES_ENABLED = True
    for spelling in [PHONE, "139 00000001", PHONE, "139 0000 0001"]:
        assert enter(client, spelling, "wrong-word-1").status_code == 200
    locked = enter(client, PHONE, "wrong-word-1")
    assert locked.status_code == 429
    page = enter(client).content.decode()
    assert "请过 15 分钟再试" in page
    assert PHONE in page
    assert enter(client, "T002").status_code == 302


def test_logout_is_a_post_and_ends_the_session(login, cast):
    client = login("guardian")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/me/").status_code == 302
    assert Event.objects.filter(verb="account.logged_out").count() == 1


def test_an_account_switched_off_is_out_at_once(login, cast):
    client = login("guardian")
    User.objects.filter(pk=cast.guardian.user_id).update(is_active=False)
    assert client.get("/me/").status_code == 302
    assert enter(Client()).status_code == 200


def change(client, old=PASSWORD, new="春风-杨柳-47"):
    return client.post("/me/password/", {"old": old, "new": new})


def test_a_new_password_keeps_this_device_and_ends_the_others(client, cast):
    other = Client()
    enter(client)
    enter(other)
    assert change(client)["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert enter(Client(), password="春风-杨柳-47").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("wrong", "春风-杨柳-47", "现在的密码不对"),
        (PASSWORD, "short", "8"),
        (PASSWORD, "12345678", "常见"),
        (PASSWORD, PHONE, ""),
    ],
)
def test_a_bad_password_change_is_explained(login, cast, old, new, sentence):
    response = change(login("guardian"), old, new)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert 'class="error"' in response.content.decode()


def test_one_switches_to_own_roles_only(login, cast):
    client = login("head_teacher")
    assert client.post("/role/", {"role": "teacher"})["Location"] == "/"
    assert client.session["role"] == "teacher"
    assert client.post("/role/", {"role": "administrator"}).status_code == 400
    assert client.session["role"] == "teacher"


def test_login_renews_the_session_key(client, cast):
    client.get("/login/")
    enter(client)
    assert Session.objects.count() == 1


def test_an_expired_form_is_explained(cast):
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x"})
    assert response.status_code == 403
    assert "放得太久" in response.content.decode()
