"""The page of regrouping: what changed, before and after, accept with a date, take back."""

import pytest
from django.urls import reverse

from afterschool.school.models import Placement
from scheduling.models import Grouping
from tests.cast import TODAY
from tests.scheduling.applied import approve
from tests.scheduling.regrouped import TOMORROW, begin_term, group_of, withdraw

PAGE = reverse("scheduling:regrouping")
PROPOSE = reverse("scheduling:regrouping-propose")


def words(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def groups(cast):
    return begin_term(cast)


def draft() -> Grouping:
    return Grouping.objects.get(kind="regroup", state="draft")


def test_before_the_first_grouping_the_page_says_what_comes_first(login):
    assert "还没有确认编班" in words(login("office").get(PAGE))


def test_the_office_proposes_looks_accepts_and_takes_back(cast, groups, login):
    approve(cast, cast.students[8])
    withdraw(cast.students[7])
    client = login("office")
    assert "还没有调整方案" in words(client.get(PAGE))
    page = words(client.post(PROPOSE, follow=True))
    assert "一（2）班新参加1人，编入一（2）混合班。" in page
    assert "新编入 一（2）混合班" in page
    assert "不再参加，原在 一（2）混合班" in page
    assert f'value="{TOMORROW.isoformat()}"' in page
    kept = draft()
    url = reverse("scheduling:regrouping-accept", args=[kept.pk])
    page = words(client.post(url, {"starts_on": TOMORROW.isoformat()}, follow=True))
    assert "9月22日起：0人换班" in page
    assert "已确认的调整" in page
    assert group_of(cast.students[8], TOMORROW) == "一（2）混合班"
    page = words(client.post(reverse("scheduling:regrouping-take-back", args=[kept.pk]), follow=True))
    assert "已撤回，1人照原来的安排" in page
    assert group_of(cast.students[8], TOMORROW) == ""


def test_moves_are_named_with_their_reason(cast, groups, login):
    type(cast.term).objects.update(cap=4)
    page = words(login("office").post(PROPOSE, follow=True))
    assert "一（1）班服务班6人，超过上限4人，移2人到一（1）班二组。" in page
    assert cast.students[5].name in page
    assert "一（1）班服务班 → 一（1）班二组" in page
    assert "2 人换班" in page


@pytest.mark.parametrize(
    ("day", "said"), [("", "请写从哪天起"), (TODAY.isoformat(), "最早从明天"), ("2030-01-01", "在学期以后")]
)
def test_a_wrong_date_is_said_beside_the_draft(cast, groups, login, day, said):
    approve(cast, cast.students[8])
    client = login("office")
    client.post(PROPOSE)
    page = words(client.post(reverse("scheduling:regrouping-accept", args=[draft().pk]), {"starts_on": day}))
    assert said in page
    assert Placement.objects.count() == 9


def test_a_stale_draft_cannot_be_accepted_from_the_page(cast, groups, login):
    approve(cast, cast.students[8])
    client = login("office")
    client.post(PROPOSE)
    approve(cast, cast.students[9])
    assert "方案已过时" in words(client.get(PAGE))
    url = reverse("scheduling:regrouping-accept", args=[draft().pk])
    assert "请重新生成再确认" in words(client.post(url, {"starts_on": TOMORROW.isoformat()}))


def test_a_kind_is_changed_only_where_the_office_ticks_it(cast, groups, login):
    approve(cast, *cast.students[8:10])
    client = login("office")
    page = words(client.post(PROPOSE, follow=True))
    assert "应独立编班；现在混合编班" in page
    page = words(client.post(PROPOSE, {"kind": cast.classes[1].pk}, follow=True))
    assert "同意按新的比例改变方式" in page
    assert draft().result["kinds"] == [cast.classes[1].pk]


def test_refusals_are_shown(cast, groups, login):
    client = login("office")
    client.post(PROPOSE)
    kept = draft()
    answer = client.post(reverse("scheduling:regrouping-take-back", args=[kept.pk]), follow=True)
    assert "刚才已有人处理过" in words(answer)
    assert "确认，" not in words(client.get(PAGE))


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_page_are_constant(cast, groups, login, django_assert_num_queries, number):
    approve(cast, *cast.students[8 : 8 + number])
    client = login("office")
    client.post(PROPOSE)
    with django_assert_num_queries(16):
        client.get(PAGE)
