"""Two schools set up their fees in the pages alone, to the last cent: one by the lesson, one by the term."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from afterschool.school.models import Student
from tests.journeys import afternoon, arranging, beginning, enrolling
from tests.journeys.beginning import Journey, text_of
from tests.journeys.people import at
from tests.journeys.school import BROTHER, CHILD, MOTHER, child

pytestmark = pytest.mark.django_db
SECOND = ((1, 1), 5)  # in the other half of the class
LEAVER = ((1, 2), 2)


@pytest.fixture
def journey(django_capture_on_commit_callbacks) -> Journey:
    """A school whose children are in their groups, from Friday 11 September on."""
    made = Journey(lambda: django_capture_on_commit_callbacks(execute=True))
    with at("08-28 09:00"):
        beginning.begin_school(made)
        beginning.begin_term(made)
        beginning.let_staff_in(made)
        enrolling.bind_families(made)
    enrolling.families_apply(made)
    enrolling.families_on_paper(made)
    enrolling.classes_review(made)
    enrolling.school_approves(made)
    arranging.groups_are_made(made)
    arranging.rota_is_made(made)
    return made


def finance(*rows: list[object]) -> SimpleUploadedFile:
    """What the finance office sends: its own order of columns."""
    book = Workbook()
    for row in [["流水号", "日期", "金额", "姓名", "学号", "班级"], *rows]:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("财务缴费.xlsx", out.getvalue())


def lines_of(content: bytes) -> dict[str, list[list[object]]]:
    """Return the cells of the finance office's list, by sheet."""
    return {
        s.title: [[c.value for c in row] for row in s.iter_rows(min_row=3)] for s in load_workbook(io.BytesIO(content))
    }


def test_three_yuan_a_lesson_settled_by_attendance(journey):
    office, mother = journey["A01"], journey[MOTHER[0]]
    with at("09-08 09:00"):
        office.open("enrollment:fees").sees("本学期课后服务没有设定收费。")
        mother.open("enrollment:my-fees").sees("本学期课后服务没有设定收费。", "还没有账单")
        rate = {"rate-0-first_grade": "1", "rate-0-last_grade": "2", "rate-0-amount": "3"}
        typed = {"basis": "lesson", "settlement": "after", "refund_unit": "none", **rate}
        office.open("enrollment:fees-settings").press("先算算看", typed)
        office.sees("一年级孩子，周一至周五都参加，2026年9月应交", "还没有保存")
        office.press("保存收费设置", typed).sees("收费设置已保存")
        mother.open("enrollment:my-fees").sees("一、二年级每次3.00元，按实际到的次数结算。")
    afternoon.mother_asks_leave(journey)
    afternoon.rolls_are_called(journey)  # one late, one absent, the brother on leave
    with at("09-30 18:00"):
        # 21 children, all booked in September; on the 11th 19 of them came: 19 × 3 yuan
        office.open("enrollment:fees").follow("2026年9月").sees("57.00", "人数21", "场点名没有完成")
        office.press("出账：新 21 份").sees("已做好")
        rows = lines_of(office.paper())
        assert rows["汇总"] == [
            ["一年级", 13, 36, 0, 36, 0, 36],
            ["二年级", 8, 21, 0, 21, 0, 21],
            ["全校", 21, 57, 0, 57, 0, 57],
        ]
        came = mother.open("enrollment:my-fees").sees(child(*CHILD), "2026年9月，到了1次，每次3.00元", "未交3.00元")
        came.sees(child(*BROTHER), "2026年9月，到了0次，每次3.00元")
        mother.open("school:messages").sees(f"{child(*CHILD)}：2026年9月课后服务费账单，应交3.00元")
        journey["T11"].may_not("enrollment:fees", status=403)
        journey["T11"].may_not("enrollment:my-fees", status=403)
    with at("10-09 10:00"):
        file = finance(
            ["P1", "2026-10-08", 3, child(*CHILD), 3, "一（1）班"], ["P2", "2026-10-08", 3, "没有此人", "", ""]
        )
        office.open("enrollment:fees-payments").press("上传并比较", {"file": file})
        office.sees("名册里没有这个孩子", "要登记（笔）1").press("登记 1 笔，3.00 元").sees("已登记 1 笔")
        office.open("enrollment:fees").sees("未交（元）54.00", "应交57.00", "已交3.00")
        mother.open("enrollment:my-fees").sees("已交清", "学校收到")
        paper = text_of(mother.press(f"下载账单：{child(*CHILD)}").paper())
        assert "2026年9月，到了1次，每次3.00元" in paper
        assert "未交0.00" in paper


