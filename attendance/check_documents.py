"""The record of safety checks of a month, as A4 and as Excel."""

from datetime import date, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.support import clock, pdf, xlsx
from attendance.access import ROOM_READERS
from attendance.models import Defect, SafetyCheck
from attendance.queries.checks import checks_between


def defects_of(row: SafetyCheck) -> list[Defect]:
    """Return the defects of a check that was asked for with them."""
    return [defect for result in row.results.all() for defect in result.defects.all()]


def became(defect: Defect) -> str:
    """已修，待复查（9月23日，柳主任）: how far a defect is."""
    words = []
    if defect.repaired_at:
        at = defect.repaired_at.astimezone(clock.SHANGHAI)
        words.append(f"{at.month}月{at.day}日")
    if defect.owner:
        words.append(defect.owner.name)
    more = f"（{'，'.join(words)}）" if words else ""
    return f"{defect.get_state_display()}{more}"


CHECKS = [
    xlsx.Column("日期", lambda row: row.date, "date", 16),
    xlsx.Column("场地", lambda row: row.room.name, width=18),
    xlsx.Column("检查表", lambda row: row.check_list.title, width=20),
    xlsx.Column("项数", lambda row: row.items, "number", 8),
    xlsx.Column("有问题", lambda row: row.bad, "number", 8),
    xlsx.Column("检查人", lambda row: row.by.name, width=12),
    xlsx.Column("说明", lambda row: row.note, width=30),
]
DEFECTS = [
    xlsx.Column("场地", lambda row: row.room.name, width=18),
    xlsx.Column("问题", lambda row: row.text, width=36),
    xlsx.Column("不用场地", lambda row: "是" if row.closes_room else "", width=10),
    xlsx.Column("谁负责修", lambda row: row.owner.name if row.owner else "", width=12),
    xlsx.Column("最晚", lambda row: row.due_on, "date", 16),
    xlsx.Column("状态", became, width=28),
    xlsx.Column("怎么修的", lambda row: row.repair, width=30),
]


def _asked(params: dict[str, Any], by: Actor) -> tuple[Term, date, list[SafetyCheck], list[Defect]]:
    if not by.has(*ROOM_READERS):
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    first, last = date.fromisoformat(params["first"]), date.fromisoformat(params["last"])
    begins, ends = clock.at(first, time.min), clock.at(last + timedelta(days=1), time.min)
    found = Defect.objects.filter(term=term, found_at__gte=begins, found_at__lt=ends)
    return term, first, checks_between(term, first, last), list(found.select_related("room", "owner").order_by("pk"))


def record_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the record, A4: each check in a line with what it found, and the defects with what became of them."""
    term, first, rows, found = _asked(params, by)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "first": first,
        "rows": [(row, defects_of(row)) for row in rows],
        "defects": [(row, became(row)) for row in found],
    }
    return pdf.render("documents/safety_checks.html", context)


def record_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Write the record: a sheet of checks, a sheet of defects."""
    term, first, rows, found = _asked(params, by)
    title = f"{term.name}　{first.year}年{first.month}月"
    return xlsx.workbook(
        [
            xlsx.Sheet("检查", f"{title}　场所安全检查记录", CHECKS, rows),
            xlsx.Sheet("隐患", f"{title}　安全隐患和修理", DEFECTS, found),
        ]
    )


def register() -> None:
    """Make the papers known; no child stands in them."""
    papers.register("safety-checks", record_pdf, suffix="pdf", names=False)
    papers.register("safety-checks-xlsx", record_xlsx, suffix="xlsx", names=False)
