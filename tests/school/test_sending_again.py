"""What failed, may have arrived or belongs to a dead worker: tried again or not, each thing said once."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from afterschool.management.commands.tick import tick
from afterschool.school import sending
from afterschool.school.actions import deliveries
from afterschool.school.actions.deliveries import A_MINUTE, NOBODY_KNOWS, PAUSES, send_again
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.models import Event, Robot
from afterschool.school.sending import send_due
from afterschool.support.mail import Post
from afterschool.support.refusal import Refused
from tests.cast import NOW
from tests.school.told import many_letters, outside, publish
from tests.support.loopback import OK

pytestmark = pytest.mark.django_db
S = DeliveryState


def test_what_surely_failed_is_tried_again_with_growing_pauses_and_given_up(cast, robot, chat):
    chat.answer = (500, "")
    with time_machine.travel(timezone.now(), tick=False) as machine:
        publish(cast)
        for tries, pause in enumerate(PAUSES, 1):
            send_due.call()
            row = outside().get()
            assert (row.state, row.tries, row.error) == (S.QUEUED, tries, "服务出错")
            assert row.try_after == timezone.now() + pause
            machine.shift(pause - timedelta(seconds=1))
            send_due.call()
            assert len(chat.heard) == tries, "not before its time"
            machine.shift(timedelta(seconds=1))
        send_due.call()
    row = outside().get()
    assert (row.state, row.error, len(chat.heard)) == (S.FAILED, "试了 5 次：服务出错", 5)
    send_due.call()
    assert len(chat.heard) == 5


def test_what_comes_back_well_is_sent_on_the_second_try(cast, robot, chat):
    chat.answer = (503, "")
    publish(cast)
    send_due.call()
    chat.answer = (200, OK["wecom"])
    with time_machine.travel(timezone.now() + PAUSES[0]):
        send_due.call()
    row = outside().get()
    assert (row.state, row.tries, row.error) == (S.SENT, 2, "")
    assert row.sent_at is not None


@pytest.mark.parametrize("answer", [(200, "<html>"), (504, ""), "cut"])
def test_what_may_have_arrived_is_not_said_again(cast, robot, chat, answer):
    chat.answer = answer
    publish(cast)
    send_due.call()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        tick()
        send_due.call()
    row = outside().get()
    assert row.state == S.FAILED
    assert row.error.startswith("不确定是否送达")
    assert len(chat.heard) == 1


def test_a_dead_workers_row_is_not_said_again_but_by_hand(cast, robot, chat):
    publish(cast)
    deliveries.claim_robot(robot)  # and the worker dies
    tick()
    assert outside().get().state == S.SENDING, "it may still be at work"
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        tick()
        row = outside().get()
        assert (row.state, row.error) == (S.FAILED, NOBODY_KNOWS)
        assert not chat.heard
        send_again(delivery=row, by=cast.actor("office"))
        send_due.call()
    assert outside().get().state == S.SENT
    assert len(chat.heard) == 1
    assert Event.objects.filter(verb="delivery.sent_again", by_id=cast.office.user_id, subject_id=row.pk).exists()


def test_a_worker_that_wakes_too_late_writes_nothing(cast, robot):
    from afterschool.support.senders import SENT

    publish(cast)
    claim = deliveries.claim_robot(robot)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        deliveries.give_up_on_dead()
        deliveries.settle(claim, [(row, SENT) for row in claim.rows])
        deliveries.put_back(claim, claim.rows)
    assert outside().get().state == S.FAILED


@pytest.mark.parametrize(
    ("who", "state", "active", "code"),
    [
        ("head_teacher", S.FAILED, True, "not_yours"),
        ("office", S.SENT, True, "not_failed"),
        ("office", S.QUEUED, True, "not_failed"),
        ("office", S.FAILED, False, "channel_off"),
    ],
)
def test_sending_again_is_the_offices_and_for_what_failed(cast, robot, who, state, active, code):
    publish(cast)
    outside().update(state=state, sent_at=NOW)
    Robot.objects.update(active=active)
    with pytest.raises(Refused, match=code):
        send_again(delivery=outside().select_related("robot").get(), by=cast.actor(who))


def test_two_presses_of_again_send_once(cast, robot, chat):
    publish(cast)
    outside().update(state=S.FAILED)
    first, second = (outside().select_related("robot").get() for _ in range(2))
    send_again(delivery=first, by=cast.actor("office"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        send_again(delivery=second, by=cast.actor("office"))


def test_a_robot_says_no_more_than_twenty_in_a_minute(cast, robot, chat):
    with time_machine.travel(timezone.now(), tick=False) as machine:
        for number in range(A_MINUTE + 5):
            publish(cast, title=f"第{number}封")
        send_due.call()
        send_due.call()
        assert len(chat.heard) == A_MINUTE
        machine.shift(timedelta(seconds=61))
        send_due.call()
    assert len(chat.heard) == len({heard.text for heard in chat.heard}) == A_MINUTE + 5


def test_a_fault_of_ours_ends_one_row_and_tells_no_secret(cast, robot, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise KeyError(robot.address)

    monkeypatch.setattr(sending, "speak", broken)
    publish(cast)
    send_due.call()
    assert outside().get().error == "不确定是否送达：程序出错"
    assert robot.address not in caplog.text


def test_a_round_that_takes_too_long_gives_back_what_it_has_not_said(cast, robot, monkeypatch):
    from afterschool.support.senders import SENT

    for number in range(3):
        publish(cast, title=f"第{number}封")
    with time_machine.travel(timezone.now(), tick=False) as machine:

        def slow(*args, **kwargs):
            machine.shift(timedelta(minutes=4))
            return SENT

        monkeypatch.setattr(sending, "speak", slow)
        sending.send_robot(robot, cast.school)
    assert list(outside().values_list("state", "tries")) == [(S.SENT, 1), (S.QUEUED, 0), (S.QUEUED, 0)]


def test_the_tick_wakes_the_sender_once(cast, robot, settings, django_capture_on_commit_callbacks):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
    with django_capture_on_commit_callbacks(execute=True):
        publish(cast)
        publish(cast, title="又一封")
    for _ in range(3):
        tick()
    assert DBTaskResult.objects.count() == 1


def test_telling_is_enough(cast, robot, chat, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish(cast, body="请看", url="/notices/1/")
    assert chat.heard[0].text == "【青禾路小学 课后服务】告家长书\n请看\nhttps://fuwu.example.com/notices/1/"


# Two workers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_race_say_each_thing_once(settings, chat):
    from tests.cast import build_cast

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
    settings.MAIL_ON = True
    cast = build_cast()
    robot = Robot.objects.create(name="家长群", service="wecom", address=chat.address("wecom"))
    many_letters(90)
    for number in range(A_MINUTE + 10):
        publish(cast, title=f"第{number}封")
    start = threading.Barrier(6)

    def work():
        try:
            start.wait()
            with Post() as post:
                while sending.send_mails(cast.school, post):
                    pass
            sending.send_robot(robot, cast.school)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == len({letter.to[0] for letter in mail.outbox}) == 90
    assert len(chat.heard) == len({heard.text for heard in chat.heard}) == A_MINUTE
    assert set(outside().filter(channel=Channel.EMAIL).values_list("state", "tries")) == {(S.SENT, 1)}
