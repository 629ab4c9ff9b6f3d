"""A corrected file, and a new school year's: who is who, and what is taken away only when told so."""

from datetime import datetime

import pytest

from afterschool.school.access import Actor, actor_for
from afterschool.school.actions.school import open_school
from afterschool.school.actions.years import move_up
from afterschool.school.enums import ImportState, Origin, Role, StudentState
from afterschool.school.models import Guardian, Guardianship, Room, SchoolClass, StaffRole, Student, Teacher
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from tests.school.roster_files import bring, small, take

NEXT_YEAR = datetime(2027, 8, 28, 9, tzinfo=SHANGHAI)


@pytest.fixture
def office(db) -> Actor:
    by = actor_for(
        open_school(
            name="青禾路小学", public_url="", number="A001", person="课程中心", password="qinghe-2026", demo=True
        )
    )
    take(bring(small(), by), by)
    return by


def home(name: str) -> tuple[int, int, int, int | None]:
    child = Student.objects.select_related("school_class").get(name=name)
    return (child.school_class.school_year, child.school_class.grade, child.school_class.number, child.number)


def next_year():
    """The small school a year on: 二（1）has become 三（1）, 一（1）二（1）, 一（2）二（2）; one new first class."""
    rows = small()
    rows["班级"][1:] = [
        ["一年级", 1, "T203", None],
        ["二年级", 1, "T201", "一（1）班新教室"],
        ["二年级", 2, "T202", None],
    ]
    rows["学生"][1:] = [
        ["一年级", 1, 1, "新生"],
        ["二年级", 1, 2, "王一"],  # renumbered
        ["二年级", 1, 1, "李二"],
        ["二年级", 2, 1, "阿依古丽·买买提江"],
    ]
    rows["家长"][1:] = [
        ["二年级", 1, 2, "王一", "王大", "爸爸", 13000000001, "是", "是"],
        ["二年级", 1, 1, "李二", "李大", "妈妈", "13000000002", "是", "是"],
    ]
    return rows


def test_two_children_of_a_class_may_swap_numbers(office):
    rows = small()
    rows["学生"][1][2], rows["学生"][2][2] = 2, 1
    for row in rows["家长"][1:]:
        row[2] = {"王一": 2, "李二": 1}.get(row[3], row[2])
    brought = take(bring(rows, office), office)
    assert brought.state == ImportState.WRITTEN
    assert (home("王一")[3], home("李二")[3]) == (2, 1)
    assert Student.objects.get(name="王一").memberships.get().number == 2
    assert Student.objects.count() == 5


def test_a_corrected_name_stays_the_same_child(office):
    before = Student.objects.get(name="李二").pk
    rows = small()
    rows["学生"][2][3] = rows["家长"][3][3] = rows["家长"][4][3] = "李贰"
    brought = bring(rows, office)
    assert "renamed" in [warning["code"] for warning in brought.report["warning_list"]]
    take(brought, office)
    assert Student.objects.get(pk=before).name == "李贰"
    assert Student.objects.count() == 5


def test_the_preview_names_who_is_new_and_whose_phone_changes(office):
    rows = small()
    rows["学生"].append(["一年级", 1, 30, "新来的"])
    link = rows["家长"][6]
    old, link[6] = link[6], "13711112222"
    changes = bring(rows, office).report["changes"]
    assert any(change == "新学生：一（1）班 30 号 新来的" for change in changes)
    assert any(f"手机号从 {old} 改为 13711112222" in change for change in changes)


def test_a_child_that_changes_class_keeps_its_history(office):
    rows = small()
    rows["学生"][1][1:3] = [2, 9]
    rows["家长"][1][1:3] = [2, 9]
    with clock.frozen(datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)):
        take(bring(rows, office), office)
    assert home("王一") == (2026, 1, 2, 9)
    ended, current = Student.objects.get(name="王一").memberships.order_by("starts_on")
    assert str(ended.ends_on) == "2026-10-11"
    assert str(current.starts_on) == "2026-10-12"
    assert current.ends_on is None


def test_a_child_missing_from_the_file_leaves_only_when_told_so(office):
    rows = small()
    rows["学生"].pop(2)
    rows["家长"] = [row for row in rows["家长"] if row[3] != "李二"]
    brought = bring(rows, office)
    child = Student.objects.get(name="李二")
    assert brought.report["pupils_missing"] == [child.pk]
    with pytest.raises(Refused, match="nothing_to_do"):
        take(brought, office)
    take(brought, office, remove_missing=True)
    child.refresh_from_db()
    assert (child.state, child.number) == (StudentState.LEFT, None)
    assert child.memberships.get().ends_on is not None
    take(bring(small(), office), office)  # and comes back
    child.refresh_from_db()
    assert (child.state, child.number) == (StudentState.ENROLLED, 2)
    assert Student.objects.count() == 5


