"""The hours round dismissal against a walk over every minute of a day."""

import itertools
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.clock import SHANGHAI
from attendance.visiting import closed_at, closed_hours

MIDNIGHT = datetime(2026, 9, 21, tzinfo=SHANGHAI)
MINUTES = range(24 * 60)


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


@given(
    st.lists(st.integers(10 * 60, 20 * 60), max_size=5),
    st.integers(0, 90),
    st.integers(0, 90),
)
def test_each_minute_is_closed_exactly_when_some_dismissal_is_near(ends, before, after):
    dismissals = [at(end) for end in ends]
    near = [any(end - before <= minute < end + after for end in ends) for minute in MINUTES]
    hours = closed_hours(dismissals, before, after)
    for minute in MINUTES:
        found = closed_at(at(minute), dismissals, before, after)
        assert (found is not None) == near[minute]
        if found:
            assert found in hours
            until = next(later for later in range(minute, 24 * 60 + 1) if not near[later])
            assert found.until == at(until), "the hour ends with the first minute that is open"
    assert hours == sorted(hours)
    assert all(one.until < two.since for one, two in itertools.pairwise(hours))


def test_a_half_past_dismissal_with_the_usual_minutes():
    end = at(17 * 60 + 30)
    closed = closed_at(end, [end, end], 15, 30)
    assert closed
    assert (closed.since, closed.until) == (at(17 * 60 + 15), at(18 * 60))
    assert closed_at(at(18 * 60), [end], 15, 30) is None
