"""The tables of evaluation; the modules below are private."""

from evaluation.models.books import Book, BookCheck, BookRun, CheckedBook
from evaluation.models.feedback import Feedback, FeedbackReply
from evaluation.models.figures import ClassTable, ClassTableRow, ClassTableVersion, FigureColumn, HalfMonth
from evaluation.models.money import AllowanceLine, AllowanceList, AllowanceRate
from evaluation.models.patrol import FollowUp, PatrolRound, PatrolVisit, VisitPhoto
from evaluation.models.rubrics import (
    LineFact,
    Rubric,
    RubricBand,
    RubricItem,
    ScoreLine,
    ScoreSheet,
    SheetObjection,
    TermResult,
)
from evaluation.models.surveys import AnswerSheet, Option, Question, Survey, SurveyTaken, SurveyTry, VisitRecord

__all__ = [
    "AllowanceLine",
    "AllowanceList",
    "AllowanceRate",
    "AnswerSheet",
    "Book",
    "BookCheck",
    "BookRun",
    "CheckedBook",
    "ClassTable",
    "ClassTableRow",
    "ClassTableVersion",
    "Feedback",
    "FeedbackReply",
    "FigureColumn",
    "FollowUp",
    "HalfMonth",
    "LineFact",
    "Option",
    "PatrolRound",
    "PatrolVisit",
    "Question",
    "Rubric",
    "RubricBand",
    "RubricItem",
    "ScoreLine",
    "ScoreSheet",
    "SheetObjection",
    "Survey",
    "SurveyTaken",
    "SurveyTry",
    "TermResult",
    "VisitPhoto",
    "VisitRecord",
]