def test_a_number_that_passed_to_another_child_needs_the_leavers_word(office):
    rows = small()
    rows["学生"][2][3] = "赵新"
    rows["家长"] = [row for row in rows["家长"] if row[3] != "李二"]
    rows["家长"].append(["一年级", 1, 2, "赵新", "赵大", "爸爸", "13000000077", "是", "是"])
    brought = bring(rows, office)
    with pytest.raises(Refused, match="numbers_taken"):
        take(brought, office)
    take(brought, office, remove_missing=True)
    assert home("赵新") == (2026, 1, 1, 2)
    assert Student.objects.get(name="李二").state == StudentState.LEFT


def test_a_number_of_a_child_added_by_hand_is_an_error(office):
    Student.objects.create(
        name="借读生", school_class=SchoolClass.objects.get(grade=1, number=1), number=3, origin=Origin.HAND
    )
    rows = small()
    rows["学生"].append(["一年级", 1, 3, "钱三"])
    rows["家长"].append(["一年级", 1, 3, "钱三", "钱大", "爸爸", "13000000088", "是", "是"])
    assert [p["code"] for p in bring(rows, office).report["error_list"]] == ["hand_number"]


def test_a_new_phone_stays_the_same_adult_for_all_the_children(office):
    father = Guardian.objects.get(name="王大")
    rows = small()
    rows["家长"][1][6] = rows["家长"][2][6] = "13000000055"
    take(bring(rows, office), office)
    father.refresh_from_db()
    assert father.phone == "13000000055"
    assert father.links.count() == 2
    assert Guardian.objects.filter(name="王大").count() == 1


def test_a_ban_stands_whatever_the_file_says(office):
    Guardianship.objects.filter(guardian__name="李大").update(banned=True, may_fetch=False, acts=False)
    brought = bring(small(), office)
    assert "banned" in [warning["code"] for warning in brought.report["warning_list"]]
    assert brought.report["writes"] is False


def test_relations_and_posts_are_taken_away_only_when_told_so_and_never_those_by_hand(office):
    Guardianship.objects.filter(guardian__name="李大").update(origin=Origin.HAND)
    rows = small()
    rows["家长"] = [row for row in rows["家长"] if row[3] != "李二"]
    rows["教职工"][1][5] = "课后服务教师"
    take(bring(rows, office), office, remove_missing=True)
    assert [
        link.guardian.name for link in Guardianship.objects.filter(student__name="李二").select_related("guardian")
    ] == ["李大"]
    assert list(StaffRole.objects.filter(teacher__staff_number="T201").values_list("role", flat=True)) == [Role.TEACHER]
    assert Teacher.objects.get(staff_number="A001").active  # who administers is never put out by a file


def test_two_classes_may_swap_rooms(office):
    rows = small()
    rows["班级"][2][3] = "音乐教室"
    take(bring(rows, office), office)
    rows["班级"][1][3], rows["班级"][2][3] = "音乐教室", "一（1）班新教室"
    assert take(bring(rows, office), office).state == ImportState.WRITTEN
    assert SchoolClass.objects.get(grade=1, number=1).room.name == "音乐教室"


def test_what_was_accepted_is_what_is_written(office):
    rows = small()
    rows["场地"].append(["篮球馆", "场馆", 200])
    brought = bring(rows, office)
    Student.objects.filter(name="王一").update(number=30)
    brought = take(brought, office)
    assert brought.state == ImportState.CHECKED
    assert brought.report["stale"] is True
    assert not Room.objects.filter(name="篮球馆").exists()