def test_three_hundred_yuan_a_term_with_waivers_for_two_categories(journey):
    from enrollment.models import CareCategory

    office, mother = journey["A01"], journey[MOTHER[0]]
    first, second = CareCategory.objects.order_by("order")[:2]
    with at("09-09 09:00"):
        for key, categories in [(CHILD, [first]), (SECOND, [first, second]), (BROTHER, [second])]:
            pk = Student.objects.get(name=child(*key)).pk
            office.open("enrollment:class-care", pk).press("保存", {"categories": [str(c.pk) for c in categories]})
        rate = {"rate-0-first_grade": "1", "rate-0-last_grade": "6", "rate-0-amount": "300"}
        waive = {f"percent-{first.pk}": "33.3", f"percent-{second.pk}": "100"}
        typed = {"basis": "term", "settlement": "before", "refund_unit": "month", **rate, **waive}
        office.open("enrollment:fees-settings").press("保存收费设置", typed)
        office.sees("全学期应交300.00元", "减免100%", "应交0.00元")
        office.open("enrollment:fees").follow("全学期")
        # 18 × 300 + 300 − 99.90 + 0 + 0
        office.sees("5600.10", "人数21").press("出账：新 21 份")
        rows = lines_of(office.paper())
        assert rows["汇总"][-1] == [
            "全校",
            21,
            6300,
            pytest.approx(699.9),
            pytest.approx(5600.1),
            0,
            pytest.approx(5600.1),
        ]
        own = next(row for row in rows["一年级"] if row[2] == child(*CHILD))
        assert own[3:] == [
            "全学期",
            300,
            pytest.approx(33.3),
            pytest.approx(99.9),
            pytest.approx(200.1),
            0,
            pytest.approx(200.1),
        ]
        assert not any(word in str(rows) for word in (first.name, second.name))
        mother.open("enrollment:my-fees").sees("减免33.3%：300.00元×33.3%", "-99.90", "未交200.10元").misses(first.name)
        mother.sees("减免100%：300.00元×100%", "应交0.00")
    with at("09-10 09:00"):
        file = finance(
            ["Q1", "2026-09-09", "200.10", child(*CHILD), 3, "一（1）班"],
            ["Q2", "2026-09-09", 300, child(*LEAVER), 2, "1-2"],
            ["Q3", "2026-09-09", 280, child((1, 2), 3), 3, "1-2"],
        )
        office.open("enrollment:fees-payments").press("上传并比较", {"file": file})
        office.sees("比未交的少20.00元").press("登记 3 笔，780.10 元").sees("已登记 3 笔")
        office.open("enrollment:fees").sees("未交（元）4820.00")
    with at("10-30 09:00"):  # leaves: September and October are used, three of five months are not
        leaver = Student.objects.get(name=child(*LEAVER))
        head = journey["T12"].open("enrollment:application", leaver.applications.get().pk)
        head.press("按家长的意思撤回")
        office.open("enrollment:fees").follow("全学期").sees("出账以后有变动", child(*LEAVER), "-180.00")
        office.press("出账：更正 1 份")
        office.open("enrollment:fees-differences", query="?show=refund").sees(child(*LEAVER), "180.00")
        office.open("enrollment:fees-student", leaver.pk).sees(
            "应退180.00元", "11月、12月、1月没有参加：300.00元÷5个月×3个月"
        )
        office.press("登记这一笔", {"amount": "-180", "paid_on": "2026-10-30", "reference": "R1"}).sees(
            "已登记", "已交清"
        )
        office.press("冲销 -180.00 元", {"reason": "户名写错，银行退回"}).sees("应退180.00元", "已冲销")
        office.open("enrollment:fees").sees("应退180.00")
