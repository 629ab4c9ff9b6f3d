"""A file of payments beside what the portal knows: who is meant, what is new, and where the two differ."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from afterschool.school.enums import StudentState
from afterschool.school.importing.roster import Problem
from afterschool.school.models import Student, Term
from afterschool.school.naming import class_name
from enrollment.fees import ZERO, yuan
from enrollment.models import Payment
from enrollment.payments_file import NAME, NUMBER, REFERENCE, PaymentsFile, Row, as_date
from enrollment.queries.fee_balances import balances

MOST_SHOWN = 300


@dataclass(frozen=True)
class PaymentRow:
    """One payment to be written, with what is worth a look."""

    row: int
    student_id: int
    who: str
    amount: Decimal
    paid_on: date
    reference: str
    remark: str = ""

    def as_report(self) -> dict[str, Any]:
        return asdict(self) | {"amount": str(self.amount), "paid_on": self.paid_on.isoformat()}

    @classmethod
    def from_report(cls, row: dict[str, Any]) -> "PaymentRow":
        """Return a row that was kept with its file."""
        return cls(**(row | {"amount": Decimal(row["amount"]), "paid_on": as_date(row["paid_on"])}))


@dataclass
class Compared:
    """What a file would do."""

    new: list[PaymentRow] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)
    unpaid: list[str] = field(default_factory=list)

    def as_report(self) -> dict[str, Any]:
        """Return it as it is kept with the file; dropped again when the file is decided on."""
        return {
            "rows": [row.as_report() for row in self.new],
            "count": len(self.new),
            "sum": str(sum((row.amount for row in self.new), ZERO)),
            "known": self.known,
            "remarks": sum(bool(row.remark) for row in self.new),
            "bad": len(self.problems),
            "problems": [{"where": p.where, "reason": p.reason, "value": p.value} for p in self.problems[:MOST_SHOWN]],
            "unpaid": len(self.unpaid),
            "unpaid_names": self.unpaid[:MOST_SHOWN],
        }


def compare(term: Term, read: PaymentsFile) -> Compared:
    """Return what is new, known or wrong: seven queries, however many rows."""
    found = Compared(problems=list(read.problems))
    pupils = _Pupils()
    recorded = {p.reference: p for p in Payment.objects.filter(term=term)}
    stand = {row.student.pk: row for row in balances(term, lines=False)}
    left = {pk: row.open for pk, row in stand.items()}
    in_file: dict[str, int] = {}
    for row in read.rows:
        student, reason, heading = pupils.find(row)
        if student is None:
            found.problems.append(_problem("unknown_child", row, heading, reason))
            continue
        if first := in_file.get(row.reference):
            text = f"流水号和第 {first} 行相同，同一笔不能登记两次"
            found.problems.append(_problem("twice_in_file", row, REFERENCE, text))
            continue
        in_file[row.reference] = row.row
        old = recorded.get(row.reference)
        if old is not None:
            if (old.student_id, old.amount, old.paid_on) == (student.pk, row.amount, row.paid_on):
                found.known += 1
            else:
                text = f"这个流水号已经登记过，内容不同（{old.paid_on:%Y-%m-%d}，{yuan(old.amount)}），请核对"
                found.problems.append(_problem("other_content", row, REFERENCE, text))
            continue
        remark = _remark(
            row.amount, left.get(student.pk), stated=bool(stand.get(student.pk) and stand[student.pk].stated)
        )
        left[student.pk] = left.get(student.pk, ZERO) - row.amount
        who = f"{student.school_class or '已离校'} {student.name}"
        found.new.append(PaymentRow(row.row, student.pk, who, row.amount, row.paid_on, row.reference, remark))
    found.problems.sort(key=lambda p: (p.sheet, p.row))
    found.unpaid = [
        f"{row.school_class or '已离校'} {row.student.name}，{yuan(left[pk])}"
        for pk, row in stand.items()
        if left[pk] > 0 and left[pk] == row.owed
    ]
    return found


def _problem(code: str, row: Row, heading: str, reason: str) -> Problem:
    return Problem(code, row.sheet, reason, row.row, heading=heading)


def _remark(amount: Decimal, left: Decimal | None, *, stated: bool) -> str:
    if amount < 0:
        over = -(left or ZERO)
        return "" if -amount <= over else f"退的比多交的多 {yuan(-amount - max(over, ZERO))}"
    if not stated:
        return "这个孩子没有账单"
    open_now = left or ZERO
    if open_now <= 0:
        return "已经交清，可能交了两次"
    if amount > open_now:
        return f"比未交的多 {yuan(amount - open_now)}"
    return f"比未交的少 {yuan(open_now - amount)}" if amount < open_now else ""


class _Pupils:
    """All children by class and number, and by name."""

    def __init__(self) -> None:
        self.by_number: dict[tuple[int, int, int], Student] = {}
        self.by_name: dict[str, list[Student]] = defaultdict(list)
        for one in Student.objects.select_related("school_class").order_by("pk"):
            if one.school_class is not None and one.number:
                self.by_number[one.school_class.grade, one.school_class.number, one.number] = one
            self.by_name[one.name].append(one)

    def find(self, row: Row) -> tuple[Student | None, str, str]:
        """Return the child that is meant; else why not, and under which heading."""
        if row.class_key and row.number:
            return self._by_number(row)
        same = self.by_name.get(row.name, [])
        if row.class_key:
            same = [
                s for s in same if s.school_class and (s.school_class.grade, s.school_class.number) == row.class_key
            ]
        if row.number:
            same = [s for s in same if s.number == row.number]
        on_roll = [s for s in same if s.state == StudentState.ENROLLED] or same
        if len(on_roll) == 1:
            return on_roll[0], "", ""
        if on_roll:
            return None, f"有 {len(on_roll)} 个孩子叫这个名字，请写明班级和学号", NAME
        return None, "名册里没有这个孩子", NAME

    def _by_number(self, row: Row) -> tuple[Student | None, str, str]:
        assert row.class_key is not None  # noqa: S101 (told by the caller)
        where = f"{class_name(*row.class_key)} {row.number} 号"
        student = self.by_number.get((*row.class_key, row.number or 0))
        if student is None:
            return None, f"名册里没有{where}", NUMBER
        if row.name and row.name != student.name:
            return None, f"{where}不是这个名字，请核对", NAME
        return student, "", ""
