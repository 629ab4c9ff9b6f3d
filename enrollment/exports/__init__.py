"""Lists of enrollment as Excel; the modules below are private."""

from enrollment.exports.applications import approved_workbook
from enrollment.exports.figures import report_workbook

__all__ = [
    "approved_workbook",
    "report_workbook",
]
