"""Where a row of evaluation finds its term (see `afterschool/school/term_paths.py`)."""

THROUGH = {
    "CheckedBook": "check_drawn__term",
    "FeedbackReply": "feedback__term",
    "ClassTableRow": "table__term",
    "ClassTableVersion": "table__term",
    "AllowanceLine": "list__term",
    "PatrolVisit": "round__term",
    "VisitPhoto": "visit__round__term",
    "ScoreLine": "sheet__term",
    "LineFact": "line__sheet__term",
    "SheetObjection": "sheet__term",
    "Question": "survey__term",
    "Option": "question__survey__term",
    "SurveyTaken": "survey__term",
    "AnswerSheet": "survey__term",
}
FREE = {
    "BookRun": "papers, made from what stands as often as they are wanted",
    "Book": "papers, made from what stands",
    "Rubric": "the school's list",
    "RubricItem": "the school's list",
    "RubricBand": "the school's list",
    "SurveyTry": "counts who tries addresses of surveys",
}
