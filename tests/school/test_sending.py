"""What is told goes out by the ways a school set up: once, in the background, and on record."""

import ast
import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from afterschool.management.commands.tick import tick
from afterschool.school import sending
from afterschool.school.access import SYSTEM
from afterschool.school.actions import deliveries
from afterschool.school.actions.deliveries import A_MINUTE, NOBODY_KNOWS, PAUSES, send_again
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.kinds import GROUP_KINDS, KINDS, kind_of
from afterschool.school.messaging import Note, tell, tell_many
from afterschool.school.models import Delivery, Event, Message, Robot, User
from afterschool.school.sending import send_due
from afterschool.support.mail import Post
from afterschool.support.refusal import Refused
from tests.cast import NOW
from tests.support.loopback import OK, chat_service, mail_server

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
S = DeliveryState


@pytest.fixture
def mail_on(settings):
    settings.MAIL_ON = True
    settings.DEFAULT_FROM_EMAIL = "school@example.com"


@pytest.fixture
def chat(settings):
    settings.ROBOTS_ON_LOOPBACK = True
    with chat_service() as running:
        yield running


@pytest.fixture
def robot(cast, chat):
    return Robot.objects.create(name="家长群", service="wecom", address=chat.address("wecom"))


def confirm(person, email="someone@example.com"):
    User.objects.filter(pk=person.user_id).update(email=email, email_confirmed_at=NOW)


def publish(cast, title="告家长书", **more):
    return tell([cast.guardian.user_id], kind="notice.published", title=title, by=SYSTEM, **more)


def outside():
    return Delivery.objects.exclude(channel=Channel.PORTAL).order_by("pk")


# What is queued


def test_only_a_confirmed_address_gets_letters(cast, mail_on):
    confirm(cast.guardian)
    User.objects.filter(pk=cast.other_guardian.user_id).update(email="not-yet@example.com")
    everybody = [cast.guardian.user_id, cast.other_guardian.user_id, cast.office.user_id]
    tell(everybody, kind="notice.published", title="告家长书", by=SYSTEM)
    assert Delivery.objects.filter(channel=Channel.PORTAL).count() == 3
    assert [row.recipient_id for row in outside()] == [cast.guardian.user_id]


def test_a_school_without_mail_queues_no_letters(cast):
    confirm(cast.guardian)
    publish(cast)
    assert not outside().exists()


def test_what_is_rolled_back_is_never_sent(cast, robot):
    with transaction.atomic():
        publish(cast)
        transaction.set_rollback(True)
    send_due.call()
    assert not outside().exists()


def test_a_thing_told_to_each_family_is_said_once_in_the_group(cast, robot):
    families = (cast.guardian.user_id, cast.other_guardian.user_id)
    notes = [Note([pk], "notice.published", "告家长书", body=f"第{pk}家") for pk in families]
    tell_many(notes, by=SYSTEM)
    assert outside().get().message.body == f"第{families[0]}家"


def test_families_groups_and_staff_groups_hear_their_own(cast, robot, chat):
    staff = Robot.objects.create(name="教师群", service="feishu", address=chat.address("feishu"), for_staff=True)
    for kind in GROUP_KINDS:
        tell([cast.office.user_id], kind=kind, title="x", by=SYSTEM)
    for_staff = {"rota.accepted", "incident"}
    heard = {(row.robot_id, row.message.kind) for row in outside().select_related("message")}
    assert {kind for pk, kind in heard if pk == staff.pk} == {"day.added", "day.cancelled", *for_staff}
    assert {kind for pk, kind in heard if pk == robot.pk} == GROUP_KINDS - for_staff


def test_a_message_about_a_child_never_reaches_a_group(cast, robot):
    for kind in KINDS:
        tell([cast.guardian.user_id], kind=kind, title="x", student=cast.students[0], by=SYSTEM)
        tell_many([Note([cast.guardian.user_id], kind, "x", student_id=cast.students[0].pk)], by=SYSTEM)
    tell([cast.guardian.user_id], kind="something.new", title="x", by=SYSTEM)
    assert not outside().filter(channel=Channel.ROBOT).exists()


