"""Evaluation's part of erasure: a child's sheets go whole, nothing needs them."""

from afterschool.school.privacy import Scope
from evaluation.models import ScoreSheet


def erase(scope: Scope) -> None:
    """Delete the sheets of a child, or those of all children in a term; the teachers' sheets stay."""
    ScoreSheet.objects.filter(student__isnull=False, **scope).delete()
