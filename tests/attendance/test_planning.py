"""When a plan is due, what may happen to it, and words that make a person look twice."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.enums import PlanState
from attendance.planning import BY_CHECKER, MOVES, WEEK, Move, due_date, monday_of, teaching_words

MONDAY = date(2026, 9, 21)


def working(*mondays: date) -> list[date]:
    return [monday + timedelta(days=n) for monday in mondays for n in range(5)]


def test_the_plan_is_due_on_the_set_weekday_of_the_week_before():
    days = working(MONDAY - WEEK, MONDAY)
    assert due_date(MONDAY, weekday=5, days=days) == date(2026, 9, 18)
    assert due_date(MONDAY, weekday=7, days=days) == date(2026, 9, 20)


def test_a_day_off_gives_way_to_the_service_day_before_it():
    days = [day for day in working(MONDAY - WEEK, MONDAY) if day != date(2026, 9, 18)]
    assert due_date(MONDAY, weekday=5, days=days) == date(2026, 9, 17)


def test_after_holidays_it_is_due_on_the_eve_of_the_first_day():
    after = [date(2026, 10, 8), date(2026, 10, 9)]  # a Thursday and a Friday after the national holiday
    assert due_date(date(2026, 10, 5), weekday=5, days=after) == date(2026, 10, 7)
    assert due_date(date(2026, 9, 7), weekday=7, days=working(date(2026, 9, 7))) == date(2026, 9, 6)


@given(
    weekday=st.integers(1, 7),
    days=st.sets(st.integers(-14, 13)).map(lambda found: [MONDAY + timedelta(days=n) for n in found]),
)
def test_it_is_always_due_before_the_children_come_and_never_more_than_a_week_before(weekday, days):
    due = due_date(MONDAY, weekday=weekday, days=days)
    own = [day for day in days if MONDAY <= day < MONDAY + WEEK]
    assert MONDAY - WEEK <= due < min(own, default=MONDAY + WEEK)
    if MONDAY - WEEK <= due < MONDAY - timedelta(days=2) and own:
        assert due in days, "on a working day somebody is at school"


@given(st.integers(1, 6), st.sets(st.integers(-7, -1)))
def test_a_later_weekday_is_never_due_earlier(weekday, found):
    days = [MONDAY + timedelta(days=n) for n in found | {0}]
    earlier = due_date(MONDAY, weekday=weekday, days=days)
    if any(day <= MONDAY - WEEK + timedelta(days=weekday - 1) for day in days):
        assert earlier <= due_date(MONDAY, weekday=weekday + 1, days=days)


@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_a_week_begins_on_its_monday(day):
    assert monday_of(day).isoweekday() == 1
    assert timedelta() <= day - monday_of(day) < WEEK


def test_each_move_leads_where_it_says_and_no_plan_is_changed_once_seen():
    assert {state for state, _ in MOVES} == set(PlanState) - {PlanState.SEEN}
    assert {state for state, move in MOVES if move in BY_CHECKER} == {PlanState.HANDED_IN}
    assert {MOVES[state, move] for state, move in MOVES} == set(PlanState)
    assert {state for state, move in MOVES if move is Move.WRITE} == {PlanState.DRAFT, PlanState.RETURNED}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("讲授新课", ["讲授", "新课"]),
        ("第 3 课，生字", ["第3课"]),
        ("第二单元练习全班讲", ["第二单元", "全班讲"]),
        ("数学补课", ["补课"]),
        ("教学楼前集合", []),
        ("独立做作业，个别答疑", []),
        ("教学答疑", []),
        ("自己做作业，不讲新课，不补课", []),
        ("不吵闹，讲授新课", ["讲授", "新课"]),
        ("课外阅读，课后整理书包", []),
        ("", []),
    ],
)
def test_words_of_a_lesson_are_pointed_at(text, words):
    assert teaching_words(text) == words
