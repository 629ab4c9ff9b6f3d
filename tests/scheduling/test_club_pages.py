"""The pages of clubs: who sees what, what a click does, the papers, and that lists ask a constant number of questions."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from scheduling.actions.club_places import take_place
from scheduling.club_documents import club_list_pdf, club_list_xlsx
from scheduling.defaults import install_timetables
from scheduling.enums import ClubState, PlaceSource
from scheduling.models import Club, ClubPlace
from tests.cast import TODAY, Cast
from tests.scheduling.applied import approve
from tests.scheduling.clubs import make_club

CLUBS = reverse("scheduling:clubs")


@pytest.fixture
def ready(cast: Cast) -> Cast:
    install_timetables(cast.term, by=cast.actor("office"))
    approve(cast, *cast.students, weekdays="12345")
    return cast


def page(name, *args):
    return reverse(f"scheduling:{name}", args=args)


def take(cast, club, *numbers):
    for number in numbers:
        take_place(
            club=club,
            student=cast.students[number],
            source=PlaceSource.DRAW,
            starts_on=TODAY,
            by=cast.actor("office"),
        )


VALUES = {
    "name": "围棋",
    "kind": "school_club",
    "activity": "wider",
    "description": "学规则，下对局。",
    "content": "每次讲一个定式。",
    "weekdays": ["2"],
    "grades": ["1", "2"],
    "grade-1": "6",
    "nth": "1",
    "smallest": "4",
    "largest": "10",
}


def test_a_teacher_proposes_the_office_returns_it_and_approves(ready, login):
    client = login("other_teacher")
    answer = client.post(page("club-new"), VALUES | {"teacher": ready.other_teacher.pk}, follow=True)
    assert "等课程教学中心审批" in answer.content.decode()
    club = Club.objects.get()
    assert (club.smallest, club.largest, club.teacher) == (4, 10, ready.other_teacher)
    assert {(share.grade, share.places) for share in club.shares.all()} == {(1, 6), (2, None)}
    client = login("office")
    assert "围棋" in client.get(CLUBS).content.decode()
    shown = client.get(page("club", club.pk)).content.decode()
    assert "每次讲一个定式。" in shown
    assert "批准“围棋”" in shown
    client.post(page("club-return", club.pk), {"reason": "写明每周内容"})
    assert "写明每周内容" in login("other_teacher").get(CLUBS).content.decode()
    client = login("other_teacher")
    form = client.get(page("club-edit", club.pk)).content.decode()
    assert "写明每周内容" in form
    client.post(page("club-edit", club.pk), VALUES | {"teacher": ready.other_teacher.pk, "content": "第 1 周规则。"})
    club.refresh_from_db()
    assert (club.state, club.content) == (ClubState.PROPOSED, "第 1 周规则。")
    client, seen = login("office"), club.proposed_at.isoformat()
    one = client.post(page("club-approve", club.pk), {"seen": seen, "no_lessons": "on"}, follow=True)
    assert "批准前两条都要确认" in one.content.decode()
    both = {"seen": seen, "no_lessons": "on", "by_own_teacher": "on"}
    done = client.post(page("club-approve", club.pk), both, follow=True)
    assert "社团“围棋”已批准。" in done.content.decode()


def test_a_slip_stands_at_its_field_and_what_was_typed_stays(ready, login):
    make_club(ready, "合唱")
    client = login("office")
    answer = client.post(page("club-new"), VALUES | {"teacher": ready.teacher.pk, "name": "合唱"}).content.decode()
    assert "本学期已有社团“合唱”" in answer
    assert "每次讲一个定式。" in answer
    empty = client.post(page("club-new"), {}).content.decode()
    assert "处要改" in empty
    assert not Club.objects.filter(state=ClubState.PROPOSED).exists()


def test_what_a_hidden_teacher_cannot_do_is_said(ready, login):
    make_club(ready, "象棋", teacher=ready.other_teacher)
    login("office").post(page("clubs-most"), {"most": "1"})
    values = VALUES | {"teacher": ready.other_teacher.pk}
    shown = login("other_teacher").post(page("club-new"), values).content.decode()
    assert 'class="error" id="id_teacher_error"' in shown, "the field is hidden: why it was refused must not be"
    assert not Club.objects.filter(state=ClubState.PROPOSED).exists()


def test_the_office_changes_an_approved_club(ready, login):
    club = make_club(ready)
    client = login("office")
    values = VALUES | {"teacher": ready.teacher.pk, "weekdays": ["4"], "content": club.content}
    answer = client.post(page("club-edit", club.pk), values, follow=True)
    assert "从明天起按新的安排" in answer.content.decode()
    club.refresh_from_db()
    assert (club.weekdays, club.teacher) == ("4", ready.teacher)
    login("other_teacher").post(page("club-edit", club.pk), values | {"name": "别的"})
    club.refresh_from_db()
    assert club.name == "围棋"


def test_proposals_of_others_do_not_exist_for_a_teacher(ready, login):
    mine = make_club(ready, state=ClubState.PROPOSED, proposed_by=ready.other_teacher.user)
    assert login("other_teacher").get(page("club", mine.pk)).status_code == 200
    assert login("teacher").get(page("club", mine.pk)).status_code == 404


def test_who_sees_which_names(ready, login):
    club = make_club(ready)
    take(ready, club, 0, 6)
    first, second = ready.students[0].name, ready.students[6].name
    for who in ("office", "other_teacher", "leading_group"):
        shown = login(who).get(page("club-members", club.pk)).content.decode()
        assert first in shown, who
        assert second in shown, who
    head = login("head_teacher").get(page("club-members", club.pk)).content.decode()
    assert first in head
    assert second not in head
    assert login("teacher").get(page("club-members", club.pk)).status_code == 404
    own = login("head_teacher").get(page("clubs-class")).content.decode()
    assert first in own
    assert second not in own


def test_the_teacher_of_the_club_reserves_a_place_and_gives_it_back(ready, login):
    club = make_club(ready)
    client = login("other_teacher")
    child = ready.students[2]
    found = client.get(page("club-members", club.pk), {"q": child.name}).content.decode()
    assert f'value="{child.pk}"' in found
    answer = client.post(page("club-reserve", club.pk), {"student": child.pk}, follow=True)
    assert "从明天起在“围棋”" in answer.content.decode()
    place = ClubPlace.objects.get()
    assert place.source == PlaceSource.RESERVED
    again = client.post(page("club-reserve", club.pk), {"student": child.pk}, follow=True)
    assert "孩子已在“围棋”。" in again.content.decode()
    client.post(page("club-member-remove", place.pk), {"reason": "退出校队"})
    place.refresh_from_db()
    assert place.state == "left"


def test_the_office_sets_how_many_clubs_one_teacher_leads(ready, login):
    client = login("office")
    client.post(page("clubs-most"), {"most": "2"})
    assert 'value="2"' in client.get(CLUBS).content.decode()
    assert "0 到 9" in client.post(page("clubs-most"), {"most": "x"}, follow=True).content.decode()


def test_the_papers_name_class_and_child_and_no_more_than_one_may_see(ready):
    club = make_club(ready)
    take(ready, club, 0, 6)
    params = {"term": ready.term.pk, "club": club.pk}
    book = load_workbook(BytesIO(club_list_xlsx(params, ready.actor("office"), lambda _: None)))
    rows = list(book["围棋"].values)
    assert rows[0][0].startswith("围棋　2人　周二 16:10—17:10")
    assert [row[3] for row in rows[2:]] == [ready.students[0].name, ready.students[6].name]
    own = load_workbook(BytesIO(club_list_xlsx(params, ready.actor("head_teacher"), lambda _: None)))
    assert [row[3] for row in list(own["围棋"].values)[2:]] == [ready.students[0].name]
    assert club_list_pdf(params, ready.actor("office"), lambda _: None).startswith(b"%PDF")


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_number_of_questions(ready, login, count, django_assert_num_queries):
    clubs = [make_club(ready, f"社团{n}", weekdays=str(n + 1)) for n in range(count)]
    take(ready, clubs[0], *range(count))
    for n in range(1, count):
        take(ready, clubs[n], 0)
    client = login("office")
    with django_assert_num_queries(11):
        client.get(CLUBS)
    with django_assert_num_queries(12):
        client.get(page("club-members", clubs[0].pk))
    client = login("head_teacher")
    with django_assert_num_queries(6):
        client.get(page("clubs-class"))
