"""Questionnaires and visits: who may open what, and the things for it in the world."""

from datetime import timedelta
from typing import TYPE_CHECKING

from evaluation.models import Question, Survey, VisitRecord
from tests.cast import NOW, TODAY
from tests.house.access_base import ANYBODY, HEADS, OFFICE, STAFF, WORLD, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
ROWS: list[Row] = [
    ("evaluation:surveys", "", READERS),
    ("evaluation:survey-new", "", OFFICE),
    *each(
        "evaluation:survey evaluation:survey-preview",
        ("survey", READERS),
        ("survey_draft", READERS),
    ),
    *each("evaluation:survey-results evaluation:survey-results-print", ("survey", READERS)),
    *each("evaluation:survey-edit evaluation:survey-question-new", ("survey_draft", OFFICE)),
    *each("evaluation:survey-copy evaluation:survey-close", ("survey", OFFICE)),
    *each("evaluation:survey-open evaluation:survey-discard", ("survey_draft", OFFICE)),
    *each(
        "evaluation:survey-question evaluation:survey-question-move evaluation:survey-question-remove",
        ("survey_question", OFFICE),
    ),
    # Who is asked: a parent for the own child alone, all staff; by a link the world.
    ("evaluation:asked", "", ANYBODY),
    ("evaluation:asked-one", "survey_of_staff", STAFF),
    ("evaluation:asked-child", "survey_for_child", only("guardian")),
    ("evaluation:asked-child", "survey_for_neighbour", only("other_guardian")),
    ("evaluation:survey-link", "survey_link", WORLD),
    # Visits: the office, the leading group; a head teacher the own class.
    ("evaluation:talks", "", READERS | HEADS),
    ("evaluation:talks-print", "", READERS | HEADS),
    ("evaluation:talk-new", "", OFFICE | HEADS),
    ("evaluation:talk", "home_visit", READERS | only("head_teacher")),
    ("evaluation:talk", "visit_in_general", READERS),
]


def furnish(world: "World") -> None:
    """An open questionnaire for parents, one for staff, one by a link, a draft; a visit about a child, one about none."""
    cast = world.cast
    day = timedelta(days=1)
    running = {"state": "open", "opens_at": NOW - day, "closes_at": NOW + day}
    base = {"term": cast.term, "asked_by": cast.office.user, "asked_at": NOW - day}
    parents = Survey.objects.create(title="满意吗", audience="parents", token="t-parents", **running, **base)
    Question.objects.create(survey=parents, position=1, kind="stars", text="总的来说满意吗")
    staff = Survey.objects.create(title="教职工问卷", audience="staff", token="t-staff", **running, **base)
    public = Survey.objects.create(title="社会问卷", audience="public", token="t-public", once=False, **running, **base)
    draft = Survey.objects.create(title="草稿", audience="parents", token="t-draft", **base)
    question = Question.objects.create(survey=draft, position=1, kind="text", text="建议")
    Question.objects.create(survey=draft, position=2, kind="stars", text="满意吗")
    visit = {"term": cast.term, "kind": "home", "date": TODAY, "topic": "作业", "by": cast.office.user, "at": NOW}
    world.keep(
        survey=parents,
        survey_of_staff=staff,
        survey_draft=draft,
        survey_question=question,
        home_visit=VisitRecord.objects.create(student=cast.students[0], **visit),
        visit_in_general=VisitRecord.objects.create(**visit),
    )
    world.things |= {
        "survey_for_child": {"pk": parents.pk, "child": cast.students[0].pk},
        "survey_for_neighbour": {"pk": parents.pk, "child": cast.students[1].pk},
        "survey_link": {"token": public.token},
    }