def tellings():
    """Return where the code tells something: the kind (if written out), what makes the title, and whether it names a child."""
    apps = ["afterschool", "enrollment", "scheduling", "attendance", "evaluation"]
    for path in (p for app in apps for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tell", "Note"}:
                given = dict(zip(["recipients", "kind", "title", "student_id"], node.args, strict=False))
                given |= {word.arg: word.value for word in node.keywords if word.arg}
                yield f"{path.relative_to(ROOT)}:{node.lineno}", given


# told as it stands, or one of two sentences without a child in them
CAREFUL = re.compile(r"afterschool/school/messaging.py|enrollment/actions/window_news.py")


def test_no_code_puts_a_child_into_what_a_group_hears():
    found = list(tellings())
    assert len(found) > 15
    spoken = 0
    for where, given in found:
        kind = given["kind"].value if isinstance(given.get("kind"), ast.Constant) else None
        if kind is None and not CAREFUL.match(where):
            assert {"student", "student_id"} & set(given), f"{where}: a kind made up as it runs is told with its child"
        if kind not in GROUP_KINDS:
            continue
        spoken += 1
        assert not {"student", "student_id"} & set(given), f"{where}: a group would read of a child"
        words = " ".join(ast.unparse(given[part]) for part in ("title", "body") if part in given)
        assert not [word for word in ("student", "child", "pupil", "guardian") if word in words], f"{where}: {words}"
    assert spoken >= 2


def test_what_a_group_hears_is_open_and_what_comes_daily_is_not_mailed():
    for name, kind in KINDS.items():
        assert kind.open or kind.group is None, name
        assert not (kind.of_the_day and kind.mail), name


# Letters


def test_a_letter_about_a_child_says_only_that_there_is_news(cast, mail_on):
    confirm(cast.guardian)
    child = cast.students[0]
    tell(
        [cast.guardian.user_id], kind="application.returned", title=f"{child.name}的申请退回", body="花生过敏要写清楚",
        url="/enrollment/", student=child, by=SYSTEM,
    )  # fmt: skip
    send_due.call()
    (letter,) = mail.outbox
    whole = letter.message().as_string() + letter.subject + letter.body
    assert letter.to == ["someone@example.com"]
    assert child.name not in whole
    assert "花生" not in whole
    assert "https://fuwu.example.com/messages/" in letter.body
    assert outside().get().state == S.SENT


def test_an_open_letter_says_it_and_can_be_stopped(cast, mail_on, client):
    confirm(cast.guardian)
    publish(cast, body="请看", url="/notices/1/")
    send_due.call()
    (letter,) = mail.outbox
    assert letter.subject == "【青禾路小学】告家长书"
    assert "https://fuwu.example.com/notices/1/" in letter.body
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://fuwu.example.com")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(stop).status_code == 200
    assert User.objects.get(pk=cast.guardian.user_id).email
    assert client.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not User.objects.get(pk=cast.guardian.user_id).email


def test_a_title_of_two_lines_makes_no_second_head(cast, mail_on):
    confirm(cast.guardian)
    publish(cast, title="告家长书\nBcc: x@example.com")
    send_due.call()
    assert "\n" not in mail.outbox[0].subject


def test_who_took_the_address_away_gets_nothing_that_waited(cast, mail_on):
    confirm(cast.guardian)
    publish(cast)
    User.objects.filter(pk=cast.guardian.user_id).update(email="", email_confirmed_at=None)
    send_due.call()
    assert not mail.outbox
    assert (outside().get().state, outside().get().error) == (S.FAILED, "收件人已不收邮件")


def many_letters(number):
    people = [
        User.objects.create_user(f"P{n}", None, name="家长", email=f"p{n}@example.com", email_confirmed_at=NOW)
        for n in range(number)
    ]
    tell(people, kind="notice.published", title="告家长书", by=SYSTEM)


def test_a_batch_costs_the_same_for_one_letter_and_for_twenty(cast, mail_on):
    counts = []
    for number in (1, 20):
        Delivery.objects.all().delete()
        User.objects.filter(login__startswith="P").delete()
        many_letters(number)
        with CaptureQueriesContext(connection) as queries:
            sending.send_mails(cast.school, Post())
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert counts == [4, 4]
    assert len(mail.outbox) == 21


def test_many_letters_go_in_batches_each_once(cast, mail_on):
    many_letters(45)
    send_due.call()
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == 45
    assert set(outside().values_list("state", flat=True)) == {S.SENT}


def test_letters_go_the_whole_way_through_a_real_server(cast, mail_on, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = (
        "afterschool.support.mail.Backend",
        "127.0.0.1",
        5,
    )
    many_letters(45)
    with mail_server() as box:
        settings.EMAIL_PORT = box.port
        send_due.call()
        assert (len(box.letters), box.connections) == (45, 1)
        assert (
            len({line for letter in box.letters for line in letter.splitlines() if line.startswith("Message-ID")}) == 45
        )
        publish(cast, title="又一封")
        tell([User.objects.get(login="P0")], kind="notice.published", title="又一封", by=SYSTEM)
        box.answers["DOT"] = ""  # the line breaks with the letter in hand
        send_due.call()
        box.answers.clear()
        with time_machine.travel(timezone.now() + timedelta(days=1)):
            send_due.call()
        assert len(box.letters) == 46
    assert outside().last().error == "不确定是否送达：交信时断了线"


# Trying again


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


def test_every_kind_has_a_word():
    assert kind_of("custody.left").word == "放学"
    assert kind_of("application.whatever").word == "申请"
    assert kind_of("nobody.knows").word
    assert Message._meta.get_field("kind").max_length >= max(map(len, KINDS))
