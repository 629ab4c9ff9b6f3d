"""A finished score sheet on A4: a teacher's, or a child's."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School
from afterschool.school.papers import Progress
from afterschool.support import pdf
from afterschool.support.refusal import Refused
from evaluation.models import ScoreSheet
from evaluation.queries import sheets

KIND = "score-sheet"


def title_of(sheet: ScoreSheet) -> str:
    """Return 课后服务评价（教师）陈立言 2026年9月."""
    return f"{sheet.rubric.title} {sheet.teacher or sheet.student} {sheet.about}"


def sheet_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set one sheet with what each score rests on, for who may read it on the screen. Refused: `not_yours`."""
    found = sheets.finished_for(by, int(params.get("sheet", 0)))
    if found is None:
        raise Refused("not_yours", "没有这张评价表，或者不归您看。")
    progress(40)
    rows = sheets.rows_of(found.rubric, found)
    values = {
        "sheet": found,
        "rows": rows,
        "total": sum(row.points or 0 for row in rows),
        "most": sum(row.item.points for row in rows),
        "school": School.objects.get(pk=1),
    }
    return pdf.render("documents/score_sheet.html", values)
