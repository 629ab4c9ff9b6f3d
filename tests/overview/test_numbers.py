"""Each figure is what counting row by row gives, and what it leads to are exactly so many records."""

import pytest
from django.urls import reverse

from afterschool.overview.ask import SCHOOL, Ask, Scope, grade_scope, span_of
from afterschool.overview.counting import numbers
from afterschool.overview.sources import SOURCES
from afterschool.overview.trend import attendance_by_day, by_week, trend_of
from tests.overview.recount import FIGURES, SPANS, Recount
from tests.overview.school import fill

pytestmark = pytest.mark.django_db
SEEDS = (1, 2)
OF_NO_GRADE = {"flags", "clubs", "clubs-asked", "charges", "payments"} | {
    "words-wait", "words-came", "surveys-open", "surveys-over", "surveys-content",
}  # fmt: skip


def ask(cast, scope: Scope, span: str, who: str = "office") -> Ask:
    return Ask(cast.actor(who), cast.term, scope, span_of(cast.term, span))


def scopes(cast):
    own = cast.classes[0].pk
    yield "office", Scope(SCHOOL, "全校"), {}
    yield "grade_leader", grade_scope(1), {"grade": 1}
    yield "head_teacher", Scope(f"class-{own}", "一（1）班", school_class=own), {"class_id": own}


def test_every_figure_is_counted_twice():
    assert {figure.key for source in SOURCES for figure in source.figures} == set(FIGURES)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_figure_is_what_counting_row_by_row_gives(cast, seed, span):
    fill(cast, seed)
    read: dict = {}
    for who, scope, of in scopes(cast):
        found = numbers(ask(cast, scope, span, who))
        again = Recount(span, **of, read=read)
        assert found == {key: FIGURES[key](again) for key in found}, who


@pytest.mark.parametrize("span", SPANS)
def test_the_school_is_the_sum_of_its_grades(cast, span):
    fill(cast, 5)
    whole = numbers(ask(cast, Scope(SCHOOL, "全校"), span))
    grades = [numbers(ask(cast, grade_scope(grade), span)) for grade in (1, 2)]
    assert any(whole[key] for key in whole.keys() - OF_NO_GRADE)
    for key in whole.keys() - OF_NO_GRADE:
        summed = sum(one[key] for one in grades)
        assert whole[key] == summed, key


def lines_behind(client, counted) -> list:
    """Turn the pages of a figure's records."""
    page = client.get(counted.url)
    assert page.context["number"] == counted.number
    lines = page.context["lines"]
    for number in range(2, page.context["page"].paginator.num_pages + 1):
        lines += client.get(f"{counted.url}&page={number}").context["lines"]
    return lines


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("who", ["office", "grade_leader", "head_teacher"])
def test_each_figure_leads_to_exactly_its_records_and_each_record_to_its_page(cast, login, who, span):
    fill(cast, 6)
    client, followed = login(who), 0
    parts = client.get(reverse("overview:page"), {"span": span}).context["parts"]
    for one in (one for part in parts for one in part.counted):
        lines = lines_behind(client, one)
        assert len(lines) == one.number, one.figure.key
        for line in [line for line in lines if line.url][:2]:
            followed += 1
            assert client.get(line.url).status_code == 200, (one.figure.key, line)
    assert followed > 8


@pytest.mark.parametrize("span", SPANS)
def test_the_trend_adds_up_to_the_figures(cast, span):
    fill(cast, 7)
    asked = ask(cast, Scope(SCHOOL, "全校"), span)
    trend, found = trend_of(asked), numbers(asked)
    if span == "today":
        assert trend is None
        return
    assert trend
    assert sum(point.marks.here for point in trend.points) == found["came"] == Recount(span).marks("present", "late")
    assert sum(point.marks.expected for point in trend.points) == found["expected"]


def test_a_week_of_the_trend_leads_to_the_numbers_of_that_week(cast, login):
    fill(cast, 8)
    client = login("office")
    points = client.get(reverse("overview:page"), {"span": "term"}).context["trend"].points
    assert len(points) > 1
    for point in points:
        parts = client.get(point.url).context["parts"]
        came = next(one for part in parts for one in part.counted if one.figure.key == "came")
        assert came.number == point.marks.here
        assert client.get(came.url).context["number"] == came.number


def test_days_add_up_to_weeks(cast):
    fill(cast, 9)
    days = attendance_by_day(ask(cast, Scope(SCHOOL, "全校"), "term"))
    weeks = by_week(days)
    assert {line.day.isoweekday() for line in weeks} == {1}
    assert sum(line.marks.expected for line in weeks) == sum(line.marks.expected for line in days) > 0
