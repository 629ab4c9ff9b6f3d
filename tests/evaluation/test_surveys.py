"""Questionnaires: written, frozen, answered once, nobody to be found out."""

import json
import random
from datetime import timedelta
from itertools import pairwise

import pytest
from django.apps import apps

from afterschool.school.models import Event, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation import survey_documents
from evaluation.actions import answers as answering
from evaluation.actions import surveys as actions
from evaluation.actions.surveys import Terms, Wording
from evaluation.enums import SurveyState
from evaluation.models import AnswerSheet, SurveyTaken, SurveyTry
from evaluation.queries import surveys as queries
from tests.cast import NOW, make_guardian
from tests.evaluation.surveyed import DAY, PER_TEACHER, WORDS, draft, key, opened, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(afternoon):
    return afternoon


# Written and frozen


def test_opening_freezes_the_questions_and_tells_the_parents(school):
    survey = opened(school)
    question = survey.questions.get()
    office = school.actor("office")
    for act in (
        lambda: actions.add_question(survey, wording=Wording("text", "还有呢"), by=office),
        lambda: actions.edit_question(question, wording=Wording("text", "还有呢"), by=office),
        lambda: actions.move_question(question, up=True, by=office),
        lambda: actions.remove_question(question, by=office),
        lambda: actions.edit(survey, terms=Terms("别的", "parents"), by=office),
        lambda: actions.discard(survey, by=office),
    ):
        with pytest.raises(Refused, match="frozen"):
            act()
    told = Message.objects.get(kind="survey.opened")
    users = {delivery.recipient_id for delivery in told.deliveries.all()}
    assert users == {school.guardian.user_id, school.other_guardian.user_id}


def test_what_is_over_is_never_opened_again_but_copied(school):
    survey = opened(school, Wording("choice", "去吗", options=["去", "不去"]), Wording("text", "建议", required=False))
    office = school.actor("office")
    actions.close(survey, by=office)
    with pytest.raises(Refused, match="not_open"):
        actions.close(survey, by=office)
    with pytest.raises(Refused, match="faster"):
        actions.open_survey(survey, opens_at=NOW, closes_at=NOW + DAY, by=office)
    made = actions.copy(survey, term=school.term, by=office)
    assert made.state == SurveyState.DRAFT
    assert made.token != survey.token
    shape = [(q.text, q.kind, [c.text for c in q.choices]) for q in queries.questions_of(made)]
    assert shape == [(q.text, q.kind, [c.text for c in q.choices]) for q in queries.questions_of(survey)]
    assert not set(made.questions.values_list("pk")) & set(survey.questions.values_list("pk"))


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        (Wording("x", "题"), "no_kind"),
        (Wording("stars", "  "), "no_text"),
        (Wording("choice", "去吗", options=["去", "去", " "]), "too_few_options"),
        (Wording("choices", "哪些", options=[str(n) for n in range(13)]), "too_many_options"),
        (Wording("text", "老师怎么样", per_teacher=True), "only_stars"),
    ],
)
def test_questions_that_can_not_be(school, wording, code):
    with pytest.raises(Refused, match=code):
        draft(school, wording)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"audience": "nobody"}, "no_audience"),
        ({"title": " "}, "no_title"),
        ({"audience": "staff", "satisfaction": True}, "not_parents"),
        ({"satisfaction": True, "once": False}, "not_once"),
        ({"needed": 4}, "too_few_needed"),
    ],
)
def test_questionnaires_that_can_not_be(school, terms, code):
    with pytest.raises(Refused, match=code):
        draft(school, **terms)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (None, NOW, "no_times"),
        (NOW, NOW, "wrong_times"),
        (NOW - 2 * DAY, NOW - DAY, "wrong_times"),
        (NOW, NOW + 91 * DAY, "too_long"),
    ],
)
def test_times_that_can_not_be(school, first, last, code):
    with pytest.raises(Refused, match=code):
        actions.open_survey(draft(school), opens_at=first, closes_at=last, by=school.actor("office"))


