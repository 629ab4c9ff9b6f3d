"""Moves by hand on the page of a grade: chosen by boxes, checked, kept where refused, taken back; the hints."""

import pytest
from django.urls import reverse

from tests.scheduling.applied import approve
from tests.scheduling.regrouped import TOMORROW, begin_term, group_of

PAGE = reverse("scheduling:arrange", args=[1])
MOVE = reverse("scheduling:arrange-move", args=[1])
HINTS = reverse("scheduling:arrange-hints", args=[1])


def words(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def groups(cast):
    return begin_term(cast)


def sent(groups, name: str, *students, **more):
    return {
        "child": [student.pk for student in students],
        "to_group": groups[name].pk,
        "starts_on": TOMORROW.isoformat(),
        **more,
    }


def test_a_grade_without_groups_is_not_there(cast, groups, login):
    assert login("office").get(reverse("scheduling:arrange", args=[6])).status_code == 404


def test_groups_stand_side_by_side_with_children_by_class(cast, groups, login):
    approve(cast, cast.students[8])
    page = words(login("office").get(PAGE))
    assert page.index("还没有服务班") < page.index("一（1）班服务班")
    assert "6 / 45 人" in page
    assert f'value="{cast.students[8].pk}"' in page
    assert f'value="{cast.students[12].pk}"' not in page


def test_children_are_moved_without_a_script(cast, groups, login):
    client = login("office")
    page = words(client.post(MOVE, sent(groups, "一（2）混合班", *cast.students[:2]), follow=True))
    assert "2人从9月22日起在一（2）混合班，已通知家长。" in page
    assert "2 人移到一（2）混合班，还没有开始" in page
    assert "9月22日" in page
    assert group_of(cast.students[0], TOMORROW) == "一（2）混合班"


def test_what_was_chosen_is_kept_where_a_reason_is_missing(cast, groups, login):
    client = login("office")
    page = words(client.post(MOVE, sent(groups, "一（1）班服务班", cast.students[6])))
    assert "是别的班的独立班。要这样编，请写明原因。" in page
    assert f'id="c{cast.students[6].pk}" checked' in page
    assert f'<option value="{groups["一（1）班服务班"].pk}" selected>' in page
    client.post(MOVE, sent(groups, "一（1）班服务班", cast.students[6], reason="跟着姐姐"))
    assert group_of(cast.students[6], TOMORROW) == "一（1）班服务班"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"child": []}, "请先选孩子"),
        ({"to_group": ""}, "请选移到哪个服务班"),
        ({"starts_on": ""}, "请写从哪天起"),
        ({"starts_on": "2026-09-21"}, "最早从明天起"),
        ({"child": ["999999"]}, "不在这个年级的名单里"),
    ],
)
def test_what_is_missing_is_said(cast, groups, login, change, said):
    page = words(login("office").post(MOVE, sent(groups, "一（2）混合班", cast.students[0]) | change))
    assert said in page


def test_the_last_move_is_taken_back_from_the_page(cast, groups, login):
    client = login("office")
    page = client.post(MOVE, sent(groups, "一（2）混合班", cast.students[0]), follow=True)
    batch = page.context["last"][0].data["batch"]
    url = reverse("scheduling:arrange-take-back", args=[1])
    assert "已撤销，1人照原来的安排" in words(client.post(url, {"batch": batch}, follow=True))
    assert group_of(cast.students[0], TOMORROW) == "一（1）班服务班"
    assert " 起</small>" not in words(client.get(PAGE))  # the child never left
    assert "不能撤销" in words(client.post(url, {"batch": batch}, follow=True))


def test_what_the_rules_say_of_each_group_comes_at_once(cast, groups, login):
    client = login("office")
    said = client.get(HINTS, {"child": cast.students[6].pk}).json()
    own, mixed, other = (said[str(groups[n].pk)] for n in ("一（1）班服务班", "一（2）混合班", "二（1）混合班"))
    assert own["reason"]
    assert "别的班的独立班" in own["say"]
    assert (mixed["say"], mixed["reason"]) == ("已经在一（2）混合班。", False)
    assert "别的年级" in other["say"]
    child = client.get(HINTS, {"child": cast.students[0].pk}).json()
    assert child[str(groups["一（2）混合班"].pk)]["say"].startswith("将有3人。")
    assert client.get(HINTS).json() == {}
    assert client.get(HINTS, {"child": "x"}).json() == {}


@pytest.mark.parametrize("number", [1, 3])
def test_queries_are_constant(cast, groups, login, django_assert_num_queries, number):
    approve(cast, *cast.students[8 : 8 + number])
    client = login("office")
    with django_assert_num_queries(14):
        client.get(PAGE)
    with django_assert_num_queries(11):
        client.get(HINTS, {"child": [s.pk for s in cast.students[8 : 8 + number]]})
