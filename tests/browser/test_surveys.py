"""A questionnaire with one question of each kind in a real browser: built, answered by a parent and by the world, read."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluation.actions import surveys as actions
from evaluation.actions.surveys import Terms, Wording
from evaluation.models import AnswerSheet, Survey
from evaluation.surveying import key_of
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, place_group

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
EACH_KIND = (
    ("单选", "孩子愿意参加吗", {"选项": "愿意\n一般\n不愿意"}),
    ("多选", "最希望多些什么", {"选项": "阅读\n体育\n美术"}),
    ("星级（1—5）", "总的来说满意吗", {}),
    ("量表（0—10）", "愿意推荐给别的家长吗", {"最低一端": "很不愿意", "最高一端": "非常愿意"}),
    ("文字", "还想说什么", {}),
)


@pytest.fixture
def school(cast):
    place_group(cast)
    type(cast.school).objects.filter(pk=1).update(public_url="https://school.example")
    return cast


def worded(*, teachers=True):
    found = [
        Wording("choice", "孩子愿意参加吗", options=["愿意", "一般", "不愿意"]),
        Wording("choices", "最希望多些什么", options=["阅读", "体育", "美术"], required=False),
        Wording("stars", "总的来说满意吗"),
        Wording("scale", "愿意推荐给别的家长吗", low="很不愿意", high="非常愿意"),
        Wording("text", "还想说什么", required=False),
    ]
    return [*found, Wording("stars", "对这位老师满意吗", per_teacher=True)] if teachers else found


def opened(cast, audience):
    office = cast.actor("office")
    terms = Terms("课后服务怎么样", audience, intro="两分钟答完。", satisfaction=audience == "parents")
    survey = actions.begin(term=cast.term, terms=terms, by=office)
    for wording in worded(teachers=audience == "parents"):
        actions.add_question(survey, wording=wording, by=office)
    actions.open_survey(survey, opens_at=NOW - DAY, closes_at=NOW + DAY, by=office)
    return survey


def fill_in(page):
    page.get_by_label("愿意", exact=True).check()
    page.get_by_label("阅读").check()
    for name, mark in (("总的来说满意吗", "5 星"), ("愿意推荐给别的家长吗", "9")):
        page.get_by_role("group", name=re.compile(name)).get_by_text(mark, exact=True).click()


def test_the_office_builds_one_of_each_kind_on_a_phone(school, page_as, fits, axe_clean, keep_picture):
    page = page_as("office", PHONE, javascript=False)
    page.goto(reverse("evaluation:survey-new"))
    page.get_by_label("标题").fill("课后服务怎么样")
    page.get_by_label(re.compile("^家长")).check()
    page.get_by_role("button", name="保存，接着加题目").click()
    for kind, text, more in EACH_KIND:
        page.get_by_role("link", name="加一题").click()
        page.get_by_label(kind, exact=True).check()
        page.get_by_label("题目", exact=False).first.fill(text)
        for label, words in more.items():
            page.get_by_label(label).fill(words)
        page.get_by_role("button", name="保存这一题").click()
    page.get_by_role("button", name=re.compile(r"^下移\s*第 1 题")).click()
    page.get_by_label("从").fill("2026-09-21T08:00")
    page.get_by_label("到", exact=False).last.fill("2026-09-25T18:00")
    page.get_by_role("button", name="开始", exact=True).click()
    assert "题目不能再改" in page.inner_text("main")
    survey = Survey.objects.get()
    assert [question.kind for question in survey.questions.all()] == ["choices", "choice", "stars", "scale", "text"]
    keep_picture(page, "survey-built-phone", whole=True)


def test_a_parent_answers_and_what_is_missing_is_named(school, page_as, fits, axe_clean, keep_picture):
    survey = opened(school, "parents")
    page = page_as("guardian", PHONE)
    page.goto(reverse("evaluation:asked"))
    fits(page)
    page.get_by_role("link", name=re.compile("课后服务怎么样")).first.click()
    fill_in(page)
    page.get_by_label(re.compile("还想说什么")).fill("谢谢老师")
    fits(page)
    axe_clean(page)
    keep_picture(page, "survey-answer-phone", whole=True)
    page.get_by_role("button", name="交卷").click()
    assert "这一题要回答" in page.inner_text("main")
    assert page.get_by_label(re.compile("还想说什么")).input_value() == "谢谢老师"
    keep_picture(page, "survey-missing-phone", whole=True)
    page.get_by_role("group", name=re.compile("对这位老师满意吗")).get_by_text("4 星").click()
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("status")).to_contain_text("没有记下是谁答的")
    keep_picture(page, "survey-thanks-phone", whole=True)
    assert survey.sheets.whole().get().grade == 1
    about = survey.sheets.get(teacher=school.teacher)
    question = survey.questions.get(per_teacher=True).pk
    assert about.answers == {key_of(question, school.teacher.pk): 4}


def test_the_world_answers_by_its_link_and_children_with_their_grade(school, page_as, fits, axe_clean, keep_picture):
    public, children = opened(school, "public"), opened(school, "children")
    for survey in (public, children):
        page = page_as(None, PHONE, javascript=False)
        page.goto(reverse("evaluation:survey-link", args=[survey.token]))
        if survey is children:
            page.get_by_text("三年级").click()
        fill_in(page)
        fits(page)
        keep_picture(page, f"survey-link-{survey.audience}", whole=True)
        page.get_by_role("button", name="交卷").click()
        assert "已交卷" in page.inner_text("main")
        assert survey.sheets.count() == 1


def test_the_pages_of_the_desk_fit_and_are_accessible(school, page_as, fits, axe_clean, keep_picture):
    survey, public = opened(school, "parents"), opened(school, "public")
    questions = {question.kind: question for question in survey.questions.filter(per_teacher=False)}
    options = list(questions["choice"].options.values_list("pk", flat=True))
    several = list(questions["choices"].options.values_list("pk", flat=True))
    teachers = survey.questions.get(per_teacher=True).pk
    AnswerSheet.objects.bulk_create(
        AnswerSheet(
            survey=survey,
            grade=1 + turn % 3,
            answers={
                str(questions["choice"].pk): options[turn % 5 // 2],
                str(questions["choices"].pk): several[: 1 + turn % 3],
                str(questions["stars"].pk): 5 - turn % 3,
                str(questions["scale"].pk): 10 - turn % 6,
                str(questions["text"].pk): f"希望多一点户外活动，第{turn}条" * (1 + turn % 3),
                key_of(teachers, school.teacher.pk if turn % 5 else school.other_teacher.pk): 5,
            },
        )
        for turn in range(40)
    )
    draft = actions.copy(survey, term=school.term, by=school.actor("office"))
    pages = [
        ("surveys", reverse("evaluation:surveys")),
        ("survey-draft", reverse("evaluation:survey", args=[draft.pk])),
        ("survey-public", reverse("evaluation:survey", args=[public.pk])),
        ("survey-form", reverse("evaluation:survey-edit", args=[draft.pk])),
        ("survey-question", reverse("evaluation:survey-question", args=[draft.questions.first().pk])),
        ("survey-preview", reverse("evaluation:survey-preview", args=[draft.pk])),
        ("survey-results", reverse("evaluation:survey-results", args=[survey.pk])),
        ("talks", reverse("evaluation:talks")),
        ("talk-new", reverse("evaluation:talk-new")),
    ]
    for size, name in ((PHONE, "phone"), (DESKTOP, "desktop")):
        page = page_as("office", size)
        for picture, url in pages:
            page.goto(url)
            fits(page)
            axe_clean(page)
            keep_picture(page, f"{picture}-{name}", whole=True)