def test_satisfaction_needs_a_question_about_teachers(school):
    with pytest.raises(Refused, match="no_teacher_question"):
        opened(school, satisfaction=True)
    empty = actions.begin(term=school.term, terms=Terms("空", "parents"), by=school.actor("office"))
    with pytest.raises(Refused, match="no_questions"):
        actions.open_survey(empty, opens_at=NOW, closes_at=NOW + DAY, by=school.actor("office"))
    with pytest.raises(Refused, match="has_teacher_questions"):
        actions.edit(draft(school, PER_TEACHER), terms=Terms("满意度", "staff"), by=school.actor("office"))


def test_by_a_link_all_are_unnamed_and_nobody_is_counted_once(school):
    survey = draft(school, audience="children", anonymous=False, once=True, grades="31")
    assert (survey.anonymous, survey.once, survey.grades) == (True, False, "13")


def test_moving_and_removing_keeps_the_order_without_gaps(school):
    survey = draft(school, *(Wording("text", letter) for letter in "甲乙丙丁"))
    rows = {q.text: q for q in survey.questions.all()}
    office = school.actor("office")
    actions.move_question(rows["丙"], up=True, by=office)
    actions.move_question(rows["丙"], up=True, by=office)
    actions.move_question(rows["丙"], up=True, by=office)
    actions.move_question(rows["丁"], up=False, by=office)
    actions.remove_question(rows["甲"], by=office)
    assert list(survey.questions.order_by("position").values_list("position", "text")) == [
        (1, "丙"),
        (2, "乙"),
        (3, "丁"),
    ]


@pytest.mark.parametrize("who", ["guardian", "teacher", "head_teacher", "leading_group"])
def test_the_office_alone_writes(school, who):
    survey = draft(school)
    by = school.actor(who)
    for act in (
        lambda: actions.begin(term=school.term, terms=Terms("x", "parents"), by=by),
        lambda: actions.copy(survey, term=school.term, by=by),
        lambda: actions.open_survey(survey, opens_at=NOW, closes_at=NOW + DAY, by=by),
        lambda: actions.add_question(survey, wording=Wording("text", "题"), by=by),
    ):
        with pytest.raises(Refused, match="not_yours"):
            act()


# Answered


def test_once_for_each_child_and_each_parent(school):
    survey = opened(school)
    say(school, survey)
    with pytest.raises(Refused, match="taken"):
        say(school, survey)
    say(school, survey, child=6)
    second = make_guardian(77, "第二位", school.students[0])
    school.second = second
    say(school, survey, who="second")
    assert survey.sheets.count() == survey.taken.count() == 3


def test_only_who_is_asked_answers(school):
    survey = opened(school, grades="2")
    with pytest.raises(Refused, match="not_asked"):
        say(school, survey)
    survey = opened(school)
    with pytest.raises(Refused, match="not_asked"):
        say(school, survey, child=1)
    with pytest.raises(Refused, match="not_asked"):
        answering.answer(survey, answers={key(survey): 4}, by=school.actor("teacher"))
    with pytest.raises(Refused, match="not_asked"):
        answering.answer_by_link(survey, answers={key(survey): 4})


def test_only_while_it_is_open(school):
    survey = opened(school)
    for moment in (NOW - 2 * DAY, NOW + DAY):
        with clock.frozen(moment), pytest.raises(Refused, match="not_open"):
            say(school, survey)
    actions.close(survey, by=school.actor("office"))
    with pytest.raises(Refused, match="not_open"):
        say(school, survey)


