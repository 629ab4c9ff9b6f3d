"""Questions about enrollment; the modules below are private."""

from enrollment.queries.amendments import alone_on, amendments_of, latest_amendments, of_children, open_amendments
from enrollment.queries.applications import (
    APPLIED,
    Approved,
    ClassFigures,
    ClassRow,
    Figures,
    approved,
    by_category,
    by_grade,
    by_weekday,
    class_rows,
    dismissal_of,
    figures_by_class,
    known_fetchers,
    needs_for,
    priority_ids,
    total,
)
from enrollment.queries.family import FamilyChild, family_children

__all__ = [
    "APPLIED",
    "Approved",
    "ClassFigures",
    "ClassRow",
    "FamilyChild",
    "Figures",
    "alone_on",
    "amendments_of",
    "approved",
    "by_category",
    "by_grade",
    "by_weekday",
    "class_rows",
    "dismissal_of",
    "family_children",
    "figures_by_class",
    "known_fetchers",
    "latest_amendments",
    "needs_for",
    "of_children",
    "open_amendments",
    "priority_ids",
    "total",
]
