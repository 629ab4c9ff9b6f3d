"""A questionnaire from draft to end: written by the office, opened with its questions frozen, closed, copied (G3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Guardianship, Teacher, Term, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import QuestionKind, SurveyFor, SurveyState
from evaluation.models import AnswerSheet, Option, Question, Survey
from evaluation.surveying import FEW, MOST_OPTIONS

MOST_QUESTIONS = 30
ASIDE = 999  # where a question stands while two change places
LONGEST_OPEN = timedelta(days=90)
NAMED_AUDIENCES = (SurveyFor.PARENTS, SurveyFor.STAFF)  # who answers with an account


@dataclass(frozen=True)
class Terms:
    """What a questionnaire is: its words, whom it asks, how."""

    title: str
    audience: str
    intro: str = ""
    grades: str = ""
    anonymous: bool = True
    once: bool = True
    satisfaction: bool = False
    needed: int = 10


@dataclass(frozen=True)
class Wording:
    """What a question is: its kind, its words, its answers to choose from."""

    kind: str
    text: str
    required: bool = True
    per_teacher: bool = False
    low: str = ""
    high: str = ""
    options: Sequence[str] = ()


def _office(by: Actor) -> User:
    if not by.is_office or by.user is None:
        raise Refused("not_yours", "问卷由课程教学中心管理。")
    return by.user


def _lock_draft(survey: Survey) -> None:
    """Hold a draft until the end of the transaction, so that it is not opened meanwhile."""
    if Survey.objects.filter(pk=survey.pk, state=SurveyState.DRAFT).update(state=SurveyState.DRAFT) != 1:
        raise Refused("frozen", "问卷已经开始，题目不能再改。可以复制成一份新的再改。")


def _checked(terms: Terms) -> dict[str, Any]:
    if terms.audience not in SurveyFor.values:
        raise Refused("no_audience", "请选问谁。")
    if not terms.title.strip():
        raise Refused("no_title", "请写标题。")
    if terms.satisfaction and terms.audience != SurveyFor.PARENTS:
        raise Refused("not_parents", "教师满意度只问家长。")
    if terms.satisfaction and not terms.once:
        raise Refused("not_once", "用于教师满意度的，要每人只答一次，不然一个人答几次就够数了。")
    if terms.needed < FEW:
        raise Refused("too_few_needed", f"满意度至少要 {FEW} 份回答才能显示。")
    known = (
        terms.audience in NAMED_AUDIENCES
    )  # who answers by a link has no account: anonymous, and nobody can count once
    asks_grades = terms.audience in (SurveyFor.PARENTS, SurveyFor.CHILDREN)
    return {
        "title": terms.title.strip(),
        "intro": terms.intro.strip(),
        "audience": terms.audience,
        "grades": "".join(sorted(set(terms.grades))) if asks_grades else "",
        "anonymous": terms.anonymous or not known,
        "once": terms.once and known,
        "satisfaction": terms.satisfaction,
        "needed": terms.needed,
    }


@transaction.atomic
def begin(*, term: Term, terms: Terms, by: Actor) -> Survey:
    """Begin a draft. Refused: not_yours, no_audience, no_title, not_parents, not_once, too_few_needed."""
    office = _office(by)
    survey = Survey.objects.create(
        term=term, token=token_urlsafe(16), asked_by=office, asked_at=clock.now(), **_checked(terms)
    )
    record("survey.created", subject=survey, by=by, term_id=term.pk)
    return survey


@transaction.atomic
def edit(survey: Survey, *, terms: Terms, by: Actor) -> None:
    """Change a draft. Refused: not_yours, frozen, has_teacher_questions (no longer for parents), and as `begin`."""
    _office(by)
    _lock_draft(survey)
    values = _checked(terms)
    if values["audience"] != SurveyFor.PARENTS and survey.questions.filter(per_teacher=True).exists():
        raise Refused("has_teacher_questions", "有一题对每位教师各问一次，只能问家长。请先改那一题。")
    Survey.objects.filter(pk=survey.pk).update(**values)
    record("survey.edited", subject=survey, by=by, term_id=survey.term_id)
    survey.refresh_from_db()


@transaction.atomic
def discard(survey: Survey, *, by: Actor) -> None:
    """Throw a draft away. Refused: not_yours, frozen."""
    _office(by)
    _lock_draft(survey)
    record("survey.discarded", subject=survey, by=by, term_id=survey.term_id)
    survey.delete()


@transaction.atomic
def copy(survey: Survey, *, term: Term, by: Actor) -> Survey:
    """Begin a draft with the words and questions of an earlier one. Refused: not_yours."""
    office = _office(by)
    kept = ("intro", "audience", "grades", "anonymous", "once", "satisfaction", "needed")
    made = Survey.objects.create(
        term=term,
        title=survey.title,
        token=token_urlsafe(16),
        asked_by=office,
        asked_at=clock.now(),
        **{name: getattr(survey, name) for name in kept},
    )
    for question in survey.questions.prefetch_related("options"):
        options = list(question.options.all())
        question.pk, question.survey = None, made
        question.save(force_insert=True)
        Option.objects.bulk_create(Option(question=question, position=o.position, text=o.text) for o in options)
    record("survey.copied", subject=made, by=by, term_id=term.pk, data={"from": survey.pk})
    return made


def _worded(survey: Survey, wording: Wording) -> tuple[dict[str, Any], list[str]]:
    """Return a question's fields and its options. Refused: no_kind, no_text, only_stars, too_few_options, too_many_options."""
    if wording.kind not in QuestionKind.values:
        raise Refused("no_kind", "请选题型。")
    if not wording.text.strip():
        raise Refused("no_text", "请写题目。")
    if wording.per_teacher and (wording.kind != QuestionKind.STARS or survey.audience != SurveyFor.PARENTS):
        raise Refused("only_stars", "对每位教师各问一次的，只能是问家长的星级题。")
    chooses = wording.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)
    options = list(dict.fromkeys(text.strip() for text in wording.options if text.strip())) if chooses else []
    if chooses and len(options) < 2:
        raise Refused("too_few_options", "至少写两个选项，一行一个。")
    if len(options) > MOST_OPTIONS:
        raise Refused("too_many_options", f"最多 {MOST_OPTIONS} 个选项。")
    ends = wording.kind == QuestionKind.SCALE
    fields = {
        "kind": wording.kind,
        "text": wording.text.strip(),
        "required": wording.required,
        "per_teacher": wording.per_teacher,
        "low": wording.low.strip() if ends else "",
        "high": wording.high.strip() if ends else "",
    }
    return fields, options


