"""Messages are read by those they were sent to."""

import pytest

from afterschool.school.access import SYSTEM
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(cast):
    """Send a message to the guardian; returns what was delivered."""

    def one(title: str, url: str = "", **more) -> Delivery:
        message = tell([cast.guardian.user], kind="test.sent", title=title, url=url, by=SYSTEM, **more)
        return message.deliveries.get()

    return one


def test_the_list_costs_the_same_for_more_messages(login, cast, send, django_assert_num_queries):
    client = login("guardian")
    send("第一条", student=cast.students[0])
    with django_assert_num_queries(6):
        client.get("/messages/")
    for number in range(4):
        send(f"又一条{number}", student=cast.students[0])
    with django_assert_num_queries(6):
        assert "5 条未读" in client.get("/messages/").content.decode()


def test_unread_ones_stand_first(login, send):
    client = login("guardian")
    old, new = send("旧的"), send("新的")
    client.post(f"/messages/{new.pk}/read/")
    assert [d.pk for d in client.get("/messages/").context["page"]] == [old.pk, new.pk]


def test_opening_marks_once_and_leads_on(login, send):
    client = login("guardian")
    delivery = send("请看", url="/me/")
    assert client.post(f"/messages/{delivery.pk}/read/")["Location"] == "/me/"
    delivery.refresh_from_db()
    first = delivery.read_at
    client.post(f"/messages/{delivery.pk}/read/")
    delivery.refresh_from_db()
    assert delivery.read_at == first


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", ""])
def test_a_message_leads_nowhere_outside(login, send, url):
    assert login("guardian").post(f"/messages/{send('请看', url=url).pk}/read/")["Location"] == "/messages/"


def test_foreign_messages_do_not_exist(login, send):
    assert login("other_guardian").post(f"/messages/{send('请看').pk}/read/").status_code == 404


def test_all_are_marked_at_once(login, cast, send):
    send("一")
    send("二")
    login("guardian").post("/messages/read/")
    assert not Delivery.objects.filter(read_at__isnull=True).exists()
