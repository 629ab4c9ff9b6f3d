"""When a room is due, against a walk over the days; and what the table of repairs says."""

from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from attendance.enums import DefectMove, DefectState
from attendance.safety import SOON, TABLE, Due, Who, due, moves, next_on, step

START = date(2026, 9, 1)


@given(st.integers(1, 60), st.integers(0, 90))
def test_a_room_is_due_by_counting_days_from_its_last_check(every, passed):
    today = START + timedelta(days=passed)
    stands = due(START, every, today)
    left = every
    for _ in range(passed):
        left -= 1
    if left < 0:
        assert stands == Due.OVERDUE
    else:
        assert stands == (Due.SOON if left <= SOON else Due.FINE)
    assert next_on(START, every) == today + timedelta(days=left)


def test_a_room_never_checked_is_always_due():
    assert (due(None, 30, START), next_on(None, 30)) == (Due.NEVER, None)


def test_the_table_leads_to_closed_only_over_a_second_person():
    for state, move in product(DefectState, DefectMove):
        found = step(state, move)
        if found and found.to == DefectState.CLOSED:
            assert (state, found.by_another) == (DefectState.REPAIRED, True)
        if state == DefectState.CLOSED:
            assert found is None
    assert {state for state, _ in TABLE} == {DefectState.OPEN, DefectState.REPAIRED}


def test_buttons_follow_the_table():
    everybody = frozenset(Who)
    assert moves(DefectState.OPEN, everybody, repairer=False) == [DefectMove.ARRANGE, DefectMove.REPAIR]
    assert moves(DefectState.OPEN, frozenset({Who.OWNER}), repairer=False) == [DefectMove.REPAIR]
    assert moves(DefectState.REPAIRED, everybody, repairer=False) == [DefectMove.PASS, DefectMove.FAIL]
    assert moves(DefectState.REPAIRED, everybody, repairer=True) == []
    assert moves(DefectState.CLOSED, everybody, repairer=False) == []
    assert moves(DefectState.OPEN, frozenset(), repairer=False) == []