def _put_options(question: Question, options: Sequence[str]) -> None:
    Option.objects.filter(question=question).delete()
    Option.objects.bulk_create(
        Option(question=question, position=place, text=text) for place, text in enumerate(options, 1)
    )


@transaction.atomic
def add_question(survey: Survey, *, wording: Wording, by: Actor) -> Question:
    """Add a question at the end of a draft. Refused: not_yours, frozen, too_many, and as `_worded`."""
    _office(by)
    _lock_draft(survey)
    fields, options = _worded(survey, wording)
    count = survey.questions.count()
    if count >= MOST_QUESTIONS:
        raise Refused("too_many", f"最多 {MOST_QUESTIONS} 题，再多没有人答完。")
    question = Question.objects.create(survey=survey, position=count + 1, **fields)
    _put_options(question, options)
    record("survey.question_added", subject=survey, by=by, term_id=survey.term_id, data={"question": question.pk})
    return question


@transaction.atomic
def edit_question(question: Question, *, wording: Wording, by: Actor) -> None:
    """Change a question of a draft. Refused: not_yours, frozen, and as `_worded`."""
    _office(by)
    _lock_draft(question.survey)
    fields, options = _worded(question.survey, wording)
    Question.objects.filter(pk=question.pk).update(**fields)
    _put_options(question, options)
    record(
        "survey.question_edited",
        subject=question.survey,
        by=by,
        term_id=question.survey.term_id,
        data={"question": question.pk},
    )


@transaction.atomic
def move_question(question: Question, *, up: bool, by: Actor) -> None:
    """Let a question of a draft change places with the one above or below; at the end nothing. Refused: not_yours, frozen."""
    _office(by)
    _lock_draft(question.survey)
    question.refresh_from_db()
    place = question.position + (-1 if up else 1)
    beside = Question.objects.filter(survey=question.survey_id, position=place).first()
    if beside is None:
        return
    Question.objects.filter(pk=question.pk).update(position=ASIDE)
    Question.objects.filter(pk=beside.pk).update(position=question.position)
    Question.objects.filter(pk=question.pk).update(position=place)
    record("survey.question_moved", subject=question.survey, by=by, term_id=question.survey.term_id)


