"""Questionnaires: written, frozen, answered once, nobody to be found out, satisfaction by teacher."""

import json
import random
from datetime import timedelta
from itertools import pairwise

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from afterschool.school.models import Event, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import answers as answering
from evaluation.actions import surveys as actions
from evaluation.actions.surveys import Terms, Wording
from evaluation.enums import SurveyState
from evaluation.models import AnswerSheet, Question, Survey, SurveyTaken, SurveyTry
from evaluation.queries import surveys as queries
from tests.cast import NOW, TODAY, make_guardian

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = "放学时请把队伍分成两处"


@pytest.fixture
def school(afternoon):
    return afternoon


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


# Satisfaction with a teacher


def stars_for(survey, teacher, stars):
    question = survey.questions.get(per_teacher=True).pk
    AnswerSheet.objects.bulk_create(
        AnswerSheet(survey=survey, grade=1, answers={f"{question}-{teacher.pk}": star}) for star in stars
    )


def test_satisfaction_is_told_from_the_set_number_on(school):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    stars_for(survey, school.teacher, [5] * 6 + [4] * 3)
    stars_for(survey, school.other_teacher, [5] * 11)
    asked = (school.term, school.teacher, TODAY - DAY, TODAY)
    actions.close(survey, by=school.actor("office"))
    assert queries.satisfaction(*asked) is None
    stars_for(survey, school.teacher, [1])
    assert queries.satisfaction(*asked) == (86, 10)  # 43 of 50
    assert queries.satisfactions(school.term, TODAY, TODAY) == {
        school.teacher.pk: (86, 10),
        school.other_teacher.pk: (100, 11),
    }
    assert queries.satisfaction(school.term, school.teacher, TODAY + DAY, TODAY + DAY) is None


def test_the_term_as_a_whole_tells_nothing_of_who_has_too_few(school, login):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    assert queries.content_of(school.term) is None
    stars_for(survey, school.teacher, [5] * 6 + [4] * 4)
    stars_for(survey, school.other_teacher, [1] * 9)
    assert queries.content_of(school.term) is None, "it still runs"
    actions.close(survey, by=school.actor("office"))
    assert queries.content_of(school.term) == (92, 10)  # 46 of 50, without the nine
    stars_for(survey, school.other_teacher, [1])
    assert queries.content_of(school.term) == (56, 20)  # 56 of 100
    assert "56%" in login("office").get("/overview/", {"span": "term"}).content.decode()


def test_satisfaction_counts_what_has_ended_and_was_set_to(school):
    running = opened(school, PER_TEACHER, satisfaction=True)
    stars_for(running, school.teacher, [5] * 20)
    other = opened(school, PER_TEACHER)
    stars_for(other, school.teacher, [1] * 20)
    actions.close(other, by=school.actor("office"))
    tomorrow = TODAY + DAY
    assert queries.satisfaction(school.term, school.teacher, TODAY, tomorrow) is None
    with clock.frozen(NOW + DAY):
        assert queries.satisfaction(school.term, school.teacher, TODAY, tomorrow) == (100, 20)


def test_satisfaction_asks_as_often_for_one_teacher_as_for_many(school, django_assert_num_queries):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    actions.close(survey, by=school.actor("office"))
    for teacher in (school.teacher, school.other_teacher, school.head_teacher):
        stars_for(survey, teacher, [5] * 10)
        with django_assert_num_queries(3):
            assert queries.satisfaction(school.term, teacher, TODAY, TODAY) == (100, 10)


# Pages


def test_bad_input_keeps_what_was_typed_and_names_what_is_missing(school, login):
    survey = opened(
        school, Wording("stars", "满意吗"), Wording("text", "建议", required=False), Wording("stars", "放学呢")
    )
    url = reverse("evaluation:asked-child", args=[survey.pk, school.students[0].pk])
    page = login("guardian").post(url, {f"q{key(survey)}": "5", f"q{key(survey, 2)}": WORDS}).content.decode()
    assert WORDS in page
    assert f'href="#q{key(survey, 3)}"' in page
    assert f'id="q{key(survey)}-5" checked' in page
    assert not survey.sheets.exists()


def test_a_line_end_is_one_letter_as_the_browser_counts(school, client):
    survey = opened(school, Wording("text", "建议"), audience="public")
    lines = "\r\n".join(["字" * 9] * 50)  # 499 as the browser counts, 548 as it sends
    sent = client.post(reverse("evaluation:survey-link", args=[survey.token]), {f"q{key(survey)}": lines})
    assert sent.status_code == 302
    assert len(survey.sheets.get().answers[key(survey)]) == 499


