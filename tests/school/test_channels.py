"""One's own address, the office's robots, the record of what was sent."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from afterschool.school.access import SYSTEM
from afterschool.school.checks import mail_settings
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.mailing import confirm_token
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery, Event, Robot, User
from afterschool.support import clock
from tests.cast import NOW
from tests.support.loopback import OK, chat_service

pytestmark = pytest.mark.django_db
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123-abcd-4567"
ADD = {"name": "2026级家长群", "service": "wecom", "address": WECOM, "secret": ""}


@pytest.fixture
def mail_on(settings):
    settings.MAIL_ON = True
    settings.DEFAULT_FROM_EMAIL = "school@example.com"


def guardian(cast):
    return User.objects.get(pk=cast.guardian.user_id)


def page(response):
    return response.content.decode()


# An address of one's own


@pytest.fixture
def asked(login, mail_on, django_capture_on_commit_callbacks):
    """The guardian's browser after asking for letters, and the link in the letter."""
    client = login("guardian")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/me/email/", {"email": "mother@example.com"}).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["mother@example.com"]
    return client, re.search(r"https://fuwu\.example\.com(/email/\S+)", letter.body)[1]


def test_an_address_counts_once_its_reader_says_so(asked, cast, client):
    person, link = asked
    assert "等您确认" in page(person.get("/me/"))
    assert guardian(cast).email_confirmed_at is None
    client.logout()
    assert "确认邮箱" in page(client.get(link)), "it opens where the letter is read, without login"
    assert guardian(cast).email_confirmed_at is None, "a link that is only looked at confirms nothing"
    assert "已确认" in page(client.post(link))
    assert guardian(cast).email_confirmed_at == NOW
    assert client.post(link).status_code == 410, "once"
    assert set(Event.objects.filter(subject="user", verb__startswith="email").values_list("verb", flat=True)) == {
        "email.asked",
        "email.confirmed",
    }


def test_a_link_dies_after_a_day(asked, client):
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        response = client.get(asked[1])
    assert response.status_code == 410
    assert "已经失效" in page(response)


def test_a_link_dies_when_the_address_changes(asked, cast, client):
    User.objects.filter(pk=cast.guardian.user_id).update(email="other@example.com")
    assert client.post(asked[1]).status_code == 410


@pytest.mark.parametrize("token", ["x", "x:y:z", "WzEsIngiXQ:1tAAAA:" + "a" * 43])
def test_a_made_up_link_does_nothing(client, cast, token):
    assert client.get(f"/email/{token}/confirm/").status_code == 410
    assert client.post(f"/email/{token}/stop/").status_code == 410


def test_the_key_to_confirm_is_no_key_to_stop(cast, client):
    user = guardian(cast)
    user.email = "mother@example.com"
    user.save()
    assert client.get(f"/email/{confirm_token(user)}/stop/").status_code == 410


def test_nobody_fills_a_strangers_mailbox(asked):
    response = asked[0].post("/me/email/", {"email": "stranger@example.com"})
    assert "请过一分钟再试" in page(response)
    assert "stranger@example.com" in page(response), "what was typed is kept"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("typed", "words"), [("", "请填写邮箱"), ("mother@", "这不像一个邮箱")])
def test_a_slip_is_named_in_chinese(login, mail_on, typed, words):
    assert words in page(login("guardian").post("/me/email/", {"email": typed}))


def test_a_school_without_mail_shows_none_of_it(login):
    client = login("guardian")
    assert "邮箱" not in page(client.get("/me/"))
    assert "没有开通" in page(client.post("/me/email/", {"email": "mother@example.com"}))


def test_an_address_can_be_taken_away(asked, cast):
    person, _ = asked
    person.post("/me/email/remove/")
    assert (guardian(cast).email, guardian(cast).email_asked_at) == ("", None)


# Robots


def test_the_office_adds_a_robot_and_never_sees_its_address_again(login):
    office = login("office")
    assert office.post("/channels/robots/add/", ADD | {"secret": "SECwhole"}).status_code == 302
    robot = Robot.objects.get()
    shown = page(office.get("/channels/")) + page(office.get(f"/channels/robots/{robot.pk}/"))
    assert robot.name in shown
    assert "0123-abcd-4567" not in shown
    assert "SECwhole" not in shown
    assert not [e for e in Event.objects.values_list("data", flat=True) if "0123" in str(e)]


def test_a_robots_address_is_kept_when_left_empty(login):
    office = login("office")
    office.post("/channels/robots/add/", ADD | {"secret": "SECwhole"})
    robot = Robot.objects.get()
    office.post(f"/channels/robots/{robot.pk}/", {"name": "新群名", "address": "", "secret": "", "for_staff": "on"})
    robot.refresh_from_db()
    assert (robot.name, robot.address, robot.secret, robot.for_staff) == ("新群名", WECOM, "SECwhole", True)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/cgi-bin/webhook/send?key=0123-abcd", "https://example.com/", "x"]
)
def test_an_address_elsewhere_is_refused_with_an_example(login, address):
    response = login("office").post("/channels/robots/add/", ADD | {"address": address})
    assert "地址不对，应当是这样的" in page(response)
    assert not Robot.objects.exists()


def test_two_groups_of_one_name_are_refused(login):
    office = login("office")
    office.post("/channels/robots/add/", ADD)
    assert "已有同名的群" in page(office.post("/channels/robots/add/", ADD))


