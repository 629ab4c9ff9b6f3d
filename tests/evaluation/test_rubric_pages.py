"""Another school sets up its own rubric in the pages; what is in use never changes."""

import pytest
from django.urls import reverse

from afterschool.support.refusal import Refused
from evaluation.actions.rubrics import ItemDraft, new_version
from evaluation.actions.sheets import Scores, save_month
from evaluation.enums import FactCode, FactKind, RubricKind
from evaluation.models import Rubric, RubricBand, ScoreSheet
from evaluation.month import Month
from evaluation.proposals import Asked, Fact, costs_with, propose
from evaluation.rubric import Band, faults_of_bands, places
from evaluation.rubric_forms import SPARE
from tests.cast import ROLES

OTHER_SCHOOL = [("出勤", 20), ("纪律", 20), ("作业", 20), ("品行", 10), ("家长评价", 30)]
NEW = reverse("evaluation:rubric-edit", args=["student"])
SAVE = reverse("evaluation:rubric-save", args=["student"])


def page(rows=OTHER_SCHOOL, bands=(("优", 4), ("良", 4), ("达标", 2)), **more):
    data = {"title": "学生评价", "seen": 1}
    for n, (name, points) in enumerate(rows, 1):
        data |= {
            f"dimension-{n}": "学生",
            f"text-{n}": name,
            f"points-{n}": points,
            f"order-{n}": n,
            f"short-{n}": name,
        }
    for n, (name, share) in enumerate(bands, 1):
        data |= {f"band-name-{n}": name, f"band-share-{n}": share}
    return data | more


def test_another_schools_rubric_is_set_up_in_the_pages_alone(afternoon, login):
    office = login("office")
    assert office.get(NEW).status_code == 200
    assert office.post(SAVE, page(**{"facts-1": "leave"})).url == reverse("evaluation:rubrics")
    rubric = Rubric.objects.get(kind=RubricKind.STUDENT, active=True)
    assert rubric.version == 2
    assert [(item.text, item.points) for item in rubric.items.all()] == OTHER_SCHOOL
    assert [(band.name, band.share, band.from_points) for band in rubric.bands.all()] == [
        ("优", 4, None), ("良", 4, None), ("达标", 2, None)
    ]  # fmt: skip
    url = reverse("evaluation:children-group", args=[afternoon.group.pk, "2026-09"])
    text = login("teacher").get(url).content.decode()
    assert all(f"{name} <span" in text for name, _ in OTHER_SCHOOL)
    data = {f"s{afternoon.students[0].pk}-{item.pk}": item.points for item in rubric.items.all()}
    login("teacher").post(
        reverse("evaluation:children-save", args=[afternoon.group.pk, "2026-09"]), data | {"act": "final"}
    )
    assert sum(line.points for line in ScoreSheet.objects.get().lines.all()) == 100


def test_what_a_record_takes_off_is_the_schools_own(afternoon, login):
    office, url = login("office"), reverse("evaluation:rubric-save", args=["teacher"])
    rows = [("出勤", 60), ("纪律", 40)]
    mine = {"facts-1": "on_time", "cost-late": "7", "cost-absent": "5", "cost-left": "", "cost-breach": "0"}
    assert office.post(url, page(rows, **mine, **{"cost-order_poor": "x"})).status_code == 422
    assert office.post(url, page(rows, **mine)).status_code == 302
    rubric = Rubric.objects.get(kind=RubricKind.TEACHER, active=True)
    assert rubric.costs == {"late": 7, "breach": 0}
    text = office.get(reverse("evaluation:rubrics")).content.decode()
    assert "迟到每次 7 分，缺席每次 5 分，中途离开每次 3 分" in text
    assert "已确认的违纪不扣分，只列出" in text
    assert (
        'name="cost-late" value="7"' in office.get(reverse("evaluation:rubric-edit", args=["teacher"])).content.decode()
    )
    asked = [Asked(1, 60, FactKind.ON_TIME)]
    found = propose(asked, [Fact(FactCode.LATE, 1), Fact(FactCode.LATE, 2)], costs_with(rubric.costs))
    assert found[1].points == 46
    assert [cost for _, cost in found[1].costs()] == [7, 7]
    with pytest.raises(Refused, match="wrong_cost"):
        new_version(
            kind=RubricKind.TEACHER, title="一", items=[ItemDraft("一", "二", 100)], bands=[], seen=2,
            costs={"child_late": 1}, by=afternoon.actor("office"),
        )  # fmt: skip


