"""The monthly report: every figure recounted; page, paper and workbook say the same; grades add up to the school."""

from collections import Counter

import pytest
from django.template.loader import render_to_string

from evaluation import documents
from evaluation.month import Month, months_between
from evaluation.queries import reports
from evaluation.reporting import Report
from tests.figures.rows import NAMES, MonthCount, Rows
from tests.figures.schools import SmallSchool
from tests.figures.shown import Table, columns, sheets, table_with


def months_of(school: SmallSchool) -> list[Month]:
    """Return the months looked at, and the one after."""
    return list(months_between(school.first, school.last))


def count(rows: Rows, school: SmallSchool, month: Month) -> MonthCount:
    return MonthCount(rows, school.term, month.first, month.last, school.today)


def assert_counted(made: Report, naive: MonthCount) -> None:
    """Hold each figure of a report against the recount."""
    assert (made.held, made.still_open) == (naive.held, naive.still_open)
    for name in NAMES:
        assert {line.grade: getattr(line.marks, name) for line in made.grades if getattr(line.marks, name)} == {
            grade: number for (grade, state), number in naive.grades.items() if state == name
        }
        for lines, numbers in ((made.classes, naive.classes), (made.groups, naive.groups)):
            assert {line.name: getattr(line.marks, name) for line in lines if getattr(line.marks, name)} == {
                place: number for (place, state), number in numbers.items() if state == name
            }
        assert {line.day: getattr(line.marks, name) for line in made.days if getattr(line.marks, name)} == {
            day: number for (day, state), number in naive.days.items() if state == name
        }
    assert {one.staff_number: (one.turns, one.stood_in, one.days) for one in made.turns} == {
        who: (number, naive.stood_in[who], len(naive.turn_days[who])) for who, number in naive.turns.items()
    }
    for line in made.grades:
        for name in ("missing", "late_asked", "late_care", "fetched", "alone"):
            assert getattr(line.incidents, name) == naive.happened[line.grade, name], (line.grade, name)
    assert {grade for grade, _ in naive.happened} <= {line.grade for line in made.grades}


def assert_adds_up(made: Report) -> None:
    """The school is the sum of its grades, classes, groups and days."""
    for lines in (made.grades, made.classes, made.groups, made.days):
        for name in (*NAMES, "expected", "here"):
            assert sum(getattr(line.marks, name) for line in lines) == getattr(made.total, name), name
    for name in ("missing", "late_asked", "late_care", "fetched", "alone"):
        assert sum(getattr(line.incidents, name) for line in made.grades) == getattr(made.incidents, name)


def test_every_figure_is_that_of_the_rows(school, rows):
    seen: Counter[str] = Counter()
    for month in months_of(school):
        made, naive = reports.monthly(school.term, month), count(rows, school, month)
        assert_counted(made, naive)
        assert_adds_up(made)
        assert len(reports.searches(school.term, month)) >= made.incidents.missing
        seen.update(state for _, state in naive.grades.elements())
    assert min(seen[name] for name in NAMES) > 0


@pytest.mark.parametrize("built", range(4), indirect=True)
def test_page_paper_and_workbook_say_the_same(school, office):
    for month in months_of(school)[:2]:
        params = {"term": school.term.pk, "month": month.code, "names": True}
        book = sheets(documents.monthly_xlsx(params, school.actor, lambda percent: None))
        values = documents.context(school.term, month, names=True)
        paper = render_to_string("documents/monthly_report.html", values | {"school": "青禾路小学"})
        page = office.get(f"/evaluation/reports/{month.code}/").content.decode()
        assert_alike(book, paper)
        if values["report"].held:
            assert_alike(book, page)


def assert_alike(book: dict[str, Table], html: str) -> None:
    marks = range(-6, 0)
    for name, heads in [
        ("年级出勤", ("年级", "应到")),
        ("班级出勤", ("班级", "应到")),
        ("服务班出勤", ("服务班", "应到")),
    ]:
        assert columns(book[name], *marks) == columns(table_with(html, *heads), *marks), name
        assert [row[-7] for row in book[name][:-1]] == [row[0] for row in table_with(html, *heads)[:-1]]
    assert columns(book["接送情况"], *range(1, 6)) == columns(table_with(html, "未到追查"), *range(1, 6))
    assert book["教师值班"] == table_with(html, "值班次数")
    changes = [[cell.removesuffix("%") for cell in row] for row in columns(table_with(html, "变化"), 1, 2, 3)]
    assert columns(book["和上月比"], 1, 2, 3) == changes
    if "未到名单" in html and len(book["未到名单"]):
        assert columns(book["未到名单"], 1, 2, 3) == columns(table_with(html, "当天最后"), 1, 2, 3)
