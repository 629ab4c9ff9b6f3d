"""Groups and rota: proposed, looked at, accepted; what they must be was worked out by hand (see school.py)."""

from datetime import date, time

from afterschool.school.models import Group, Placement, SchoolDay, Session, Teacher
from scheduling.models import Duty, RotaTurn
from tests.journeys.beginning import Journey
from tests.journeys.people import at
from tests.journeys.school import BROTHER, CHILD, GROUPS, MOTHER, STAFF, child

FIRST_DAY = date(2026, 9, 11)  # a Friday


def groups_are_made(journey: Journey) -> None:
    """The office proposes and accepts; only the office may."""
    office = journey["A01"]
    with at("09-07 09:00"):
        journey["T14"].may_not("scheduling:grouping", status=403)
        journey["D01"].may_not("scheduling:grouping-propose", status=403, post={})
        office.open("scheduling:grouping").press("为 21 人生成").sees("一年级", "二年级")
        office.open("scheduling:grouping", query="?grade=1")
        office.sees("全班6人，参加3人，达到二分之一，独立编班", "不足三分之一")
        assert not Group.objects.exists()
        office.open("scheduling:grouping").press("确认全校 6 个服务班、21 人").sees("建立了6个服务班")
    found = {
        (group.kind, tuple(sorted(group.placements.values_list("student__name", flat=True))))
        for group in Group.objects.prefetch_related("placements")
    }
    assert found == {(kind, tuple(sorted(_names(parts)))) for kind, parts in GROUPS}
    assert Placement.objects.get(student__name=child(*BROTHER)).weekdays == "5"
    own = group_of(*CHILD)
    office.open("scheduling:group", own.pk).sees(*_names(GROUPS[0][1]))
    journey[MOTHER[0]].open("school:messages").sees("从9月11日起参加一（1）班一组", "二（2、3）混合班", child(*CHILD))


def _names(parts: list[tuple[tuple[int, int], list[int]]]) -> list[str]:
    return [child(key, number) for key, numbers in parts for number in numbers]


def group_of(key: tuple[int, int], number: int) -> Group:
    """Return the group of a child."""
    return Group.objects.get(placements__student__name=child(key, number))


def rota_is_made(journey: Journey) -> None:
    """Every session has a teacher of the grade, but the one of Wednesday in grade 2 that the rota names."""
    office = journey["A01"]
    with at("09-07 10:00"):
        journey["T14"].may_not("scheduling:rota-propose", status=403, post={})
        office.open("scheduling:rota").press("排出").sees("没能满足", "二年级", "周三")
        turns = RotaTurn.objects.filter(rota__state="draft")
        # Four groups a day in grade 1; grade 2's second comes on all days too: 30 turns, one of them open.
        assert (turns.count(), turns.filter(teacher=None).count()) == (30, 1)
        office.press("发布 29 个班次").sees("值班表已发布")
    open_turn = RotaTurn.objects.get(teacher=None)
    assert (open_turn.weekday, open_turn.group.grade) == (3, 2)
    sessions = Session.objects.select_related("group")
    served = set(SchoolDay.objects.filter(kind="service", date__gte=FIRST_DAY).values_list("date", flat=True))
    assert set(sessions.values_list("date", flat=True)) == served
    assert sessions.count() == 6 * len(served)
    days = {day.date: day.runs_weekday for day in SchoolDay.objects.filter(kind="service")}
    free = {row[0]: {"周三": 3, "周五": 5}.get(row[4]) for row in STAFF}
    duties = {duty.session_id: duty.teacher for duty in Duty.objects.filter(active=True).select_related("teacher")}
    for session in sessions:
        teacher = duties.get(session.pk)
        weekday = days[session.date]
        assert session.ends_at == _dismissal(session.group.grade, weekday)
        if teacher is None:
            assert (session.group_id, weekday) == (open_turn.group_id, 3)
        else:
            assert teacher.grade == session.group.grade
            assert free[teacher.staff_number] != weekday
    own = teacher_of_day(*CHILD)
    journey[own].open("scheduling:rota").sees(group_of(*CHILD).name)
    journey[MOTHER[0]].may_not("scheduling:rota", status=403)


def _dismissal(grade: int | None, weekday: int) -> time:
    return {(1, False): time(17, 10), (1, True): time(16, 40), (2, False): time(17, 30), (2, True): time(17, 0)}[
        grade or 0, weekday == 5
    ]


def teacher_of_day(key: tuple[int, int], number: int) -> str:
    """Return the staff number of the teacher who has the child's group on the first day."""
    return Teacher.objects.get(
        duties__session__date=FIRST_DAY, duties__session__group=group_of(key, number)
    ).staff_number
