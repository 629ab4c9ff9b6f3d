"""Allowance lists and term statements on paper and as workbooks (G4, G5)."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School, Teacher, Term
from afterschool.school.papers import Progress
from afterschool.support import pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column, Sheet
from evaluation.enums import PayKind
from evaluation.models import AllowanceList
from evaluation.queries import allowance as money
from evaluation.queries import statements as queries
from evaluation.queries.allowance import Allowance
from evaluation.queries.statements import Statement

ALLOWANCE = {"pdf": "allowance", "xlsx": "allowance-xlsx"}
STATEMENT, STATEMENTS, STATEMENTS_XLSX = "teacher-statement", "teacher-statements", "teacher-statements-xlsx"


def title_of(row: AllowanceList) -> str:
    """Return 2026年9月课后服务补助清单, with its version from the second on."""
    version = f"（第 {row.version} 版）" if row.version > 1 else ""
    return f"{row.month.year}年{row.month.month}月课后服务补助清单{version}"


def _list(params: dict[str, Any], by: Actor) -> AllowanceList:
    row = AllowanceList.objects.filter(pk=int(params.get("list", 0))).select_related("term", "sent_by").first()
    if row is None or not money.may_read(by):
        raise Refused("not_yours", "没有这份清单，或者您不能看。")
    return row


def allowance_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set a month's list on A4, to be signed."""
    row = _list(params, by)
    progress(30)
    values = {
        "row": row,
        "title": title_of(row),
        "allowance": money.allowance_of(row),
        "school": School.objects.get(pk=1),
    }
    return pdf.render("documents/allowance.html", values)


def allowance_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return a month's list for the finance office: a line a person, the lines behind it, and what changed."""
    row = _list(params, by)
    progress(30)
    return xlsx.workbook(allowance_sheets(row, money.allowance_of(row)))


def allowance_sheets(row: AllowanceList, found: Allowance) -> list[Sheet]:
    """Return the worksheets of a month's list."""
    person = [
        Column("工号", lambda one: one.teacher.staff_number, width=12),
        Column("姓名", lambda one: one.teacher.name, width=14),
    ]
    columns = list(person)
    for kind in found.kinds:
        columns.append(Column(f"{kind.label}（次）", _turns(kind), "number", 12))
        columns.append(Column(f"{kind.label}（元）", _yuan(kind), "money", 14))
    columns.append(Column("合计（元）", lambda one: one.cents / 100, "money", 14))
    foot: list[Any] = ["合计", f"{len(found.rows)} 人"]
    for kind in found.kinds:
        foot += [found.sums[kind.value].turns, found.sums[kind.value].cents / 100]
    foot.append(found.cents / 100)
    sheets = [Sheet("补助清单", title_of(row), columns, found.rows, foot)]
    lines = money.lines_of(row)
    people = Teacher.objects.in_bulk({line.teacher for line in lines})
    lines.sort(key=lambda line: (people[line.teacher].staff_number, line.kind, line.rate or 0))
    sheets.append(
        Sheet(
            "明细",
            f"{title_of(row)}：次数 × 标准",
            [
                Column("工号", lambda line: people[line.teacher].staff_number, width=12),
                Column("姓名", lambda line: people[line.teacher].name, width=14),
                Column("做什么", lambda line: PayKind(line.kind).label, width=16),
                Column("次数", lambda line: line.turns, "number", 8),
                Column("小时", lambda line: line.minutes / 60, "tenths", 10),
                Column("标准（元/次）", lambda line: None if line.rate is None else line.rate / 100, "money", 14),
                Column("金额（元）", lambda line: line.cents / 100, "money", 14),
            ],
            lines,
            ["合计", "", "", sum(line.turns for line in lines), None, None, found.cents / 100],
        )
    )
    if found.before is not None:
        sheets.append(
            Sheet(
                "与上月相比",
                f"{title_of(row)}：与上月相差 {(found.cents - found.before) / 100:.2f} 元",
                [
                    *person,
                    Column("做什么", lambda one: one.kind.label, width=16),
                    Column("次数增减", lambda one: one.change.turns, "number", 12),
                    Column("因次数（元）", lambda one: one.change.by_turns / 100, "money", 14),
                    Column("因标准（元）", lambda one: one.change.by_rate / 100, "money", 14),
                    Column("相差（元）", lambda one: one.change.cents / 100, "money", 14),
                ],
                found.changes,
                ["合计", "", "", None, None, None, (found.cents - found.before) / 100],
            )
        )
    return sheets


