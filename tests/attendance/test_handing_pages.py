"""Pages of handing over: one tap gives a whole list, one tap receives it, and what a single child's page offers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from afterschool.school.models import Message, Term
from afterschool.support import clock
from attendance.actions import offers, roll_calls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.custody import State
from attendance.enums import OfferState, PassState
from attendance.models import HandoverOffer, Pass
from enrollment.models import Application, Needs
from tests.attendance.handing import called, child, club_today, second_group
from tests.cast import NOW, TODAY, Cast, make_teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def url(name: str, *args: object) -> str:
    return reverse(f"attendance:{name}", args=args)


def test_the_groups_teacher_gives_all_who_go_to_clubs_in_one_tap(day: Cast, login) -> None:
    chess = club_today(day, *day.students[:3])
    choir = club_today(day, day.students[3], name="合唱社", teacher=day.other_head_teacher)
    rows = called(day, 0, 1, 2, 3, 4)
    client = login("teacher")
    page = client.get(url("hand-over", day.session.pk)).content.decode()
    assert "围棋社　3 人" in page
    assert "合唱社　1 人" in page
    asked = {
        "to": [chess.pk, choir.pk],
        f"to-{chess.pk}": [f"{row.pk}:{row.links}" for row in rows[:3]],
        f"to-{choir.pk}": [f"{rows[3].pk}:{rows[3].links}"],
        "stay": [rows[1].pk],
    }
    page = client.post(url("offer-onward", day.session.pk), asked, follow=True).content.decode()
    assert "已交出 3 人的名单" in page
    assert [row.children.count() for row in HandoverOffer.objects.order_by("pk")] == [2, 1]
    assert child(day, 0).holder == day.teacher
    page = login("other_teacher").get(reverse("home")).content.decode()
    assert "都接到了，接收 2 人" in page
    assert "李二" not in page


def test_the_receiver_names_who_did_not_come(day: Cast, login) -> None:
    chess = club_today(day, *day.students[:2])
    rows = called(day, 0, 1)
    made = offers.offer(rows, to_session=chess, by=day.actor("teacher"))
    client = login("other_teacher")
    assert "没接到" in client.get(url("offer", made.pk)).content.decode()
    page = client.post(url("offer-accept", made.pk), {"absent": [rows[1].pk]}, follow=True).content.decode()
    assert "李二没接到，已告诉陈立言老师" in page
    # The receiver says it too: the child is missing, its last holder looks.
    assert client.get(url("child", rows[1].pk)).status_code == 404  # not a child of the receiver
    client.post(url("offer-report", made.pk), {"child": f"{rows[1].pk}:{rows[1].links}"})
    assert (child(day, 1).state, child(day, 1).holder) == (State.MISSING, day.teacher)


def test_a_list_is_refused_with_a_reason_or_taken_back(day: Cast, login) -> None:
    chess = club_today(day, *day.students[:2])
    first, second = (offers.offer([row], to_session=chess, by=day.actor("teacher")) for row in called(day, 0, 1))
    page = login("other_teacher").post(url("offer-object", first.pk), {"objection": ""}, follow=True).content.decode()
    assert "请写明为什么不接收" in page
    login("other_teacher").post(url("offer-object", first.pk), {"objection": "教室没开门"})
    page = login("teacher").get(url("offer", first.pk)).content.decode()
    assert "教室没开门" in page
    login("teacher").post(url("offer-withdraw", second.pk))
    states = list(HandoverOffer.objects.order_by("pk").values_list("state", flat=True))
    assert states == [OfferState.OBJECTED, OfferState.WITHDRAWN]
    page = login("teacher").get(url("handovers")).content.decode()
    assert "不接收" in page
    assert "已收回" in page


def test_children_for_a_colleague_are_received_by_name_and_given_back(day: Cast, login) -> None:
    nurse = make_teacher(40, "校医")
    day.nurse = nurse  # type: ignore[attr-defined]
    row = called(day, 0)[0]
    client = login("teacher")
    asked = {"child": f"{row.pk}:{row.links}", "receiver": nurse.pk, "place": "医务室", "reason": ""}
    page = client.post(url("offer-colleague", day.session.pk), asked).content.decode()
    assert "医务室" in page  # what was typed is kept
    assert not HandoverOffer.objects.exists()
    client.post(url("offer-colleague", day.session.pk), asked | {"reason": "头疼"})
    made = HandoverOffer.objects.get()
    assert (made.receiver, made.place) == (nurse, "医务室")
    offers.accept(made, by=day.actor("nurse"))
    now = child(day, 0)
    assert "接回班里" in client.get(url("child", row.pk)).content.decode()
    client.post(url("child-bring-back", row.pk), {"links": now.links})
    assert (child(day, 0).state, child(day, 0).holder) == (State.GROUP, day.teacher)


def test_a_child_is_kept_at_a_named_place_by_who_is_in_charge(day: Cast, login) -> None:
    row = called(day, 0)[0]
    client = login("head_teacher")
    client.post(url("child-keep", row.pk), {"links": row.links, "place": "", "reason": "家长来谈话"})
    assert child(day, 0).state == State.GROUP
    client.post(url("child-keep", row.pk), {"links": row.links, "place": "办公室", "reason": "家长来谈话"})
    now = child(day, 0)
    assert (now.state, now.holder, now.place) == (State.STAFF, day.head_teacher, "办公室")
    assert "在您这里的 1 人" in client.get(url("handovers")).content.decode()
    client.post(url("child-give-back", row.pk), {"links": now.links})
    assert HandoverOffer.objects.get().to_session == day.session


def test_the_office_moves_a_child_to_another_group(day: Cast, login) -> None:
    session, _ = second_group(day)
    row = called(day, 0)[0]
    client = login("office")
    assert "换到别的服务班" in client.get(url("child", row.pk)).content.decode()
    client.post(url("child-other-group", row.pk), {"links": row.links, "to_session": session.pk, "reason": ""})
    assert not HandoverOffer.objects.exists()
    client.post(url("child-other-group", row.pk), {"links": row.links, "to_session": session.pk, "reason": "人太多"})
    assert HandoverOffer.objects.get().reason == "人太多"


def test_a_pass_is_answered_on_the_home_page(day: Cast, login) -> None:
    by = day.actor("teacher")
    roll = roll_calls.begin(session=day.session, by=by)
    roll_calls.take_in(roll_call=roll, student=day.students[6], by=by)
    row = Pass.objects.get()
    assert "没有报今天的服务" in login("duty_leader").get(reverse("home")).content.decode()
    assert "没有报今天的服务" not in login("head_teacher").get(reverse("home")).content.decode()
    client = login("other_head_teacher")
    assert "没有报今天的服务" in client.get(reverse("home")).content.decode()
    with clock.frozen(NOW + timedelta(days=1)):
        assert "没有报周一 9月21日的服务" in client.get(reverse("home")).content.decode()
    Term.objects.update(closed_at=NOW)
    assert "临时加入" not in client.get(reverse("home")).content.decode(), "nobody could answer it"
    Term.objects.update(closed_at=None)
    client.post(url("pass-refuse", row.pk), {"answer": "没有报名"})
    row.refresh_from_db()
    assert row.state == PassState.REFUSED
    assert Message.objects.filter(kind="custody.pass_refused").exists()
    page = login("gatekeeper").get(url("gate-child", row.pk)).content.decode()
    assert "等家长来接" in page


def test_the_chain_is_readable_and_an_undone_link_is_shown_as_such(day: Cast, login) -> None:
    move_many([MoveRequest(child(day, 0), State.AWAY, note="妈妈来电")], by=day.actor("office"))
    move_many([MoveRequest(child(day, 0), State.EXPECTED, reason="correction", note="听错了")], by=day.actor("office"))
    page = login("duty_leader").get(url("child", child(day, 0).pk)).content.decode()
    assert "<del>" in page
    assert "已更正" in page
    assert "更正第 2 次：听错了" in page
    assert "待到班（周敏） → <strong>不来</strong>" in page


PHONE = "139 0000 0001"
PHONES = {
    "head_teacher": True,
    "teacher": True,
    "duty_leader": True,
    "office": True,
    "service_centre": True,  # while the child is here
    "gatekeeper": True,
    "grade_leader": False,
    "leading_group": False,
}


@pytest.mark.parametrize("name", PHONES)
def test_guardians_phones_are_for_those_in_charge(day: Cast, login, name: str) -> None:
    row = called(day, 0)[0]
    page = login(name).get(url("child", row.pk)).content.decode()
    assert (PHONE in page) == PHONES[name]
    assert ("记下电话" in page) == PHONES[name]
    if not PHONES[name]:
        client = login(name)
        client.post(url("child-call", row.pk), {"guardian": day.guardian.pk, "outcome": "reached"})
        assert not row.calls.exists()


def test_what_the_family_wrote_about_care_is_for_the_holder_alone(day: Cast, login) -> None:
    at = {"created_at": NOW, "changed_at": NOW, "submitted_at": NOW}
    application = Application.objects.create(
        term=day.term, student=day.students[0], state="school_approved", weekdays="12345", **at
    )
    Needs.objects.create(application=application, text="花生过敏")
    row = called(day, 0)[0]
    for name in ("head_teacher", "duty_leader", "office", "gatekeeper"):
        assert "花生过敏" not in login(name).get(url("child", row.pk)).content.decode()
    assert "花生过敏" in login("teacher").get(url("child", row.pk)).content.decode()


@pytest.mark.parametrize("children", [1, 3])
def test_the_lists_take_the_same_queries_however_long(
    day: Cast, login, django_assert_num_queries, children: int
) -> None:
    chess = club_today(day, *day.students[:3])
    made = offers.offer(called(day, *range(children)), to_session=chess, by=day.actor("teacher"))
    client = login("other_teacher")
    with django_assert_num_queries(7):
        client.get(url("offer", made.pk))
    with django_assert_num_queries(7):
        client.get(url("handovers"))
    client = login("teacher")
    offers.withdraw(made, by=day.actor("teacher"))
    with django_assert_num_queries(12):
        client.get(url("hand-over", day.session.pk))