@transaction.atomic
def remove_question(question: Question, *, by: Actor) -> None:
    """Take a question out of a draft; those below move up. Refused: not_yours, frozen."""
    _office(by)
    survey = question.survey
    _lock_draft(survey)
    question.delete()
    for place, row in enumerate(survey.questions.order_by("position"), 1):
        if row.position != place:
            Question.objects.filter(pk=row.pk).update(position=place)
    record("survey.question_removed", subject=survey, by=by, term_id=survey.term_id)


@transaction.atomic
def open_survey(survey: Survey, *, opens_at: datetime | None, closes_at: datetime | None, by: Actor) -> None:
    """Open a draft from a time to a time and tell who is asked; its questions are frozen from here on.

    Refused: not_yours, frozen, no_times, wrong_times, too_long, no_questions, no_teacher_question (for satisfaction).
    """
    _office(by)
    if opens_at is None or closes_at is None:
        raise Refused("no_times", "请填从什么时候到什么时候。")
    if closes_at <= opens_at or closes_at <= clock.now():
        raise Refused("wrong_times", "截止要在开始和现在之后。")
    if closes_at - opens_at > LONGEST_OPEN:
        raise Refused("too_long", f"最长开放 {LONGEST_OPEN.days} 天。")
    if not survey.questions.exists():
        raise Refused("no_questions", "还没有题目。")
    if survey.satisfaction and not survey.questions.filter(per_teacher=True).exists():
        raise Refused("no_teacher_question", "用于教师满意度的问卷，要有一题对每位教师各问一次。")
    draft = Survey.objects.filter(pk=survey.pk, state=SurveyState.DRAFT)
    if draft.update(state=SurveyState.OPEN, opens_at=opens_at, closes_at=closes_at) != 1:
        raise somebody_was_faster()
    survey.refresh_from_db()
    record("survey.opened", subject=survey, by=by, term_id=survey.term_id)
    _tell_who_is_asked(survey, opens_at, closes_at, by)


def _tell_who_is_asked(survey: Survey, opens_at: datetime, closes_at: datetime, by: Actor) -> None:
    """Tell parents or staff; children and the public are asked by a link."""
    people = _people_asked(survey)
    if not people:
        return
    first, last = opens_at.astimezone(clock.SHANGHAI), closes_at.astimezone(clock.SHANGHAI)
    span = f"{first.month}月{first.day}日 {first:%H:%M} 至 {last.month}月{last.day}日 {last:%H:%M}"
    how = "匿名，学校也查不到谁答了什么。" if survey.anonymous else "会记下是谁答的。"
    tell(
        people,
        kind="survey.opened",
        title=f"请答问卷：{survey.title}",
        body=f"{span}可以答。{how}",
        url=reverse("evaluation:asked"),
        term=survey.term,
        by=by,
    )


def _people_asked(survey: Survey) -> set[int]:
    if survey.audience == SurveyFor.STAFF:
        staff = Teacher.objects.filter(active=True, user__isnull=False)
        return {pk for pk in staff.values_list("user_id", flat=True) if pk is not None}
    if survey.audience != SurveyFor.PARENTS:
        return set()
    links = Guardianship.objects.filter(acts=True, guardian__user__isnull=False, student__state=StudentState.ENROLLED)
    if survey.grades:
        links = links.filter(student__school_class__grade__in=[int(digit) for digit in survey.grades])
    return {pk for pk in links.values_list("guardian__user_id", flat=True) if pk is not None}


@transaction.atomic
def close(survey: Survey, *, by: Actor) -> None:
    """End an open questionnaire before its time, for good. Refused: not_yours, not_open."""
    _office(by)
    now = clock.now()
    running = Survey.objects.filter(pk=survey.pk, state=SurveyState.OPEN, closes_at__gt=now)
    if running.update(state=SurveyState.CLOSED, closed_at=now) != 1:
        raise Refused("not_open", "这份问卷没有在进行。")
    AnswerSheet.objects.filter(survey=survey, counted=False).update(
        counted=True
    )  # nothing is left that shows the last ones
    record("survey.closed", subject=survey, by=by, term_id=survey.term_id)
    survey.refresh_from_db()
