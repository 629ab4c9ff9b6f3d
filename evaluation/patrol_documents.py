"""The record of patrols of a day or a month, as A4 and as Excel."""

from datetime import date
from typing import Any

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import School, Term
from afterschool.school.papers import Progress
from afterschool.support import clock, pdf
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column, Sheet, workbook
from evaluation.models import FollowUp, PatrolVisit
from evaluation.queries.patrol import Record, record_of, words_of

KINDS = {"pdf": "patrols", "xlsx": "patrols-xlsx"}
READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER)


def teacher_words(row: PatrolVisit) -> str:
    """Return whether the teacher was there, and who held the children else."""
    look = row.check_made
    if look is None or look.there:
        return "在"
    return f"不在，由{look.held_by.name}看着" if look.held_by else "不在，没有人看着"


def difference_words(row: PatrolVisit) -> str:
    """Return what became of a difference, with the teacher's words."""
    if not row.differs:
        return ""
    return "：".join(word for word in (row.get_explanation_state_display(), row.explanation) if word)


def _moment(row: PatrolVisit) -> str:
    return f"{row.at.astimezone(clock.SHANGHAI):%H:%M}"


VISITS = [
    Column("日期", lambda row: row.round.date, "date", 16),
    Column("时间", _moment, width=8),
    Column("巡视人", lambda row: row.round.teacher.name, width=12),
    Column("地点", lambda row: row.session.room.name if row.session.room else "", width=16),
    Column("服务班", lambda row: row.session.group.name, width=18),
    Column(
        "教师", lambda row: row.check_made.teacher.name if row.check_made and row.check_made.teacher else "", width=12
    ),
    Column("教师在不在", teacher_words, width=18),
    Column("应有", lambda row: row.expected, "number", 8),
    Column("清点", lambda row: row.counted, "number", 8),
    Column("人数不符", difference_words, width=30),
    Column("在做什么", lambda row: row.get_doing_display(), width=12),
    Column("秩序", lambda row: row.get_order_display(), width=8),
    Column("说明", lambda row: row.note, width=30),
]
TASKS = [
    Column("要做什么", lambda row: row.text, width=36),
    Column("由谁", lambda row: row.owner.name, width=12),
    Column("最晚", lambda row: row.due_on, "date", 16),
    Column("状态", lambda row: row.get_state_display(), width=8),
    Column("怎么办的", lambda row: row.answer, width=36),
]


def _record(params: dict[str, Any], by: Actor) -> tuple[Term, date, date, Record]:
    if not by.has(*READERS):
        raise Refused("not_yours", "您不能看巡视记录。")
    term = Term.objects.get(pk=params["term"])
    first, last = date.fromisoformat(params["first"]), date.fromisoformat(params["last"])
    return term, first, last, record_of(by, term, first, last)


def record_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the record, A4 on its side."""
    term, first, last, found = _record(params, by)
    progress(30)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "first": first,
        "last": last,
        "found": found,
        "figures": found.figures,
        "visits": [(row, teacher_words(row), difference_words(row), words_of(row)) for row in found.visits],
    }
    return pdf.render("documents/patrols.html", context)


def record_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Write visits and tasks, a sheet each."""
    term, first, last, found = _record(params, by)
    days = first.isoformat() if first == last else f"{first.isoformat()}—{last.isoformat()}"
    visits: list[PatrolVisit] = found.visits
    tasks: list[FollowUp] = found.follow_ups
    return workbook(
        [
            Sheet("巡视", f"{term.name}　巡视记录　{days}", VISITS, visits, ["合计", f"{len(visits)} 班次"]),
            Sheet("交办", f"{term.name}　巡视交办　{days}", TASKS, tasks, ["合计", f"{len(tasks)} 件"]),
        ]
    )
