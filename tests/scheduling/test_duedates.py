from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.duedates import (
    Calendar,
    When,
    back_to_school,
    day_in_month,
    drawn,
    due_dates,
    fixed_date,
    monthly,
    parse_days,
)
from scheduling.enums import WorkRule

SEEDS = st.integers(0, 2**31)


def term(first: date, last: date, *, off: tuple[date, ...] = ()) -> Calendar:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Calendar(first, last, tuple(d for d in days if d.isoweekday() < 6 and d not in off))


AUTUMN = term(date(2026, 9, 1), date(2027, 1, 22))
SPRING = term(date(2027, 2, 22), date(2027, 7, 2))
calendars = st.builds(
    lambda first, length, off: term(first, first + timedelta(days=length), off=tuple(off)),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(20, 150),
    st.lists(st.dates(date(2020, 1, 1), date(2040, 6, 1)), max_size=10),
)


def test_the_printed_dates_stand_in_autumn_and_move_with_the_start_of_another_term():
    assert [fixed_date(8, d, date(2026, 9, 1)) for d in (30, 31)] == [date(2026, 8, 30), date(2026, 8, 31)]
    assert fixed_date(9, 1, date(2026, 8, 31)) == date(2026, 9, 1)
    assert fixed_date(8, 30, date(2027, 2, 22)) == date(2027, 2, 20)
    assert fixed_date(9, 1, date(2027, 2, 22)) == date(2027, 2, 22)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2026, 9, 30, 30),
        (2026, 10, 30, 30),  # the 31st belongs to the next half month
        (2026, 9, 31, 30),
        (2027, 2, 30, 28),  # a common year: figures on the 28th, tables on the 27th
        (2027, 2, 29, 27),
        (2028, 2, 30, 29),  # a leap year
        (2028, 2, 29, 28),
        (2027, 2, 28, 28),
        (2100, 2, 30, 28),  # no leap year
        (2000, 2, 29, 28),
        (2027, 2, 14, 14),
    ],
)
def test_a_day_that_a_month_does_not_have(year, month, day, expected):
    assert day_in_month(year, month, day) == date(year, month, expected)


@given(st.integers(2000, 2400), st.integers(1, 12))
def test_the_eve_of_the_thirtieth_is_always_the_day_before_it(year, month):
    assert day_in_month(year, month, 30) - day_in_month(year, month, 29) == timedelta(days=1)
    assert day_in_month(year, month, 31).day == monthrange(year, month)[1]


def test_a_due_day_without_school_moves_to_the_school_day_before():
    off = tuple(date(2026, 10, d) for d in range(1, 8))
    calendar = term(date(2026, 9, 1), date(2026, 11, 30), off=off)
    assert back_to_school(date(2026, 11, 15), calendar.days) == date(2026, 11, 13)  # a Sunday
    assert back_to_school(date(2026, 10, 7), calendar.days) == date(2026, 9, 30)
    assert back_to_school(date(2026, 8, 31), calendar.days) is None
    found = monthly((15, 30), calendar)
    printed = [(9, 15), (9, 30), (10, 15), (10, 30), (11, 13), (11, 30)]
    assert found == [date(2026, *day) for day in printed]


def test_february_of_the_plan():
    assert date(2027, 2, 26) in monthly((30,), SPRING)  # the 28th is a Sunday
    leap = term(date(2028, 2, 14), date(2028, 6, 30))
    assert monthly((30,), leap)[0] == date(2028, 2, 29)
    assert monthly((29,), leap)[0] == date(2028, 2, 28)


def test_what_a_rule_gives():
    assert due_dates(When(WorkRule.ON_DATE, date(2026, 8, 30)), AUTUMN) == [date(2026, 8, 30)]
    assert due_dates(When(WorkRule.ON_DATE), AUTUMN) == []
    assert due_dates(When(WorkRule.TERM_START), AUTUMN) == [date(2026, 9, 1)]
    assert due_dates(When(WorkRule.WORKDAYS), AUTUMN) == list(AUTUMN.days)
    assert due_dates(When(WorkRule.TERM_START), Calendar(AUTUMN.first, AUTUMN.last, ())) == []


@given(calendars, st.sets(st.integers(1, 31), min_size=1, max_size=4))
def test_monthly_dates_are_school_days_never_later_than_printed(calendar, days):
    for due in monthly(tuple(days), calendar):
        assert due in calendar.days
    printed = {
        day_in_month(d.year, d.month, n)
        for d in calendar.days
        for n in days
        if calendar.first <= day_in_month(d.year, d.month, n) <= calendar.last
    }
    assert len(monthly(tuple(days), calendar)) <= len(printed) + len(days)
    for day in printed & set(calendar.days):
        assert day in monthly(tuple(days), calendar)


@given(calendars, SEEDS, st.integers(1, 4))
def test_the_draw_is_spread_over_the_months_and_can_be_repeated(calendar, seed, number):
    found = drawn(seed, number, calendar.days)
    assert found == drawn(seed, number, tuple(reversed(calendar.days)))
    assert set(found) <= set(calendar.days)
    months = {(d.year, d.month) for d in calendar.days}
    for year, month in months:
        of_month = [d for d in calendar.days if (d.year, d.month) == (year, month)]
        assert sum((d.year, d.month) == (year, month) for d in found) == min(number, len(of_month))


@given(calendars, SEEDS, st.integers(1, 3), st.data())
def test_a_day_taken_from_the_calendar_changes_at_most_one_pick(calendar, seed, number, data):
    before = set(drawn(seed, number, calendar.days))
    gone = data.draw(st.sampled_from(calendar.days))
    after = set(drawn(seed, number, [d for d in calendar.days if d != gone]))
    assert before - after <= {gone}
    assert len(after - before) <= 1


def test_seeds_differ():
    assert len({tuple(drawn(seed, 1, AUTUMN.days)) for seed in range(40)}) > 30


@pytest.mark.parametrize(
    ("text", "days"), [("15、30", (15, 30)), ("30日,15日", (15, 30)), ("14，29", (14, 29)), ("1", (1,))]
)
def test_days_are_read_as_people_write_them(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "、", "32", "0", "十五", "15-30"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError):
        parse_days(text)