def test_a_parent_answers_and_is_thanked(school, login):
    survey = opened(school)
    client = login("guardian")
    waiting = client.get(reverse("evaluation:asked"))
    assert len(waiting.context["rows"]) == 2, "one for each child"
    url = reverse("evaluation:asked-child", args=[survey.pk, school.students[0].pk])
    sent = client.post(url, {f"q{key(survey)}": "4"})
    assert sent.status_code == 302, "a page that is loaded again sends nothing again"
    assert "已交卷" in client.get(sent["Location"]).content.decode()
    assert "您已经答过" in client.get(url).content.decode()
    assert survey.sheets.get().answers == {key(survey): 4}


def test_the_link_is_for_the_world_robots_are_thanked_and_forgotten(school, client):
    survey = opened(school, audience="public")
    url = reverse("evaluation:survey-link", args=[survey.token])
    name = f"q{key(survey)}"
    assert client.post(url, {name: "4", "website": "http://spam"}).status_code == 302
    assert not survey.sheets.exists()
    assert client.post(url, {name: "4"}, follow=True).status_code == 200
    assert survey.sheets.count() == 1
    with clock.frozen(NOW + DAY):
        assert "现在不能答" in client.get(url).content.decode()
        assert "这份问卷现在不能答" in client.post(url, {name: "4"}).content.decode()
    assert survey.sheets.count() == 1


def test_children_say_their_grade(school, client):
    survey = opened(school, audience="children", grades="12")
    url = reverse("evaluation:survey-link", args=[survey.token])
    assert "请选几年级" in client.post(url, {f"q{key(survey)}": "4", "grade": "3"}).content.decode()
    client.post(url, {f"q{key(survey)}": "4", "grade": "2"})
    assert survey.sheets.get().grade == 2


def test_other_links_lead_nowhere(school, client):
    for survey in (opened(school), draft(school, audience="public")):
        assert client.get(reverse("evaluation:survey-link", args=[survey.token])).status_code == 404


def test_the_pages_ask_as_often_with_three_as_with_one(school, login):
    client = login("office")
    counts = []
    for _ in range(3):
        survey = opened(school, PER_TEACHER, Wording("choice", "去吗", options=["去", "不去"]))
        stars_for(survey, school.teacher, [5] * 10)
        urls = [
            reverse("evaluation:surveys"),
            reverse("evaluation:survey", args=[survey.pk]),
            reverse("evaluation:survey-results", args=[survey.pk]),
            reverse("evaluation:asked"),
            reverse("evaluation:talks"),
        ]
        counts.append([queries_of(client, url) for url in urls])
    assert counts[0] == counts[2] == [5, 8, 10, 6, 5]


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_draft_is_built_on_the_pages_without_script(school, login):
    client = login("office")
    made = client.post(
        reverse("evaluation:survey-new"),
        {"title": "家长问卷", "audience": "parents", "grades": ["1"], "anonymous": "on", "once": "on", "needed": "10"},
    )
    survey = Survey.objects.get()
    assert made.url == reverse("evaluation:survey", args=[survey.pk])
    add = reverse("evaluation:survey-question-new", args=[survey.pk])
    client.post(add, {"kind": "choice", "text": "去吗", "required": "on", "options": "去\n不去\n"})
    client.post(add, {"kind": "scale", "text": "愿意推荐吗", "low": "不愿意", "high": "愿意"})
    bad = client.post(add, {"kind": "choice", "text": "再问", "options": "一"}).content.decode()
    assert "至少写两个选项" in bad
    assert "再问" in bad
    first = survey.questions.get(position=1)
    client.post(
        reverse("evaluation:survey-question", args=[first.pk]), {"kind": "choices", "text": "去哪", "options": "东\n西"}
    )
    client.post(reverse("evaluation:survey-question-move", args=[first.pk]), {"to": "down"})
    assert [q.text for q in queries.questions_of(survey)] == ["愿意推荐吗", "去哪"]
    wrong = client.post(
        reverse("evaluation:survey-open", args=[survey.pk]),
        {"opens_at": "2026-09-22T08:00", "closes_at": "2026-09-21T08:00"},
    )
    assert "截止要在开始和现在之后" in wrong.content.decode()
    client.post(
        reverse("evaluation:survey-open", args=[survey.pk]),
        {"opens_at": "2026-09-21T08:00", "closes_at": "2026-09-25T18:00"},
    )
    survey.refresh_from_db()
    assert survey.state == SurveyState.OPEN
    assert timezone.localtime(survey.closes_at).hour == 18
    assert Question.objects.filter(survey=survey).count() == 2