def test_answers_are_checked_again(school):
    survey = opened(school, Wording("stars", "满意吗"), Wording("choice", "去吗", options=["去", "不去"]))
    first, second = key(survey), key(survey, 2)
    option = survey.questions.get(position=2).options.first().pk
    for answers, code in (
        ({first: 4}, "missing"),
        ({first: 6, second: option}, "not_an_answer"),
        ({first: 4, second: 0}, "not_an_answer"),
        ({first: 4, second: option, "999999": 1}, "not_an_answer"),
    ):
        with pytest.raises(Refused, match=code):
            say(school, survey, answers=answers)
    assert not survey.taken.exists()


def test_a_question_about_teachers_is_asked_for_each_who_had_the_child(school):
    survey = opened(school, PER_TEACHER)
    assert [item.teacher for item in queries.items_of(survey, school.students[0])] == [school.teacher]
    assert queries.items_of(survey, school.students[6]) == [], "its class has no group, so nobody had it"


def test_a_flood_from_one_address_is_slowed_down(school, monkeypatch):
    survey = opened(school, audience="public")
    monkeypatch.setitem(answering.MOST_FROM, "public", 3)
    for _ in range(3):
        answering.answer_by_link(survey, answers={key(survey): 1}, address="10.0.0.1")
    with pytest.raises(Refused, match="too_many"):
        answering.answer_by_link(survey, answers={key(survey): 1}, address="10.0.0.1")
    answering.answer_by_link(survey, answers={key(survey): 1}, address="10.0.0.2")
    with clock.frozen(NOW + timedelta(minutes=61)):
        answering.answer_by_link(survey, answers={key(survey): 1}, address="10.0.0.1")
    assert SurveyTry.objects.count() == 1, "kept for an hour"
    assert "10.0.0" not in json.dumps(list(SurveyTry.objects.values_list("address_hash", flat=True)))


# Nobody can find out


def crowd(cast, number):
    """Make as many parents of the first child, in an order of their own."""
    return [make_guardian(200 + n, f"家长{n}", cast.students[0]) for n in range(number)]


def answered_in_turn(cast, monkeypatch, number=16):
    """Let parents answer one after another; each says words that show the turn."""
    survey = opened(cast, Wording("text", "建议"))
    parents = crowd(cast, number)
    random.Random(5).shuffle(parents)
    monkeypatch.setattr(answering, "RANDOM", random.Random(11))
    for turn, parent in enumerate(parents):
        cast.one = parent
        with clock.frozen(NOW + timedelta(minutes=turn)):
            say(cast, survey, who="one", answers={key(survey): f"{turn:02} {WORDS}"})
    return survey, parents


def test_no_column_and_no_place_of_a_row_leads_from_who_answered_to_what_was_said(school, monkeypatch):
    survey, parents = answered_in_turn(school, monkeypatch)
    turn_of = {parent.user_id: turn for turn, parent in enumerate(parents)}
    as_kept = list(SurveyTaken.objects.raw("SELECT * FROM evaluation_surveytaken"))
    said = list(AnswerSheet.objects.raw("SELECT * FROM evaluation_answersheet"))
    assert len(as_kept) == len(said) == len(parents)
    by_column = {
        "taken as the database keeps it": [turn_of[row.user_id] for row in as_kept],
        "taken by number": [turn_of[row.user_id] for row in sorted(as_kept, key=lambda row: row.pk)],
        "sheets as the database keeps them": [int(row.answers[key(survey)][:2]) for row in said],
        "sheets by number": [int(row.answers[key(survey)][:2]) for row in sorted(said, key=lambda row: row.pk)],
    }
    for name, turns in by_column.items():
        assert sorted(turns) == list(range(len(parents)))
        following = sum(later - earlier == 1 for earlier, later in pairwise(turns))
        assert following < len(parents) / 2, f"{name} tells who came when: {turns}"
    assert by_column["taken by number"] != by_column["sheets by number"]
    assert by_column["taken as the database keeps it"] != by_column["sheets as the database keeps them"]
    for row in said:
        assert (row.user_id, row.student_id, row.at) == (None, None, None)
    columns = {field.name for field in SurveyTaken._meta.fields}
    assert columns == {"id", "survey", "user", "student"}


