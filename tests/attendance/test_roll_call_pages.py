"""The roll call's pages: who gets them, what they say, how many questions they ask the database."""

import json
import re
from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Paper, Placement, Session, Student
from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import CustodyState, MarkState
from attendance.models import ChildDay, Mark, RollCall
from scheduling.models import Duty
from tests.cast import NOW, ROLES, TODAY

pytestmark = pytest.mark.django_db
SEE = {"teacher", "grade_leader", "duty_leader", "leading_group", "office"}
FORBIDDEN = {"guardian", "other_guardian", "service_centre", "gatekeeper"}


@pytest.fixture
def roll(afternoon):
    return roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


def url(name, cast, *more):
    return reverse(f"attendance:{name}", args=[cast.session.pk, *more])


def batch(*marks, number="1"):
    return {"device": "pc-1", "number": number, "marks": json.dumps(marks)}


def fill(cast, number):
    """Bring the group to this many children."""
    for place in range(number - 6):
        child = Student.objects.create(name=f"孩子{place}", school_class=cast.classes[0], number=20 + place)
        Placement.objects.create(
            term=cast.term, student=child, group=cast.group, weekdays="12345", starts_on=cast.term.service_starts_on
        )


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("view", ["roll-call", "roll-call-marks"])
def test_pages_answer_by_scope(afternoon, roll, login, name, view):
    status = login(name).get(url(view, afternoon)).status_code
    assert status == (200 if name in SEE else 403 if name in FORBIDDEN else 404)


@pytest.mark.parametrize("name", ROLES)
def test_verbs_answer_by_right(afternoon, roll, login, name):
    child = afternoon.students[0].pk
    values = batch({"child": child, "seen": "not_called", "state": "present"})
    status = login(name).post(url("roll-call-send", afternoon), values).status_code
    able = SEE - {"leading_group"}
    assert status == (200 if name in able else 422 if name in SEE else 403 if name in FORBIDDEN else 404)
    assert Mark.objects.filter(state="present").exists() == (name in able)


@pytest.mark.parametrize("children", [1, 3, 45])
def test_the_page_asks_eight_questions_at_most(afternoon, login, django_assert_max_num_queries, children):
    if children < 6:
        Placement.objects.filter(student__in=afternoon.students[children:6]).delete()
    else:
        fill(afternoon, children)
    client = login("teacher")
    with django_assert_max_num_queries(8):
        assert client.get(url("roll-call", afternoon)).context["counts"].expected == children
    roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    with django_assert_max_num_queries(8):
        assert client.get(url("roll-call", afternoon)).context["counts"].expected == children


def test_one_mark_asks_few_questions(afternoon, roll, login, django_assert_max_num_queries):
    fill(afternoon, 45)
    client = login("teacher")
    child = afternoon.students[0].pk
    values = batch({"child": child, "seen": "not_called", "state": "present", "at": "2031-01-01T07:59:00Z"})
    with django_assert_max_num_queries(34):
        answer = client.post(url("roll-call-send", afternoon), values | {"device_now": "2031-01-01T08:00:00Z"})
    assert answer.json()["answers"] == [
        {"child": child, "state": "present", "sentence": "", "apart": ["", ""], "later": []}
    ]
    mark = Mark.objects.get(state="present")
    assert (mark.device_id, mark.device_at) == ("pc-1", NOW - timedelta(minutes=1))  # the device's year doesn't matter


def test_the_page_of_now_opens_the_session_and_begins_by_itself(afternoon, login):
    client = login("teacher")
    page = client.get(reverse("attendance:roll-call-now"), follow=True)
    assert page.redirect_chain[-1][0] == url("roll-call", afternoon)
    assert "data-auto" in page.content.decode()
    page = client.post(url("roll-call-begin", afternoon), follow=True)
    assert [len(page.context["roll"].rows), page.content.decode().count('name="seen-')] == [
        6,
        7,
    ]  # and one to draw from


def test_a_leader_has_to_say_so(afternoon, login):
    page = login("office").get(url("roll-call", afternoon)).content.decode()
    assert "data-auto" not in page
    assert "开始点名" in page


def test_without_a_duty_the_page_says_when_the_next_one_is(afternoon, login):
    session = Session.objects.create(
        term=afternoon.term,
        group=afternoon.group,
        date=TODAY + timedelta(1),
        starts_at=time(15, 15),
        ends_at=time(17, 30),
    )
    Duty.objects.create(session=session, teacher=afternoon.other_teacher)
    page = login("other_teacher").get(reverse("attendance:roll-call-now")).content.decode()
    assert "下一次：周二 9月22日 15:15" in page


def test_the_form_alone_does_it_all(afternoon, roll, login):
    client = login("teacher")
    ids = [child.pk for child in afternoon.students[:6]]
    values = {f"seen-{pk}": "not_called" for pk in ids} | {f"m-{ids[0]}": "late", f"m-{ids[1]}": "absent"}
    page = client.post(url("roll-call-save", afternoon), values | {"close": "1"}, follow=True).content.decode()
    assert "还有 4 人没点名" in page
    client.post(url("roll-call-save", afternoon), {"rest": "1"})
    page = client.post(url("roll-call-save", afternoon), {"close": "1"}, follow=True).content.decode()
    assert "已完成" in page
    assert RollCall.objects.get().closed_at


