"""The pages of grouping for everybody of the cast, and their papers."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Placement, School
from afterschool.school.papers import KINDS
from afterschool.support.refusal import Refused
from scheduling.actions.grouping import accept_grouping, propose_groups
from scheduling.models import Duty, Grouping
from tests.cast import ROLES, TODAY, place_group
from tests.scheduling.applied import approve

PAGE = reverse("scheduling:grouping")


@pytest.fixture
def accepted(cast):
    office = cast.actor("office")
    approve(cast, *cast.students[:8], cast.students[12])
    accept_grouping(grouping=propose_groups(term=cast.term, by=office), by=office)
    return {group.name: group for group in Group.objects.all()}


@pytest.mark.parametrize("person", ROLES)
def test_only_the_office_sees_the_proposal(login, person):
    assert login(person).get(PAGE).status_code == (200 if person == "office" else 403)


def test_without_a_term_the_page_says_what_comes_first(login):
    client = login("office")
    School.objects.update(current_term=None)
    assert "还没有设置当前学期" in client.get(PAGE).content.decode()
    client.post(reverse("scheduling:grouping-propose"))


def test_without_approved_children_the_page_says_what_comes_first(login):
    assert "还没有学校批准的孩子" in login("office").get(PAGE).content.decode()


def test_the_office_proposes_looks_and_accepts(cast, login):
    approve(cast, *cast.students[:8])
    client = login("office")
    assert "为 8 人生成编班方案" in client.get(PAGE).content.decode()
    client.post(reverse("scheduling:grouping-propose"))
    page = client.get(PAGE).content.decode()
    assert "确认全校 2 个服务班、8 人" in page
    grade = client.get(PAGE, {"grade": "1"}).content.decode()
    assert "全班6人，参加6人，达到二分之一，独立编班" in grade
    assert "已证明最优" in grade
    answer = client.post(reverse("scheduling:grouping-accept", args=[Grouping.objects.get().pk]), follow=True)
    assert "建立了2个服务班" in answer.content.decode()
    assert Placement.objects.count() == 8


def test_a_stale_draft_is_marked_and_shows_what_changed(cast, login):
    approve(cast, *cast.students[:8])
    client = login("office")
    client.post(reverse("scheduling:grouping-propose"))
    approve(cast, cast.students[8])
    page = client.get(PAGE).content.decode()
    assert "草案已过时" in page
    assert "确认全校" not in page
    client.post(reverse("scheduling:grouping-propose"))
    page = client.get(PAGE, {"grade": "1"}).content.decode()
    assert "新增 1 人" in page
    assert f"新增：一（2）班 {cast.students[8].name}" in page


def test_a_child_approved_after_acceptance_is_listed_to_be_placed(cast, login, accepted):
    approve(cast, cast.students[9])
    client = login("office")
    page = client.get(PAGE).content.decode()
    assert "没有服务班的 1 人" in page
    assert reverse("scheduling:group-move", args=[cast.students[9].pk]) in page
    url = reverse("scheduling:group-move", args=[cast.students[9].pk])
    other = accepted["一（1）班服务班"]
    assert "请写明原因" in client.post(url, {"to_group": other.pk}).content.decode()
    answer = client.post(url, {"to_group": other.pk, "reason": "只差一人"})
    assert answer.url == reverse("scheduling:group", args=[other.pk])


@pytest.mark.parametrize("grades", [1, 3])
def test_queries_of_the_proposal_are_constant(cast, login, django_assert_num_queries, grades):
    approve(cast, *(cast.students[:8] if grades == 1 else cast.students))
    propose_groups(term=cast.term, by=cast.actor("office"))
    client = login("office")
    with django_assert_num_queries(11):
        client.get(PAGE, {"grade": "1"})


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("office", 3),
        ("leading_group", 3),
        ("duty_leader", 3),
        ("grade_leader", 2),
        ("teacher", 1),
        ("other_teacher", 0),
        ("head_teacher", 0),
    ],
)
def test_each_reads_the_groups_in_their_scope(cast, login, accepted, person, seen):
    for day, teacher in [(TODAY, cast.teacher), (TODAY + timedelta(days=1), cast.other_teacher)]:
        session = accepted["一（1）班服务班"].sessions.create(
            term=cast.term, date=day, starts_at="15:15", ends_at="17:30"
        )
        Duty.objects.create(session=session, teacher=teacher)
    client = login(person)
    page = client.get(reverse("scheduling:groups"))
    assert len(page.context["groups"]) == seen
    reads = [client.get(reverse("scheduling:group", args=[g.pk])).status_code for g in accepted.values()]
    assert reads.count(200) == seen
    assert reads.count(404) == 3 - seen


@pytest.mark.parametrize("person", ["guardian", "gatekeeper", "service_centre"])
def test_others_read_no_group_list(login, accepted, person):
    client = login(person)
    assert client.get(reverse("scheduling:groups")).status_code == 403
    assert client.get(reverse("scheduling:group", args=[accepted["一（1）班服务班"].pk])).status_code == 403


def test_a_teacher_can_neither_move_a_child_nor_give_a_room(cast, login, accepted):
    client = login("teacher")
    group = accepted["一（1）班服务班"]
    assert client.post(reverse("scheduling:group-room", args=[group.pk])).status_code == 403
    assert client.get(reverse("scheduling:group-move", args=[cast.students[0].pk])).status_code == 403


def test_the_office_gives_a_room(cast, login, accepted):
    group = accepted["一（1）班服务班"]
    client = login("office")
    client.post(reverse("scheduling:group-room", args=[group.pk]), {"room": ""})
    group.refresh_from_db()
    assert group.room is None
    answer = client.post(reverse("scheduling:group-room", args=[group.pk]), {"room": "99999"}, follow=True)
    assert "没有这间教室" in answer.content.decode()


@pytest.mark.parametrize("children", [1, 6])
def test_queries_of_a_group_are_constant(cast, login, django_assert_max_num_queries, children):
    place_group(cast)
    Placement.objects.filter(pk__in=Placement.objects.values("pk")[children:]).delete()
    client = login("teacher")
    with django_assert_max_num_queries(6):
        client.get(reverse("scheduling:group", args=[cast.group.pk]))


def test_papers_are_made(cast, accepted):
    office = cast.actor("office")
    params = {"term": cast.term.pk}
    assert KINDS["group-list"].build(params, office, lambda _: None).startswith(b"%PDF")
    reasons = {"grouping": Grouping.objects.get().pk, "grade": None}
    assert KINDS["grouping-reasons"].build(reasons, office, lambda _: None).startswith(b"%PDF")
    book = load_workbook(BytesIO(KINDS["group-list-xlsx"].build(params, office, lambda _: None)))
    assert [sheet.title for sheet in book] == ["一（1）班服务班", "一（2）混合班", "二（1）混合班"]
    assert book.worksheets[0]["D3"].value == cast.students[0].name


def test_a_paper_holds_only_what_its_reader_may_see(cast, accepted):
    params = {"term": cast.term.pk, "group": accepted["一（1）班服务班"].pk}
    with pytest.raises(Refused):
        KINDS["group-list"].build(params, cast.actor("other_teacher"), lambda _: None)


def test_clubs_are_no_service_groups(cast, login, accepted):
    club = Group.objects.create(term=cast.term, kind=GroupKind.CLUB, name="合唱", starts_on=cast.term.starts_on)
    assert login("office").get(reverse("scheduling:group", args=[club.pk])).status_code == 404
