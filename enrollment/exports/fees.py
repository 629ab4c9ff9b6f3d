"""The list for the finance office: a row for each child and period, a sheet for each grade, and a summary that adds up.

It says how much was waived, never of what category a child is.
"""

from dataclasses import dataclass
from decimal import Decimal

from afterschool.school.models import SchoolClass, Student, Term
from afterschool.school.naming import grade_name
from afterschool.support.xlsx import Column, Sheet, workbook
from enrollment.fees import ZERO
from enrollment.queries.fee_balances import Balance, balances

NO_STATEMENT = "没有账单"


@dataclass(frozen=True)
class FinanceRow:
    """One line of the list. What was paid and falls on no statement has a line of its own, so that the sums agree."""

    student: Student
    school_class: SchoolClass | None
    label: str
    fee: Decimal
    percent: Decimal
    waived: Decimal
    amount: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        return self.amount - self.paid


COLUMNS = [
    Column("班级", lambda r: str(r.school_class or "已离校"), width=12),
    Column("学号", lambda r: r.student.number or "", kind="number", width=8),
    Column("姓名", lambda r: r.student.name, width=16),
    Column("账期", lambda r: r.label, width=14),
    Column("减免前", lambda r: r.fee, kind="money", width=12),
    Column("减免比例（%）", lambda r: r.percent, kind="hundredths", width=12),
    Column("减免金额", lambda r: r.waived, kind="money", width=12),
    Column("应交", lambda r: r.amount, kind="money", width=12),
    Column("已交", lambda r: r.paid, kind="money", width=12),
    Column("未交（负数为应退）", lambda r: r.open, kind="money", width=14),
]


def finance_rows(found: list[Balance]) -> list[FinanceRow]:
    """Return the lines of these children."""
    rows = []
    for balance in found:
        for one in balance.stated:
            charge = one.charge
            rows.append(
                FinanceRow(
                    balance.student,
                    balance.school_class,
                    charge.label,
                    charge.amount + one.waived,
                    charge.percent,
                    one.waived,
                    charge.amount,
                    one.paid,
                )
            )
        if balance.over:
            label = "多交" if balance.stated else NO_STATEMENT
            rows.append(FinanceRow(balance.student, balance.school_class, label, ZERO, ZERO, ZERO, ZERO, balance.over))
    return rows


def _sums(rows: list[FinanceRow]) -> list[Decimal]:
    return [sum((getattr(r, name) for r in rows), ZERO) for name in ("fee", "waived", "amount", "paid", "open")]


@dataclass(frozen=True)
class GradeSum:
    """One grade's line of the summary."""

    name: str
    children: int
    sums: list[Decimal]


SUMMARY = [
    Column("年级", lambda r: r.name, width=12),
    Column("人数", lambda r: r.children, kind="number", width=10),
    *[
        Column(word, lambda r, n=place: r.sums[n], kind="money", width=14)  # type: ignore[misc]
        for place, word in enumerate(["减免前", "减免金额", "应交", "已交", "未交（负数为应退）"])
    ],
]


def finance_workbook(school: str, term: Term) -> bytes:
    """Return the list of the whole school."""
    rows = finance_rows(balances(term))
    grades = sorted({row.school_class.grade if row.school_class else 0 for row in rows})
    title = f"{school}{term.name}课后服务费"
    by_grade = {g: [r for r in rows if (r.school_class.grade if r.school_class else 0) == g] for g in grades}
    names = {grade: grade_name(grade) if grade else "已离校" for grade in grades}
    summary = [GradeSum(names[g], len({r.student.pk for r in some}), _sums(some)) for g, some in by_grade.items()]
    foot = ["全校", len({r.student.pk for r in rows}), *_sums(rows)]
    sheets = [Sheet("汇总", f"{title}汇总", SUMMARY, summary, foot=foot)]
    for grade, some in by_grade.items():
        fee, waived, amount, paid, left = _sums(some)
        end = ["合计", "", "", "", fee, "", waived, amount, paid, left]
        sheets.append(Sheet(names[grade], f"{title}　{names[grade]}", COLUMNS, some, foot=end))
    return workbook(sheets)
