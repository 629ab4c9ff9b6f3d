"""The pages of questionnaires: built without script, answered by parents, by link, by children."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from afterschool.support import clock
from evaluation.actions.surveys import Wording
from evaluation.enums import SurveyState
from evaluation.models import Question, Survey
from evaluation.queries import surveys as queries
from tests.cast import NOW
from tests.evaluation.surveyed import DAY, PER_TEACHER, WORDS, draft, key, opened, stars_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(afternoon):
    return afternoon


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
