"""The import from start to end: what a file brings, and that the same file again brings nothing."""

import pytest

from afterschool.demo.play import roster as play
from afterschool.school.access import Actor, actor_for
from afterschool.school.actions.school import open_school
from afterschool.school.enums import ImportState, Origin, Relation, Role, StudentState
from afterschool.school.models import (
    ClassMembership,
    Event,
    Guardian,
    Guardianship,
    Room,
    SchoolClass,
    StaffRole,
    Student,
    Teacher,
)
from tests.school.roster_files import bring, small, take


@pytest.fixture
def office(db) -> Actor:
    return actor_for(
        open_school(
            name="青禾路小学", public_url="", number="A001", person="课程中心", password="qinghe-2026", demo=True
        )
    )


def everything() -> list[list[tuple]]:
    tables = [Room, Teacher, StaffRole, SchoolClass, Student, ClassMembership, Guardian, Guardianship]
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def test_nothing_is_written_before_it_is_accepted(office):
    brought = bring(small(), office)
    assert brought.state == ImportState.CHECKED
    assert brought.report["counts"]["学生"] == {"new": 5, "changed": 0, "unchanged": 0, "leaving": 0}
    assert not Student.objects.exists()


def test_an_accepted_file_fills_the_register(office):
    brought = take(bring(small(), office), office)
    assert brought.state == ImportState.WRITTEN
    child = Student.objects.get(name="王一")
    assert (str(child.school_class), child.number) == ("一（1）班", 1)
    assert "wangyi" in child.pinyin.split()
    assert child.school_class.head_teacher.name == "周甲"
    assert child.school_class.room.name == "一（1）班新教室"
    assert child.memberships.get().ends_on is None
    father = Guardian.objects.get(name="王大")
    assert father.phone == "13000000001"
    assert {link.student.name for link in father.links.select_related("student")} == {"王一", "王二"}
    assert Guardianship.objects.get(guardian__name="李奶").relation == Relation.PATERNAL_GRANDMOTHER
    assert not Guardianship.objects.get(guardian__name="李奶").acts
    assert not Guardianship.objects.get(guardian__name="欧阳大").may_fetch
    roles = set(StaffRole.objects.filter(teacher__staff_number="T201").values_list("role", "grade"))
    assert roles == {(Role.TEACHER, None), (Role.GRADE_LEADER, 1)}
    assert Teacher.objects.get(staff_number="T201").days_off == "3"


def test_the_file_is_deleted_once_it_is_written(office):
    brought = bring(small(), office)
    name = brought.file.name
    storage = brought.file.storage
    assert storage.exists(name)
    take(brought, office)
    assert not brought.file
    assert "error_list" not in brought.report


@pytest.mark.django_db(transaction=True)
def test_the_demo_school_comes_in_by_the_same_door_and_a_second_time_changes_nothing(office):
    play.play(office)
    assert SchoolClass.objects.count() == 60
    assert 2600 < Student.objects.count() < 2800
    before = everything()
    events = Event.objects.count()
    from django.conf import settings

    again = bring((settings.BASE_DIR / "demo" / "roster.xlsx").read_bytes(), office)
    assert again.report["errors"] == 0
    assert again.report["writes"] is False
    assert again.report["missing"] == 0
    assert {c["new"] + c["changed"] + c["leaving"] for c in again.report["counts"].values()} == {0}
    assert everything() == before
    assert Event.objects.count() == events + 1  # the upload itself


def test_the_same_file_again_has_nothing_to_accept(office):
    take(bring(small(), office), office)
    again = bring(small(), office)
    assert again.report["writes"] is False
    from afterschool.support.refusal import Refused

    with pytest.raises(Refused, match="nothing_to_do"):
        take(again, office)


def test_children_added_by_hand_survive(office):
    take(bring(small(), office), office)
    home = SchoolClass.objects.get(grade=1, number=1)
    guest = Student.objects.create(name="借读生", school_class=home, number=40, origin=Origin.HAND)
    again = bring(small(), office)
    assert again.report["missing"] == 0
    guest.refresh_from_db()
    assert guest.state == StudentState.ENROLLED
