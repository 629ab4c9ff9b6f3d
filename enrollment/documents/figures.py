"""The figures as of a day on A4, for the bureau (plan 9.1)."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import Progress
from afterschool.support import pdf
from enrollment.charts import Column, chart
from enrollment.queries import report_on


def register() -> None:
    """Make the paper of the figures known."""
    papers.register("enrollment-figures", figures_pdf, suffix="pdf", names=False)


def figures_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the figures of a day, with a chart by grade; for the office."""
    if not by.is_office:
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    report = report_on(term, date.fromisoformat(params["day"]))
    progress(40)
    columns = [Column(grade_name(grade), f.on_roll, f.applied, f.approved) for grade, f in report.grades]
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "report": report,
        "chart": chart("按年级", columns),
        "grades": [
            (grade, figures, [row for row in report.classes if row.school_class.grade == grade])
            for grade, figures in report.grades
        ],
    }
    return pdf.render("documents/enrollment_figures.html", context)
