"""Papers of the fees: statements on A4, the finance office's list, and the issuing of a whole period with its progress."""

from typing import Any

from afterschool.school import papers
from afterschool.school.access import Actor, office_user
from afterschool.school.models import School, SchoolClass, Student, Term
from afterschool.support import clock, pdf
from afterschool.support.refusal import Refused
from enrollment.access import acts_for
from enrollment.actions.fees import issue
from enrollment.exports.fees import finance_workbook
from enrollment.queries.fee_balances import balances
from enrollment.queries.fees import told

A_PIECE = 40


def statements_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the statements of one child, for its guardians and the office, or of a class, for the office: a sheet a child."""
    term = Term.objects.get(pk=params["term"])
    if "class" in params:
        office_user(by)
        school_class = SchoolClass.objects.get(pk=params["class"])
        ids = list(Student.objects.filter(school_class=school_class).values_list("pk", flat=True))
    else:
        ids = [int(params["student"])]
        if not (by.is_office or acts_for(by, ids[0])):
            raise Refused("not_yours", "只能打印自己孩子的账单。")
    found = [row for row in balances(term, ids) if row.stated]
    if not found:
        raise Refused("no_statements", "还没有账单，不能打印。")
    context = {"school": School.objects.get(pk=1), "term": term, "today": clock.today(), "told": told(term)}
    made = []
    for start in range(0, len(found), A_PIECE):
        made.append(pdf.render("documents/fee_statements.html", context | {"rows": found[start : start + A_PIECE]}))
        progress(100 * (start + A_PIECE) // (len(found) + A_PIECE))
    return made[0] if len(made) == 1 else pdf.merge(made)


def finance_list(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Make the finance office's list."""
    office_user(by)
    return finance_workbook(School.objects.get(pk=1).name, Term.objects.get(pk=params["term"]))


def issued_list(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Issue the statements of a period; the paper is the list as it stands then. Made again, nothing is issued twice."""
    term = Term.objects.get(pk=params["term"])
    issue(term=term, slug=params["period"], by=by, progress=progress)
    return finance_workbook(School.objects.get(pk=1).name, term)


def register() -> None:
    """Make the kinds of papers known."""
    papers.register("fees_issue", issued_list, suffix="xlsx")
    papers.register("fees_list", finance_list, suffix="xlsx")
    papers.register("fees_statements", statements_pdf, suffix="pdf")
