"""Payments from the finance office: read, compared, accepted; taken back, never deleted."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from afterschool.school.models import Event
from afterschool.support.refusal import Refused
from enrollment.actions.payments import Paid, accept, discard, record_payment, take_back, upload
from enrollment.models import Charge, Payment, PaymentImport
from enrollment.payments_file import amount, blank_workbook, class_key, day, read_payments
from enrollment.queries.fee_balances import balances, differences
from tests.cast import NOW

pytestmark = pytest.mark.django_db
HEAD = ["班级", "学号", "姓名", "金额", "日期", "流水号"]


@pytest.fixture
def school(cast):
    """The first four children have a statement of 180 yuan."""
    for student in cast.students[:4]:
        Charge.objects.create(
            term=cast.term,
            student=student,
            label="2026年9月",
            starts_on=date(2026, 9, 1),
            ends_on=date(2026, 9, 30),
            amount=180,
            issued_at=NOW,
        )
    return cast


def xlsx(*rows: list[object], head: list[str] = HEAD) -> bytes:
    book = Workbook()
    for row in [head, *rows]:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(cast, content: bytes, name="缴费.xlsx") -> PaymentImport:
    return upload(term=cast.term, filename=name, content=content, by=cast.actor("office"))


def code_of(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


FIRST = ["一（1）班", 1, "王一", 180, "2026-09-20", "A1"]


class TestReading:
    @pytest.mark.parametrize("text", ["一（1）班", "一(1)班", "1-1", "一年级1班", "一年级（1）班", "1年级1班"])
    def test_a_class_is_known_as_people_write_it(self, text):
        assert class_key(text) == (1, 1)

    def test_amounts_and_dates_are_known_as_people_write_them(self):
        assert [amount(t) for t in ["180", "¥1,180.50", "-30", "0.30000000000000004"]] == [
            180,
            Decimal("1180.50"),
            -30,
            Decimal("0.30"),
        ]
        for text in ["2026-09-05", "2026/9/5", "2026年9月5日", "20260905", "2026-09-05T00:00:00", "2026.9.5 12:30"]:
            assert day(text) == date(2026, 9, 5)

    @pytest.mark.parametrize("text", ["零", "1.005", "0", "=1+1", "", "999999999999", "1e5"])
    def test_what_is_no_amount_is_refused(self, text):
        with pytest.raises(ValueError):
            amount(text)

    @pytest.mark.parametrize("text", ["2026-13-01", "2026-12-01", "昨天", "9月5日"])
    def test_what_is_no_date_that_has_been_is_refused(self, text):
        with pytest.raises(ValueError):
            day(text)

    def test_columns_are_found_in_any_order_and_under_other_words(self):
        head = ["交易流水号", "实收金额（元）", "缴费日期", "学生姓名", "座号", "班级", "经办人"]
        head[1] = "实收金额"
        read = read_payments("x.xlsx", xlsx(["A1", 180.0, "2026/9/5", "王一", 1, "1-1", "某人"], head=head))
        assert not read.problems
        assert (read.rows[0].class_key, read.rows[0].amount, read.rows[0].reference) == ((1, 1), 180, "A1")

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
    def test_a_csv_is_read_in_either_encoding(self, encoding):
        text = ",".join(HEAD) + "\r\n一（1）班,1,王一,180.00,2026-09-05,A1\r\n"
        assert read_payments("缴费.csv", text.encode(encoding)).rows[0].name == "王一"

    def test_a_file_without_the_headings_is_refused(self):
        assert code_of(lambda: read_payments("x.xlsx", xlsx(["王一", 180], head=["谁", "多少"]))) == "no_headings"

    def test_the_headings_that_are_missing_are_named(self):
        with pytest.raises(Refused, match="少了这几列：日期、流水号。"):
            read_payments("x.csv", "班级,学号,姓名,金额\n一（1）班,1,赵子涵,3".encode())

    def test_the_line_of_sums_is_passed_over(self):
        text = "班级,学号,金额,日期,流水号\n一（1）班,1,3,2026-09-05,R1\n合 计：,,3,,\n"
        read = read_payments("x.csv", text.encode())
        assert [len(read.rows), read.problems] == [1, []]

    def test_a_reference_that_a_spreadsheet_made_a_rough_number_is_refused(self):
        one = "20260915000123456789"
        for reference in (int(one), f"{float(one):.5e}"):
            read = read_payments("x.xlsx", xlsx(["一（1）班", 1, "赵子涵", 3, "2026-09-05", reference]))
            assert [p.heading for p in read.problems] == ["流水号"]
        assert read_payments("x.xlsx", xlsx(["一（1）班", 1, "赵子涵", 3, "2026-09-05", one])).problems == []

    def test_the_template_is_read_and_holds_no_payment(self):
        read = read_payments("x.xlsx", blank_workbook())
        assert (read.rows, read.problems) == ([], [])


class TestComparing:
    def test_each_bad_row_is_named_by_row_and_column(self, school):
        brought = bring(
            school,
            xlsx(
                ["一（1）班", 1, "王一", "许多", "2026-09-20", "A1"],
                ["一（1）班", 99, "", 180, "2026-09-20", "A2"],
                ["一（1）班", 1, "李二", 180, "2026-09-20", "A3"],
                ["", "", "没有人", 180, "2026-09-20", "A4"],
                ["", "", "", 180, "2026-09-20", "A5"],
                ["一（1）班", 2, "李二", 180, "2026-09-20", "A6"],
                ["一（1）班", 3, "张三", 180, "2026-09-20", "A6"],
                ["一（1）班", 4, "刘四", 180, "", ""],
            ),
        )
        found = [(p["where"], p["reason"]) for p in brought.report["problems"]]
        assert found == [
            ("“Sheet”表第 2 行 D 列（金额）", "金额要写数字，例如 180 或 180.50"),
            ("“Sheet”表第 3 行（学号）", "名册里没有一（1）班 99 号"),
            ("“Sheet”表第 4 行（姓名）", "一（1）班 1 号不是这个名字，请核对"),
            ("“Sheet”表第 5 行（姓名）", "名册里没有这个孩子"),
            ("“Sheet”表第 6 行 C 列（姓名）", "看不出是谁：要有班级和学号，或者姓名"),
            ("“Sheet”表第 8 行（流水号）", "流水号和第 7 行相同，同一笔不能登记两次"),
            ("“Sheet”表第 9 行 E 列（日期）", "没有填"),
            ("“Sheet”表第 9 行 F 列（流水号）", "没有填"),
        ]
        assert brought.report["count"] == 1
        assert not Payment.objects.exists()

    def test_one_name_for_two_children_asks_for_the_class(self, school):
        school.students[7].name = "王一"
        school.students[7].save()
        brought = bring(
            school, xlsx(["", "", "王一", 180, "2026-09-20", "A1"], ["1-2", "", "王一", 5, "2026-09-20", "A2"])
        )
        assert "有 2 个孩子叫这个名字" in brought.report["problems"][0]["reason"]
        assert brought.report["rows"][0]["student_id"] == school.students[7].pk

    def test_what_differs_from_the_statement_is_listed(self, school):
        row = ["一（1）班", 1, "", 180, "2026-09-20"]
        brought = bring(
            school,
            xlsx(
                [*row, "A1"],
                [*row, "A2"],
                ["一（1）班", 2, "", 100, "2026-09-20", "A3"],
                ["一（1）班", 3, "", 200, "2026-09-20", "A4"],
                ["一（1）班", 5, "", 180, "2026-09-20", "A5"],
                ["一（1）班", 6, "", -180, "2026-09-20", "A6"],
            ),
        )
        assert [row["remark"] for row in brought.report["rows"]] == [
            "",
            "已经交清，可能交了两次",
            "比未交的少 80.00 元",
            "比未交的多 20.00 元",
            "这个孩子没有账单",
            "退的比多交的多 180.00 元",
        ]
        assert brought.report["unpaid_names"] == ["一（1）班 刘四，180.00 元"]

    def test_comparing_asks_the_same_whatever_the_size(self, school):
        def asked(number: int) -> int:
            rows = [["一（1）班", 1 + n % 6, "", 1, "2026-09-20", f"R{n}"] for n in range(number)]
            with CaptureQueriesContext(connection) as queries:
                bring(school, xlsx(*rows))
            return len(queries)

        assert asked(1) == asked(200)


class TestAccepting:
    def test_nothing_is_written_until_accepted_and_the_same_file_again_changes_nothing(self, school):
        content = xlsx(FIRST, ["一（1）班", 2, "李二", 180, "2026-09-20", "A2"])
        brought = bring(school, content)
        assert not Payment.objects.exists()
        assert accept(brought=brought, by=school.actor("office")) == 2
        assert [row.open for row in balances(school.term)] == [0, 0, 180, 180]
        again = bring(school, content)
        assert (again.state, again.report["known"], again.report["count"]) == ("refused", 2, 0)
        assert code_of(lambda: accept(brought=again, by=school.actor("office"))) == "nothing_new"
        assert Payment.objects.count() == 2

    def test_names_go_when_the_file_is_decided_on(self, school):
        brought = bring(school, xlsx(FIRST))
        accept(brought=brought, by=school.actor("office"))
        brought.refresh_from_db()
        assert "王一" not in str(brought.report)
        other = bring(school, xlsx(["一（1）班", 2, "李二", 180, "2026-09-20", "A9"]))
        discard(brought=other, by=school.actor("office"))
        other.refresh_from_db()
        assert other.report == {}

    def test_a_file_is_decided_once(self, school):
        brought = bring(school, xlsx(FIRST))
        accept(brought=brought, by=school.actor("office"))
        assert code_of(lambda: accept(brought=brought, by=school.actor("office"))) == "somebody_was_faster"
        assert code_of(lambda: discard(brought=brought, by=school.actor("office"))) == "somebody_was_faster"
        assert Payment.objects.count() == 1

    def test_of_two_previews_of_one_file_the_second_is_refused_whole(self, school):
        one, two = bring(school, xlsx(FIRST)), bring(school, xlsx(FIRST))
        accept(brought=one, by=school.actor("office"))
        assert code_of(lambda: accept(brought=two, by=school.actor("office"))) == "somebody_was_faster"
        two.refresh_from_db()
        assert two.state == "checked"

    def test_a_known_reference_with_another_amount_is_a_fault(self, school):
        accept(brought=bring(school, xlsx(FIRST)), by=school.actor("office"))
        brought = bring(school, xlsx([*FIRST[:3], 200, *FIRST[4:]]))
        assert "已经登记过，内容不同" in brought.report["problems"][0]["reason"]


class TestByHand:
    def paid(self, value="180", ref="H1", on=date(2026, 9, 20)) -> Paid:
        return Paid(Decimal(value), on, ref)

    def record(self, school, **more) -> Payment:
        by = school.actor("office")
        return record_payment(term=school.term, student=school.students[0], paid=self.paid(**more), by=by)

    def test_a_payment_by_hand_has_a_reference_of_its_own(self, school):
        self.record(school)
        assert code_of(lambda: self.record(school)) == "known_reference"
        assert code_of(lambda: self.record(school, ref=" ")) == "no_reference"
        assert code_of(lambda: self.record(school, ref="H2", on=date(2026, 9, 22))) == "not_yet"
        assert code_of(lambda: self.record(school, ref="H2", value="0")) == "no_amount"

    def test_what_was_wrong_is_taken_back_once_with_a_reason_and_both_stay(self, school):
        wrong = self.record(school)
        by = school.actor("office")
        assert code_of(lambda: take_back(payment=wrong, reason=" ", by=by)) == "no_reason"
        counter = take_back(payment=wrong, reason="记错了孩子", by=by)
        assert (counter.amount, Payment.objects.count()) == (-180, 2)
        assert code_of(lambda: take_back(payment=wrong, reason="再来", by=by)) == "taken_back"
        assert code_of(lambda: take_back(payment=counter, reason="再来", by=by)) == "taken_back"
        assert balances(school.term)[0].open == 180
        event = Event.objects.get(verb="payment.taken_back")
        assert "记错" not in str(event.data)
        assert event.note.text == "记错了孩子"

    def test_only_the_office_deals_with_payments(self, school):
        head = school.actor("head_teacher")
        made = self.record(school)
        acts = [
            lambda: record_payment(term=school.term, student=school.students[0], paid=self.paid(ref="H9"), by=head),
            lambda: take_back(payment=made, reason="x", by=head),
            lambda: upload(term=school.term, filename="x.xlsx", content=xlsx(FIRST), by=head),
        ]
        assert [code_of(act) for act in acts] == ["not_yours"] * 3

    def test_who_is_open_over_or_gets_back_stands_on_the_page_of_differences(self, school):
        self.record(school, value="200")
        tabs = {key: number for key, _, number, _ in differences(school.term, "", "")["tabs"]}
        assert tabs == {"open": 3, "refund": 0, "over": 1}
        Charge.objects.filter(student=school.students[0]).update(version=2)
        tabs = {key: number for key, _, number, _ in differences(school.term, "", "")["tabs"]}
        assert tabs == {"open": 3, "refund": 1, "over": 0}


class TestPages:
    def test_the_office_brings_a_file_and_accepts_it(self, school, login):
        client = login("office")
        answer = client.post(
            reverse("enrollment:fees-payments"), {"file": SimpleUploadedFile("缴费.xlsx", xlsx(FIRST))}
        )
        brought = PaymentImport.objects.get()
        assert answer["Location"] == reverse("enrollment:fees-payments-file", args=[brought.pk])
        assert "登记 1 笔，180.00 元" in client.get(answer["Location"]).content.decode()
        answer = client.post(reverse("enrollment:fees-payments-accept", args=[brought.pk]), follow=True)
        assert "已登记 1 笔" in answer.content.decode()

    def test_what_can_not_be_read_is_said_on_the_form(self, school, login):
        file = SimpleUploadedFile("缴费.xlsx", b"%PDF")
        answer = login("office").post(reverse("enrollment:fees-payments"), {"file": file})
        assert "PDF" in answer.content.decode()

    def test_what_was_typed_by_hand_is_kept(self, school, login):
        url = reverse("enrollment:fees-payment-add", args=[school.students[0].pk])
        answer = login("office").post(url, {"amount": "18", "paid_on": "2026-12-01", "reference": "收据 7"})
        assert "日期还没到" in answer.content.decode()
        assert "收据 7" in answer.content.decode()

    def test_the_template_is_given_out(self, login):
        content = login("office").get(reverse("enrollment:fees-payments-template")).content
        assert [cell.value for cell in load_workbook(io.BytesIO(content)).worksheets[0][1]][3] == "金额*"
