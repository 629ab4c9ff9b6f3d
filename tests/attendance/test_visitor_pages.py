"""The pages of the gate's register."""

import pytest
from django.urls import reverse

from afterschool.school.models import Event, Guardianship, Paper, Teacher
from afterschool.support import clock
from attendance.models import Visitor
from tests.attendance.test_visitors import CLOSED, come
from tests.cast import make_teacher

pytestmark = pytest.mark.django_db
NEW = reverse("attendance:visitor-new")
TYPED = {"name": "龚先生", "paper": "identity", "paper_tail": "1234", "phone": "", "whom": "cly", "persons": "1"}


def test_the_gate_registers_and_writes_out_in_two_taps(afternoon, login):
    client = login("gatekeeper")
    text = client.post(NEW, TYPED, follow=True).content.decode()
    assert "龚先生已登记进校，已告诉陈立言。" in text
    visitor = Visitor.objects.get()
    assert visitor.visits == afternoon.teacher
    text = client.post(reverse("attendance:visitor-leave", args=[visitor.pk]), follow=True).content.decode()
    assert "点错了，还在校内" in text
    client.post(reverse("attendance:visitor-back", args=[visitor.pk]))
    assert "没有外来人员" not in client.get(reverse("attendance:visitors")).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paper_tail": "320101198001011234"}, "不要写整个号码"),
        ({"whom": "zzz"}, "没有找到这位教职工"),
        ({"name": ""}, "这里要填"),
        ({"paper": "x"}, "请从列出的里选"),
        ({"persons": "0"}, "不能小于 1"),
        ({"phone": "138"}, "11 位手机号"),
    ],
)
def test_a_slip_keeps_what_was_typed(afternoon, login, changes, said):
    text = login("gatekeeper").post(NEW, TYPED | {"purpose": "家长面谈"} | changes).content.decode()
    assert said in text
    assert 'value="家长面谈"' in text
    assert not Visitor.objects.exists()


def test_words_that_name_nobody_are_a_department(afternoon, login):
    login("gatekeeper").post(NEW, TYPED | {"whom": "食堂"})
    visitor = Visitor.objects.get()
    assert (visitor.visits, visitor.visits_other) == (None, "食堂")


def test_two_of_one_name_are_chosen_from(afternoon, login):
    other = make_teacher(40, "陈立言")
    Teacher.objects.filter(pk=other.pk).update(subject="音乐")
    client = login("gatekeeper")
    text = client.post(NEW, TYPED | {"whom": "陈立言"}).content.decode()
    assert "有 2 位" in text
    assert "陈立言 音乐" in text
    client.post(NEW, TYPED | {"whom": "陈立言", "teacher": other.pk})
    assert Visitor.objects.get().visits == other


def test_who_came_before_is_filled_in(afternoon, login):
    visitor = come(afternoon, visits=afternoon.teacher, visits_other="")
    client = login("gatekeeper")
    text = client.get(NEW, {"q": "5678"}).content.decode()
    assert f"?from={visitor.pk}" in text
    text = client.get(NEW, {"from": visitor.pk}).content.decode()
    for value in ("龚先生", "123X", "13812345678", "陈立言"):
        assert f'value="{value}"' in text
    assert "没有来过" in client.get(NEW, {"q": "0000"}).content.decode()


def test_in_closed_hours_the_page_says_until_when_and_asks_who_decided(afternoon, login):
    client = login("gatekeeper")
    with clock.frozen(CLOSED):
        assert "18:00 以前不接待来访" in client.get(NEW).content.decode()
        assert "谁同意" in client.post(NEW, TYPED).content.decode()
        assert not Visitor.objects.exists()
        client.post(NEW, TYPED | {"decided_by": afternoon.duty_leader.pk, "decision": "抢修"})
    assert Visitor.objects.get().decision == "抢修"


def test_a_banned_person_is_warned_of_logged_and_let_in_by_a_second_act_only(afternoon, login):
    Guardianship.objects.filter(guardian=afternoon.other_guardian).update(banned=True, may_fetch=False)
    client = login("gatekeeper")
    typed = TYPED | {"name": "何文"}
    text = client.post(NEW, typed).content.decode()
    assert "此人登记为不可接走某些孩子，请通知值班行政" in text
    assert afternoon.students[1].name not in text
    assert not Visitor.objects.exists()
    assert Event.objects.filter(verb="ban.looked").count() == 1
    client.post(NEW, typed | {"warned": "on"})
    assert Visitor.objects.get().name == "何文"


def test_the_register_of_a_day_and_a_month_is_the_offices(afternoon, login):
    come(afternoon)
    client = login("office")
    for of in ("", "2026-09-21", "2026-09", "2026-99", "x"):
        assert "龚先生" in client.get(reverse("attendance:visitors-register"), {"of": of}).content.decode()
    text = client.get(reverse("attendance:visitors-register"), {"of": "2026-09-20"}).content.decode()
    assert "没有来访登记" in text
    client.post(reverse("attendance:visitors-paper"), {"of": "2026-09", "form": "xlsx"})
    paper = Paper.objects.get()
    assert (paper.kind, paper.title) == ("visitors-xlsx", "2026年9月来访登记（Excel）")
    assert paper.params["last"] == "2026-09-30"
    assert client.get(NEW).status_code == 403


def test_the_office_sets_hours_and_days(afternoon, login):
    client, url = login("office"), reverse("attendance:visitors-hours")
    values = {"visitors_closed_before": 5, "visitors_closed_after": 10, "visitors_keep_days": 60}
    assert client.post(url, values | {"visitors_keep_days": "0"}).status_code == 200
    assert client.post(url, values).status_code == 302
    afternoon.term.afternoon.refresh_from_db()
    assert afternoon.term.afternoon.visitors_closed_after == 10


@pytest.mark.parametrize("many", [1, 3])
def test_the_pages_cost_the_same_for_one_visitor_and_for_three(afternoon, login, django_assert_num_queries, many):
    for number in range(many):
        come(afternoon, phone=f"1381234{number}678", visits=afternoon.teacher, visits_other="")
    client = login("gatekeeper")
    with django_assert_num_queries(7):
        client.get(reverse("attendance:visitors"))
    with django_assert_num_queries(8):
        client.get(NEW, {"q": "5678"})
    client = login("office")
    with django_assert_num_queries(6):
        client.get(reverse("attendance:visitors-register"))
