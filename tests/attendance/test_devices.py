"""What a device's clock says becomes the school's time, whatever that clock shows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from attendance.devices import LONGEST, SENT_LATER, Device, school_time

NOW = datetime(2026, 9, 21, 8, 5, tzinfo=UTC)
WRONG = st.integers(-(10**8), 10**8).map(lambda seconds: timedelta(seconds=seconds))


@given(WRONG, st.integers(0, 86_400))
def test_a_wrong_clock_gives_the_right_time(wrong, ago):
    sent = NOW + wrong
    assert school_time(sent - timedelta(seconds=ago), sent, NOW) == NOW - timedelta(seconds=ago)


@given(WRONG, WRONG)
def test_nothing_is_done_in_the_future_nor_more_than_a_day_ago(done, sent):
    found = school_time(NOW + done, NOW + sent, NOW)
    assert NOW - LONGEST <= found <= NOW


def test_without_a_time_of_sending_the_word_of_the_device_stands_but_for_the_future():
    assert school_time(NOW - timedelta(hours=1), None, NOW) == NOW - timedelta(hours=1)
    assert school_time(NOW + timedelta(hours=1), None, NOW) == NOW
    assert school_time(None, NOW, NOW) is None


def test_what_took_long_to_arrive_was_sent_later():
    assert Device("pc", NOW - SENT_LATER - timedelta(seconds=1)).sent_later(NOW)
    assert not Device("pc", NOW - SENT_LATER).sent_later(NOW)
    assert not Device("pc").sent_later(NOW)
