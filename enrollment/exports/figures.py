"""The figures as of a day as Excel, for the bureau (plan 9.1)."""

from dataclasses import dataclass

from afterschool.school.models import Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import show
from afterschool.support.xlsx import Column, Sheet, workbook
from enrollment.queries import Figures, Report


@dataclass(frozen=True)
class Line:
    """One line of a sheet: a class, a grade, or the sum."""

    name: str
    figures: Figures


COLUMNS = [
    Column("班级", lambda line: line.name, width=14),
    Column("在校", lambda line: line.figures.on_roll, kind="number", width=9),
    Column("已申请", lambda line: line.figures.applied, kind="number", width=9),
    Column("已通过", lambda line: line.figures.approved, kind="number", width=9),
    Column("每天都参加", lambda line: line.figures.all_days, kind="number", width=12),
    Column("已申请占在校", lambda line: line.figures.share, kind="percent", width=14),
]


def _three(first: str, second: str, third: str) -> list[Column]:
    return [
        Column(first, lambda row: row[0], width=22),
        Column(second, lambda row: row[1], kind="number", width=12),
        Column(third, lambda row: row[2], kind="number", width=12),
    ]


def _foot(figures: Figures) -> list[object]:
    return [column.get(Line("合计", figures)) for column in COLUMNS]


def report_workbook(school: str, term: Term, report: Report) -> bytes:
    """Return the figures of a day: by grade, by class, by weekday, teachers, care categories. No child's name."""
    head = f"{school}{term.name}课后服务参加情况（截止 {report.at:%Y-%m-%d %H:%M}）"
    grade_columns = [Column("年级", COLUMNS[0].get, width=14), *COLUMNS[1:]]
    grades = [Line(grade_name(grade), figures) for grade, figures in report.grades]
    classes = [Line(str(row.school_class), row.figures) for row in report.classes]
    weekdays = [(show(day), applied, done) for day, applied, done in report.weekdays]
    teachers = [(grade_name(row.grade) if row.grade else "不分年级", row.serve, row.of) for row in report.teachers]
    serving = report.serving
    return workbook(
        [
            Sheet("按年级", head, grade_columns, grades, foot=_foot(report.total)),
            Sheet("按班级", head, COLUMNS, classes, foot=_foot(report.total)),
            Sheet("按星期", head, _three("星期", "已申请", "已通过"), weekdays),
            Sheet(
                "教师",
                f"{head}　教师为今天的人数",
                _three("年级", "参加课后服务", "教师"),
                teachers,
                foot=["合计", serving.serve, serving.of],
            ),
            Sheet("关爱类别", head, _three("类别", "登记", "已申请"), report.categories),
        ]
    )
