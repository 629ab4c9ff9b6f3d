"""The gate's register of a day or a month, as A4 and as Excel, for the office and the leaders."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import School, Term
from afterschool.support import clock, pdf, xlsx
from attendance.models import Visitor
from attendance.queries.visitors import figures_of, visits_between

READERS = (Role.ADMINISTRATOR, Role.DUTY_LEADER, Role.LEADING_GROUP)


def _time(row: Visitor, which: str) -> str:
    at = getattr(row, which)
    if at is None:
        return ""
    local = at.astimezone(clock.SHANGHAI)
    return f"{local:%H:%M}" if local.date() == row.date else f"{local.month}月{local.day}日补记"


def paper_words(row: Visitor) -> str:
    """身份证 …1234: which paper, and the digits that were kept."""
    return f"{row.get_paper_display()} …{row.paper_tail}" if row.paper_tail else row.get_paper_display()


COLUMNS = [
    xlsx.Column("日期", lambda row: row.date, "date", 16),
    xlsx.Column("姓名", lambda row: row.name or "（到期已删）", width=14),
    xlsx.Column("人数", lambda row: row.persons, "number", 6),
    xlsx.Column("证件", paper_words, width=18),
    xlsx.Column("电话", lambda row: row.phone, width=14),
    xlsx.Column("找谁", lambda row: row.visits.name if row.visits else row.visits_other, width=14),
    xlsx.Column("事由", lambda row: row.purpose, width=18),
    xlsx.Column("进校", lambda row: _time(row, "in_at"), width=8),
    xlsx.Column("离校", lambda row: _time(row, "out_at"), width=14),
    xlsx.Column("登记人", lambda row: row.in_by.name, width=10),
    xlsx.Column("谁同意", lambda row: row.decided_by.name if row.decided_by else "", width=10),
    xlsx.Column("理由", lambda row: row.decision, width=20),
]


def _register(params: dict[str, Any], by: Actor) -> tuple[Term, date, date, list[Visitor]]:
    if not by.has(*READERS):
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    first, last = date.fromisoformat(params["first"]), date.fromisoformat(params["last"])
    return term, first, last, visits_between(term, first, last)


def register_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the register, A4 on its side."""
    term, first, last, rows = _register(params, by)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "first": first,
        "last": last,
        "rows": [(row, paper_words(row), _time(row, "in_at"), _time(row, "out_at")) for row in rows],
        "figures": figures_of(rows),
    }
    return pdf.render("documents/visitors.html", context)


def register_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Write the register with a foot of persons."""
    term, first, last, rows = _register(params, by)
    days = first.isoformat() if first == last else f"{first.isoformat()}—{last.isoformat()}"
    foot = ["合计", f"{len(rows)} 次", figures_of(rows).persons]
    return xlsx.workbook([xlsx.Sheet("来访登记", f"{term.name}　来访登记　{days}", COLUMNS, rows, foot)])


def register() -> None:
    """Make the papers known: they hold names of people, and are kept a short time."""
    papers.register("visitors", register_pdf, suffix="pdf", keep_days=papers.SHORT)
    papers.register("visitors-xlsx", register_xlsx, suffix="xlsx", keep_days=papers.SHORT)
