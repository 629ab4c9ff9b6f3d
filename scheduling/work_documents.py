"""The work list on paper and as a workbook: the plan's table, with this term's dates.

Days drawn by lot are on neither: the list hangs on a wall, and those who are checked read it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem
from scheduling.queries.work import calendar_of, dates_of, is_known, items_of

UNTOLD = (WorkRule.WORKDAYS, WorkRule.AT_RANDOM)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _moment(task: Task) -> str:
    return f"{task.done_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if task.done_at else ""


def _by(task: Task) -> str:
    if task.by_itself:
        return "本站已看到完成"
    return task.done_by.name if task.done_by else ""


COLUMNS = [
    xlsx.Column("部门", lambda row: row.item.department, width=14),
    xlsx.Column("课后服务工作内容", lambda row: row.item.text, width=46),
    xlsx.Column("责任岗位", lambda row: row.post, width=18),
    xlsx.Column("时间", lambda row: row.item.when_word, width=16),
    xlsx.Column("本学期日期", lambda row: row.dates, width=40),
]
TASKS = [
    xlsx.Column("截止", lambda task: task.due_on, "date", 16),
    xlsx.Column("部门", lambda task: task.item.department, width=14),
    xlsx.Column("工作内容", lambda task: task.item.text, width=46),
    xlsx.Column("谁", lambda task: task.teacher.name if task.teacher else task.item.post, width=14),
    xlsx.Column("状态", lambda task: task.get_state_display(), width=10),
    xlsx.Column("完成时间", _moment, width=18),
    xlsx.Column("完成人", _by, width=16),
    xlsx.Column("说明", lambda task: task.note, width=24),
]


@dataclass(frozen=True)
class Row:
    """One line of the list with its dates of this term."""

    item: WorkItem
    post: str
    dates: str


@dataclass(frozen=True)
class Department:
    """The lines of one department that stand together."""

    name: str
    rows: list[Row]


def rows_of(term: Term) -> list[Row]:
    """Return the active lines of a term's list: three queries."""
    calendar = calendar_of(term)
    rows = []
    for item in items_of(term).filter(active=True):
        named = "、".join(teacher.name for teacher in item.people.all())
        shown = [] if item.when in UNTOLD else dates_of(item, calendar)
        rows.append(Row(item, f"{item.post}（{named}）" if named else item.post, "、".join(_day(day) for day in shown)))
    return rows


def departments_of(rows: list[Row]) -> list[Department]:
    """Return the lines cut by department, in the order of the list."""
    found: list[Department] = []
    for row in rows:
        if not found or found[-1].name != row.item.department:
            found.append(Department(row.item.department, []))
        found[-1].rows.append(row)
    return found


def _term(params: dict[str, Any], by: Actor) -> tuple[Term, list[Row]]:
    if not by.is_office:
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    rows = rows_of(term)
    if not rows:
        raise Refused("no_work_list", "这个学期还没有工作一览表。")
    return term, rows


def work_list_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the plan's table with this term's dates, A4."""
    term, rows = _term(params, by)
    progress(30)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "departments": departments_of(rows),
        "today": clock.today(),
    }
    return pdf.render("documents/work_list.html", context)


def work_list_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Write the list, and on a second sheet every task with who did it and when."""
    term, rows = _term(params, by)
    progress(30)
    tasks = Task.objects.filter(term=term).exclude(state=TaskState.HANDED).select_related("item", "teacher", "done_by")
    known = [task for task in tasks.order_by("due_on", "item__order") if is_known(task, clock.today())]
    return xlsx.workbook(
        [
            xlsx.Sheet("工作一览表", f"{term.name}课后服务工作一览表", COLUMNS, rows),
            xlsx.Sheet("任务", f"{term.name}课后服务工作任务", TASKS, known),
        ]
    )


def register() -> None:
    """Make the papers known."""
    papers.register("work-list", work_list_pdf, suffix="pdf")
    papers.register("work-list-xlsx", work_list_xlsx, suffix="xlsx")