def test_a_stale_form_overwrites_nothing_and_says_so(afternoon, roll, login):
    child = afternoon.students[0].pk
    roll_calls.mark(
        roll_call=roll, wishes=[Wish(child, MarkState.NOT_CALLED, MarkState.ABSENT)], by=afternoon.actor("office")
    )
    values = {f"seen-{child}": "not_called", f"m-{child}": "present"}
    page = login("teacher").post(url("roll-call-save", afternoon), values, follow=True).content.decode()
    assert "16:05 已由课程中心记为“未到”" in page
    assert "由课程教学中心改为未到" in page
    values = batch({"child": child, "seen": "not_called", "state": "present"})
    (answer,) = login("teacher").post(url("roll-call-send", afternoon), values).json()["answers"]
    assert answer["state"] == "absent"
    assert "16:05 已由课程中心记为“未到”" in answer["sentence"]


def test_a_child_comes_back_from_its_club_to_who_has_the_group(afternoon, roll, login):
    cast, child = afternoon, afternoon.students[0]
    present = [Wish(child.pk, MarkState.NOT_CALLED, MarkState.PRESENT)]
    roll_calls.mark(roll_call=roll, wishes=present, by=cast.actor("teacher"))
    club = Group.objects.create(term=cast.term, kind=GroupKind.CLUB, name="围棋", starts_on=cast.term.service_starts_on)
    Placement.objects.create(
        term=cast.term, student=child, group=club, kind="club", weekdays="1", starts_on=cast.term.service_starts_on
    )
    session = Session.objects.create(
        term=cast.term, group=club, date=TODAY, starts_at=cast.session.starts_at, ends_at=cast.session.ends_at
    )
    Duty.objects.create(session=session, teacher=cast.other_teacher)
    other = roll_calls.begin(session=session, by=cast.actor("other_teacher"))
    roll_calls.mark(roll_call=other, wishes=present, by=cast.actor("other_teacher"))
    day = ChildDay.objects.get(student=child)
    assert (day.state, day.holder) == (CustodyState.CLUB, cast.other_teacher)
    same = {"seen": "present", "state": "present"}
    shown = login("teacher").post(url("roll-call-mend", cast, child.pk), same, follow=True).content.decode()
    assert "从社团回到这里" in shown
    day.refresh_from_db()
    assert (day.state, day.holder) == (CustodyState.GROUP, cast.teacher)
    again = login("teacher").post(url("roll-call-mend", cast, child.pk), same, follow=True).content.decode()
    assert "从社团回到这里" not in again


def test_mending_after_closing_shows_before_and_after(afternoon, roll, login):
    teacher = afternoon.actor("teacher")
    roll_calls.rest_present(roll_call=roll, by=teacher)
    roll_calls.close(roll_call=roll, by=teacher)
    child = afternoon.students[0].pk
    client = login("teacher")
    client.post(url("roll-call-mend", afternoon, child), {"seen": "present", "state": "late"})
    page = client.get(url("roll-call-child", afternoon, child)).content.decode()
    assert "到 → 迟到" in page


def test_an_unlisted_child_is_found_in_the_grade_and_taken_in(afternoon, roll, login):
    client = login("teacher")
    found = client.get(url("roll-call-unlisted", afternoon), {"q": "zhaoqi"}).context["found"]
    assert found == [afternoon.students[6]]
    page = client.post(url("roll-call-take-in", afternoon), {"student": found[0].pk}, follow=True).content.decode()
    assert "临时加入" in page


def more_sessions(cast, number):
    for place in range(number):
        group = Group.objects.create(
            term=cast.term,
            kind=GroupKind.MIXED,
            grade=1 + place % 2,
            name=f"混合{place}班",
            order=place + 1,
            starts_on=cast.term.service_starts_on,
        )
        Session.objects.create(
            term=cast.term, group=group, date=TODAY, starts_at=time(15, 15), ends_at=time(17, 30), room=cast.group.room
        )


@pytest.mark.parametrize("number", [0, 5])
def test_the_days_sessions_stand_with_the_late_ones_first(
    afternoon, roll, login, number, django_assert_max_num_queries
):
    more_sessions(afternoon, number)
    client = login("duty_leader")
    with django_assert_max_num_queries(8):
        page = client.get(reverse("attendance:sessions-today"))
    lines = [line for slot in page.context["slots"] for line in slot.lines]
    assert len(lines) == number + 1
    assert lines[-1].session == afternoon.session
    assert "已过 50 分钟" in page.content.decode() or not number


def test_a_grade_leader_sees_the_own_grade_only(afternoon, login):
    more_sessions(afternoon, 4)
    slots = login("grade_leader").get(reverse("attendance:sessions-today")).context["slots"]
    assert {line.session.group.grade for slot in slots for line in slot.lines} == {1}


def test_the_worker_keeps_all_that_the_page_without_names_needs(cast, client):
    page = client.get(reverse("attendance:roll-call-shell")).content.decode()
    needed = {found for found in re.findall(r'(?:src|href)="([^"]+)"', page) if found.startswith("/static/")}
    worker = client.get(reverse("attendance:roll-call-worker"))
    kept = json.loads(re.search(r"const KEPT = (.*);", worker.content.decode())[1])
    assert needed == set(kept["files"])
    assert (worker["Service-Worker-Allowed"], worker["Cache-Control"]) == ("/", "no-cache")


def test_a_day_that_is_none_prints_today(afternoon, login):
    client = login("office")
    for day in ("2026-02-31", "x", ""):
        assert client.post(reverse("attendance:sessions-print"), {"day": day}).status_code == 302
    days = {paper.params["day"] for paper in Paper.objects.filter(kind="roll-sheets")}
    assert days == {"2026-09-21"}
