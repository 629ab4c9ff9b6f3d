"""A robot is spoken to once, and the truth about it comes back: against a real server on this machine."""

import base64
import hashlib
import hmac
import json
import logging
import smtplib
import time

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import override_settings

from afterschool.support import senders
from afterschool.support.mail import Post
from afterschool.support.refusal import Refused
from afterschool.support.senders import SERVICES, Fate, check_address, cut, speak
from tests.support.loopback import OK, PATHS, chat_service, mail_server

EACH = pytest.mark.parametrize("service", list(SERVICES))
SECRET = "SECa1b2c3"


@pytest.fixture
def chat():
    with chat_service() as running:
        yield running


def say(chat, service, text="课后服务明天停办", secret=""):
    return speak(service, chat.address(service), secret, text, loopback=True)


@EACH
def test_what_is_said_arrives_once_as_it_was_said(chat, service):
    chat.answer = (200, OK[service])
    assert say(chat, service).fate is Fate.SENT
    (heard,) = chat.heard
    assert heard.text == "课后服务明天停办"
    assert heard.path == PATHS[service].split("?")[0]


def test_dingtalk_gets_its_signature_in_the_query(chat):
    chat.answer = (200, OK["dingtalk"])
    say(chat, "dingtalk", secret=SECRET)
    query = chat.heard[0].query
    stamp = query["timestamp"][0]
    wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(wanted).decode()]
    assert abs(int(stamp) - time.time() * 1000) < 60_000
    assert query["access_token"] == ["0123456789abcdef"]


def test_feishu_gets_its_signature_in_the_body(chat):
    chat.answer = (200, OK["feishu"])
    say(chat, "feishu", secret=SECRET)
    body = chat.heard[0].json
    wanted = hmac.new(f"{body['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(wanted).decode()
    assert abs(int(body["timestamp"]) - time.time()) < 60


@EACH
@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ((500, "boom"), Fate.LATER),
        ((503, ""), Fate.LATER),
        ((429, ""), Fate.LATER),
        ((404, ""), Fate.REFUSED),
        ((302, ""), Fate.REFUSED),  # and nobody follows it
        ((502, ""), Fate.UNCERTAIN),
        ((504, ""), Fate.UNCERTAIN),
        ((200, "<html>"), Fate.UNCERTAIN),
        ((200, ""), Fate.UNCERTAIN),
        ((200, "[]"), Fate.UNCERTAIN),
        ((200, "{}"), Fate.UNCERTAIN),
        ((200, '{"errcode": null, "code": "x"}'), Fate.UNCERTAIN),
        ("cut", Fate.UNCERTAIN),
    ],
)
def test_an_answer_means_what_it_says(chat, service, answer, fate):
    chat.answer = answer
    outcome = say(chat, service)
    assert outcome.fate is fate
    assert outcome.reason
    assert len(chat.heard) == 1


@pytest.mark.parametrize(
    ("service", "code", "fate"),
    [
        ("wecom", 45009, Fate.LATER),
        ("wecom", 93000, Fate.REFUSED),
        ("dingtalk", 130101, Fate.LATER),
        ("dingtalk", 310000, Fate.REFUSED),
        ("feishu", 11232, Fate.LATER),
        ("feishu", 19021, Fate.REFUSED),
    ],
)
def test_a_refusal_inside_a_200_is_no_delivery(chat, service, code, fate):
    chat.answer = (200, json.dumps({"code" if service == "feishu" else "errcode": code, "msg": "no"}))
    assert say(chat, service).fate is fate


@EACH
def test_a_service_that_hangs_leaves_it_uncertain(chat, service, monkeypatch):
    monkeypatch.setattr(senders, "ANSWER_SECONDS", 0.1)
    chat.answer = None
    assert say(chat, service).fate is Fate.UNCERTAIN
    assert len(chat.heard) == 1


@EACH
def test_a_service_that_is_not_there_has_heard_nothing(service):
    with chat_service() as gone:
        address = gone.address(service)
    assert speak(service, address, "", "x", loopback=True).fate is Fate.LATER


