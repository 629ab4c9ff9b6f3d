"""Evaluation's part of erasure: a child's sheets, answers and letters go whole; a confirmed table keeps its numbers."""

from afterschool.school.privacy import Scope
from evaluation.models import AnswerSheet, Feedback, ScoreSheet, SurveyTaken, VisitRecord


def erase(scope: Scope) -> None:
    """Delete the sheets of a child, or those of all children in a term; the teachers' sheets stay."""
    ScoreSheet.objects.filter(student__isnull=False, **scope).delete()
    VisitRecord.objects.filter(**scope).delete()
    Feedback.objects.filter(**scope).delete()
    asked = {"survey__term": scope["term"]} if "term" in scope else scope
    AnswerSheet.objects.filter(**asked).delete()
    SurveyTaken.objects.filter(**asked).delete()
