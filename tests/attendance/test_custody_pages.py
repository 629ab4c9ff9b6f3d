"""Board, gate, late care and a child's page: what each person sees and may do there."""

import pytest
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from afterschool.school.models import Event, Guardianship, Message
from afterschool.support import clock
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.defaults import install_late_care
from attendance.enums import CallOutcome, CustodyState
from attendance.models import ClosedDay, LateCarePlace, RollCall
from tests.attendance.handing import called, child
from tests.cast import NOW, ROLES, TODAY, Cast, make_guardian

pytestmark = pytest.mark.django_db
S = CustodyState
AFTER = NOW.replace(hour=17, minute=33)
LATER = NOW.replace(hour=17, minute=50)


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    for number, student in enumerate(afternoon.students[2:6], 50):
        make_guardian(number, f"家长{number}", student, account=False)
    return afternoon


def url(name: str, *args) -> str:
    return reverse(f"attendance:{name}", args=args)


# scoping

SEES = {
    "head_teacher": True,
    "other_head_teacher": False,
    "teacher": True,
    "other_teacher": False,
    "grade_leader": True,
    "duty_leader": True,
    "leading_group": True,
    "service_centre": True,
    "gatekeeper": False,  # not yet in care: the gate sees only who is still here
    "office": True,
}


@pytest.mark.parametrize("name", ROLES)
def test_a_childs_page_opens_to_those_in_charge_only(day: Cast, login, name: str) -> None:
    answer = login(name).get(url("child", child(day, 0).pk))
    expected = 403 if name not in SEES else 200 if SEES[name] else 404
    assert answer.status_code == expected


def test_looking_at_a_child_is_on_record(day: Cast, login) -> None:
    login("head_teacher").get(url("child", child(day, 0).pk))
    assert Event.objects.get(verb="child.seen").student_id == day.students[0].pk


# board


@pytest.mark.parametrize("children", [1, 3])
def test_the_board_takes_eight_queries_whatever_is_missing(
    day: Cast, login, django_assert_max_num_queries, children: int
) -> None:
    called(day, 4, 5)
    for number in range(children):
        move_many([MoveRequest(child(day, number), S.MISSING)], by=day.actor("teacher"))
    client = login("duty_leader")
    with django_assert_max_num_queries(8):
        page = client.get(url("board")).content.decode()
    assert page.count('class="alarm"') >= children
    assert "王一" in page
    assert "138 0000 0002" in page  # the head teacher's phone


