"""The monthly report on paper (A4) and in Excel: the same figures as the page."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import Progress
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column, Sheet
from evaluation.month import Month, read_month
from evaluation.queries import reports
from evaluation.queries.month_summary import Summary, summary_of
from evaluation.reporting import Report, bars

KINDS = {"pdf": "monthly-report", "xlsx": "monthly-report-xlsx"}


def _asked(params: dict[str, Any], by: Actor) -> tuple[Term, Month]:
    term = Term.objects.filter(pk=int(params.get("term", 0))).first()
    month = read_month(params.get("month"))
    if term is None or month is None:
        raise Refused("no_month", "没有这个月的数据。")
    if not reports.may_read(by):
        raise Refused("not_yours", "您不能查看月报。")
    return term, month


def context(term: Term, month: Month, *, names: bool) -> dict[str, Any]:
    """Return what the page and the paper show; with `names` also the children who were missing."""
    figures = reports.monthly(term, month)
    drawn = bars(figures.days)
    return {
        "term": term,
        "month": month,
        "report": figures,
        "summary": summary_of(term, month, figures),
        "bars": drawn,
        "chart_width": 20 + 36 * max(len(drawn), 10),
        "searches": reports.searches(term, month) if names else None,
        "made_at": clock.now(),
    }


def monthly_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the monthly report; names of missing children only where the office asked for its own copy."""
    term, month = _asked(params, by)
    progress(20)
    values = context(term, month, names=bool(params.get("names")) and by.is_office)
    progress(50)
    return pdf.render("documents/monthly_report.html", values | {"school": School.objects.get(pk=1)})


def monthly_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return the same figures as a workbook."""
    term, month = _asked(params, by)
    progress(30)
    names = bool(params.get("names")) and by.is_office
    figures = reports.monthly(term, month)
    progress(80)
    first = first_sheets(summary_of(term, month, figures), month)
    return xlsx.workbook([*first, *sheets(figures, month, reports.searches(term, month) if names else None)])


def first_sheets(summary: Summary, month: Month) -> list[Sheet]:
    """Return the worksheets of the first page: what changed, and what needs a decision."""
    return [
        Sheet(
            "和上月比",
            f"{month}和上月比",
            [
                Column("项目", lambda one: f"{one.name}（%）" if one.unit else one.name, width=20),
                Column("本月", lambda one: one.now, "number"),
                Column("上月", lambda one: one.before, "number"),
                Column("变化", lambda one: one.difference, width=16),
            ],
            summary.changes,
        ),
        Sheet(
            "要先决定的",
            "现在等决定的事",
            [Column("什么", lambda one: one.what, width=40), Column("几件", lambda one: one.number, "number")],
            summary.waits,
        ),
    ]


def _attendance_columns(*first: Column) -> list[Column]:
    return [
        *first,
        Column("应到", lambda row: row.marks.expected, "number", 8),
        Column("准时到", lambda row: row.marks.present, "number", 8),
        Column("迟到", lambda row: row.marks.late, "number", 8),
        Column("请假", lambda row: row.marks.leave, "number", 8),
        Column("未到", lambda row: row.marks.absent, "number", 8),
        Column("到班率", lambda row: None if row.marks.percent is None else row.marks.percent / 100, "percent", 8),
    ]


def sheets(report: Report, month: Month, searches: list[reports.Search] | None) -> list[Sheet]:
    """Return the worksheets of a month: attendance by grade, class, group and day, teachers' turns, what happened."""
    total = report.total
    sums = [
        total.expected,
        total.present,
        total.late,
        total.leave,
        total.absent,
        None if total.percent is None else total.percent / 100,
    ]
    grade = Column("年级", lambda row: grade_name(row.grade), width=10)
    name = Column("名称", lambda row: row.name, width=24)
    found = [
        Sheet("年级出勤", f"{month}各年级出勤（人次）", _attendance_columns(grade), report.grades, ["全校", *sums]),
        Sheet(
            "班级出勤",
            f"{month}各班级出勤（人次）",
            _attendance_columns(grade, name),
            report.classes,
            ["全校", "", *sums],
        ),
        Sheet(
            "服务班出勤",
            f"{month}各服务班出勤（人次）",
            _attendance_columns(grade, name),
            report.groups,
            ["全校", "", *sums],
        ),
        Sheet(
            "每日出勤",
            f"{month}每日出勤（人次）",
            _attendance_columns(Column("日期", lambda row: row.day, "date", 16)),
            report.days,
            ["全月", *sums],
        ),
        Sheet(
            "教师值班",
            f"{month}教师值班次数",
            [
                Column("工号", lambda row: row.staff_number),
                Column("姓名", lambda row: row.name),
                Column("值班次数", lambda row: row.turns, "number"),
                Column("其中调代", lambda row: row.stood_in, "number"),
                Column("天数", lambda row: row.days, "number"),
            ],
            report.turns,
            ["合计", "", report.all_turns, report.all_stood_in, ""],
        ),
        Sheet(
            "接送情况",
            f"{month}各年级接送情况（人次）",
            [
                grade,
                Column("未到追查", lambda row: row.incidents.missing, "number"),
                Column("申请晚接", lambda row: row.incidents.late_asked, "number"),
                Column("延时托管", lambda row: row.incidents.late_care, "number"),
                Column("家长接走", lambda row: row.incidents.fetched, "number"),
                Column("自行离校", lambda row: row.incidents.alone, "number"),
            ],
            report.grades,
            [
                "全校",
                report.incidents.missing,
                report.incidents.late_asked,
                report.incidents.late_care,
                report.incidents.fetched,
                report.incidents.alone,
            ],
        ),
    ]
    if searches is not None:
        found.append(
            Sheet(
                "未到名单",
                f"{month}未到名单（内部留存，不张贴）",
                [
                    Column("日期", lambda row: row.day, "date", 16),
                    Column("班级", lambda row: str(row.school_class or "")),
                    Column("姓名", lambda row: row.name),
                    Column("时间", lambda row: row.since),
                    Column("当天最后", lambda row: row.ended.label),
                ],
                searches,
            )
        )
    return found
