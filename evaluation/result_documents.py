"""The term's results on A4, to be signed, and as a workbook: by staff number, never by points."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.papers import Progress
from afterschool.support import pdf
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column, Sheet, workbook
from evaluation.access import REPORT_READERS
from evaluation.queries.results import Case, Overview, overview

KINDS = {"pdf": "term-results", "xlsx": "term-results-xlsx"}

COLUMNS = [
    Column("工号", lambda case: case.teacher.staff_number, width=12),
    Column("姓名", lambda case: case.teacher.name, width=14),
    Column("巡视表", lambda case: len(case.visits), "number", 8),
    Column("月表", lambda case: len(case.months), "number", 8),
    Column("学期表", lambda case: len(case.of_term), "number", 8),
    Column("得分", lambda case: case.points, "money", 10),
    Column("建议", lambda case: case.proposed, width=10),
    Column("结果", lambda case: case.result.band if case.result else "", width=10),
    Column("要注意的", lambda case: "，".join(case.notices), width=30),
    Column("说明", lambda case: case.result.reason if case.result else "", width=40),
]


def title_of(term: Term) -> str:
    """Return the paper's title."""
    return f"{term.name}课后服务教师评价结果"


def _found(params: dict[str, Any], by: Actor) -> tuple[Term, Overview, list[Case]]:
    """Return the term and its cases; nobody reads the own one before it is told. Refused: `not_yours`."""
    if not by.has(*REPORT_READERS):
        raise Refused("not_yours", "您不能看全校的结果。")
    term = Term.objects.get(pk=params["term"])
    found = overview(term)
    return term, found, [case for case in found.cases if case.teacher != by.teacher]


def results_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the list with the version of the rubric, the places of each grade and a line to sign."""
    term, found, cases = _found(params, by)
    progress(40)
    values = {"school": School.objects.get(pk=1), "title": title_of(term), "found": found, "cases": cases}
    return pdf.render("documents/term_results.html", values)


def results_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Write the same list as a workbook."""
    term, _, cases = _found(params, by)
    return workbook([Sheet("学期结果", title_of(term), COLUMNS, cases, ["合计", f"{len(cases)} 人"])])