def test_a_poll_is_answered_304_until_something_changes(day: Cast, login) -> None:
    client = login("duty_leader")
    first = client.get(url("board"), HTTP_HX_REQUEST="true")
    assert "<html" not in first.content.decode()
    again = client.get(url("board"), HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    called(day, 0)
    changed = client.get(url("board"), HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200


@pytest.mark.parametrize("words", ["王一", "wangyi", "wy", "一1", "1-1", "一（1）班"])
def test_a_child_is_found_by_name_pinyin_initials_or_class(day: Cast, login, words: str) -> None:
    page = login("duty_leader").get(url("board"), {"q": words}).content.decode()
    assert f"/board/children/{child(day, 0).pk}/" in page
    assert "班主任周敏" in page


def test_an_open_day_before_heads_the_board(day: Cast, login) -> None:
    with clock.frozen(NOW.replace(day=22, hour=8)):
        page = login("duty_leader").get(url("board")).content.decode()
    assert "前一天还没关闭" in page


def test_closing_the_day_names_the_children_who_are_open(day: Cast, login) -> None:
    page = login("duty_leader").post(url("board-close", "2026-09-21"), follow=True).content.decode()
    assert "王一" in page
    assert "没有去向" in page
    assert not ClosedDay.objects.exists()


def test_a_missing_child_is_found_or_excused_on_its_page(day: Cast, login) -> None:
    for number in (0, 1):
        move_many([MoveRequest(child(day, number), S.MISSING)], by=day.actor("teacher"))
    client = login("teacher")
    first = child(day, 0)
    client.post(url("child-found", first.pk), {"links": first.links, "place": "图书角", "to": "group"})
    assert (child(day, 0).state, child(day, 0).place) == (S.GROUP, "图书角")
    client = login("head_teacher")
    second = child(day, 1)
    client.post(url("child-away", second.pk), {"links": second.links})
    assert child(day, 1).state == S.MISSING
    client.post(
        url("child-call", second.pk),
        {"guardian": day.other_guardian.pk, "outcome": "reached", "text": "发烧回家了"},
    )
    client.post(url("child-away", second.pk), {"links": second.links})
    assert child(day, 1).state == S.AWAY


# the end


def test_a_session_ends_only_when_everybody_has_left(day: Cast, login) -> None:
    called(day, *range(6))
    teacher = day.teacher.user
    RollCall.objects.create(session=day.session, opened_by=teacher, opened_at=NOW, closed_by=teacher, closed_at=NOW)
    client: Client = login("teacher")
    with clock.frozen(AFTER):
        page = client.post(url("session-end", day.session.pk), follow=True).content.decode()
        assert "还有 6 个孩子没有离开：王一" in page
        adults = {n: child(day, n).student.links.first().guardian for n in range(6)}
        move_many(
            [MoveRequest(child(day, n), S.FETCHED, released_to=adults[n]) for n in range(6)], by=day.actor("teacher")
        )
        client.post(url("session-end", day.session.pk))
    assert RollCall.objects.get().ended_by == teacher
    assert login("other_teacher").post(url("session-end", day.session.pk)).status_code == 404


def test_late_care_is_received_by_its_keeper_and_fetched_from_there(day: Cast, login) -> None:
    install_late_care(day.term)
    called(day, 0)
    row, place = child(day, 0), LateCarePlace.objects.first()
    with clock.frozen(LATER):
        client = login("service_centre")
        assert "还没打电话" in client.get(url("late-care")).content.decode()
        client.post(url("late-care-receive", row.pk), {"links": row.links, "place": place.pk})
        assert child(day, 0).state == S.GROUP
        login("teacher").post(
            url("child-call", row.pk), {"guardian": day.guardian.pk, "outcome": CallOutcome.REACHED, "text": "堵车"}
        )
        client = login("service_centre")
        client.post(url("late-care-receive", row.pk), {"links": row.links, "place": place.pk})
        now = child(day, 0)
        assert (now.state, now.holder, now.place) == (S.LATE, day.service_centre, place.name)
        client.post(url("gate-release", row.pk), {"by": day.guardian.pk, "links": now.links})
    assert child(day, 0).state == S.FETCHED


def test_nobody_reached_is_told_and_only_the_duty_leader_orders_the_move(day: Cast, login) -> None:
    install_late_care(day.term)
    called(day, 0)
    row, place = child(day, 0), LateCarePlace.objects.first()
    order = {"links": row.links, "place": place.pk, "keeper": day.service_centre.pk}
    with clock.frozen(LATER):
        client = login("teacher")
        client.post(url("child-call", row.pk), {"guardian": day.guardian.pk, "outcome": "not_reached"})
        assert Message.objects.filter(kind="custody.nobody_reached").count() == 1
        login("service_centre").post(url("late-care-receive", row.pk), order)
        assert child(day, 0).state == S.GROUP
        login("duty_leader").post(url("late-care-receive", row.pk), order)
    assert child(day, 0).holder == day.service_centre


def test_the_office_sets_the_places_of_late_care(cast: Cast, login) -> None:
    install_late_care(cast.term)
    first = LateCarePlace.objects.first()
    data = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 2, "form-0-id": first.pk, "form-0-order": 1}
    data |= {"form-0-name": "阅览室", "form-0-role": "service_centre"}
    second = LateCarePlace.objects.last()
    data |= {"form-1-id": second.pk, "form-1-order": 2, "form-1-name": "门卫室", "form-1-role": "gatekeeper"}
    data |= {"form-2-id": "", "form-2-order": 1, "form-2-name": "", "form-2-role": "teacher"}  # the empty row
    client = login("office")
    assert client.get(url("late-care-places")).status_code == 200
    with zeal_ignore():  # Django's formset checks the id of each of its rows (six at most) by itself
        client.post(url("late-care-places"), data)
    first.refresh_from_db()
    assert first.name == "阅览室"
    assert login("gatekeeper").get(url("late-care-places")).status_code == 403


def test_the_page_of_a_child_that_left_says_with_whom(day, login):
    called(day, 0)
    link = Guardianship.objects.get(student=day.students[0], guardian=day.guardian)
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=link.guardian)], by=day.actor("gatekeeper"))
        page = login("gatekeeper").get(url("gate-child", child(day, 0).pk)).content.decode()
        assert f"交给{link.guardian.name}。" in page
        assert f"，{link.guardian.name}" in login("guardian").get("/").content.decode()


def test_nobody_releases_a_child_that_was_not_called(day, login):
    page = login("duty_leader").get(url("gate-child", child(day, 0).pk)).content.decode()
    assert "还没点到" in page
    assert "data-release" not in page


def test_a_search_at_the_gate_names_those_who_are_not_in_a_group(day, login):
    page = login("duty_leader").get(url("gate"), {"q": day.students[0].name}).content.decode()
    assert "不在班的 1 人" in page
    page = login("gatekeeper").get(url("gate"), {"q": day.students[0].name}).content.decode()
    assert "可能还没点到" in page
