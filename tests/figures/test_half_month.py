"""The half-monthly figures: every number recounted, spans without gap or overlap; page, paper and workbook agree."""

from collections import Counter
from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from evaluation.actions import halfmonth as actions
from evaluation.halfmonth import NAMES
from evaluation.halfmonth_pages import report_xlsx, table_of
from evaluation.models import HalfMonth
from evaluation.queries import halfmonth as queries
from tests.figures.rows import half_month
from tests.figures.shown import sheets, tables


def test_every_figure_is_that_of_the_rows(school, rows):
    fees = 0
    spans = [span for span in queries.spans_of(school.term) if span.first <= school.today]
    for span in spans:
        made = queries.figures(school.term, span)
        as_of, naive = half_month(rows, school.term, span.first, span.last)
        assert made.as_of == as_of
        for grade in made.grades.keys() | naive.keys():
            row = made.grades.get(grade)
            for name in NAMES:
                assert (getattr(row, name) if row else 0) == naive[grade][name], (span, grade, name)
        for name in set(NAMES) - {"days"}:
            assert getattr(made.school, name) == sum(number[name] for number in naive.values()), name
        held = rows.held(school.term, span.first, span.last)
        assert made.school.days == len({one.date for one in held})
        begun = [one for one in rows.planned(school.term, span.first, span.last) if one.date <= school.today]
        assert made.still_open == len(begun) - len(held)
        assert queries.from_data(made.as_data()) == made
        fees += made.school.fee
    assert fees == billed_by(rows, school, spans[-1].last), "the reports of a term add up to what was billed"


def billed_by(rows, school, last):
    """Return what stands billed on a day, in cents: of each statement the newest version."""
    newest = {}
    first = school.term.service_starts_on
    for row in sorted(rows.charges, key=lambda one: one.version):
        if first <= row.issued_at.astimezone().date() <= last or row.issued_at.date() <= last:
            newest[row.student_id, row.starts_on] = int(row.amount * 100)
    return sum(newest.values())


def test_no_day_of_service_is_told_twice_or_left_out(school):
    spans = queries.spans_of(school.term)
    told = Counter(span.first + timedelta(days=n) for span in spans for n in range((span.last - span.first).days + 1))
    assert set(told.values()) == {1}
    assert all(day in told for day in school.days if day <= spans[-1].last)


@pytest.mark.parametrize("built", range(4), indirect=True)
def test_page_paper_and_workbook_say_the_same(school, office):
    actions.make_due(school.term, by=school.actor)
    made = HalfMonth.objects.order_by("due_on")
    assert made
    for report in made:
        book = sheets(report_xlsx({"report": report.pk}, school.actor, lambda percent: None))["双减数据"]
        values = {"report": report, "title": "双减数据", "table": table_of(report), "school": "青禾路小学"}
        paper = render_to_string("documents/half_month.html", values)
        page = office.get(f"/evaluation/figures/{report.pk}/").content.decode()
        for html in (paper, page):
            (table,) = [one for one in tables(html) if "参加人数" in one[0]]
            said = [[cell.split(" ")[0].replace("—", "") for cell in row] for row in table[1:]]
            assert said == book
