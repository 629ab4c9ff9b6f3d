"""Another school's clubs in the pages alone: 15 to 30 children, at most two clubs a teacher, one club a child."""

import pytest

from afterschool.support import clock
from scheduling.models import Club, ClubRound
from tests.cast import PASSWORD
from tests.journeys.people import Person
from tests.scheduling.arranged import BEFORE, arrange

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(cast):
    with clock.frozen(BEFORE):
        arrange(cast)
    return cast


def test_sizes_a_limit_per_teacher_and_one_club_a_child(elsewhere, django_capture_on_commit_callbacks):
    office = Person(lambda: django_capture_on_commit_callbacks(execute=True))
    office.client.login(username=elsewhere.office.user.login, password=PASSWORD)
    teacher = elsewhere.other_teacher
    with clock.frozen(BEFORE):
        office.open("scheduling:clubs").press("保存", {"most": "2"})
        for name, day in (("围棋", "2"), ("剪纸", "4")):
            office.open("scheduling:club-new").press("申报", written(name, day, teacher.pk)).sees(name)
            office.press(f"批准“{name}”", {"by_own_teacher": "on", "no_lessons": "on"}).sees("已批准")
        office.open("scheduling:club-new").press("申报", written("合唱", "1", teacher.pk)).sees("2 个社团")
        office.open("scheduling:round-new").press("保存", {
            "name": "秋季选社团", "mode": "lot", "clubs_per_child": "1", "most_wishes": "5",
            "opens_at": "2026-09-10T08:00", "closes_at": "2026-09-12T20:00", "starts_on": "2026-09-21",
        })  # fmt: skip
    assert sorted(Club.objects.values_list("name", "smallest", "largest")) == [("剪纸", 15, 30), ("围棋", 15, 30)]
    found = ClubRound.objects.get()
    assert (found.clubs_per_child, found.offers.count()) == (1, 2)


def written(name: str, day: str, teacher: int) -> dict[str, object]:
    """What the office types of a club."""
    return {
        "name": name, "kind": "school_club", "activity": "wider", "description": "学规则。", "content": "每次一局。",
        "teacher": teacher, "weekdays": [day], "grades": ["1", "2"], "smallest": "15", "largest": "30",
    }  # fmt: skip
