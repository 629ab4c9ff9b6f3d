"""The classes' student tables: each child's turns recounted; page, paper and workbook agree."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from evaluation.actions import class_tables as actions
from evaluation.class_table_pages import sum_of, table_xlsx
from evaluation.models import ClassTable
from evaluation.queries import class_tables as queries
from evaluation.queries import halfmonth
from tests.figures.rows import Rows, holds
from tests.figures.schools import SmallSchool
from tests.figures.shown import sheets, table_with


def turns(rows: Rows, school: SmallSchool, student: int, first: date, last: date) -> Counter[str]:
    """Count one child's marks in closed rolls of service groups."""
    found: Counter[str] = Counter()
    for session in rows.held(school.term, first, last, service=True):
        for mark in rows.marks[session.pk]:
            if mark.student_id == student:
                found[mark.state] += 1
    return found


def spans_of(school: SmallSchool) -> Iterator[tuple[date, date]]:
    """Return the first and last day of each table that has begun."""
    first = school.term.service_starts_on
    for due in halfmonth.table_days_of(school.term):
        if first <= school.today:
            yield first, due
        first = due + timedelta(days=1)


def test_every_child_is_counted_as_the_rows_say(school, rows):
    for first, last in spans_of(school):
        for school_class in school.classes:
            lines = queries.count(school_class, school.term, first, last)
            assert {line.student.pk for line in lines} == {
                one.pk for one in rows.students.values() if one.school_class_id == school_class.pk
            }
            for line in lines:
                naive = turns(rows, school, line.student.pk, first, last)
                assert (line.due, line.leave, line.absent) == (sum(naive.values()), naive["leave"], naive["absent"])
                assert line.here == naive["present"] + naive["late"]
                places = [
                    one
                    for one in rows.places
                    if one.student_id == line.student.pk and holds(one.starts_on, one.ends_on, last)
                ]
                service = [one for one in places if one.kind == "service"]
                clubs = [rows.groups[one.group_id].name for one in places if one.kind == "club"]
                assert line.takes_part == bool(service)
                assert line.weekdays == "".join(one.weekdays for one in service)
                assert line.group_name == "".join(rows.groups[one.group_id].name for one in service)
                assert line.clubs == "、".join(clubs)


@pytest.mark.parametrize("built", range(4), indirect=True)
def test_page_paper_and_workbook_say_the_same(school, office):
    actions.lay_tables(school.term, by=school.actor)
    spans = {last: first for first, last in spans_of(school)}
    for table in ClassTable.objects.select_related("school_class", "term")[:6]:
        if table.due_on in spans:
            assert queries.span_of(table) == (spans[table.due_on], table.due_on)
        book = sheets(table_xlsx({"table": table.pk}, school.actor, lambda percent: None))["学生表"]
        lines = queries.lines(table)
        values = {
            "table": table,
            "span": queries.span_of(table),
            "lines": lines,
            "sum": sum_of(lines),
            "school": "青禾路小学",
        }
        page = office.get(f"/evaluation/class-tables/{table.pk}/").content.decode()
        for html in (page, render_to_string("documents/class_table.html", values)):
            *said, foot = table_with(html, "学号", "应到")
            assert said == book[:-1]
            assert foot[-4:] == book[-1][-4:]
            assert foot[1] == f"合计 {book[-1][1]}"
