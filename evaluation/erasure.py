"""Evaluation's part of erasure: a child's sheets, words and letters go; what figures add up stays as numbers without a name."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from afterschool.school.erasure import People, drop_uploads
from afterschool.school.models import Placement, Student
from afterschool.school.privacy import GONE, Scope, blank, within
from evaluation.enums import BookRunState, Finding, QuestionKind
from evaluation.models import (
    AllowanceList,
    AnswerSheet,
    Book,
    BookRun,
    CheckedBook,
    ClassTable,
    ClassTableVersion,
    Feedback,
    FeedbackReply,
    FollowUp,
    HalfMonth,
    PatrolRound,
    PatrolVisit,
    Question,
    ScoreLine,
    ScoreSheet,
    SheetObjection,
    SurveyTaken,
    TermResult,
    VisitPhoto,
    VisitRecord,
)

MADE_WITH_NAMES = "有孩子的资料删除了，点“接着做”重做一次。"
TIME_IS_OVER = "保存期满，文件已删除。"


def erase(scope: Scope) -> None:
    """Delete the sheets of a child, or those of all children in a term; the teachers' sheets stay, in numbers."""
    ScoreSheet.objects.filter(student__isnull=False, **scope).delete()
    VisitRecord.objects.filter(**scope).delete()
    _feedback(Feedback.objects.filter(**scope))
    asked = {"survey__term": scope["term"]} if "term" in scope else scope
    _answers(AnswerSheet.objects.filter(**asked))
    SurveyTaken.objects.filter(**asked).delete()
    if "term" in scope:
        _erase_of_staff(scope)
        runs = BookRun.objects.filter(**scope)
        _drop_books(Book.objects.filter(run__in=runs), runs, TIME_IS_OVER)
    else:
        books = _books_with(scope["student"])
        _drop_books(books, BookRun.objects.filter(books__in=books).distinct(), MADE_WITH_NAMES)


def erase_people(people: People) -> None:
    """Delete what the closed accounts wrote about no child."""
    _feedback(Feedback.objects.filter(user__in=people.accounts))


def _feedback(rows: "QuerySet[Feedback]") -> None:
    """Delete messages; those that were upheld count in a teacher's statement and stay without words and without a writer."""
    kept = list(rows.filter(finding=Finding.UPHELD).values_list("pk", flat=True))
    rows.exclude(pk__in=kept).delete()
    FeedbackReply.objects.filter(feedback__in=kept).delete()
    upheld = Feedback.objects.filter(pk__in=kept)
    upheld.update(student=None, user=None, code_hash="", text=GONE)
    blank(upheld, "found")


def _answers(rows: "QuerySet[AnswerSheet]") -> None:
    """Take person, time and words out of answers; stars and ticks go on being counted."""
    texts = {str(pk) for pk in Question.objects.filter(kind=QuestionKind.TEXT).values_list("pk", flat=True)}
    for row in rows:
        answers = {key: value for key, value in row.answers.items() if key.partition("-")[0] not in texts}
        AnswerSheet.objects.filter(pk=row.pk).update(answers=answers, user=None, student=None, at=None)


def _books_with(student: Student) -> "QuerySet[Book]":
    """Return the record books in which a child stands: of its groups, over days on which it had a place there."""
    within_run = Q()
    for group, first, last in Placement.objects.filter(student=student).values_list("group", "starts_on", "ends_on"):
        there = Q(group=group, run__last_day__gte=first)
        within_run |= there if last is None else there & Q(run__first_day__lte=last)
    return Book.objects.filter(within_run) if within_run else Book.objects.none()


def _drop_books(books: "QuerySet[Book]", runs: "QuerySet[BookRun]", why: str) -> None:
    """Delete made books and what was bound of them; the run says why, and can be gone on with."""
    stopped = list(runs.filter(state=BookRunState.DONE).values_list("pk", flat=True))
    for run in runs:
        _drop(run.print_file)
        _drop(run.zip_file)
    for book in books:
        _drop(book.file)
    books.delete()
    BookRun.objects.filter(pk__in=stopped).update(state=BookRunState.FAILED, error=why, print_file="", zip_file="")


def _drop(file: Any) -> None:
    if file:
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)


def _erase_of_staff(scope: Scope) -> None:
    """Delete a term's words of patrol, findings, objections and reasons with the photos; points, bands and counts stay."""
    PatrolRound.objects.filter(**scope).update(note="")
    blank(PatrolVisit.objects.filter(**within("round", scope)), "note", "explanation")
    drop_uploads(VisitPhoto.objects.filter(**within("visit__round", scope)))
    blank(FollowUp.objects.filter(**scope), "text", "answer")
    blank(CheckedBook.objects.filter(**within("check_drawn", scope)), "text")
    ScoreSheet.objects.filter(**scope).update(comment="")
    blank(ScoreLine.objects.filter(**within("sheet", scope)), "note")
    blank(SheetObjection.objects.filter(**within("sheet", scope)), "text", "answer")
    blank(ClassTableVersion.objects.filter(**within("table", scope)), "note", "reason")
    for table, name in ((TermResult, "reason"), (HalfMonth, "reason"), (AllowanceList, "reason"), (ClassTable, "note")):
        blank(table.objects.filter(**scope), name)