def test_a_new_years_file_moves_the_children_up(office):
    ids = dict(Student.objects.values_list("name", "pk"))
    with clock.frozen(NEXT_YEAR):
        brought = bring(next_year(), office, year=2027)
        assert brought.report["error_list"] == []
        assert brought.report["counts"]["学生"] == {"new": 1, "changed": 3, "unchanged": 0, "leaving": 2}
        take(brought, office)
    assert home("王一") == (2027, 2, 1, 2)
    assert home("李二") == (2027, 2, 1, 1)
    assert home("阿依古丽·买买提江") == (2027, 2, 2, 1)
    assert Student.objects.get(name="王一").pk == ids["王一"]
    assert set(Student.objects.filter(state=StudentState.LEFT).values_list("name", flat=True)) == {"王二", "欧阳三"}
    old, new = Student.objects.get(name="王一").memberships.select_related("school_class").order_by("starts_on")
    assert (old.school_class.school_year, old.number, str(old.ends_on)) == (2026, 1, "2027-08-27")
    assert (new.school_class.school_year, new.number, new.ends_on) == (2027, 2, None)
    with clock.frozen(NEXT_YEAR):
        again = bring(next_year(), office, year=2027)
    assert again.report["writes"] is False


def test_a_guest_moves_up_behind_the_class(office):
    Student.objects.create(
        name="借读生", school_class=SchoolClass.objects.get(grade=1, number=1), number=40, origin=Origin.HAND
    )
    with clock.frozen(NEXT_YEAR):
        take(bring(next_year(), office, year=2027), office)
    assert home("借读生") == (2027, 2, 1, 40)


def test_a_child_whose_class_was_mixed_is_found_by_a_guardians_phone(office):
    rows = next_year()
    rows["学生"][2][1:3] = [2, 7]
    rows["家长"][1][1:3] = [2, 7]
    before = Student.objects.get(name="王一").pk
    with clock.frozen(NEXT_YEAR):
        brought = bring(rows, office, year=2027)
        assert "moved" in [warning["code"] for warning in brought.report["warning_list"]]
        take(brought, office)
    assert Student.objects.get(name="王一").pk == before
    assert home("王一") == (2027, 2, 2, 7)


def test_namesakes_that_cannot_be_told_apart_are_new_and_warned(office):
    rows = small()
    rows["学生"].append(["一年级", 1, 3, "王一"])
    take(bring(rows, office), office)
    up = next_year()
    up["学生"][2][2] = 8
    up["学生"].append(["二年级", 1, 9, "王一"])
    up["家长"] = up["家长"][:1]
    with clock.frozen(NEXT_YEAR):
        report = bring(up, office, year=2027).report
    assert [w["code"] for w in report["warning_list"]].count("ambiguous") == 2


@pytest.mark.parametrize("year", [2024, 2025, 2028])
def test_a_file_of_another_year_is_refused(office, year):
    brought = bring(small(), office, year=year)
    assert [problem["code"] for problem in brought.report["error_list"]] == ["wrong_year"]


def test_only_the_office_may_act(office, cast_teacher):
    for act in (lambda: bring(small(), cast_teacher), lambda: take(bring(small(), office), cast_teacher)):
        with pytest.raises(Refused, match="not_office"):
            act()


@pytest.fixture
def cast_teacher(db) -> Actor:
    from tests.cast import make_teacher

    return actor_for(make_teacher(77, "温岚", Role.TEACHER).user)


def test_after_moving_up_the_autumns_roster_holds_back_takes_in_and_lets_go(office):
    held_back, gone = Student.objects.get(name="王一"), Student.objects.get(name="李二")
    with clock.frozen(NEXT_YEAR):
        move_up(seen=2026, heads={}, by=office)
        rows = next_year()
        rows["学生"][1:] = [
            ["一年级", 1, 1, "新生"],
            ["一年级", 1, 2, "王一"],  # stays in the first grade
            ["二年级", 2, 1, "阿依古丽·买买提江"],
        ]
        rows["家长"][1:] = [["一年级", 1, 2, "王一", "王大", "爸爸", 13000000001, "是", "是"]]
        brought = bring(rows, office, year=2027)
        assert brought.report["pupils_missing"] == [gone.pk]
        take(brought, office, remove_missing=True)
        again = bring(rows, office, year=2027)
        assert again.report["writes"] == 0, "the same file changes nothing"
    assert home("王一") == (2027, 1, 1, 2)
    assert Student.objects.get(name="王一").pk == held_back.pk
    years = [str(row.school_class) for row in held_back.memberships.order_by("pk")]
    assert years == ["一（1）班", "二（1）班", "一（1）班"]
    gone.refresh_from_db()
    assert gone.state == StudentState.LEFT
    assert home("新生") == (2027, 1, 1, 1)
    assert Student.objects.filter(name="王一").count() == 1
    assert set(Student.objects.filter(state=StudentState.LEFT).values_list("name", flat=True)) == {
        "李二",
        "王二",
        "欧阳三",
    }
