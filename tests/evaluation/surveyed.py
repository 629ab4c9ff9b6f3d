"""A questionnaire as the tests of questionnaires need it: written, opened, answered."""

from datetime import timedelta

from evaluation.actions import answers as answering
from evaluation.actions import surveys as actions
from evaluation.actions.surveys import Terms, Wording
from evaluation.models import AnswerSheet
from tests.cast import NOW

DAY = timedelta(days=1)
WORDS = "放学时请把队伍分成两处"


def draft(cast, *wordings, **terms):
    values = {"title": "满意度", "audience": "parents"} | terms
    survey = actions.begin(term=cast.term, terms=Terms(**values), by=cast.actor("office"))
    for wording in wordings or [Wording("stars", "总的来说满意吗")]:
        actions.add_question(survey, wording=wording, by=cast.actor("office"))
    return survey


def opened(cast, *wordings, **terms):
    survey = draft(cast, *wordings, **terms)
    actions.open_survey(survey, opens_at=NOW - DAY, closes_at=NOW + DAY, by=cast.actor("office"))
    return survey


def key(survey, place=1):
    return str(survey.questions.get(position=place).pk)


def say(cast, survey, who="guardian", child=0, **more):
    answers = more.get("answers") or {key(survey): 4}
    answering.answer(survey, answers=answers, student=cast.students[child], by=cast.actor(who))


PER_TEACHER = Wording("stars", "这位老师怎么样", per_teacher=True)


def stars_for(survey, teacher, stars):
    question = survey.questions.get(per_teacher=True).pk
    AnswerSheet.objects.bulk_create(
        AnswerSheet(survey=survey, grade=1, answers={f"{question}-{teacher.pk}": star}) for star in stars
    )
