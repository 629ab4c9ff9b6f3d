import itertools
from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.hours import Hours, hours_on
from scheduling.seasons import clashes, idle, seasons

FIRST, LAST = date(2026, 9, 7), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def hours(pk: int, weekdays: str, valid_from: date | None = None) -> Hours:
    return Hours(pk, weekdays, valid_from, time(15, 30), time(17, 30))


def play(*tables: Hours):
    return seasons(tables, weekdays="12345", first=FIRST, last=LAST)


def test_without_seasons_the_term_is_one():
    (whole,) = play(hours(1, "12345"))
    assert (whole.first, whole.last, whole.gaps) == (FIRST, LAST, "")
    assert whole.table_on(5) == 1


def test_friday_and_october_cut_the_term_as_said():
    autumn, winter = play(hours(1, "12345"), hours(2, "5"), hours(3, "1234", date(2026, 10, 1)))
    assert dict(autumn.tables) == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 2}
    assert dict(winter.tables) == {"1": 3, "2": 3, "3": 3, "4": 3, "5": 2}
    assert (autumn.last, winter.first) == (date(2026, 9, 30), date(2026, 10, 1))


def test_no_timetable_at_all_is_one_long_gap():
    (whole,) = play()
    assert whole.gaps == "12345"


WEEKDAYS = st.sets(st.sampled_from("12345"), min_size=1).map(lambda days: "".join(sorted(days)))
STARTS = st.one_of(st.none(), st.sampled_from([FIRST - timedelta(days=30), *DAYS[::9], LAST + timedelta(days=5)]))
TABLES = st.lists(st.tuples(WEEKDAYS, STARTS), max_size=5).map(
    lambda rows: [hours(n, weekdays, start) for n, (weekdays, start) in enumerate(rows, 1)]
)


@given(TABLES)
def test_seasons_cover_each_day_once_and_say_what_the_sessions_get(tables):
    found = seasons(tables, weekdays="12345", first=FIRST, last=LAST)
    assert [found[0].first, found[-1].last] == [FIRST, LAST]
    assert all(b.first - a.last == timedelta(days=1) and a.tables != b.tables for a, b in itertools.pairwise(found))
    for day in DAYS:
        season = next(s for s in found if s.first <= day <= s.last)
        for weekday in range(1, 6):
            runs = hours_on(tables, weekday=weekday, day=day)
            assert season.table_on(weekday) == (runs.id if runs else None)


@given(TABLES)
def test_a_timetable_runs_or_is_idle_and_a_clash_names_one_that_runs(tables):
    span = {"weekdays": "12345", "first": FIRST, "last": LAST}
    used = {t for season in seasons(tables, **span) for _, t in season.tables if t}
    assert used | set(idle(tables, **span)) == {t.id for t in tables}
    assert {c.runs for c in clashes(tables, **span)} <= used
