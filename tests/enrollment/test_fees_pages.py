"""The pages of the fees, and what leaves the portal: to whom, and what it never says."""

import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from afterschool.school.models import Student
from afterschool.support.refusal import Refused
from enrollment.actions.fees import issue
from enrollment.actions.payments import Paid, record_payment
from enrollment.defaults import install_care_categories
from enrollment.documents.fees import finance_list, statements_pdf
from enrollment.models import CareCategory, CareRecord, Charge, FeePlan
from tests.cast import NOW, TODAY
from tests.enrollment.test_fees_issue import more_children, put, school  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
TYPED = {
    "basis": "month",
    "settlement": "before",
    "refund_unit": "half_month",
    "sick_days": "3",
    "refund_cancelled": "on",
    "note": "每月 10 日前交到财务",
    "rate-TOTAL_FORMS": "2",
    "rate-INITIAL_FORMS": "0",
    "rate-0-first_grade": "1",
    "rate-0-last_grade": "2",
    "rate-0-amount": "180",
    "rate-1-first_grade": "3",
    "rate-1-last_grade": "6",
    "rate-1-amount": "",
}


def text(answer) -> str:
    return "".join(answer.content.decode().split())


def nothing(_: int) -> None:
    pass


@pytest.fixture
def spared(school):  # noqa: F811
    """Statements of September; the first child is spared a third for a category, and paid 100 yuan."""
    install_care_categories()
    category = CareCategory.objects.get(code="hardship")
    CareRecord.objects.create(term=school.term, student=school.students[0], category=category, recorded_at=NOW)
    put(school, waivers={category.pk: Decimal("33.3")})
    issue(term=school.term, slug="2026-09", by=school.actor("office"))
    paid = Paid(Decimal(100), TODAY, "H1")
    record_payment(term=school.term, student=school.students[0], paid=paid, by=school.actor("office"))
    return school


class TestSettings:
    url = "enrollment:fees-settings"

    def test_nothing_has_an_amount_by_default(self, school, login):  # noqa: F811
        page = login("office").get(reverse(self.url))
        assert "本学期课后服务没有设定收费。" in text(page)
        assert page.context["rates"][0]["amount"].value() is None

    def test_what_is_typed_is_saved_and_worked_out(self, school, login):  # noqa: F811
        page = login("office").post(reverse(self.url), TYPED, follow=True)
        assert "一年级孩子，周一至周五都参加，2026年9月应交180.00元" in text(page)
        plan = FeePlan.objects.get()
        assert (plan.basis, plan.refund_unit, plan.sick_days, plan.rates.count()) == ("month", "half_month", 3, 1)

    def test_it_is_worked_out_before_it_is_saved(self, school, login):  # noqa: F811
        page = login("office").post(reverse(self.url), TYPED | {"try": "1"})
        assert "2026年9月应交180.00元" in text(page)
        assert "还没有保存" in text(page)
        assert not FeePlan.objects.exists()

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"rate-0-amount": ""}, "要写至少一个年级的金额"),
            ({"rate-1-first_grade": "2", "rate-1-amount": "5"}, "同一个年级写了两个金额"),
            ({"rate-0-last_grade": "1", "rate-0-first_grade": "2"}, "年级的先后写反了"),
            ({"rate-0-amount": "-1"}, "金额有要改的地方"),
            ({"sick_days": "许多"}, "有1处要改"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, school, login, more, said):  # noqa: F811
        page = login("office").post(reverse(self.url), TYPED | more)
        assert said in text(page)
        assert "每月10日前交到财务" in text(page)
        assert not FeePlan.objects.exists()

    def test_what_is_out_of_bounds_is_said_in_plain_words(self, school, login):  # noqa: F811
        more = {"rate-0-amount": "3.005", "sick_days": "61", "note": "费" * 301}
        page = text(login("office").post(reverse(self.url), TYPED | more))
        assert all(words in page for words in ("小数最多2位", "不能大于60", "最多写300个字，现在301个"))

    def test_a_percent_is_shown_as_it_was_typed(self, school, login):  # noqa: F811
        category = CareCategory.objects.create(name="甲类")
        put(school, waivers={category.pk: Decimal(50)})
        page = login("office").get(reverse(self.url))
        assert page.context["form"][f"percent-{category.pk}"].value() == "50"

    def test_it_warns_when_statements_are_out(self, spared, login):
        assert "已经出账6份" in text(login("office").get(reverse(self.url)))