@EACH
def test_nothing_secret_is_logged_or_told(chat, service, caplog, monkeypatch):
    monkeypatch.setattr(senders, "ANSWER_SECONDS", 0.1)
    caplog.set_level(logging.DEBUG)
    chat.answer = (200, json.dumps({"errcode": 7, "code": 7, "errmsg": "0123 SECa1b2c3"}))
    outcomes = [say(chat, service, secret=SECRET)]
    chat.answer = None
    outcomes.append(say(chat, service, secret=SECRET))
    told = caplog.text + "".join(outcome.reason for outcome in outcomes)
    assert not [word for word in ("0123", SECRET, "sign=") if word in told]


@EACH
@pytest.mark.parametrize(
    "address",
    [
        "http://{host}{path}",
        "https://{host}:8443{path}",
        "https://{host}.example.com{path}",
        "https://user@{host}{path}",
        "https://127.0.0.1{path}",
        "http://127.0.0.1:80{path}",
        "https://example.com/?x=https://{host}{path}",
        "https://{host}{path}&to=x",
        "https://{host}{path}/../..",
        "https://{host}/",
        "https://{host}{path}#x",
        "https://[::1{path}",
        "ftp://{host}{path}",
        "",
        "https://{host}{path}\r\nHost: x",
    ],
)
def test_only_the_services_own_host_over_https_is_an_address(service, address):
    with pytest.raises(Refused, match="bad_address"):
        check_address(service, address.format(host=SERVICES[service].host, path=PATHS[service]))


@EACH
def test_the_services_own_address_is_one(service):
    assert (
        check_address(service, f"https://{SERVICES[service].host}{PATHS[service]}").hostname == SERVICES[service].host
    )


def test_a_long_text_is_cut_between_signs():
    assert cut("停" * 1000, 2048).endswith("停…")
    assert len(cut("停" * 1000, 2048).encode()) <= 2048
    assert cut("停", 2048) == "停"


@pytest.fixture
def mailbox():
    with (
        mail_server() as running,
        override_settings(
            EMAIL_BACKEND="afterschool.support.mail.Backend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=running.port,
            EMAIL_TIMEOUT=1,
        ),
    ):
        yield running


def letter(number=1):
    return EmailMessage(f"第{number}封", "请登录后看", "school@example.com", ["someone@example.com"])


def test_many_letters_go_over_one_connection(mailbox):
    with Post() as post:
        fates = {post.send(letter(number)).fate for number in range(30)}
    assert fates == {Fate.SENT}
    assert (len(mailbox.letters), mailbox.connections) == (30, 1)


@pytest.mark.parametrize(
    ("command", "answer", "fate"),
    [
        ("MAIL", "421 busy", Fate.LATER),
        ("RCPT", "450 later", Fate.LATER),
        ("RCPT", "550 no such person", Fate.REFUSED),
        ("DATA", "451 later", Fate.LATER),
        ("DOT", "452 full", Fate.LATER),
        ("DOT", "554 spam", Fate.REFUSED),
        ("MAIL", "", Fate.LATER),  # hung up before the letter
        ("RCPT", "", Fate.LATER),
        ("DOT", "", Fate.UNCERTAIN),  # hung up with the letter in hand
    ],
)
def test_a_mail_servers_word_decides(mailbox, command, answer, fate):
    mailbox.answers[command] = answer
    with Post() as post:
        assert post.send(letter()).fate is fate
        mailbox.answers.clear()
        assert post.send(letter(2)).fate is Fate.SENT  # the line comes up again for the next


def test_a_mail_server_that_is_not_there_is_asked_once_for_all(caplog):
    with mail_server() as gone:
        pass
    with (
        override_settings(
            EMAIL_BACKEND="afterschool.support.mail.Backend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=gone.port,
            EMAIL_TIMEOUT=1,
        ),
        Post() as post,
    ):
        assert {post.send(letter()).fate for _ in range(3)} == {Fate.LATER}
    assert len(caplog.records) == 1
    assert "example.com" not in caplog.text


def test_the_watched_connection_is_djangos_own():
    with override_settings(EMAIL_BACKEND="afterschool.support.mail.Backend", EMAIL_USE_SSL=True):
        assert issubclass(get_connection().connection_class, smtplib.SMTP_SSL)