def test_the_words_stand_on_the_sheet_alone_and_history_says_nothing(school):
    survey = opened(school, Wording("text", "建议"))
    before = {
        model: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model is not Event
    }
    events = Event.objects.count()
    say(school, survey, answers={key(survey): WORDS})
    assert Event.objects.count() == events
    grown = {
        model._meta.label
        for model, pks in before.items()
        if set(model._base_manager.values_list("pk", flat=True)) - pks
    }
    assert grown == {"evaluation.SurveyTaken", "evaluation.AnswerSheet"}


def test_what_is_said_of_teachers_stands_apart_so_that_no_combination_tells_whose_it_is(school):
    survey = opened(school, PER_TEACHER, Wording("stars", "总的来说"))
    asked = [item.key for item in queries.items_of(survey, school.students[0])]
    say(school, survey, answers=dict.fromkeys(asked, 5))
    whole, part = sorted(survey.sheets.all(), key=lambda row: row.teacher_id or 0)
    assert (whole.answers, whole.teacher, whole.grade) == ({key(survey, 2): 5}, None, 1)
    assert (part.answers, part.teacher) == ({f"{key(survey)}-{school.teacher.pk}": 5}, school.teacher)
    assert (part.grade, part.user, part.student, part.at) == (None, None, None, None)
    found = queries.results(survey, NOW + DAY)
    assert (found.came, found.counted) == (1, 1), "one sheet, in however many rows"
    actions.close(survey, by=school.actor("office"))
    assert set(survey.sheets.values_list("counted", flat=True)) == {True}, "no mark is left on those that came last"


def test_a_named_sheet_says_who_and_when_and_stands_in_the_history(school):
    survey = opened(school, anonymous=False)
    say(school, survey)
    sheet = survey.sheets.get()
    assert (sheet.user, sheet.student, sheet.at, sheet.counted) == (school.guardian.user, school.students[0], NOW, True)
    assert Event.objects.get(verb="survey.answered").by_id == school.guardian.user_id


def test_a_named_sheet_in_the_workbook_names_teachers_with_enough_answers_alone(school):
    survey = opened(school, PER_TEACHER, anonymous=False, needed=5)
    for parent, stars in zip(crowd(school, 5), (5, 4, 4, 4, 3), strict=True):
        answers = {f"{key(survey)}-{school.teacher.pk}": stars}
        if stars == 5:
            answers[f"{key(survey)}-{school.other_teacher.pk}"] = 1
        AnswerSheet.objects.create(
            survey=survey, grade=1, answers=answers, counted=True, user=parent.user, student=school.students[0], at=NOW
        )
    single = survey_documents.sheets(survey, survey_documents.results_context(survey)["lines"])[-1]
    about = single.columns[-1]
    assert sorted(str(about.get(row)) for row in single.rows) == [
        f"{school.teacher.name} {stars}" for stars in (3, 4, 4, 4, 5)
    ]


def test_whoever_looks_before_and_after_sees_five_more_or_nothing(school):
    survey = opened(school, Wording("stars", "满意吗"), PER_TEACHER)
    about = f"{key(survey, 2)}-{school.teacher.pk}"
    counted, seen = [0], [0]
    for parent in crowd(school, 23):
        school.one = parent
        say(school, survey, who="one", answers={key(survey): 4, about: 3})
        found = queries.results(survey, NOW)
        counted.append(found.counted)
        seen.append(found.rows[1].answered)
    assert found.came == 23
    assert counted[:10] == [0] * 10
    assert counted == seen, "what is said of a teacher comes in fives of its own"
    at_the_end = queries.results(survey, NOW + DAY).counted
    assert at_the_end == 23, "time alone ends it"
    steps = {later - earlier for earlier, later in pairwise([*counted, at_the_end])}
    assert min(steps - {0}) >= 5, "what one person said never shows as a difference, not at the end either"
