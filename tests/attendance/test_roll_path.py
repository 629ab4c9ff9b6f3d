"""Marks walk along moves that the chain of custody knows, from every state to every mark."""

from itertools import product

import pytest

from attendance.custody import TABLE, State
from attendance.enums import HERE, CustodyState, MarkState
from attendance.roll_path import GONE, NoWay, path, target

CALLED = [state for state in MarkState if state != MarkState.NOT_CALLED]


@pytest.mark.parametrize(("now", "new", "club"), list(product(CustodyState, CALLED, [False, True])))
def test_a_mark_leads_where_it_says_over_known_moves(now, new, club):
    if now in GONE and now != target(new, club=club):
        with pytest.raises(NoWay):
            path(now, MarkState.NOT_CALLED, new, club=club)
        return
    way = path(now, MarkState.NOT_CALLED, new, club=club, undo_to=CustodyState.EXPECTED)
    assert (way or [now])[-1] == target(new, club=club)
    for before, after in zip([now, *way], way, strict=False):
        assert before == CustodyState.AWAY or (State(before), State(after)) in TABLE


@pytest.mark.parametrize(("old", "new"), list(product(HERE, HERE)))
def test_late_and_present_are_the_same_place(old, new):
    assert path(CustodyState.FETCHED, old, new) == []
