"""Fetched late again and again: counted as the rule says, on any run of days, and never in order of the count."""

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.clock import SHANGHAI
from attendance.lateness import Leaving, frequent, is_late, is_open, minutes_late
from tests.cast import TODAY


def leaving(student: int, ago: int, minutes: int, *, asked: bool = False) -> Leaving:
    day = TODAY - timedelta(days=ago)
    dismissal = datetime.combine(day, time(17, 30), SHANGHAI)
    return Leaving(student, day, dismissal, dismissal + timedelta(minutes=minutes), asked)


DAYS = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(-2, 12)),
    st.tuples(st.integers(-10, 90), st.booleans()),
    max_size=30,
)


@given(DAYS, st.integers(0, 20), st.integers(1, 4), st.integers(1, 10))
def test_frequent_is_the_count_spelled_out(days: dict, grace: int, times: int, span: int) -> None:
    rows = [leaving(who, ago, minutes, asked=asked) for (who, ago), (minutes, asked) in days.items()]
    found = frequent(rows, grace=grace, times=times, days=span, today=TODAY)
    for who in (1, 2, 3):
        late = sorted(
            TODAY - timedelta(days=ago)
            for (child, ago), (minutes, asked) in days.items()
            if child == who and 0 <= ago < span and minutes > grace and not asked
        )
        assert [one.day for one in found.get(who, [])] == (late if len(late) >= times else [])


def test_children_stand_in_the_order_they_came_in_whatever_their_count() -> None:
    rows = [leaving(2, 1, 30), leaving(1, 3, 30), leaving(1, 2, 30), leaving(1, 1, 30)]
    assert list(frequent(rows, grace=10, times=1, days=5, today=TODAY)) == [2, 1]


def test_the_grace_is_not_late_and_minutes_count_from_dismissal() -> None:
    assert not is_late(leaving(1, 0, 10), 10)
    assert is_late(leaving(1, 0, 11), 10)
    one = leaving(1, 0, 70)
    assert minutes_late(one.dismissal, one.left, 10) == 70
    assert not is_late(leaving(1, 0, 70, asked=True), 10)


def test_a_place_is_open_within_its_hours_and_always_without_them() -> None:
    assert is_open(None, None, time(23, 0))
    assert is_open(time(17, 0), time(18, 0), time(17, 0))
    assert not is_open(time(17, 0), time(18, 0), time(18, 0))
    assert not is_open(time(18, 0), None, time(17, 59))


def test_a_day_outside_the_span_does_not_count() -> None:
    rows = [leaving(1, 0, 30), leaving(1, 5, 30)]
    assert frequent(rows, grace=10, times=2, days=5, today=TODAY) == {}
    assert len(frequent(rows, grace=10, times=2, days=6, today=TODAY)[1]) == 2
