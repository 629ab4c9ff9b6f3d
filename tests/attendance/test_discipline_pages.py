"""Pages of teachers' attendance: what they say, what they keep, and how often they ask the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Room, Session
from afterschool.support import clock
from attendance.actions import breaches, roll_calls, staff_checks
from attendance.actions.breaches import Seen
from attendance.actions.flags import recount
from attendance.defaults import install_attendance_rules
from attendance.enums import BreachKind, RuleKind
from attendance.models import AfternoonSettings, AttendanceRule, ClassroomDevice, Flag, SignIn, StaffCheck
from attendance.queries.staff_checks import walk_order
from attendance.views.standing import PC_COOKIE
from scheduling.models import Duty
from tests.attendance.test_flags import EVENING, START, absent, came, decide, late_thrice, turn
from tests.cast import NOW, TODAY, make_teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(afternoon):
    install_attendance_rules(afternoon.term)
    return afternoon


def open_page(client, name, *args, **query):
    with CaptureQueriesContext(connection) as asked:
        response = client.get(reverse(f"attendance:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode(), len(asked)


def fill(cast, many):
    """Give the teacher absences on some past days, each with a flag of its own, one of them a confirmed breach."""
    for back in range(1, many + 1):
        duty = turn(cast, TODAY - timedelta(days=14 * back))
        StaffCheck.objects.create(
            session=duty.session, teacher=cast.teacher, at=NOW, there=False, nobody=True, by=cast.duty_leader.user
        )
        breaches.write_down(
            term=cast.term,
            seen=Seen(cast.teacher, BreachKind.PHONE, NOW - timedelta(days=back), "一（1）班", "看手机"),
            by=cast.actor("duty_leader"),
        )
        group = Group.objects.create(
            term=cast.term,
            kind=GroupKind.STANDALONE,
            grade=1,
            name=f"新{back}班",
            starts_on=cast.term.service_starts_on,
        )
        session = Session.objects.create(term=cast.term, group=group, date=TODAY, starts_at="15:15", ends_at="17:30")
        Duty.objects.create(session=session, teacher=make_teacher(50 + back, f"老师{back}"))
    cast.term.starts_on = TODAY - timedelta(days=100)
    cast.term.save()
    recount(cast.term)
    assert Flag.objects.count() == many


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(
    ("who", "name", "queries"),
    [
        ("office", "teacher-flags", 10),
        ("office", "teacher-day", 15),
        ("duty_leader", "staff-checks", 8),
        ("leading_group", "breaches", 5),
        ("teacher", "my-attendance", 21),
    ],
)
def test_a_page_asks_as_often_for_one_row_as_for_three(school, login, many, who, name, queries):
    fill(school, many)
    _, asked = open_page(login(who), name)
    assert asked == queries


def test_the_desk_lists_what_waits_and_what_nobody_recorded(school, login):
    turn(school, TODAY - timedelta(days=4))
    absent(school)
    page, _ = open_page(login("office"), "teacher-flags")
    assert "待处理 1 条" in page
    assert "无故缺席" in page
    assert "没有任何记录的场次" in page


def test_the_office_decides_on_the_page_and_the_teacher_reads_it(school, login):
    flag = absent(school)
    office = login("office")
    address = reverse("attendance:flag-decide", args=[flag.pk])
    page = office.post(address, {"verdict": "excused", "downgrades": "on", "reason": "送医"}).content.decode()
    assert "只有按旷工处理的" in page
    assert "送医" in page
    office.post(address, {"verdict": "truant", "holds_awards": "on", "reason": "没有请假"})
    page, _ = open_page(login("teacher"), "flag", flag.pk)
    assert "按旷工处理" in page
    assert "评优评先暂缓推荐" in page
    assert "申诉" in page


def test_the_teacher_answers_and_appeals_on_the_page(school, login):
    flag = absent(school)
    client = login("teacher")
    client.post(reverse("attendance:flag-answer", args=[flag.pk]), {"text": "送急诊"})
    decide(school, Flag.objects.get())
    client = login("teacher")
    client.post(reverse("attendance:flag-appeal", args=[flag.pk]), {"text": "附病历"})
    assert set(flag.statements.values_list("kind", flat=True)) == {"answer", "appeal"}
    office, _ = open_page(login("office"), "flag", flag.pk)
    assert "作出决定" not in office
    leading, _ = open_page(login("leading_group"), "flag", flag.pk)
    assert "作出决定" in leading


def test_a_teacher_sees_the_own_turns_and_flags(school, login):
    late_thrice(school)
    page, _ = open_page(login("teacher"), "my-attendance")
    assert page.count("迟到 5 分钟") == 3
    assert "多次迟到" in page
    assert "一周内活动迟到三次" in page
    other, _ = open_page(login("other_teacher"), "my-attendance")
    assert "迟到 5 分钟" not in other


def test_the_office_enters_a_sign_in_and_is_told_what_is_wrong(school, login):
    duty = turn(school, TODAY - timedelta(days=3))
    came(school, duty, 40)
    client = login("office")
    address = reverse("attendance:teacher-sign-in", args=[duty.pk])
    assert "请写明" not in client.get(address).content.decode()
    page = client.post(address, {"time": "15:10", "reason": ""}).content.decode()
    assert "15:10" in page
    client.post(address, {"time": "15:10", "reason": "停电，纸质点名"})
    assert SignIn.objects.filter(source="office", reason="停电，纸质点名").count() == 1
    page, _ = open_page(client, "teacher-day", day=duty.session.date.isoformat())
    assert "补记：停电，纸质点名" in page
    assert "准时" in page


def test_the_day_takes_any_words_for_a_date(school, login):
    for words in ("", "x", "2026-13-40", "2030-01-01"):
        open_page(login("office"), "teacher-day", day=words)


def test_a_leader_taps_past_the_rooms(school, login):
    client = login("duty_leader")
    address = reverse("attendance:staff-check-add", args=[school.session.pk])
    assert "教师在" in client.post(address, {"seen": "there"}, follow=True).content.decode()
    client.post(address, {"seen": "nobody"})
    page, _ = open_page(client, "staff-checks")
    assert "没有教师" in page
    new = reverse("attendance:staff-check-new", args=[school.session.pk])
    assert school.teacher.name in client.get(new).content.decode()
    client.post(new, {"held_by": school.other_teacher.pk, "note": "隔壁班帮看"})
    assert f"由{school.other_teacher.name}看着" in open_page(client, "staff-checks")[0]
    assert StaffCheck.objects.count() == 3


def test_the_rules_are_the_plans_and_can_be_set(school, login):
    client = login("office")
    page, _ = open_page(client, "attendance-rules")
    assert "凡是一周内活动迟到三次者" in page
    values = {
        "absent-active": "on",
        "absent-count": "1",
        "absent-window": "occasion",
        "absent_often-count": "3",
        "absent_often-window": "month",
        "late_often-active": "on",
        "late_often-count": "2",
        "late_often-window": "week",
        "left-active": "on",
        "left-count": "1",
        "left-window": "occasion",
    }
    address = reverse("attendance:attendance-rules")
    page = client.post(address, values | {"late_often-window": "occasion"}).content.decode()
    assert "要数几次" in page
    assert AttendanceRule.objects.get(kind=RuleKind.LATE_OFTEN).count == 3
    client.post(address, values)
    rules = dict(AttendanceRule.objects.filter(active=True).values_list("kind", "count"))
    assert rules == {"absent": 1, "late_often": 2, "left": 1}


def test_a_rule_under_which_something_was_flagged_keeps_its_numbers(school, login):
    late_thrice(school)
    flag = Flag.objects.get()
    decide(school, flag)
    rule = flag.rule
    values = {
        f"{row.kind}-{name}": value
        for row in AttendanceRule.objects.all()
        for name, value in [("active", "on"), ("count", row.count), ("window", row.window)]
    }
    login("office").post(reverse("attendance:attendance-rules"), values | {"late_often-count": 4})
    rule.refresh_from_db()
    assert (rule.active, rule.count) == (False, 3)
    assert AttendanceRule.objects.get(kind=RuleKind.LATE_OFTEN, active=True).count == 4
    flag.refresh_from_db()
    assert flag.state == "decided"


def test_this_pc_is_registered_on_itself_and_signs_in_from_school(school, login):
    client = login("office")
    assert "不是网络地址" in client.post(reverse("attendance:networks-set"), {"networks": "三号楼"}).content.decode()
    client.post(reverse("attendance:networks-set"), {"networks": "10.1.0.0/16"})
    assert AfternoonSettings.objects.get().school_networks == "10.1.0.0/16"
    client.post(reverse("attendance:device-add"), {"name": "一（1）班电脑", "room": school.session.room_id})
    device = ClassroomDevice.objects.get()
    assert client.cookies[PC_COOKIE].value == device.device_id
    assert "已登记" in open_page(client, "devices")[0]
    page = client.post(reverse("attendance:device-add"), {"name": "又一次"}, follow=True).content.decode()
    assert "已经登记为" in page
    client.force_login(school.teacher.user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    client.post(reverse("attendance:roll-call-begin", args=[school.session.pk]))
    assert SignIn.objects.get().from_school is True
    client.force_login(school.office.user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    client.post(reverse("attendance:device-remove", args=[device.pk]))
    device.refresh_from_db()
    assert not device.active


def test_the_home_of_the_office_says_how_many_wait(school, login):
    flag = absent(school)
    assert "考勤待决定" in login("office").get("/", follow=True).content.decode()
    decide(school, flag)
    assert "考勤待决定" not in login("office").get("/", follow=True).content.decode()


def test_a_check_raises_what_the_desk_shows_at_once(school, login):
    with clock.frozen(START):
        came(school, Duty.objects.get(session=school.session), 10)
    staff_checks.check(session=school.session, there=False, by=school.actor("duty_leader"))
    with clock.frozen(EVENING):
        page, _ = open_page(login("office"), "teacher-flags")
    assert "中途擅自离开" in page


def test_rooms_are_walked_past_as_people_count_them():
    names = ["音乐室", "二（1）班教室", "一（10）班教室", "一（2）班教室"]
    sessions = [Session(room=Room(name=name)) for name in names] + [Session()]
    ordered = sorted(sessions, key=walk_order)
    assert [one.room.name if one.room else "" for one in ordered] == [
        "一（2）班教室",
        "一（10）班教室",
        "二（1）班教室",
        "音乐室",
        "",
    ]


def test_a_teacher_whose_roll_somebody_else_opened_signs_in_by_one_button(school, login):
    roll_calls.begin(session=school.session, by=school.actor("duty_leader"))
    client = login("teacher")
    assert "我到了" in open_page(client, "roll-call", school.session.pk)[0]
    client.post(reverse("attendance:roll-call-begin", args=[school.session.pk]))
    assert SignIn.objects.get().teacher == school.teacher
    assert "我到了" not in open_page(client, "roll-call", school.session.pk)[0]
    assert "我到了" not in open_page(login("grade_leader"), "roll-call", school.session.pk)[0]
