"""Papers of the emergency plan: the plan for the wall, and the report of an incident or drill."""

from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.support import clock, pdf
from attendance.emergency import STEPS
from attendance.enums import IncidentKind
from attendance.models import Incident
from attendance.queries import incidents as queries
from attendance.queries.emergency import plan_of, standing_of


def plan_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the plan for the wall, A4: steps, numbers, the five parties with phones."""
    if not by.is_staff:
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "plan": plan_of(term),
        "steps": STEPS,
        "made_on": clock.today(),
    }
    return pdf.render("documents/emergency_plan.html", context)


def report_context(incident: Incident) -> dict[str, Any]:
    """Return everything that stands in the report; children are numbers in it."""
    counts = queries.final_counts(incident)
    seen, staff = queries.staff_counts(incident)
    return {
        "school": School.objects.get(pk=1),
        "incident": incident,
        "drill": incident.kind == IncidentKind.DRILL,
        "line": queries.Line(incident, queries.all_counted_at([incident]).get(incident.pk)),
        "entries": queries.entries_of(incident),
        "reports": queries.reports_of(incident),
        "counts": counts,
        "expected": sum(one.count.expected for one in counts),
        "counted": sum(one.count.counted for one in counts),
        "confirmations": queries.confirmations_of(incident),
        "seen": seen,
        "staff": staff,
        "files": queries.files_of(incident),
        "made_at": clock.now(),
    }


def report_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the report, A4: facts, timeline, counts, confirmations, reports to the bureau, papers listed."""
    found = Incident.objects.select_related("term", "alarm_by", "started_by", "ended_by")
    incident = found.get(pk=params["incident"])
    if not standing_of(by, incident.term).reads_files:
        raise PermissionDenied
    return pdf.render("documents/incident_report.html", report_context(incident))


def register() -> None:
    """Make the papers known."""
    papers.register("emergency-plan", plan_pdf, suffix="pdf", names=False)
    papers.register("incident-report", report_pdf, suffix="pdf")
