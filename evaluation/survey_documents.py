"""Results of a questionnaire and the list of visits, for page, A4 and Excel (G3)."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import Progress
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column, Sheet
from evaluation.models import AnswerSheet, Survey, VisitRecord
from evaluation.queries import surveys as queries
from evaluation.queries.visits import visits
from evaluation.surveying import FEW, SCALED, STAR, Asked, Part, Result, Said, shown, values_of

KINDS = {"pdf": "survey-results", "xlsx": "survey-results-xlsx"}
VISITS = {"pdf": "visit-records", "xlsx": "visit-records-xlsx"}
TOO_FEW = "回答不足，不显示"


@dataclass(frozen=True)
class TeacherLine:
    """What parents say of one teacher; no mean where too few answered."""

    name: str
    part: Part


@dataclass(frozen=True)
class Line:
    """One question with its result, its number, and the teachers by name."""

    number: int
    result: Result
    teachers: list[TeacherLine]


def results_context(survey: Survey) -> dict[str, Any]:
    """Return what page and paper show; teachers stand by name, never in order of stars."""
    now = clock.now()
    found = queries.results(survey, now)
    lines = []
    for number, row in enumerate(found.rows, 1):
        named = [
            TeacherLine(str(found.teachers[part.key]), part) for part in row.teachers if part.key in found.teachers
        ]
        order = {line.part.key: found.teachers[line.part.key].pinyin for line in named}
        lines.append(Line(number, row, sorted(named, key=lambda line: (order[line.part.key], line.part.key))))
    return {
        "survey": survey,
        "stage": queries.stage(survey, now),
        "ended": queries.ended(survey, now),
        "grades": queries.grades_of(survey),
        "results": found,
        "lines": lines,
        "few": FEW,
        "made_at": now,
    }


def _asked(params: dict[str, Any], by: Actor) -> Survey:
    survey = Survey.objects.filter(pk=int(params.get("survey", 0))).select_related("term").first()
    if survey is None or not queries.surveys_of(by, survey.term).filter(pk=survey.pk).exists():
        raise Refused("not_yours", "您不能查看这份问卷的结果。")
    return survey


def results_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the results on A4."""
    context = results_context(_asked(params, by))
    progress(50)
    return pdf.render("documents/survey_results.html", context | {"school": School.objects.get(pk=1)})


def results_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return the results as a workbook; single sheets in an order drawn at random."""
    survey = _asked(params, by)
    context = results_context(survey)
    progress(40)
    return xlsx.workbook(sheets(survey, context["lines"]))


def sheets(survey: Survey, lines: list[Line]) -> list[Sheet]:
    """Return the worksheets: numbers, by grade, by teacher, words, and sheet by sheet."""
    title = survey.title
    question = Column("题目", lambda row: row[0], width=44)
    bars = [
        (line.result.question.text, bar.label, bar.count, bar.percent / 100)
        for line in lines
        for bar in line.result.bars
    ]
    means = [
        (line.result.question.text, line.result.answered, TOO_FEW if line.result.hidden else line.result.mean)
        for line in lines
    ]
    grades = [
        (line.result.question.text, grade_name(part.key), part.answered, part.top if part.mean is None else part.mean)
        for line in lines
        for part in line.result.grades
    ]
    teachers = [
        (line.result.question.text, one.name, one.part.answered, TOO_FEW if one.part.mean is None else one.part.mean)
        for line in lines
        for one in line.teachers
    ]
    texts = [(line.result.question.text, text) for line in lines for text in line.result.texts]
    answered = Column("回答", lambda row: row[-2], "number")
    last = Column("平均", lambda row: row[-1], "tenths", 20)
    return [
        Sheet("各题", title, [question, answered, last], means),
        Sheet(
            "各答案",
            title,
            [
                question,
                Column("答案", lambda row: row[1], width=30),
                answered,
                Column("占", lambda row: row[-1], "percent"),
            ],
            bars,
        ),
        Sheet("各年级", title, [question, Column("年级", lambda row: row[1]), answered, last], grades),
        Sheet("各教师", title, [question, Column("教师", lambda row: row[1]), answered, last], teachers),
        Sheet("文字", title, [question, Column("回答", lambda row: row[1], width=60)], texts),
        _single(
            survey, {one.part.key: one.name for line in lines for one in line.teachers if one.part.mean is not None}
        ),
    ]


def _single(survey: Survey, teachers: Mapping[int, str]) -> Sheet:
    """Return the sheets one by one: of an anonymous questionnaire from five on, without teachers and without small grades.

    `teachers`: those with enough answers; with whom a named sheet says how many stars, and of nobody else.
    """
    questions = queries.questions_of(survey)
    options = {choice.pk: choice.text for question in questions for choice in question.choices}
    rows = list(queries.counted_sheets(survey, clock.now()).whole().select_related("user", "student"))
    random.SystemRandom().shuffle(rows)
    sizes: dict[int | None, int] = {}
    for row in rows:
        sizes[row.grade] = sizes.get(row.grade, 0) + 1
    may = shown(sizes) if survey.anonymous else set(sizes)
    if survey.anonymous and len(rows) < FEW:
        rows = []
    columns = [Column("年级", lambda row: grade_name(row.grade) if row.grade and row.grade in may else "")]
    if not survey.anonymous:
        columns += [
            Column("谁", lambda row: row.user.name if row.user else ""),
            Column("孩子", lambda row: row.student.name if row.student else ""),
        ]
    columns += [
        _column(question, options, teachers)
        for question in questions
        if not (survey.anonymous and question.per_teacher)
    ]
    return Sheet("一份一行", survey.title, columns, rows)


def _column(question: Asked, options: dict[int, str], teachers: Mapping[int, str]) -> Column:
    def get(row: AnswerSheet) -> str | int:
        if question.per_teacher:
            about = [
                (teachers[key], value)
                for key, value in values_of(question, Said(row.answers))
                if key is not None and key in teachers
            ]
            return "；".join(f"{name} {value}" for name, value in about)
        said = [value for _, value in values_of(question, Said(row.answers))]
        if counts and len(said) == 1 and isinstance(said[0], int):
            return said[0]
        return "；".join(queries.words(value, options) for value in said)

    counts = question.kind in (STAR, SCALED) and not question.per_teacher
    return Column(question.text, get, "number" if counts else "text", 24)


def _visits(params: dict[str, Any], by: Actor) -> tuple[Term, list[VisitRecord]]:
    term = Term.objects.filter(pk=int(params.get("term", 0))).first()
    if term is None:
        raise Refused("no_term", "没有这个学期。")
    return term, list(visits(by, term))


def visits_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the list of visits on A4, those that the person may see."""
    term, rows = _visits(params, by)
    progress(40)
    context = {"term": term, "rows": rows, "school": School.objects.get(pk=1), "made_at": clock.now()}
    return pdf.render("documents/visit_records.html", context)


def visits_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return the same list as a workbook."""
    term, rows = _visits(params, by)
    progress(40)
    columns = [
        Column("日期", lambda row: row.date, "date", 16),
        Column("方式", lambda row: row.get_kind_display()),
        Column("班级", lambda row: str(row.student.school_class or "") if row.student else ""),
        Column("孩子", lambda row: row.student.name if row.student else ""),
        Column("和谁", lambda row: row.with_whom, width=24),
        Column("人数", lambda row: row.people, "number", 8),
        Column("谈了什么", lambda row: row.topic, width=44),
        Column("了解到什么、怎么办", lambda row: row.found, width=44),
        Column("记录", lambda row: row.by.name),
    ]
    return xlsx.workbook([Sheet("走访记录", f"{term}走访记录", columns, rows)])