def _turns(kind: PayKind) -> Any:
    return lambda one: one.cells[kind.value].turns if kind.value in one.cells else None


def _yuan(kind: PayKind) -> Any:
    return lambda one: one.cells[kind.value].cents / 100 if kind.value in one.cells else None


def _term(params: dict[str, Any]) -> Term:
    term = Term.objects.filter(pk=int(params.get("term", 0))).first()
    if term is None:
        raise Refused("no_term", "没有这个学期。")
    return term


def statement_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set one teacher's statement on A4."""
    term = _term(params)
    teacher = queries.readable(by, term).filter(pk=int(params.get("teacher", 0))).first()
    if teacher is None:
        raise Refused("not_yours", "没有这份证明，或者不归您看。")
    progress(20)
    return _set([queries.statement_of(term, teacher)], term)


def statements_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the statements of everybody who did anything, a page each, ten at a time: alone each would bring its own fonts."""
    from pypdf import PdfWriter

    term = _term(params)
    if not by.has(*queries.READERS):
        raise Refused("not_yours", "您不能看全校的。")
    found = queries.statements(term)
    writer = PdfWriter()
    from io import BytesIO

    for start in range(0, len(found), 10):
        writer.append(BytesIO(_set(found[start : start + 10], term)))
        progress(5 + 90 * start // max(1, len(found)))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _set(found: list[Statement], term: Term) -> bytes:
    values = {"statements": found, "term": term, "school": School.objects.get(pk=1)}
    return pdf.render("documents/teacher_statement.html", values)


def statements_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return all statements as one workbook, a line a teacher."""
    term = _term(params)
    if not by.has(*queries.READERS):
        raise Refused("not_yours", "您不能看全校的。")
    found = queries.statements(term)
    progress(50)
    return xlsx.workbook([statements_sheet(found, term)])


def statements_sheet(found: list[Statement], term: Term) -> Sheet:
    """Return the worksheet of all statements."""
    kinds = [
        Column(f"{kind.label}（次）", _work(kind), "number", 8)
        for kind in PayKind
        if any(work.kind == kind for one in found for work in one.work)
    ]
    columns = [
        Column("工号", lambda one: one.teacher.staff_number, width=10),
        Column("姓名", lambda one: one.teacher.name, width=14),
        *kinds,
        Column("合计（次）", lambda one: one.turns, "number", 8),
        Column("小时", lambda one: one.hours, "tenths", 8),
        Column("迟到", lambda one: one.attendance.late if one.attendance else 0, "number", 6),
        Column("缺席", lambda one: one.attendance.absent if one.attendance else 0, "number", 6),
        Column("中途离开", lambda one: one.attendance.left if one.attendance else 0, "number", 6),
        Column("请假", lambda one: one.leaves, "number", 6),
        Column("培训（到/应到）", lambda one: f"{one.trained}/{one.trainings}", width=10),
        Column("当日记录", lambda one: one.notes, "number", 6),
        Column("评价平均", lambda one: one.average, "tenths", 8),
        Column("等第", lambda one: one.result.band if one.result else "", width=8),
        Column("违纪", lambda one: one.breaches, "number", 6),
        Column("表扬", lambda one: one.praise, "number", 6),
        Column("投诉属实", lambda one: one.complaints, "number", 6),
        Column("考勤决定", lambda one: "；".join(one.decided), width=30),
    ]
    return Sheet("工作量证明", f"{term.name}教师课后服务工作量（到今天）", columns, found)


def _work(kind: PayKind) -> Any:
    return lambda one: next((work.turns for work in one.work if work.kind == kind), 0)
