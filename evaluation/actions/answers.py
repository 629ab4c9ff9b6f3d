"""Answering a questionnaire (G3). Anonymous means that nobody can find out, the office and who reads the database included.

Who has answered (`SurveyTaken`) and what was said (`AnswerSheet`) share no key, no time and no order. Each answer takes a
handful of earlier rows out of both tables and puts them back with the new one in an order drawn at random, under numbers drawn
at random: neither the numbers, nor the place of a row on the disk, nor the transaction that wrote it last tells who came when.
What is said of a teacher stands apart from the sheet, so that no combination of teachers tells whose sheet it is.
The history says nothing of it.
"""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.crypto import salted_hmac

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.events import record
from afterschool.school.models import Student
from afterschool.school.queries.people import children_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.enums import SurveyFor
from evaluation.models import AnswerSheet, Survey, SurveyTaken, SurveyTry
from evaluation.models.surveys import draw_number
from evaluation.queries import surveys as queries
from evaluation.surveying import FEW, Value, apart, fits

STIRRED = 100  # earlier rows that are shuffled with each answer
A_WHILE = timedelta(hours=1)
MOST_FROM = {SurveyFor.PUBLIC: 20, SurveyFor.CHILDREN: 400}  # an hour; the school's tablets share one address
RANDOM = random.SystemRandom()
Row = TypeVar("Row", AnswerSheet, SurveyTaken)


@transaction.atomic
def answer(survey: Survey, *, answers: Mapping[str, Value], student: Student | None = None, by: Actor = SYSTEM) -> None:
    """Keep the answers of a person with an account: a parent for one child, or a member of staff.

    Refused: not_open, not_asked, taken, missing, not_an_answer.
    """
    held = _hold(survey)
    if not _asks(held, student, by):
        raise Refused("not_asked", "这份问卷没有问到您。")
    _check(held, student, answers)
    if held.once:
        _note_taken(held, student, by)
    grade = student.school_class.grade if student and student.school_class else None
    if held.anonymous:
        _keep_unnamed(held, answers, grade)
        return
    AnswerSheet.objects.create(
        survey=held, grade=grade, answers=dict(answers), user=by.user, student=student, at=clock.now()
    )
    record("survey.answered", subject=held, by=by, term_id=held.term_id)


@transaction.atomic
def answer_by_link(
    survey: Survey, *, answers: Mapping[str, Value], grade: int | None = None, address: str = ""
) -> None:
    """Keep the answers of somebody who came by the link: a child at a tablet with its grade, or the public.

    Refused: not_open, not_asked, too_many (from one address in an hour), missing, not_an_answer.
    """
    held = _hold(survey)
    if held.audience not in MOST_FROM:
        raise Refused("not_asked", "这份问卷要登录后回答。")
    if held.audience == SurveyFor.CHILDREN and grade not in queries.link_grades(held):
        raise Refused("missing", "请选几年级。")
    _check(held, None, answers)
    _count_try(held, address)
    _keep_unnamed(held, answers, grade if held.audience == SurveyFor.CHILDREN else None)


def _hold(survey: Survey) -> Survey:
    """Lock a questionnaire that can be answered: one sheet at a time, none after its end."""
    held = Survey.objects.select_for_update().filter(pk=survey.pk).first()
    if held is None or not queries.is_open(held, clock.now()):
        raise Refused("not_open", "这份问卷现在不能答：还没开始，或已经结束。")
    return held


def _asks(survey: Survey, student: Student | None, by: Actor) -> bool:
    if survey.audience == SurveyFor.STAFF:
        return by.is_staff and student is None
    if survey.audience != SurveyFor.PARENTS or student is None:
        return False
    return queries.asks_child(survey, student) and children_of(by).filter(pk=student.pk).exists()


def _check(survey: Survey, student: Student | None, answers: Mapping[str, Value]) -> None:
    items = {item.key: item.question for item in queries.items_of(survey, student)}
    if not items.keys() >= answers.keys() or not all(fits(items[key], value) for key, value in answers.items()):
        raise Refused("not_an_answer", "有一题的回答不是给出的答案。请再看一遍。")
    if any(question.required and key not in answers for key, question in items.items()):
        raise Refused("missing", "还有必答的题没有答。")


def _note_taken(survey: Survey, student: Student | None, by: Actor) -> None:
    row = SurveyTaken(survey=survey, user=by.user, student=student)
    mine = SurveyTaken.objects.filter(survey=survey, user=by.user, student=student)
    if mine.exists():
        raise Refused("taken", "这份问卷您已经答过，谢谢。")
    if not survey.anonymous:
        row.save(force_insert=True)
        return
    picked = list(SurveyTaken.objects.filter(survey=survey).order_by("?")[:STIRRED])
    SurveyTaken.objects.filter(pk__in=[one.pk for one in picked]).delete()
    SurveyTaken.objects.bulk_create(_shuffled([*picked, row]))


def unnamed(survey: Survey, answers: Mapping[str, Value], grade: int | None, *, counted: bool) -> list[AnswerSheet]:
    """Return the unsaved rows of an anonymous sheet: itself with its grade, and each teacher's part alone."""
    return [
        AnswerSheet(survey=survey, grade=None if teacher else grade, teacher_id=teacher, answers=part, counted=counted)
        for teacher, part in apart(answers).items()
    ]


def _keep_unnamed(survey: Survey, answers: Mapping[str, Value], grade: int | None) -> None:
    """Put a sheet among others, and let five of those that wait be added up once as many go on waiting."""
    picked = list(AnswerSheet.objects.filter(survey=survey).order_by("?")[:STIRRED])
    AnswerSheet.objects.filter(pk__in=[one.pk for one in picked]).delete()
    AnswerSheet.objects.bulk_create(_shuffled([*picked, *unnamed(survey, answers, grade, counted=False)]))
    for teacher in apart(answers):
        _count_five(survey, teacher)


def _count_five(survey: Survey, teacher: int | None) -> None:
    """Add five more to the results, drawn from ten or more that wait.

    So whoever looks before and after an answer sees nothing of it, and what is added at the end is five at least, too.
    """
    rows = AnswerSheet.objects.filter(survey=survey, counted=False, teacher=teacher)
    waiting = list(rows.order_by("?").values_list("pk", flat=True))
    if len(waiting) >= 2 * FEW:
        AnswerSheet.objects.filter(pk__in=waiting[:FEW]).update(counted=True)


def _shuffled(rows: list[Row]) -> list[Row]:
    RANDOM.shuffle(rows)
    for row in rows:
        row.pk = draw_number()
    return rows


def _count_try(survey: Survey, address: str) -> None:
    """Count an answer by the keyed hash of where it came from, and refuse a flood. Kept for an hour."""
    now = clock.now()
    tried = salted_hmac("evaluation.survey_try", f"{survey.pk} {address}", algorithm="sha256").hexdigest()
    SurveyTry.objects.filter(at__lt=now - A_WHILE).delete()
    most = MOST_FROM[SurveyFor(survey.audience)]
    if SurveyTry.objects.filter(address_hash=tried, at__gt=now - A_WHILE).count() >= most:
        raise Refused("too_many", "这个网络一小时里答了很多份，请过一会儿再答。")
    SurveyTry.objects.create(address_hash=tried, at=now)
