"""Papers of stand-ins and patrol: the record of a span with each teacher's load, and the patrol rota."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import Progress
from afterschool.support import clock, pdf, xlsx
from scheduling.models import Duty, Substitution
from scheduling.queries import standin_record as queries
from scheduling.queries.patrol import changes_of, patrol_of
from scheduling.queries.standin_record import Loads, Span

READERS = (Role.GRADE_LEADER, *queries.WHOLE_SCHOOL)


def register() -> None:
    """Make these papers known."""
    papers.register("standin-record", record_pdf, suffix="pdf")
    papers.register("standin-record-xlsx", record_xlsx, suffix="xlsx")
    papers.register("patrol", patrol_pdf, suffix="pdf")


def _asked(params: dict[str, Any], by: Actor) -> tuple[Term, Span, list[Substitution], Loads]:
    if not by.has(*READERS):
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    span = Span(date.fromisoformat(params["first"]), date.fromisoformat(params["last"]), params["grade"])
    seen = queries.grades_seen(by, term)
    if span.grade is not None and span.grade not in seen:
        raise PermissionDenied
    return term, span, queries.record_of(by, term, span), queries.load_of(by, term, span, seen)


def record_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the record of a span, A4 on its side, with the load of each teacher below."""
    term, span, rows, loads = _asked(params, by)
    progress(20)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "span": span,
        "rows": rows,
        "loads": loads,
        "made_on": clock.today(),
    }
    return pdf.render("documents/standin_record.html", context)


def record_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Write the record of a span and the load of each teacher, a worksheet each."""
    _, span, rows, loads = _asked(params, by)
    progress(20)
    days = f"{span.first.month}月{span.first.day}日至{span.last.month}月{span.last.day}日"
    grade = grade_name(span.grade) if span.grade else "各年级"
    return xlsx.workbook(
        [
            xlsx.Sheet("调代记录", f"{grade}调代记录　{days}", RECORD, rows),
            xlsx.Sheet("工作量", f"{grade}值班次数　{days}", LOAD, loads.rows),
        ]
    )


def _group(duty: Duty | None) -> str:
    return duty.session.group.name if duty else ""


def _back_day(one: Substitution) -> date | None:
    return one.back.session.date if one.back else None


def why(one: Substitution) -> str:
    """Return the reason as the record shows it: the kind of leave, and what was written for the change."""
    kind = one.leave.get_kind_display() if one.leave else ""
    return "，".join(word for word in (kind, one.reason, one.answer) if word)


RECORD = [
    xlsx.Column("日期", lambda one: one.duty.session.date, "date", 16),
    xlsx.Column("服务班", lambda one: _group(one.duty), width=20),
    xlsx.Column("时间", lambda one: f"{one.duty.session.starts_at:%H:%M}—{one.duty.session.ends_at:%H:%M}", width=14),
    xlsx.Column("原值班教师", lambda one: one.duty.teacher.name, width=12),
    xlsx.Column("种类", lambda one: one.get_kind_display(), width=8),
    xlsx.Column("由谁", lambda one: one.teacher.name, width=12),
    xlsx.Column("换回日期", _back_day, "date", 16),
    xlsx.Column("换回服务班", lambda one: _group(one.back), width=20),
    xlsx.Column("原因", why, width=24),
    xlsx.Column("状态", lambda one: one.get_state_display(), width=10),
    xlsx.Column("确认人", lambda one: one.decided_by.name if one.decided_by else "", width=12),
]
LOAD = [
    xlsx.Column("教师", lambda row: row.teacher.name, width=12),
    xlsx.Column("值班次数", lambda row: row.turns, "number", 10),
    xlsx.Column("其中代课", lambda row: row.stood_in, "number", 10),
    xlsx.Column("其中调课", lambda row: row.swapped, "number", 10),
    xlsx.Column("别人代过", lambda row: row.was_stood_in_for, "number", 10),
]


def patrol_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the patrol rota of a term on one A4."""
    if not by.is_staff:
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    progress(20)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "patrol": patrol_of(term),
        "changes": changes_of(term, clock.today()),
        "made_on": clock.today(),
    }
    return pdf.render("documents/patrol.html", context)
