import pytest
from django.urls import reverse

from afterschool.school.access import SYSTEM
from afterschool.school.enums import Role
from afterschool.school.models import Paper
from scheduling.actions import tasks as acts
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem
from scheduling.work_documents import rows_of, work_list_pdf, work_list_xlsx
from tests.cast import make_teacher
from tests.scheduling.test_work import add, item, listed  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
FORM = {
    "department": "年级组",
    "text": "整理器材",
    "role": "grade_leader",
    "when": "monthly",
    "days": "10、20",
    "remind_days": "2",
}


def text(client, name: str, *args) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_task_stands_on_the_home_page_and_is_ticked_there(cast, login):
    task = Task.objects.get(item=add(cast))
    client = login("grade_leader")
    assert "待办 1 件" in text(client, "home")
    answer = client.post(reverse("scheduling:work-done", args=[task.pk]), {"back": "home"}, follow=True)
    assert "今天还可以改回" in answer.content.decode()
    assert "改回" in text(client, "home")
    client.post(reverse("scheduling:work-undo", args=[task.pk]))
    assert "待办 1 件" in text(client, "home")
    client.post(reverse("scheduling:work-undo", args=[task.pk]))  # nothing to take back
    client.post(reverse("scheduling:work-done", args=[task.pk]))
    second = client.post(reverse("scheduling:work-done", args=[task.pk]), follow=True)
    assert "刚才已有人处理过" in second.content.decode()


@pytest.mark.parametrize(("who", "page"), [("office", "home"), ("service_centre", "attendance:late-care")])
def test_office_and_service_centre_find_theirs_too(cast, login, who, page):
    add(cast, role=Role.ADMINISTRATOR if who == "office" else Role.SERVICE_CENTRE)
    assert "待办 1 件" in text(login(who), page)


@pytest.mark.parametrize("tasks", [1, 3])
def test_the_home_page_asks_once_for_tasks(afternoon, login, django_assert_num_queries, tasks):
    for number in range(tasks):
        add(afternoon, text=f"第{number}件", role=Role.TEACHER)
    client = login("teacher")
    with django_assert_num_queries(8):
        assert f"待办 {tasks} 件" in text(client, "home")


@pytest.mark.parametrize("leaders", [1, 3])
def test_the_offices_board_asks_the_same_for_one_and_for_three(listed, login, django_assert_num_queries, leaders):  # noqa: F811
    for number in range(1, leaders):
        make_teacher(50 + number, f"组长{number}", Role.GRADE_LEADER, leads=number + 1)
    acts.lay_tasks(term=listed.term, by=SYSTEM)
    client = login("office")
    with django_assert_num_queries(8):
        html = text(client, "scheduling:work")
    assert "逾期" in html
    assert "12 天中 0 天" not in html  # 7 to 21 September: eleven days
    assert "11 天中 0 天" in html


@pytest.mark.parametrize("tasks", [1, 3])
def test_ones_own_list_asks_the_same_for_one_and_for_three(cast, login, django_assert_num_queries, tasks):
    for number in range(tasks):
        add(cast, text=f"第{number}件", role=Role.TEACHER, people=[cast.teacher])
    client = login("teacher")
    with django_assert_num_queries(5):
        assert f"现在要办 {tasks} 件" in text(client, "scheduling:my-work")


def test_a_task_is_handed_over_on_its_page(cast, login):
    task = Task.objects.get(item=add(cast))
    client, address = login("grade_leader"), reverse("scheduling:work-hand-over", args=[task.pk])
    assert "不用做了" not in client.get(address).content.decode()
    assert client.post(address, {"teacher": ""}).status_code == 200
    assert client.post(address, {"teacher": cast.teacher.pk, "note": "请帮忙"}).status_code == 302
    assert client.get(address).status_code == 404  # no longer this person's
    assert "本岗位转交" in text(login("office"), "scheduling:work")


def test_the_office_drops_a_task_with_its_reason(cast, login):
    task = Task.objects.get(item=add(cast))
    client, address = login("office"), reverse("scheduling:work-drop", args=[task.pk])
    assert "请写明" in client.post(address, {"note": ""}, follow=True).content.decode()
    client.post(address, {"note": "停课"})
    assert Task.objects.get().state == TaskState.DROPPED


def test_the_list_is_begun_changed_switched_and_printed(cast, login):
    client = login("office")
    assert "用方案的一览表" in text(client, "scheduling:work-list")
    client.post(reverse("scheduling:work-begin"))
    assert "随机检查课后服务工作记载本记载情况" in text(client, "scheduling:work-list")
    assert "已有工作一览表" in client.post(reverse("scheduling:work-begin"), follow=True).content.decode()
    assert client.post(reverse("scheduling:work-item-new"), FORM).status_code == 302
    row = WorkItem.objects.get(text="整理器材")
    assert (row.days, row.per_month, row.order) == ("10,20", 1, 12)
    page = text(client, "scheduling:work-item", row.pk)
    assert "10、20" in page
    wrong = client.post(reverse("scheduling:work-item", args=[row.pk]), FORM | {"days": "十日"})
    assert "1 到 31 之间" in wrong.content.decode()
    assert "十日" in wrong.content.decode()
    missing = client.post(reverse("scheduling:work-item", args=[row.pk]), FORM | {"when": "on_date"})
    assert "固定日期的工作要写明日期" in missing.content.decode()
    client.post(reverse("scheduling:work-item-move", args=[row.pk]), {"up": "1"})
    client.post(reverse("scheduling:work-item-switch", args=[row.pk]))
    row.refresh_from_db()
    assert (row.order, row.active) == (11, False)
    for form, kind in (("pdf", "work-list"), ("xlsx", "work-list-xlsx")):
        assert client.post(reverse("scheduling:work-paper"), {"form": form}).status_code == 302
        assert Paper.objects.filter(kind=kind).exists()


def test_the_papers_hold_the_table_but_not_the_lot(listed):  # noqa: F811
    rows = {row.item.text: row for row in rows_of(listed.term)}
    assert rows[item(listed, "双减").text].dates.startswith("9月15日、9月30日、10月15日")
    assert rows[item(listed, "随机检查").text].dates == ""
    params, office = {"term": listed.term.pk}, listed.actor("office")
    assert work_list_pdf(params, office, lambda percent: None)[:4] == b"%PDF"
    assert work_list_xlsx(params, office, lambda percent: None)[:2] == b"PK"


def test_a_line_for_named_people_shows_them(cast, login):
    add(cast, when=WorkRule.ON_DATE, people=[cast.teacher])
    html = text(login("office"), "scheduling:work-list")
    assert "年级组长：陈立言" in html