def test_points_that_are_not_100_are_refused_and_nothing_typed_is_lost(cast, login):
    office = login("office")
    answer = office.post(SAVE, page([*OTHER_SCHOOL, ("多出来的", 5)]))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "加起来要正好 100 分" in text
    assert "多出来的" in text
    answer = office.post(SAVE, page([("出勤", "很多")]))
    assert answer.status_code == 422
    assert "分值填 1 到 100 的整数" in answer.content.decode()
    assert not Rubric.objects.filter(version=2).exists()


def test_more_rows_are_given_without_saving(cast, login):
    answer = login("office").post(SAVE, page(act="more"))
    assert answer.content.decode().count('name="text-') == len(OTHER_SCHOOL) + SPARE
    assert Rubric.objects.count() == 2


def test_an_empty_row_is_left_out_and_order_moves_a_row(cast, login):
    data = page([*OTHER_SCHOOL, ("", "")]) | {"order-5": 0, "dimension-6": ""}
    assert login("office").post(SAVE, data).status_code == 302
    rubric = Rubric.objects.get(kind=RubricKind.STUDENT, active=True)
    assert [item.text for item in rubric.items.all()] == ["家长评价", "出勤", "纪律", "作业", "品行"]


def test_sheets_keep_the_version_they_were_begun_with(afternoon, login, full_child):
    given = {"group": afternoon.group, "month": Month(2026, 9), "seen": None, "by": afternoon.actor("teacher")}
    save_month(**given, scores={afternoon.students[0].pk: Scores(full_child)}, finish=True)
    login("office").post(SAVE, page())
    sheet = ScoreSheet.objects.get()
    assert sheet.rubric.version == 1
    save_month(
        **given, scores={afternoon.students[1].pk: Scores(full_child)}, finish=True
    )  # the same page, begun before
    assert {one.rubric.version for one in ScoreSheet.objects.all()} == {1}
    text = login("teacher").get(reverse("evaluation:rubric-version", args=[sheet.rubric_id])).content.decode()
    assert "秩序井然，做作业保持安静" in text


def test_a_page_of_children_opened_before_the_new_version_keeps_what_was_typed(afternoon, login, full_child):
    student, before = afternoon.students[0].pk, Rubric.objects.get(kind=RubricKind.STUDENT)
    login("office").post(SAVE, page())
    data = {f"s{student}-{item}": points for item, points in full_child.items()} | {"rubric": before.pk, "act": "draft"}
    login("teacher").post(reverse("evaluation:children-save", args=[afternoon.group.pk, "2026-09"]), data)
    assert ScoreSheet.objects.get().rubric == before
    assert ScoreSheet.objects.get().lines.count() == len(full_child)


def test_two_people_do_not_make_a_version_from_the_same_page(cast, login):
    office = login("office")
    office.post(SAVE, page())
    answer = office.post(SAVE, page(title="另一个"))
    assert answer.status_code == 422
    assert "刚才已有人处理过" in answer.content.decode()
    assert Rubric.objects.filter(kind=RubricKind.STUDENT).count() == 2


def test_who_opens_the_editor_and_its_versions(cast, login):
    for who in ROLES:
        assert login(who).get(NEW).status_code == (200 if who == "office" else 403), who
    assert login("office").get(reverse("evaluation:rubric-edit", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize(
    ("bands", "code"),
    [
        ([Band("", 0)], "band_without_name"),
        ([Band("优", 90), Band("优", 0)], "band_twice"),
        ([Band("优")], "band_without_way"),
        ([Band("优", 90, 4), Band("良", 0)], "band_without_way"),
        ([Band("优", 90), Band("良", None, 4)], "bands_mixed"),
        ([Band("优", 60), Band("良", 90), Band("差", 0)], "bands_order"),
        ([Band("优", 90)], "bands_open"),
    ],
)
def test_grades_that_are_no_scale_are_refused(cast, bands, code):
    with pytest.raises(Refused) as caught:
        new_version(
            kind=RubricKind.TEACHER, title="评价", items=[ItemDraft("一", "二", 100)], bands=bands, seen=1,
            by=cast.actor("office"),
        )  # fmt: skip
    assert code in {fault.code for fault in faults_of_bands(bands)}
    assert caught.value.code in {fault.code for fault in faults_of_bands(bands)}
    assert not RubricBand.objects.filter(rubric__version=2).exists()


def test_shares_allow_as_many_as_there_are_people():
    scale = [Band("优", share=4), Band("良", share=4), Band("达标", share=2)]
    assert places(scale, 10) == {"优": 4, "良": 4, "达标": 2}
    for people in range(30):
        assert sum(places(scale, people).values()) == people
    assert places([Band("优", 90), Band("良", 0)], 10) == {}
