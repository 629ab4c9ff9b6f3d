"""Results of questionnaires: stars, shares, grades, teachers and satisfaction added up sheet by sheet."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from evaluation.enums import QuestionKind, SurveyFor, SurveyState
from evaluation.models import AnswerSheet, Option, Question, Survey
from evaluation.queries import surveys

NEEDED = 6


@pytest.fixture
def survey(school):
    """A questionnaire that has ended, with a question of each kind and one about teachers, and sheets drawn by lot."""
    made = Survey.objects.create(
        term=school.term, title="家长问卷", audience=SurveyFor.PARENTS, satisfaction=True, needed=NEEDED, token="t",
        state=SurveyState.CLOSED, opens_at=school.now - timedelta(days=4), closes_at=school.now - timedelta(days=2),
        closed_at=school.now - timedelta(days=2), asked_by=school.office.user, asked_at=school.now - timedelta(days=5),
    )  # fmt: skip
    for position, kind in enumerate(QuestionKind, 1):
        question = Question.objects.create(survey=made, position=position, kind=kind, text=kind.label)
        if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
            for place in range(1, 4):
                Option.objects.create(question=question, position=place, text=f"选项{place}")
    Question.objects.create(survey=made, position=9, kind=QuestionKind.STARS, text="这位老师", per_teacher=True)
    questions = list(Question.objects.prefetch_related("options"))
    sheets = []
    for _ in range(school.dice.choice([0, 3, 12, 30])):
        answers = {}
        for question in questions:
            _answer(school, question, answers)
        sheets.append(AnswerSheet(survey=made, grade=school.dice.choice([1, 2, 3]), answers=answers))
    AnswerSheet.objects.bulk_create(sheets)
    return made


def _answer(school, question, answers):
    dice, options = school.dice, [row.pk for row in question.options.all()]
    if school.chance(20):
        return
    if question.per_teacher:
        for teacher in dice.sample(school.staff, 2):
            answers[f"{question.pk}-{teacher.pk}"] = dice.randint(1, 5)
        return
    answers[str(question.pk)] = {
        "choice": lambda: dice.choice(options),
        "choices": lambda: sorted(dice.sample(options, 2)),
        "stars": lambda: dice.randint(1, 5),
        "scale": lambda: dice.randint(0, 10),
        "text": lambda: dice.choice(["好", "很好"]),
    }[question.kind]()


def mean(numbers, places="0.1"):
    return (Decimal(sum(numbers)) / len(numbers)).quantize(Decimal(places), ROUND_HALF_UP)


def test_every_number_is_that_of_the_sheets(school, survey):
    sheets = list(AnswerSheet.objects.all())
    made = surveys.results(survey, school.now)
    assert (made.came, made.counted) == (len(sheets), len(sheets))
    for result in made.rows:
        key = str(result.question.pk)
        if result.question.per_teacher:
            assert_teachers(result, sheets, key)
            continue
        said = [(sheet.grade, sheet.answers[key]) for sheet in sheets if key in sheet.answers]
        assert result.answered == len(said)
        assert result.hidden == (len(said) < 5)
        if result.hidden:
            continue
        flat = Counter(one for _, value in said for one in (value if isinstance(value, list) else [value]))
        if result.question.kind == "text":
            assert Counter(result.texts) == flat
            continue
        if result.question.kind in ("stars", "scale"):
            assert result.mean == mean([value for _, value in said])
            assert {int(bar.label.removesuffix(" 星")): bar.count for bar in result.bars if bar.count} == flat
        else:
            names = {row.text: row.pk for row in Option.objects.filter(question=result.question.pk)}
            assert {names[bar.label]: bar.count for bar in result.bars if bar.count} == flat
        assert all(bar.percent == (bar.count * 200 + len(said)) // (2 * len(said)) for bar in result.bars)
        for part in result.grades:
            own = [value for grade, value in said if grade == part.key]
            assert part.answered == len(own) >= 5
            assert part.mean == (mean(own) if result.question.kind in ("stars", "scale") else None)


def assert_teachers(result, sheets, key):
    stars = defaultdict(list)
    for sheet in sheets:
        for name, value in sheet.answers.items():
            if name.startswith(f"{key}-"):
                stars[int(name.split("-")[1])].append(value)
    for part in result.teachers:
        assert part.answered == len(stars[part.key])
        assert part.mean == (mean(stars[part.key]) if len(stars[part.key]) >= NEEDED else None)
    if not result.hidden:
        assert {part.key for part in result.teachers} == set(stars)


def test_satisfaction_is_that_of_the_stars(school, survey):
    question = Question.objects.get(per_teacher=True)
    stars = defaultdict(list)
    for sheet in AnswerSheet.objects.all():
        for name, value in sheet.answers.items():
            if name.startswith(f"{question.pk}-"):
                stars[int(name.split("-")[1])].append(value)
    made = surveys.satisfactions(school.term, school.term.starts_on, school.term.ends_on)
    assert made == {
        pk: (int(mean([20 * one for one in given], "1")), len(given))
        for pk, given in stars.items()
        if len(given) >= NEEDED
    }
