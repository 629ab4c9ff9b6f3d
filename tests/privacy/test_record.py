"""Who read, changed, asked for and erased: on one page for the office and on one for the family, nothing without its words."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afterschool.privacy.inventory import DEEDS
from afterschool.privacy.record import A_PAGE, FAMILY, ROUTINE, record_of
from afterschool.school.access import SYSTEM
from afterschool.school.events import record
from afterschool.school.looks import LOOKS
from afterschool.school.models import Event
from afterschool.school.papers import request_paper
from afterschool.school.privacy import Did
from afterschool.support import clock
from enrollment.history import SENTENCES
from tests.cast import NOW, TODAY
from tests.house.world import build_world

RECORDS = {"record", "event", "note", "_changed", "_event", "_record", "_tell_history", "_move_many"}
NOT_OF_CHILDREN = {"task.seen", "week_plan.seen", "breach.seen"}  # of the staff's own work
LOOKING = re.compile(r"\.(looked|seen|fetched|viewed|opened|exported)$")


def calls() -> list[tuple[str, ast.Call]]:
    """Return every call in our own code that writes history, by the name of what is called."""
    found = []
    for root in ("afterschool", "enrollment", "scheduling", "attendance", "evaluation"):
        for path in (Path(settings.BASE_DIR) / root).rglob("*.py"):
            if "migrations" not in path.parts and "demo" not in path.parts:
                nodes = ast.walk(ast.parse(path.read_text()))
                found += [
                    (getattr(n.func, "id", getattr(n.func, "attr", "")), n) for n in nodes if isinstance(n, ast.Call)
                ]
    return [(name, call) for name, call in found if name in RECORDS]


def verbs(*, of_child: bool) -> set[str]:
    """Return the words of history that stand in the code; `of_child`: only where a child is named beside them."""
    found = set()
    for _, call in calls():
        if of_child and not any(key.arg == "student_id" for key in call.keywords):
            continue
        for argument in call.args:
            found |= {
                one.value
                for one in ast.walk(argument)
                if isinstance(one, ast.Constant)
                and isinstance(one.value, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_]+", one.value)
            }
    return found


def test_every_look_in_the_code_has_its_words():
    looks = {verb for verb in verbs(of_child=False) if LOOKING.search(verb)} - NOT_OF_CHILDREN
    staff_only = {
        verb for verb in looks if verb.split(".")[0] in {"survey", "account", "roll_call", "school", "window"}
    }
    missing = looks - staff_only - set(DEEDS)
    assert not missing, f"say in LOOKS or in the app's personal.py what was looked at: {sorted(missing)}"
    assert set(LOOKS) <= looks | {"copy.asked"}, "words of a look that nobody records"


def test_everything_recorded_of_a_child_has_its_words_or_is_routine():
    missing = (verbs(of_child=True) | set(SENTENCES)) - set(DEEDS) - ROUTINE
    assert not missing, f"give it words in DEEDS, or put it under ROUTINE with the reason: {sorted(missing)}"
    assert not set(DEEDS) & ROUTINE


def test_words_are_chinese_and_of_every_kind():
    assert {did for did, _ in DEEDS.values()} == set(Did)
    for verb, (_, words) in DEEDS.items():
        assert re.fullmatch(r"[\u4e00-\u9fff，、“”]+", words), verb


pytest_db = pytest.mark.django_db


@pytest.fixture
def world(cast):
    return build_world(cast)


def pages(client, url: str, kind: str) -> str:
    """Return all pages of a kind as one text."""
    return "".join(client.get(f"{url}?kind={kind}&page={number}").content.decode() for number in (1, 2))


@pytest_db
@pytest.mark.parametrize("kind", list(Did))
def test_everything_stands_on_both_pages_under_its_kind(cast, login, kind):
    child = cast.students[0]
    for verb in DEEDS:
        record(verb, subject=child, by=cast.actor("gatekeeper"), student_id=child.pk)
    of_kind = {words for did, words in DEEDS.values() if did == kind}
    others = {words for did, words in DEEDS.values() if did != kind} - of_kind
    office = pages(login("office"), "/privacy/record/", kind)
    assert all(words in office for words in (*of_kind, cast.gatekeeper.name, "门卫", child.name))
    assert not any(f">{words}</td>" in office for words in others)
    family = pages(login("guardian"), f"/privacy/children/{child.pk}/record/", kind)
    assert all(f"<strong>{words}</strong>" in family for words in of_kind)
    assert not any(f"<strong>{words}</strong>" in family for words in others)
    assert "门卫" in family
    assert cast.gatekeeper.name not in family


@pytest_db
def test_looks_of_every_page_are_kept_with_the_child(world, login):
    child = world.cast.students[1]
    row = world.things["feedback"]["pk"]
    login("office").get(f"/evaluation/feedback/{row}/")
    seen = Event.objects.get(verb="feedback.seen")
    assert seen.student_id == child.pk
    page = login("other_guardian").get(f"/privacy/children/{child.pk}/record/").content.decode()
    assert "看了家长写给学校的话" in page


@pytest_db
def test_who_is_told_to_a_family_by_post(cast):
    child = cast.students[0]
    for who in ("teacher", "office", "gatekeeper", "guardian"):
        record("leave.asked", subject=child, by=cast.actor(who), student_id=child.pk)
    record(
        "student.looked",
        subject=child,
        by=cast.actor("head_teacher"),
        student_id=child.pk,
        data={"role": "head_teacher"},
    )
    record("application.withdrawn", subject=child, by=SYSTEM, student_id=child.pk)
    posts = [line.post for line in record_of(child)[1]]
    assert posts == ["本站", "班主任", FAMILY, "门卫", "课程教学中心", "学校教师"]
    record("leave.recorded", subject=child, by=cast.actor("head_teacher"), student_id=child.pk)
    assert record_of(child)[1][0].post == "班主任", "of whatever class it is or was in"


@pytest_db
def test_a_list_asked_for_is_on_the_offices_page_without_a_child(cast, login):
    request_paper("fees_list", title="账单", params={"term": cast.term.pk}, by=cast.actor("office"))
    request_paper("enrollment-figures", title="人数", params={"term": cast.term.pk}, by=cast.actor("office"))
    page, lines = record_of(kind="file")
    assert [(line.what, line.child) for line in lines] == [("要了名单、账单等文件", "")]
    assert page.paginator.count == 1, "figures have no names"
    assert "不单指一个孩子" in login("office").get("/privacy/record/").content.decode()


@pytest_db
def test_found_by_the_name_of_child_or_person(cast):
    first, second = cast.students[:2]
    record("student.looked", subject=first, by=cast.actor("teacher"), student_id=first.pk)
    record("student.looked", subject=second, by=cast.actor("office"), student_id=second.pk)
    assert [line.student_id for line in record_of(words=first.name)[1]] == [first.pk]
    assert [line.student_id for line in record_of(words=cast.office.name)[1]] == [second.pk]
    assert record_of(words="没有这个人")[1] == []


@pytest_db
def test_many_rows_come_in_pages_newest_first(cast, login):
    child = cast.students[0]
    for minute in range(A_PAGE + 5):
        with clock.frozen(NOW.replace(hour=9, minute=minute % 60)):
            record("student.looked", subject=child, by=cast.actor("office"), student_id=child.pk)
    first = login("guardian").get(f"/privacy/children/{child.pk}/record/").content.decode()
    assert first.count("看了孩子的资料") == A_PAGE
    assert "第 1 页，共 2 页" in first
    second = login("office").get(f"/privacy/students/{child.pk}/looks/?page=2&kind=look").content.decode()
    assert second.count("看了孩子的资料") == 5
    assert f"{TODAY.month}月{TODAY.day}日" in second


@pytest_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_questions_do_not_grow_with_the_rows(cast, rows):
    for child in cast.students[:rows]:
        record("student.looked", subject=child, by=cast.actor("office"), student_id=child.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        record_of()
    assert len(asked) == 8


@pytest_db
def test_an_erased_child_stands_in_the_record_without_a_name(cast, login):
    from afterschool.privacy.erasing import erase_child

    child, name = cast.students[1], cast.students[1].name
    record("student.looked", subject=child, by=cast.actor("office"), student_id=child.pk)
    erase_child(student=child, typed=name, by=cast.actor("office"))
    page = login("office").get("/privacy/record/").content.decode()
    assert name not in page
    assert f"已删除 #{child.pk}" in page
    assert "删除了孩子的资料" in page
