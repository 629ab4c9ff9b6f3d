"""Papers of week plans: one plan on an A4 sheet, a week's plans of a grade in one file."""

from datetime import date
from typing import Any

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School
from afterschool.support import pdf
from afterschool.support.refusal import Refused
from attendance.queries.plan_page import PlanPage, Sheet, sheets_of
from attendance.queries.plans import rows_of_week

TEMPLATE = "documents/week_plans.html"


def one(page: PlanPage) -> bytes:
    """Set one plan, A4."""
    return _set(Sheet(page.group, page.monday, page.plan, page.days))


def _set(sheet: Sheet) -> bytes:
    return pdf.render(TEMPLATE, {"school": School.objects.get(pk=1), "term": sheet.group.term, "page": sheet})


def week_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the plans of a week that the person may see and that anybody has begun: of one grade, of the clubs, or all."""
    school, grade = School.objects.select_related("current_term").get(pk=1), params["grade"]
    term, monday = school.current_term, date.fromisoformat(params["monday"])
    rows = rows_of_week(by, term, monday) if term else []
    chosen = [row for row in rows if row.plan and (grade is None or row.group.grade == (grade or None))]
    pieces = []
    for number, sheet in enumerate(sheets_of(chosen, monday), 1):
        pieces.append(pdf.render(TEMPLATE, {"school": school, "term": term, "page": sheet}))
        progress(100 * number // len(chosen))
    if not pieces:
        raise Refused("nothing", "这一周还没有人写计划。")
    return pdf.merge(pieces)


def register() -> None:
    """Make the papers known."""
    papers.register("week-plans", week_pdf, suffix="pdf", names=False)
