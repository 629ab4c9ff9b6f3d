"""Lists of applications as Excel."""

from collections import defaultdict

from afterschool.school.models import Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import show
from afterschool.support.xlsx import Column, Sheet, workbook
from enrollment.enums import ApplicationState
from enrollment.models import Application

COLUMNS = [
    Column("班级", lambda a: str(a.student.school_class), width=12),
    Column("学号", lambda a: a.student.number, kind="number", width=8),
    Column("姓名", lambda a: a.student.name, width=16),
    Column("参加的星期", lambda a: show(a.weekdays), width=18),
    Column("离校", lambda a: "可自行离校" if a.may_go_alone else "有人接", width=12),
    Column("来源", lambda a: a.get_source_display(), width=12),
]


def approved_workbook(school: str, term: Term, grade: int) -> bytes:
    """Return the approved children of a grade, a sheet for each class. No needs, no care categories."""
    rows = (
        Application.objects.filter(
            term=term, state=ApplicationState.SCHOOL_APPROVED, student__school_class__grade=grade
        )
        .select_related("student__school_class")
        .order_by("student__school_class__number", "student__number")
    )
    classes: dict[str, list[Application]] = defaultdict(list)
    for row in rows:
        classes[str(row.student.school_class)].append(row)
    title = f"{school}{term.name}课后服务名单"
    sheets = [
        Sheet(name, f"{title}　{name}", COLUMNS, found, foot=["合计", len(found), "", "", "", ""])
        for name, found in classes.items()
    ]
    empty = Sheet(grade_name(grade), f"{title}　{grade_name(grade)}", COLUMNS, [])
    return workbook(sheets or [empty])
