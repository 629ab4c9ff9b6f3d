"""Visits that are written down, results and lists on paper."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from afterschool.school.models import Student
from afterschool.support.refusal import Refused
from evaluation import child_field
from evaluation import survey_documents as documents
from evaluation.actions import surveys
from evaluation.actions.surveys import Terms, Wording
from evaluation.actions.visits import Talk, change_visit, write_visit
from evaluation.models import AnswerSheet, VisitRecord
from evaluation.queries.visits import visits
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school(afternoon):
    return afternoon


def visit(cast, who="office", **more):
    values = {"kind": "home", "date": TODAY, "people": 1, "topic": "作业在哪里做"} | more
    return write_visit(term=cast.term, talk=Talk(**values), by=cast.actor(who))


def test_each_sees_what_is_about_the_own_class(school):
    of_class = visit(school, student=school.students[0])
    of_other = visit(school, student=school.students[6])
    general = visit(school)
    own = visit(school, who="head_teacher", kind="meeting", people=12)
    seen = {
        who: set(visits(school.actor(who), school.term))
        for who in ("office", "leading_group", "head_teacher", "teacher")
    }
    assert seen["office"] == seen["leading_group"] == {of_class, of_other, general, own}
    assert seen["head_teacher"] == {of_class, own}
    assert seen["teacher"] == set()


def test_in_a_big_school_a_child_is_typed_and_told_from_others_of_its_name(school, login, monkeypatch):
    monkeypatch.setattr(child_field, "LONGEST_LIST", 3)
    one, other = school.students[0], school.students[6]
    Student.objects.filter(pk__in=[one.pk, other.pk]).update(name="同名")
    client, url = login("office"), reverse("evaluation:talk-new")
    form = {"kind": "home", "date": f"{TODAY:%Y-%m-%d}", "people": "2", "topic": "作业"}
    for typed, says in (("没有这人", "没有找到"), ("同名", "有 2 个"), ("九（9）班 同名", "没有找到")):
        page = client.post(url, form | {"student": typed}).content.decode()
        assert says in page
        assert f'value="{typed}"' in page
    client.post(url, form | {"student": f"{other.school_class} 同名"})
    row = VisitRecord.objects.get()
    assert row.student == other
    assert (
        f'value="{other.school_class} 同名"' in client.get(reverse("evaluation:talk", args=[row.pk])).content.decode()
    )
    client.post(url, form | {"student": " "})
    assert VisitRecord.objects.filter(student=None).count() == 1


def test_what_can_not_be_written(school):
    for who, more, code in (
        ("teacher", {}, "not_yours"),
        ("guardian", {}, "not_yours"),
        ("head_teacher", {"student": school.students[6]}, "not_your_child"),
        ("office", {"date": TODAY + DAY}, "wrong_day"),
        ("office", {"date": school.term.starts_on - DAY}, "wrong_day"),
    ):
        with pytest.raises(Refused, match=code):
            visit(school, who=who, **more)


def test_who_wrote_it_and_the_office_put_it_right(school):
    row = visit(school, who="head_teacher", student=school.students[0])
    talk = Talk("phone", TODAY, 1, "改过", school.students[0])
    change_visit(row, talk=talk, by=school.actor("head_teacher"))
    change_visit(row, talk=talk, by=school.actor("office"))
    assert (row.kind, row.topic) == ("phone", "改过")
    of_office = visit(school, student=school.students[0])
    with pytest.raises(Refused, match="not_yours"):
        change_visit(of_office, talk=talk, by=school.actor("head_teacher"))


def test_the_form_keeps_what_was_typed(school, login):
    client = login("head_teacher")
    url = reverse("evaluation:talk-new")
    bad = client.post(url, {"kind": "home", "date": "2026-12-01", "people": "1", "topic": "以后的事"}).content.decode()
    assert "以后的事" in bad
    assert "不能在今天以后" in bad
    client.post(
        url, {"kind": "home", "date": "2026-09-21", "people": "2", "topic": "=1+1", "student": school.students[0].pk}
    )
    assert "=1+1" in client.get(reverse("evaluation:talks")).content.decode()


def answered(cast, *, number=6, **terms):
    office = cast.actor("office")
    survey = surveys.begin(term=cast.term, terms=Terms("满意度", "parents", **terms), by=office)
    text = surveys.add_question(survey, wording=Wording("text", "建议"), by=office)
    stars = surveys.add_question(survey, wording=Wording("stars", "这位老师", per_teacher=True), by=office)
    surveys.open_survey(survey, opens_at=NOW - DAY, closes_at=NOW + DAY, by=office)
    for turn in range(number):
        AnswerSheet.objects.create(
            survey=survey,
            grade=1 if turn else 2,
            user=None if survey.anonymous else cast.guardian.user,
            answers={str(text.pk): f"=HYPERLINK({turn})", f"{stars.pk}-{cast.teacher.pk}": 5},
        )
    return survey


def cells(content):
    book = load_workbook(BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(min_row=2)] for sheet in book}


def test_the_workbook_has_no_formula_and_no_small_grade(school):
    survey = answered(school)
    book = cells(documents.results_xlsx({"survey": survey.pk}, school.actor("office"), lambda _: None))
    assert all(cell.data_type != "f" for rows in book.values() for row in rows for cell in row)
    single = [[cell.value for cell in row] for row in book["一份一行"]]
    assert single[0] == ["年级", "建议"], "nothing about teachers, nobody's name"
    assert sorted(row[1] for row in single[1:]) == [f"=HYPERLINK({turn})" for turn in range(6)]
    assert {row[0] or "" for row in single[1:]} == {""}, "one of grade 2: grade 1 could be told from it"
    assert [row[-1].value for row in book["各教师"][1:]] == [documents.TOO_FEW]


def test_single_sheets_of_a_few_are_not_given_out(school):
    survey = answered(school, number=4)
    book = cells(documents.results_xlsx({"survey": survey.pk}, school.actor("office"), lambda _: None))
    assert len(book["一份一行"]) == 1
    assert len(book["文字"]) == 1


def test_a_named_workbook_says_who(school):
    survey = answered(school, number=1, anonymous=False)
    book = cells(documents.results_xlsx({"survey": survey.pk}, school.actor("office"), lambda _: None))
    assert [cell.value for cell in book["一份一行"][0]] == ["年级", "谁", "孩子", "建议", "这位老师"]
    assert book["一份一行"][1][1].value == school.guardian.user.name


@pytest.mark.parametrize("build", [documents.results_pdf, documents.results_xlsx])
def test_results_are_for_office_and_leading_group(school, build):
    survey = answered(school)
    for who in ("guardian", "teacher", "head_teacher"):
        with pytest.raises(Refused, match="not_yours"):
            build({"survey": survey.pk}, school.actor(who), lambda _: None)
    assert build({"survey": survey.pk}, school.actor("leading_group"), lambda _: None)


def test_the_list_of_visits_on_paper_holds_what_the_person_may_see(school):
    visit(school, student=school.students[0], topic="=1+1")
    visit(school, student=school.students[6], topic="别的班")
    book = cells(documents.visits_xlsx({"term": school.term.pk}, school.actor("head_teacher"), lambda _: None))
    rows = [[cell.value for cell in row] for row in book["走访记录"]]
    assert [row[6] for row in rows[1:]] == ["=1+1"]
    assert book["走访记录"][1][6].data_type == "s"
    assert documents.visits_pdf({"term": school.term.pk}, school.actor("office"), lambda _: None)[:4] == b"%PDF"