class TestFamily:
    def test_the_family_reads_how_much_and_how_it_came_about(self, spared, login):
        page = text(login("guardian").get(reverse("enrollment:my-fees")))
        for words in ['未交<spanclass="big">20.06', "减免33.3%：180.00元×33.3%", "-59.94", "学校收到"]:
            assert words in page

    def test_no_category_stands_anywhere_a_family_or_the_finance_office_reads(self, spared, login):
        names = list(CareCategory.objects.values_list("name", flat=True))
        page = text(login("guardian").get(reverse("enrollment:my-fees")))
        book = load_workbook(io.BytesIO(finance_list({"term": spared.term.pk}, spared.actor("office"), nothing)))
        cells = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
        assert not any(name in page + cells for name in names)

    def test_one_sees_no_other_family(self, spared, login):
        page = text(login("guardian").get(reverse("enrollment:my-fees")))
        assert spared.students[1].name not in page

    def test_the_statement_is_printed_for_its_family_and_nobody_else(self, spared):
        params = {"term": spared.term.pk, "student": spared.students[0].pk}
        paper = statements_pdf(params, spared.actor("guardian"), nothing)
        found = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(paper)).pages)
        assert "应交120.06" in found
        assert "未交20.06" in found
        for who in ("other_guardian", "head_teacher", "teacher"):
            with pytest.raises(Refused) as refused:
                statements_pdf(params, spared.actor(who), nothing)
            assert refused.value.code == "not_yours"

    def test_a_class_is_printed_a_sheet_a_child(self, spared):
        params = {"term": spared.term.pk, "class": spared.classes[0].pk}
        assert len(PdfReader(io.BytesIO(statements_pdf(params, spared.actor("office"), nothing))).pages) == 6
        with pytest.raises(Refused):
            statements_pdf(params, spared.actor("head_teacher"), nothing)


class TestFinanceList:
    def rows(self, cast) -> dict[str, list[list[object]]]:
        book = load_workbook(io.BytesIO(finance_list({"term": cast.term.pk}, cast.actor("office"), nothing)))
        return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] for sheet in book}

    def test_the_sums_agree(self, spared):
        extra = Paid(Decimal(30), TODAY, "H2")
        record_payment(term=spared.term, student=spared.students[8], paid=extra, by=spared.actor("office"))
        found = self.rows(spared)
        *lines, foot = found["一年级"]
        for place in (4, 6, 7, 8, 9):
            assert sum(line[place] for line in lines) == pytest.approx(foot[place])
        assert lines[-1][3:] == ["没有账单", 0, 0, 0, 0, 30, -30]
        assert found["汇总"][-1] == [
            "全校",
            7,
            1080,
            pytest.approx(59.94),
            pytest.approx(1020.06),
            130,
            pytest.approx(890.06),
        ]

    def test_a_hostile_name_stays_a_name(self, spared):
        Student.objects.filter(pk=spared.students[0].pk).update(name="=HYPERLINK(1)\x01")
        assert self.rows(spared)["一年级"][0][2] == "=HYPERLINK(1)"


OFFICE_PAGES = [("fees", [], 15), ("fees-period", ["2026-09"], 15), ("fees-differences", [], 8)]


@pytest.mark.parametrize(("name", "args", "most"), OFFICE_PAGES)
def test_the_offices_pages_ask_the_same_for_few_and_for_many(school, login, name, args, most):  # noqa: F811
    client = login("office")
    put(school)
    counts = []
    for number in (0, 60):
        more_children(school, number)
        issue(term=school.term, slug="2026-09", by=school.actor("office"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"enrollment:{name}", args=args)).status_code == 200
        counts.append(len(queries))
    assert counts == [most, most]


def test_the_head_teacher_sees_no_fees(spared, login):
    client = login("head_teacher")
    for name, args in [("fees", []), ("fees-class", [spared.classes[0].pk]), ("my-fees", [])]:
        assert client.get(reverse(f"enrollment:{name}", args=args)).status_code == 403
    page = client.get(reverse("enrollment:class-review-of", args=[spared.classes[0].pk]))
    assert "180.00" not in page.content.decode()
    assert Charge.objects.exists()
