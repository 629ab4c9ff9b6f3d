"""The form of a teacher's sheet, for a visit, a month or the term: fields as typed or kept, proposals beside them."""

from collections.abc import Mapping
from typing import Any

from afterschool.school.http import PortalRequest
from evaluation.actions.lines import differing
from evaluation.enums import RubricKind
from evaluation.forms import Typed
from evaluation.models import Rubric, ScoreSheet
from evaluation.proposals import Proposal
from evaluation.queries import sheets

BESIDE = "刚才这张表已存过，您的没有存。下面是两边合在一起的，不同的已标出，请看过再存。"
WHY = "和本站的建议不同，请写一句为什么。"


def context_of(
    rubric: Rubric, sheet: ScoreSheet | None, typed: Typed | None, proposals: Mapping[int, Proposal]
) -> dict[str, Any]:
    """Return what the form shows: rows with their proposals, the most there can be, the comment."""
    found = sheets.rows_of(rubric, sheet)
    rows = []
    for row in found:
        key = row.item.pk
        rows.append(
            {
                "row": row,
                "raw": typed.raw[key] if typed else ("" if row.points is None else row.points),
                "note": typed.notes[key] if typed else row.note,
                "error": typed.errors.get(key, "") if typed else "",
                "proposal": proposals.get(key),
            }
        )
    return {
        "sheet": sheet,
        "rubric": rubric,
        "rows": rows,
        "typed": typed,
        "most": sum(row.item.points for row in found),
        "comment": typed.comment if typed else (sheet.comment if sheet else ""),
        "proposed": bool(proposals),
    }


def shown_version(request: PortalRequest) -> Rubric | None:
    """Return the version of the teachers' rubric that the page showed."""
    return sheets.rubric_shown(RubricKind.TEACHER, request.POST.get("rubric"))


def put_beside(typed: Typed, sheet: ScoreSheet) -> None:
    """Put what somebody else kept meanwhile beside what was typed."""
    lines = list(sheet.lines.all())
    typed.beside({line.item_id: line.points for line in lines}, sheet.comment)
    for line in lines:
        typed.notes[line.item_id] = typed.notes.get(line.item_id) or line.note


def mark_differing(typed: Typed, proposals: Mapping[int, Proposal]) -> None:
    """Put the sentence beside each item that differs from its proposal without a word why."""
    for item in differing(typed.scores(), proposals):
        typed.errors.setdefault(item, WHY)
