"""Approved applications for the cast."""

from afterschool.school.models import Student
from afterschool.support import clock
from enrollment.enums import ApplicationState
from enrollment.models import Application
from tests.cast import Cast


def approve(cast: Cast, *students: Student, weekdays: str = "135") -> None:
    """Let these children be approved by the school."""
    Application.objects.bulk_create(
        Application(
            term=cast.term,
            student=student,
            state=ApplicationState.SCHOOL_APPROVED,
            weekdays=weekdays,
            submitted_at=clock.now(),
            created_at=clock.now(),
            changed_at=clock.now(),
        )
        for student in students
    )
