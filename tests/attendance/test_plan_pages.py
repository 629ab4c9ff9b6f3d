"""The pages of plans and notes: without script, with errors, with a colleague in between; and how often they ask."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.models import Group, Paper, Session
from afterschool.school.papers import make_paper
from afterschool.support import clock
from attendance.actions import plans as acts
from attendance.actions.days import ensure_day
from attendance.actions.plans import Change, Written
from attendance.actions.roll_calls import begin, rest_present
from attendance.enums import PlanState
from attendance.models import ChildNote, DayNote, WeekPlan
from attendance.queries.plan_page import plan_page
from scheduling.models import Duty
from tests.attendance.planned import LAST, MONDAY, handed_in, with_weeks, write
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
EVENING = NOW.replace(hour=17, minute=40)


@pytest.fixture
def week(cast: Cast) -> Cast:
    return with_weeks(cast)


@pytest.fixture
def called(week: Cast) -> Cast:
    """The roll of today is taken."""
    ensure_day(week.term, TODAY, week.actor("office"))
    roll = begin(session=week.session, by=week.actor("teacher"))
    rest_present(roll_call=roll, by=week.actor("teacher"))
    return week


def url(name: str, *args: object) -> str:
    return reverse(f"attendance:{name}", args=args)


def page_url(cast: Cast, monday=MONDAY) -> str:
    return url("plan", cast.group.pk, monday.isoformat())


def filled(cast: Cast, text: str = "做作业", **more: str) -> dict[str, str]:
    """Return what the page sends when each line is filled."""
    values = {"aim": "学会合作", "aim-was": ""}
    for day in plan_page(cast.actor("teacher"), cast.group, MONDAY).days:
        for line in day.lines:
            values |= {f"line-{line.key}": text, f"was-{line.key}": line.was}
    return values | more


def test_a_plan_is_written_and_handed_in_without_script(week, login):
    client = login("teacher")
    page = client.get(page_url(week)).content.decode()
    assert page.count("<textarea") == sum(
        len(day.lines) for day in plan_page(week.actor("teacher"), week.group, MONDAY).days
    )
    answer = client.post(page_url(week), filled(week, do="hand_in"), follow=True).content.decode()
    assert "已交，等年级组长查看" in answer
    plan = WeekPlan.objects.get()
    assert (plan.state, plan.aim) == (PlanState.HANDED_IN, "学会合作")
    assert "<textarea" not in answer
    client.post(url("plan-take-back", plan.pk))
    assert WeekPlan.objects.get().state == PlanState.DRAFT


def test_what_a_colleague_changed_is_shown_beside_what_was_typed(week, login):
    write(week, text="")
    stale = filled(week, "我的话")
    place = (MONDAY, 1)
    acts.write_plan(
        group=week.group,
        monday=MONDAY,
        written=Written({place: Change("", "同事的话")}),
        by=week.actor("other_teacher"),
    )
    page = login("teacher").post(page_url(week), stale).content.decode()
    assert "没有覆盖" in page
    assert re.search(r"同事刚才写的.*?同事的话.*?<textarea[^>]*>我的话", page, re.S)
    again = dict(stale) | {f"was-{MONDAY.isoformat()}_1": "同事的话"}
    login("teacher").post(page_url(week), again)
    assert WeekPlan.objects.get().lines.order_by("date", "position")[0].content == "我的话"


def test_a_refusal_keeps_what_was_typed(week, login):
    page = login("teacher").post(page_url(week), filled(week, "长" * 301)).content.decode()
    assert "最多写 300 字" in page
    assert "长" * 301 in page


def test_a_page_that_saves_by_itself_gets_its_new_ground(week, login):
    answer = login("teacher").post(page_url(week), filled(week, "自动"), headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert "16:05 已保存" in body
    assert body.count('hx-swap-oob="true"') > 5
    assert 'value="自动"' in body
    assert "<html" not in body


def test_the_buttons_for_the_last_plan_and_the_line_above_keep_what_was_typed(week, login):
    write(week, LAST, text="上次的")
    values = filled(week, "") | {f"line-{MONDAY.isoformat()}_1": "周一自己写"}
    tuesday = f"{(MONDAY + timedelta(days=1)).isoformat()}_1"
    client = login("teacher")
    client.post(page_url(week), values | {"do": f"same:{tuesday}"})
    assert WeekPlan.objects.get(monday=MONDAY).lines.get(date=MONDAY + timedelta(days=1), position=1).content == (
        "周一自己写"
    )
    page = client.post(page_url(week), {"do": "copy"}, follow=True).content.decode()
    assert "照上次的计划填了" in page
    assert not WeekPlan.objects.get(monday=MONDAY).lines.filter(content="").exists()


@pytest.mark.parametrize("wrong", ["2026-09-22", "x", "2026-13-01"])
def test_a_week_begins_on_a_monday(week, login, wrong):
    assert login("teacher").get(url("plan", week.group.pk, wrong)).status_code == 404


def test_words_of_a_lesson_are_shown_to_the_grade_leader_and_decide_nothing(week, login):
    plan = handed_in(week, text="讲授新课")
    client = login("grade_leader")
    assert "“讲授”“新课”" in client.get(url("plans")).content.decode()
    page = client.get(page_url(week)).content.decode()
    assert "由您判断" in page
    client.post(url("plans-see"), {"ok": f"{plan.pk} {plan.written_at.isoformat()}", "one": "1"})
    assert WeekPlan.objects.get().state == PlanState.SEEN


def test_several_are_accepted_by_their_ticks_and_none_without(week, login):
    plan = handed_in(week)
    client = login("grade_leader")
    page = client.get(url("plans")).content.decode()
    tick = re.search(r'name="ok"[^>]*value="([^"]+)"', page).group(1)
    assert "请先在看过的计划前打勾" in client.post(url("plans-see"), follow=True).content.decode()
    assert WeekPlan.objects.get().state == PlanState.HANDED_IN
    assert "已查看 1 份" in client.post(url("plans-see"), {"ok": tick}, follow=True).content.decode()
    plan.refresh_from_db()
    assert plan.no_group_teaching


def test_a_plan_is_sent_back_with_a_word(week, login):
    plan = handed_in(week)
    seen = {"seen": plan.written_at.isoformat()}
    client = login("grade_leader")
    assert "请写一句要改什么" in client.post(url("plan-return", plan.pk), seen, follow=True).content.decode()
    client.post(url("plan-return", plan.pk), seen | {"remark": "周三写具体些"})
    page = login("teacher").get(page_url(week)).content.decode()
    assert "周三写具体些" in page
    assert "改好了，再交" in page


def test_the_list_says_what_is_missing_and_late(week, login):
    page = login("office").get(url("plans") + "?week=2026-09-14").content.decode()
    assert "过期未交" in page
    page = login("office").get(url("plans") + f"?week={(MONDAY + timedelta(days=7)).isoformat()}").content.decode()
    assert "过期未交" not in page
    assert "未交" in page


def test_papers_are_made_of_one_plan_and_of_a_week(week, login, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    plan = handed_in(week)
    answer = login("teacher").get(url("plan-paper", plan.pk))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    login("grade_leader").post(url("plans-print"), {"week": MONDAY.isoformat(), "grade": "1"})
    paper = Paper.objects.get(kind="week-plans")
    make_paper.func(str(paper.pk))
    paper.refresh_from_db()
    assert paper.state == "done", paper.error


def test_my_own_page_lists_plans_and_days_not_noted(called, login):
    with clock.frozen(NOW + timedelta(days=1)):
        page = login("teacher").get(url("plans-mine")).content.decode()
    assert "一（1）班服务班" in page
    assert url("session-note", called.session.pk) in page


def test_the_day_is_noted_on_a_small_form(called, login):
    write(called, text="看书")
    client = login("teacher")
    address = url("session-note", called.session.pk)
    assert "学习时光：看书" in client.get(address).content.decode()
    assert "请写一句今天做了什么" in client.post(address, {"text": "", "followed": "yes"}).content.decode()
    client.post(address, {"text": "看书，做操", "followed": "partly", "seen": ""})
    note = DayNote.objects.get()
    assert (note.text, note.followed) == ("看书，做操", "partly")
    assert "看书，做操" in login("grade_leader").get(address).content.decode()


def test_a_day_noted_later_says_so(called, login):
    with clock.frozen(EVENING + timedelta(days=1)):
        page = login("teacher").post(
            url("session-note", called.session.pk), {"text": "补的", "followed": "yes"}, follow=True
        )
    assert "补记" in page.content.decode()


def test_children_are_noted_on_one_page(called, login):
    client, address = login("teacher"), url("session-children", called.session.pk)
    first, second = called.students[:2]
    client.post(url("session-homework", called.session.pk), {"child": [first.pk, second.pk, "²"]})
    client.post(url("session-homework", called.session.pk), {"child": [second.pk], "seen": [first.pk, second.pk]})
    assert list(ChildNote.objects.values_list("student_id", flat=True)) == [second.pk]
    assert "请选一个孩子" in client.post(address, {"kind": "praise", "text": "好"}).content.decode()
    client.post(address, {"student": first.pk, "kind": "praise", "text": "帮同学收拾书包"})
    note = ChildNote.objects.get(kind="praise")
    client.post(url("child-note", note.pk), {"text": "帮两位同学收拾书包", "seen": "帮同学收拾书包"})
    assert "帮两位同学收拾书包" in login("office").get(address).content.decode()
    assert "帮两位同学收拾书包" in login("head_teacher").get(url("child-notes")).content.decode()
    family = login("guardian").get(url("my-child-notes", first.pk)).content.decode()
    assert "帮两位同学收拾书包" in family
    assert second.name not in family
    login("teacher").post(url("child-note-remove", note.pk))
    assert not ChildNote.objects.filter(kind="praise").exists()


def test_families_read_the_aim_of_a_plan_that_was_handed_in(week, login):
    write(week, aim=Change("", "学会合作"))
    child = week.students[0]
    assert "学会合作" not in login("guardian").get(url("my-child-notes", child.pk)).content.decode()
    handed_in(week)
    page = login("guardian").get(url("my-child-notes", child.pk)).content.decode()
    assert "学会合作" in page
    assert "学习时光、休闲时光" in page
    assert "做作业" not in page


def more_groups(cast: Cast, number: int) -> None:
    """Give further groups of the grade the same weeks, handed in."""
    first = cast.group
    sessions = list(Session.objects.filter(group=first, date__gte=MONDAY, date__lt=MONDAY + timedelta(days=7)))
    for place in range(number):
        group = Group.objects.create(
            term=cast.term, kind="standalone", grade=1, name=f"另一班{place}", starts_on=first.starts_on
        )
        for session in sessions:
            copy = Session.objects.create(
                term=cast.term, group=group, date=session.date, starts_at=session.starts_at, ends_at=session.ends_at
            )
            Duty.objects.create(session=copy, teacher=cast.teacher)
        cast.group = group
        handed_in(cast)
    cast.group = first


@pytest.mark.parametrize("groups", [0, 2])
@pytest.mark.parametrize(("who", "name", "expected"), [("grade_leader", "plans", 12), ("teacher", "plans-mine", 16)])
def test_lists_ask_the_same_however_many_groups(week, login, groups, who, name, expected):
    handed_in(week)
    more_groups(week, groups)
    client = login(who)
    with CaptureQueriesContext(connection) as asked:
        client.get(url(name))
    assert len(asked) == expected, "\n".join(query["sql"][:120] for query in asked)


@pytest.mark.parametrize("begun", [False, True])
def test_a_plan_asks_the_same_begun_or_not(week, login, begun):
    if begun:
        write(week)
    client = login("teacher")
    with CaptureQueriesContext(connection) as asked:
        client.get(page_url(week))
    assert len(asked) <= 17, "\n".join(query["sql"][:120] for query in asked)


@pytest.mark.parametrize("noted", [0, 3])
def test_the_childrens_page_asks_the_same_however_many_notes(called, login, noted):
    for child in called.students[:noted]:
        ChildNote.objects.create(
            session=called.session, student=child, kind="praise", text="好", by=called.teacher.user, at=NOW
        )
    client = login("teacher")
    with CaptureQueriesContext(connection) as asked:
        client.get(url("session-children", called.session.pk))
    assert len(asked) == 8, "\n".join(query["sql"][:120] for query in asked)
