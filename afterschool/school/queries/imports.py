"""Rosters that were brought, and what the page of one shows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import ImportState
from afterschool.school.importing.sheets import SHEETS
from afterschool.school.models import RosterImport, Student

MOST_NAMED = 200


def imports_for(actor: Actor) -> QuerySet[RosterImport]:
    """Return the rosters this person may see: the office all, nobody else any."""
    rows = RosterImport.objects.select_related("uploaded_by", "decided_by")
    return rows if actor.is_office else rows.none()


@dataclass(frozen=True)
class Preview:
    """The report of a roster as its page shows it."""

    rows: list[tuple[str, dict[str, int]]]
    new: int
    changed: int
    missing_children: list[Student]
    can_accept: bool
    working: bool


def preview_of(brought: RosterImport) -> Preview:
    """Return the figures of a report, and by name the children who are not in the file: at most one query."""
    report: dict[str, Any] = brought.report
    counts = report.get("counts", {})
    rows = [(kind.name, counts[kind.name]) for kind in SHEETS if kind.name in counts]
    missing = report.get("pupils_missing", [])[:MOST_NAMED]
    children = Student.objects.filter(pk__in=missing).select_related("school_class") if missing else []
    return Preview(
        rows=rows,
        new=sum(row["new"] for _, row in rows),
        changed=sum(row["changed"] for _, row in rows),
        missing_children=list(children),
        can_accept=brought.state == ImportState.CHECKED and bool(report.get("writes") or report.get("missing")),
        working=brought.state in {ImportState.CHECKING, ImportState.WRITING},
    )