def test_trying_it_out_shows_what_became_of_it(login, settings, django_capture_on_commit_callbacks):
    settings.ROBOTS_ON_LOOPBACK = True
    office = login("office")
    with chat_service() as chat:
        robot = Robot.objects.create(name="家长群", service="dingtalk", address=chat.address("dingtalk"), secret="SEC1")
        chat.answer = (200, '{"errcode": 310000, "errmsg": "sign not match"}')
        with django_capture_on_commit_callbacks(execute=True):
            office.post(f"/channels/robots/{robot.pk}/try/")
        assert "签名、关键词" in page(office.get("/channels/"))
        chat.answer = (200, OK["dingtalk"])
        with django_capture_on_commit_callbacks(execute=True):
            office.post(f"/channels/robots/{robot.pk}/try/")
        assert "已送达" in page(office.get("/channels/", headers={"HX-Request": "true"}))
        assert len(chat.heard) == 2


def test_a_retired_robot_is_silent_and_what_waited_ends(login, cast):
    office = login("office")
    robot = Robot.objects.create(name="家长群", service="wecom", address=WECOM)
    tell([cast.guardian.user_id], kind="notice.published", title="告家长书", by=SYSTEM)
    office.post(f"/channels/robots/{robot.pk}/retire/")
    assert Delivery.objects.get(robot=robot).error == "群机器人已停用"
    tell([cast.guardian.user_id], kind="notice.published", title="又一封", by=SYSTEM)
    assert Delivery.objects.filter(robot=robot).count() == 1
    assert "先启用" in page(office.post(f"/channels/robots/{robot.pk}/try/", follow=True))
    office.post(f"/channels/robots/{robot.pk}/restore/")
    assert Robot.objects.get().active


# The record


@pytest.fixture
def record(cast):
    """A message in the portal for two, one to a group that failed."""
    robot = Robot.objects.create(name="家长群", service="wecom", address=WECOM)
    tell([cast.guardian.user_id, cast.other_guardian.user_id], kind="notice.published", title="告家长书", by=SYSTEM)
    with clock.frozen(NOW - timedelta(days=9)):
        tell([cast.guardian.user_id], kind="custody.left", title="上周放学", student=cast.students[0], by=SYSTEM)
    Delivery.objects.filter(robot=robot).update(state=DeliveryState.FAILED, error="机器人地址无效")
    return robot


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4),
        ("channel=robot", 1),
        ("state=failed", 1),
        ("kind=notice", 3),
        ("kind=custody.left", 1),
        ("kind=custody", 1),
        ("first=2026-09-20", 3),
        ("last=2026-09-20", 1),
        ("person=何文", 1),
        ("person=家长群", 1),
        ("channel=nonsense", 4),
        ("page=99", 4),
    ],
)
def test_the_record_is_searched_by_way_state_kind_day_and_person(login, record, query, found):
    assert login("office").get(f"/deliveries/?{query}").context["page"].paginator.count == found


def test_the_record_costs_the_same_for_more(login, cast, record, django_assert_num_queries):
    office = login("office")
    with django_assert_num_queries(6):
        office.get("/deliveries/")
    for number in range(60):
        tell([cast.guardian.user_id], kind="notice.published", title=f"第{number}封", by=SYSTEM)
    with django_assert_num_queries(6):
        assert "第 1 页，共 3 页" in page(office.get("/deliveries/"))


def test_one_message_is_counted_by_way(login, cast, record):
    Delivery.objects.filter(recipient=cast.guardian.user_id).update(read_at=NOW)
    message = Delivery.objects.get(robot=record).message_id
    response = login("office").get(f"/deliveries/?message={message}")
    assert response.context["tally"] == ["本站：2 人，已读 1", "群机器人：送达 0，未送达 1"]
    assert response.context["page"].paginator.count == 3


def test_what_failed_is_sent_again_from_the_record(login, record):
    office = login("office")
    row = Delivery.objects.get(robot=record)
    assert "再发一次" in page(office.get("/deliveries/"))
    url, failed = f"/deliveries/{row.pk}/again/", "/deliveries/?state=failed"
    assert office.post(url, {"next": failed})["Location"] == failed
    assert office.post(f"/deliveries/{row.pk}/again/", {"next": "//evil.example/"})["Location"] == "/deliveries/"
    assert Delivery.objects.get(pk=row.pk).state == DeliveryState.QUEUED


# Messages that pile up


def test_last_weeks_dismissals_wait_for_nobody(login, cast, record):
    client = login("guardian")
    assert "1 条未读" in page(client.get("/messages/"))
    assert "上周放学" not in page(client.get("/messages/"))
    assert "上周放学" in page(client.get("/messages/?show=past"))
    assert "上周放学" not in page(client.get("/"))


def test_todays_dismissal_is_news(login, cast):
    tell([cast.guardian.user_id], kind="custody.left", title="今天放学", student=cast.students[0], by=SYSTEM)
    assert "今天放学" in page(login("guardian").get("/"))


def test_a_letter_by_mail_is_no_second_message_on_the_home_page(login, cast, mail_on):
    User.objects.filter(pk=cast.guardian.user_id).update(email="a@example.com", email_confirmed_at=NOW)
    tell([cast.guardian.user_id], kind="notice.published", title="告家长书", by=SYSTEM)
    assert Delivery.objects.filter(channel=Channel.EMAIL).count() == 1
    assert page(login("guardian").get("/")).count("告家长书") == 1


# A server's settings


def test_a_server_is_told_what_its_mail_lacks(settings):
    assert mail_settings() == []
    settings.MAIL_ON, settings.EMAIL_BACKEND = True, "afterschool.support.mail.Backend"
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "smtp.example.com", "webmaster@localhost"
    assert {found.id for found in mail_settings()} == {"school.E001", "school.E002"}
    settings.DEFAULT_FROM_EMAIL, settings.EMAIL_USE_SSL = "school@example.com", True
    assert mail_settings() == []
    settings.EMAIL_BACKEND, settings.ROBOTS_ON_LOOPBACK = "django.core.mail.backends.console.EmailBackend", True
    assert {found.id for found in mail_settings()} == {"school.W001", "school.E003"}
