"""A class table for page, PDF and Excel."""

from collections.abc import Sequence
from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School
from afterschool.school.papers import Progress
from afterschool.support import pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import show
from afterschool.support.xlsx import Column, Sheet
from evaluation.models import ClassTable
from evaluation.queries import class_tables as queries
from evaluation.queries.class_tables import Line

KINDS = {"pdf": "class-table", "xlsx": "class-table-xlsx"}


def title_of(table: ClassTable) -> str:
    """Return 一（1）班课后服务学生表（9月14日）."""
    return f"{table.school_class}课后服务学生表（{table.due_on.month}月{table.due_on.day}日）"


def sum_of(lines: Sequence[Line]) -> dict[str, int]:
    """Return the sums of a table: children, those who take part, turns."""
    return {
        "children": len(lines),
        "part": sum(line.takes_part for line in lines),
        "due": sum(line.due for line in lines),
        "here": sum(line.here for line in lines),
        "leave": sum(line.leave for line in lines),
        "absent": sum(line.absent for line in lines),
    }


def _asked(params: dict[str, Any], by: Actor) -> ClassTable:
    found = ClassTable.objects.filter(pk=int(params.get("table", 0))).select_related("term").first()
    mine = queries.tables(by, found.term).filter(pk=found.pk).first() if found else None
    if mine is None:
        raise Refused("not_yours", "没有这张表，或者不归您看。")
    return mine


def table_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set a table on A4."""
    table = _asked(params, by)
    lines = queries.lines(table)
    progress(40)
    values = {
        "table": table,
        "title": title_of(table),
        "span": queries.span_of(table),
        "lines": lines,
        "sum": sum_of(lines),
        "school": School.objects.get(pk=1),
    }
    return pdf.render("documents/class_table.html", values)


def table_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return a table as a workbook."""
    table = _asked(params, by)
    lines = queries.lines(table)
    progress(40)
    total = sum_of(lines)
    columns = [
        Column("学号", lambda line: line.number, "number", 8),
        Column("姓名", lambda line: line.student.name, width=14),
        Column("参加的星期", lambda line: show(line.weekdays) if line.weekdays else "不参加", width=18),
        Column("服务班", lambda line: line.group_name, width=16),
        Column("社团", lambda line: line.clubs, width=24),
        Column("应到", lambda line: line.due, "number", 8),
        Column("到班", lambda line: line.here, "number", 8),
        Column("请假", lambda line: line.leave, "number", 8),
        Column("未到", lambda line: line.absent, "number", 8),
    ]
    foot = ["合计", f"{total['children']} 人", f"参加 {total['part']} 人", "", "", total["due"], total["here"]]
    foot += [total["leave"], total["absent"]]
    return xlsx.workbook([Sheet("学生表", title_of(table), columns, lines, foot)])
