"""Another school in the pages alone: five leaders on duty, four days of service, Friday 45 minutes earlier."""

import pytest

from afterschool.school.enums import Role
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from scheduling.models import RotaTurn
from tests.cast import PASSWORD, make_teacher
from tests.journeys.people import Person
from tests.scheduling.arranged import BEFORE, arrange

pytestmark = pytest.mark.django_db
DAYS = ["1", "2", "4", "5"]


@pytest.fixture
def elsewhere(cast):
    with clock.frozen(BEFORE):
        arrange(cast)
        for number in range(61, 65):
            make_teacher(number, f"值班{number}", Role.TEACHER, Role.DUTY_LEADER, grade=1)
    return cast


def test_four_days_of_service_an_early_friday_and_five_leaders_on_duty(elsewhere, django_capture_on_commit_callbacks):
    office = Person(lambda: django_capture_on_commit_callbacks(execute=True))
    office.client.login(username=elsewhere.office.user.login, password=PASSWORD)
    band = elsewhere.term.bands.get(first_grade=1)
    with clock.frozen(BEFORE):
        office.open("setup:term-edit", elsewhere.term.pk).press("保存", {"service_weekdays": DAYS})
        office.open("scheduling:calendar").press("更新校历")
        office.open("scheduling:timetable-new", band.pk).press("移动", {"minutes": "-45", "weekdays": ["5"]})
        office.press("保存一、二年级课表", {"weekdays": ["5"]}).sees("16:45")
        leaders = [elsewhere.duty_leader, *_leaders()]
        for day, leader in zip(DAYS, leaders, strict=False):
            office.open("scheduling:patrol-day", day).press("保存", {"admin_1": leader.pk})
        office.open("scheduling:patrol-day", 1).press("保存", {"admin_1": leaders[0].pk, "admin_2": leaders[4].pk})
        office.open("scheduling:rota").press("排出值班表草案").sees("各年级", "已证明最优")
        office.press("发布").sees("值班表已发布")
    turns = RotaTurn.objects.filter(rota__state="accepted")
    assert sorted({turn.weekday for turn in turns}) == [1, 2, 4, 5]
    assert turns.count() == 3 * 4
    assert not turns.filter(teacher=None).exists()
    for day, leader in zip(DAYS, leaders, strict=False):  # who patrols has no group then
        assert not turns.filter(teacher=leader, weekday=day).exists()
    assert not turns.filter(teacher=leaders[4], weekday=1).exists()
    fridays = Session.objects.filter(date__week_day=6, group__grade=1)
    assert {f"{s.starts_at:%H:%M}-{s.ends_at:%H:%M}" for s in fridays} == {"14:30-16:45"}
    assert not Session.objects.filter(date__week_day=4).exists()
    office.open("scheduling:rota-print", query="?week=2026-09-14").misses("周三")
    office.sees("周一、二、四 15:15—17:30，周五 14:30—16:45", "放学时间 16:45、17:30")


def _leaders() -> list[Teacher]:
    return list(Teacher.objects.filter(name__startswith="值班"))
