"""Pages of the patrol: what they say, what a phone sends, how often they ask the database."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Paper, Session
from attendance.actions.days import ensure_day
from attendance.models import ChildDay
from evaluation.actions import follow_ups
from evaluation.actions import patrol as actions
from evaluation.actions.patrol import Found
from evaluation.models import FollowUp, PatrolRound, PatrolVisit
from evaluation.queries import patrol as queries
from scheduling.models import Duty
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(afternoon):
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def url(name, *args):
    return reverse(f"evaluation:{name}", args=args)


def asked(client, name, *args, **query):
    with CaptureQueriesContext(connection) as found:
        response = client.get(url(name, *args), query)
    assert response.status_code == 200
    return response.content.decode(), len(found)


def mark(cast, **changes):
    said = queries.expected_in(cast.term, TODAY, [cast.session.pk])[cast.session.pk]
    row = {
        "child": str(cast.session.pk), "number": "n1", "at": NOW.isoformat(), "expected": said.token,
        "count": "same", "counted": "", "who": "there", "held_by": "", "doing": "homework", "order": "good", "note": "",
    }  # fmt: skip
    return row | changes


def send(client, *marks, **more):
    data = {"device": "phone", "device_now": NOW.isoformat(), "marks": json.dumps(marks)} | more
    return client.post(url("patrol-send"), data)


def test_the_walk_from_start_to_summary_without_script(school, login):
    client = login("duty_leader")
    assert "开始巡视" in asked(client, "patrol")[0]
    client.post(url("patrol-start"))
    assert "没有巡" in asked(client, "patrol")[0]
    text, _ = asked(client, "patrol-session", school.session.pk)
    assert "应有" in text
    slips = client.post(url("patrol-session", school.session.pk), {"count": "other", "who": "held"}).content.decode()
    assert "请写清点到几人" in slips
    assert "请选由谁看着" in slips
    values = {"count": "other", "counted": 5, "who": "there", "doing": "reading", "order": "fair", "note": "有点吵"}
    response = client.post(url("patrol-session", school.session.pk), values)
    row = PatrolVisit.objects.get()
    assert response.url == url("patrol-visit", row.pk)
    assert (row.counted, row.expected, row.doing, row.order) == (5, 6, "reading", "fair")
    assert "教师还没有说明" in asked(client, "patrol-visit", row.pk)[0]
    client.post(url("patrol-correct", row.pk), {"count": "same", "who": "there"})
    row.refresh_from_db()
    assert row.counted == 6
    client.post(url("patrol-end"), {"note": "都好"})
    text, _ = asked(client, "patrol")
    assert "已结束" in text
    assert "都好" in text


def test_a_phone_sends_a_visit_twice_and_it_counts_once(school, login):
    client = login("duty_leader")
    answer = send(client, mark(school)).json()["answers"][0]
    assert (answer["tone"], answer["words"]) == ("done", "16:05 6 人，相符")
    assert send(client, mark(school)).json()["answers"][0] == answer
    assert PatrolVisit.objects.count() == 1
    again = send(client, mark(school, number="n2", count="other", counted="3")).json()["answers"][0]
    assert "已经巡过" in again["sentence"]
    assert PatrolVisit.objects.get().counted == 6


def test_one_visit_that_can_not_be_taken_does_not_keep_the_others(school, login):
    client = login("duty_leader")
    rows = [mark(school, child="999999"), mark(school, count="other", counted="x", number="n3"), mark(school)]
    answers = send(client, *rows).json()["answers"]
    assert [bool(answer.get("sentence")) for answer in answers] == [True, True, False]


def test_what_a_phone_made_without_the_network_keeps_its_time_and_number(school, login):
    token = mark(school)["expected"]
    earlier = (NOW - timedelta(minutes=20)).isoformat()
    send(login("duty_leader"), mark(school, at=earlier, expected=token))
    row = PatrolVisit.objects.get()
    assert row.at == NOW - timedelta(minutes=20)
    assert row.device_at == row.at
    assert row.number == "n1"
    assert row.session.sign_ins.get().sent_later


def test_another_persons_phone_and_rubbish_are_told_apart(school, login):
    client = login("duty_leader")
    assert send(client, mark(school), user="0").status_code == 409
    assert send(client, marks="[").status_code == 400
    assert send(client, marks='[{"child": 1}]').status_code == 400
    assert not PatrolVisit.objects.exists()


def test_the_numbers_are_for_the_own_walk(school, login):
    rows = login("grade_leader").get(url("patrol-numbers")).json()["rows"]
    assert rows[str(school.session.pk)]["expected"] == 6
    school.group.grade = 2
    school.group.save()
    assert login("grade_leader").get(url("patrol-numbers")).json()["rows"] == {}


def test_the_kept_page_names_nobody(school, client):
    text = client.get(url("patrol-shell")).content.decode()
    assert school.teacher.name not in text
    script = client.get(url("patrol-worker")).content.decode()
    assert "patrol-shell" not in script
    assert url("patrol-shell") in script


def fill(cast, many):
    """Give the walk so many rooms, each visited with a difference and something to do."""
    by = cast.actor("duty_leader")
    walk = actions.start(term=cast.term, by=by)
    for number in range(many):
        group = Group.objects.create(
            term=cast.term, kind=GroupKind.STANDALONE, grade=1, name=f"新{number}班",
            starts_on=cast.term.service_starts_on,
        )  # fmt: skip
        session = Session.objects.create(
            term=cast.term, group=group, date=TODAY, starts_at="15:15", ends_at="17:30", room=cast.group.room
        )
        Duty.objects.create(session=session, teacher=cast.teacher)
        session = Session.objects.get(pk=session.pk)
        row = actions.visit(walk=walk, session=session, found=Found(counted=1, there=True), by=by)
        follow_ups.ask(term=cast.term, text="换灯", owner=cast.teacher, due_on=TODAY, visit=row, by=by)


PAGES = [
    ("duty_leader", "patrol", 10),
    ("duty_leader", "patrol-numbers", 9),
    ("leading_group", "patrol-record", 9),
    ("teacher", "patrol-mine", 6),
]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("person", "name", "queries_asked"), PAGES)
def test_pages_ask_no_more_for_more_rooms(school, login, rows, person, name, queries_asked):
    fill(school, rows)
    assert asked(login(person), name)[1] == queries_asked


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_a_visit_asks_no_more_for_more_to_do(school, login, rows):
    fill(school, 1)
    row = PatrolVisit.objects.get()
    for _ in range(rows - 1):
        follow_ups.ask(
            term=school.term, text="换灯", owner=school.teacher, due_on=TODAY, visit=row, by=school.actor("duty_leader")
        )
    assert asked(login("duty_leader"), "patrol-visit", row.pk)[1] == 9


def test_the_teacher_explains_and_does_what_is_asked(school, login):
    fill(school, 1)
    row, task = PatrolVisit.objects.get(), FollowUp.objects.get()
    client = login("teacher")
    assert "换灯" in asked(client, "patrol-mine")[0]
    client.post(url("patrol-explain", row.pk), {"text": "1 人在医务室"})
    client.post(url("patrol-follow-up-done", task.pk), {"answer": "换了"})
    office = login("office")
    assert "1 人在医务室" in asked(office, "patrol-visit", row.pk)[0]
    office.post(url("patrol-accept", row.pk))
    row.refresh_from_db()
    task.refresh_from_db()
    assert (row.explanation_state, task.state) == ("accepted", "done")


def test_the_office_sees_what_is_not_explained_and_what_is_overdue(school, login):
    fill(school, 1)
    FollowUp.objects.update(due_on=TODAY - timedelta(days=1))
    text, _ = asked(login("office"), "patrol-record")
    assert "人数不符，没有合理说明" in text
    assert "过期还没办 1 件" in text


def test_the_record_of_a_day_and_a_month_as_papers(school, login):
    from evaluation.patrol_documents import record_pdf, record_xlsx

    fill(school, 2)
    client = login("office")
    for form in ("pdf", "xlsx"):
        assert client.post(url("patrol-record-paper"), {"form": form, "of": "2026-09"}).status_code == 302
    assert Paper.objects.count() == 2
    params = {"term": school.term.pk, "first": TODAY.isoformat(), "last": TODAY.isoformat()}
    assert record_pdf(params, school.actor("office"), lambda done: None).startswith(b"%PDF")
    assert record_xlsx(params, school.actor("office"), lambda done: None).startswith(b"PK")


def test_the_demo_finds_a_round_on_its_way(school):
    from afterschool.demo.play.patrol import VISITS, play

    for number in range(3):
        group = Group.objects.create(
            term=school.term, kind=GroupKind.STANDALONE, grade=1, name=f"新{number}班",
            starts_on=school.term.service_starts_on,
        )  # fmt: skip
        session = Session.objects.create(
            term=school.term, group=group, date=TODAY, starts_at="15:15", ends_at="17:30", room=school.classes[1].room
        )
        Duty.objects.create(session=session, teacher=school.teacher)
        ChildDay.objects.filter(student=school.students[number]).update(session=session, at_session=session)
    play(school.term, NOW)
    walk = PatrolRound.objects.get()
    assert walk.ended_at is None
    assert walk.visits.count() == 4 <= VISITS
    row = queries.differing(walk.visits.all()).get()
    assert row.counted == row.expected - 1
    assert FollowUp.objects.get().owner == school.service_centre


def test_a_round_is_the_own_one(school, login):
    fill(school, 1)
    assert "开始巡视" in asked(login("leading_group"), "patrol")[0]
    assert PatrolRound.objects.count() == 1
