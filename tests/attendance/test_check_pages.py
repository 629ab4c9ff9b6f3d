"""The pages of safety checks and defects."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.models import Paper
from attendance.actions.defects import repair
from attendance.models import CheckList, Defect, DefectPhoto, SafetyCheck
from attendance.queries.checks import items_of
from tests.attendance.test_checks import bad, check, home_list, picture, room_of, school  # noqa: F401 (a fixture)
from tests.attendance.test_defects import fresh, report, set_owner
from tests.cast import TODAY, place_group

pytestmark = pytest.mark.django_db


def form_url(cast) -> str:
    return reverse("attendance:safety-check-new", args=[room_of(cast).pk, home_list().pk])


def test_a_room_is_checked_on_one_page(school, login):  # noqa: F811
    client, url = login("service_centre"), form_url(school)
    first = items_of(home_list())[0]
    assert "还没查过" in client.get(reverse("attendance:safety")).content.decode()
    assert "checked" not in client.get(url).content.decode()
    answer = client.post(url, {"seen": 0, f"a-{first.pk}": "bad", "note": "午后"})
    text = answer.content.decode()
    assert "还有 6 项没有看。" in text
    assert "请写有什么问题。" in text
    assert 'value="午后"' in text
    typed = {
        "seen": 0,
        f"a-{first.pk}": "bad",
        f"t-{first.pk}": "玻璃有裂纹",
        f"p-{first.pk}": picture(),
        "rest": "good",
    }
    text = client.post(url, typed, follow=True).content.decode()
    assert "玻璃有裂纹" in text
    assert DefectPhoto.objects.count() == SafetyCheck.objects.count() == 1
    assert "刚才已有人处理过" in client.post(url, typed | {f"p-{first.pk}": ""}).content.decode()
    assert SafetyCheck.objects.count() == 1


def test_a_list_of_another_kind_of_room_is_404(school, login):  # noqa: F811
    pitch = CheckList.objects.get(room_kind="pitch")
    url = reverse("attendance:safety-check-new", args=[room_of(school).pk, pitch.pk])
    assert login("office").get(url).status_code == 404


def test_a_defect_goes_its_way_over_the_pages(cast, login):
    client = login("teacher")
    text = client.post(reverse("attendance:defect-new"), {"room": "", "text": ""}).content.decode()
    assert "有 2 处要改" in text
    client.post(reverse("attendance:defect-new"), {"room": room_of(cast).pk, "text": "插座松动", "photo": picture()})
    defect = Defect.objects.get()
    urls = {
        name: reverse(f"attendance:defect-{name}", args=[defect.pk]) for name in ("arrange", "repair", "pass", "fail")
    }
    client = login("office")
    text = client.post(urls["arrange"], {"owner": cast.other_teacher.pk, "due_on": "2026-09-20"}).content.decode()
    assert "不能早于今天" in text
    client.post(urls["arrange"], {"owner": cast.other_teacher.pk, "due_on": "2026-09-22"})
    assert login("teacher").post(urls["repair"], {"words": "x"}).status_code == 403
    assert login("teacher").post(urls["repair"], {}).status_code == 403
    client = login("other_teacher")
    assert "这里要填" in client.post(urls["repair"], {}).content.decode()
    client.post(urls["repair"], {"words": "换了", "photo": picture()})
    photo = DefectPhoto.objects.get(after=True)
    seen = client.get(reverse("attendance:defect-photo", args=[photo.pk]))
    assert (seen.status_code, seen["Content-Type"], seen["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert login("head_teacher").get(reverse("attendance:defect-photo", args=[photo.pk])).status_code == 404
    client = login("duty_leader")
    assert "这里要填" in client.post(urls["fail"], {}).content.decode()
    client.post(urls["fail"], {"why": "还松"})
    assert fresh(defect).state == "open"
    repair(defect=fresh(defect), words="再换", by=cast.actor("other_teacher"))
    client.post(urls["pass"])
    assert fresh(defect).state == "closed"
    assert "没有做成" in client.post(urls["pass"], follow=True).content.decode()


def test_the_office_changes_the_lists(school, login):  # noqa: F811
    client, one = login("office"), home_list()
    item = items_of(one)[0]
    lists = reverse("attendance:safety-lists")
    assert "已有同名的检查表" in client.post(lists, {"title": one.title, "every_days": 3}).content.decode()
    client.post(lists, {"title": "防火", "room_kind": "", "every_days": 90})
    client.post(reverse("attendance:safety-item-add", args=[one.pk]), {"text": "窗帘"})
    client.post(reverse("attendance:safety-item-switch", args=[item.pk]), {"active": "0"})
    client.post(reverse("attendance:safety-list-set", args=[one.pk]), {"every_days": "7", "active": "1"})
    text = client.post(reverse("attendance:safety-list-set", args=[one.pk]), {"every_days": "x"}, follow=True)
    assert "几天查一次，是 1 到 365" in text.content.decode()
    one.refresh_from_db()
    assert (one.every_days, items_of(one)[-1].text, item in items_of(one)) == (7, "窗帘", False)
    assert "防火" in client.get(lists).content.decode()


def test_the_record_of_a_month_and_its_papers(school, login):  # noqa: F811
    check(school, bad())
    client, url = login("leading_group"), reverse("attendance:safety-records")
    for of in ("", "2026-09", "x", "2026-09-03"):
        assert "有问题" in client.get(url, {"of": of}).content.decode()
    assert "还没有检查" in client.get(url, {"of": "2026-08"}).content.decode()
    client.post(reverse("attendance:safety-records-paper"), {"of": "2026-09", "form": "xlsx"})
    paper = Paper.objects.get()
    assert (paper.kind, paper.title) == ("safety-checks-xlsx", "2026年9月场所安全检查记录（Excel）")


def test_what_is_overdue_stands_on_the_home_of_owner_and_office_at_no_query(cast, login, django_assert_num_queries):
    place_group(cast)
    defect = report(cast)
    set_owner(cast, defect)
    sentence = "安全隐患到期没修 1 处"
    pages = {"teacher": "home", "office": "home", "other_teacher": "home", "service_centre": "attendance:late-care"}
    for who, page in pages.items():
        assert sentence not in login(who).get(reverse(page)).content.decode()
    client = login("teacher")
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("home"))
    Defect.objects.update(due_on=TODAY - timedelta(days=1))
    with django_assert_num_queries(len(before)):
        assert sentence in client.get(reverse("home")).content.decode()
    assert sentence in login("office").get(reverse("home")).content.decode()
    assert sentence not in login("other_teacher").get(reverse("home")).content.decode()
    repair(defect=fresh(defect), words="好了", by=cast.actor("teacher"))
    assert sentence not in login("teacher").get(reverse("home")).content.decode()


def test_the_office_is_asked_to_find_somebody(cast, login):
    report(cast)
    assert "还没有人负责修" in login("office").get(reverse("home")).content.decode()


def test_a_closed_room_is_marked_where_it_is_used(afternoon, login):
    defect = report(afternoon)
    client = login("office")
    assert "有隐患，停用" not in client.get(reverse("attendance:sessions-today")).content.decode()
    set_owner(afternoon, defect, closes_room=True)
    assert "有隐患，停用" in client.get(reverse("attendance:sessions-today")).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_pages_cost_the_same_for_one_and_for_three(school, login, django_assert_num_queries, many):  # noqa: F811
    for number in range(many):
        made = check(school, bad(f"第{number}处", photo=picture()))
        report(school)
    client = login("duty_leader")
    defect = Defect.objects.filter(result__check_done=made).get()
    costs = {
        reverse("attendance:safety"): 8,
        form_url(school): 8,
        reverse("attendance:safety-check", args=[made.pk]): 8,
        reverse("attendance:safety-records"): 7,
        reverse("attendance:defects"): 6,
        reverse("attendance:defect", args=[defect.pk]): 7,
    }
    for url, cost in costs.items():
        with django_assert_num_queries(cost):
            assert client.get(url).status_code == 200, url
    client = login("office")
    with django_assert_num_queries(6):
        client.get(reverse("attendance:safety-lists"))
