"""What is told goes out by the ways a school set up, in the background: what is queued, letters, batches."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afterschool.school import sending
from afterschool.school.access import SYSTEM
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.kinds import GROUP_KINDS, KINDS, kind_of
from afterschool.school.messaging import Note, tell, tell_many
from afterschool.school.models import Delivery, Message, Robot, User
from afterschool.school.sending import send_due
from afterschool.support.mail import Post
from tests.school.told import confirm, many_letters, outside, publish
from tests.support.loopback import mail_server

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
S = DeliveryState


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


def test_every_kind_has_a_word():
    assert kind_of("custody.left").word == "放学"
    assert kind_of("application.whatever").word == "申请"
    assert kind_of("nobody.knows").word
    assert Message._meta.get_field("kind").max_length >= max(map(len, KINDS))
