"""The one table of the application, state by state and move by move, and the window to the minute."""

from datetime import datetime, timedelta

import pytest

from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState as S
from enrollment.enums import Move
from enrollment.workflow import NEEDS_REASON, TABLE, Phase, Who, WindowSettings, moves, step, window

M = Move
PARENT, HEAD, OFFICE = Who.PARENT, Who.HEAD, Who.OFFICE
# Written out by hand a second time, from the plan: state -> move -> (who, next, needs the open window).
EXPECTED = {
    None: {
        M.SAVE: ({PARENT}, S.DRAFT, True),
        M.SUBMIT: ({PARENT, HEAD}, S.SUBMITTED, True),
        M.WITHDRAW: ({PARENT}, S.WITHDRAWN, False),
    },
    S.DRAFT: {
        M.SAVE: ({PARENT}, S.DRAFT, True),
        M.SUBMIT: ({PARENT, HEAD}, S.SUBMITTED, True),
        M.WITHDRAW: ({PARENT}, S.WITHDRAWN, False),
    },
    S.SUBMITTED: {
        M.SUBMIT: ({PARENT}, S.SUBMITTED, True),
        M.CLASS_APPROVE: ({HEAD}, S.CLASS_APPROVED, False),
        M.RETURN: ({HEAD}, S.RETURNED, False),
        M.DECLINE: ({HEAD}, S.DECLINED, False),
        M.WITHDRAW: ({PARENT, HEAD}, S.WITHDRAWN, False),
    },
    S.CLASS_APPROVED: {
        M.SCHOOL_APPROVE: ({OFFICE}, S.SCHOOL_APPROVED, False),
        M.RETURN: ({OFFICE}, S.RETURNED, False),
        M.DECLINE: ({OFFICE}, S.DECLINED, False),
        M.WITHDRAW: ({PARENT, HEAD}, S.WITHDRAWN, False),
    },
    S.SCHOOL_APPROVED: {M.WITHDRAW: ({PARENT, HEAD}, S.WITHDRAWN, False)},
    S.RETURNED: {
        M.SAVE: ({PARENT}, S.RETURNED, False),
        M.SUBMIT: ({PARENT, HEAD}, S.SUBMITTED, False),
        M.WITHDRAW: ({PARENT, HEAD}, S.WITHDRAWN, False),
    },
    S.DECLINED: {
        M.ASK_AGAIN: ({PARENT}, S.DECLINED, False),
        M.REOPEN: ({HEAD, OFFICE}, S.SUBMITTED, False),
        M.UPHOLD: ({HEAD, OFFICE}, S.DECLINED, False),
    },
    S.WITHDRAWN: {M.REOPEN: ({PARENT}, S.DRAFT, True), M.SUBMIT: ({HEAD}, S.SUBMITTED, True)},
}


@pytest.mark.parametrize("state", [None, *S])
@pytest.mark.parametrize("move", list(M))
def test_every_state_and_move_is_as_the_plan_says(state, move):
    wanted = EXPECTED[state].get(move)
    found = step(state, move)
    assert (found and (set(found.who), found.to, found.in_window)) == wanted


def test_every_state_can_be_reached_and_only_two_end_without_the_office_or_the_family():
    assert {found.to for found in TABLE.values()} == set(S)


def test_nobody_but_the_office_approves_for_the_school_and_only_after_the_class():
    assert [key for key, found in TABLE.items() if found.to == S.SCHOOL_APPROVED] == [
        (S.CLASS_APPROVED, M.SCHOOL_APPROVE)
    ]
    assert [key for key, found in TABLE.items() if found.to == S.CLASS_APPROVED] == [(S.SUBMITTED, M.CLASS_APPROVE)]
    assert TABLE[(S.CLASS_APPROVED, M.SCHOOL_APPROVE)].who == {OFFICE}
    assert TABLE[(S.SUBMITTED, M.CLASS_APPROVE)].who == {HEAD}


def test_a_family_can_withdraw_from_every_state_that_is_not_an_end():
    for state in {None, *S} - {S.DECLINED, S.WITHDRAWN}:
        assert M.WITHDRAW in moves(state, {PARENT}, window_open=False)


@pytest.mark.parametrize("state", [None, *S])
@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize("is_open", [True, False])
def test_buttons_are_the_table(state, who, is_open):
    shown = moves(state, {who}, window_open=is_open)
    for move in M:
        found = step(state, move)
        assert (move in shown) == bool(found and who in found.who and (is_open or not found.in_window))


def test_return_and_decline_need_a_reason():
    assert {M.RETURN, M.DECLINE, M.UPHOLD} == NEEDS_REASON


OPENS = datetime(2026, 9, 1, 8, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 9, 3, 20, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "closed", "permitted", "phase"),
    [
        (OPENS - MINUTE, False, False, Phase.BEFORE),
        (OPENS - MINUTE, True, True, Phase.BEFORE),
        (OPENS, False, False, Phase.OPEN),
        (CLOSES - MINUTE, False, False, Phase.OPEN),
        (CLOSES - MINUTE, True, False, Phase.CLOSED),
        (CLOSES - MINUTE, True, True, Phase.PERMITTED),
        (CLOSES, False, False, Phase.AFTER),
        (CLOSES, False, True, Phase.PERMITTED),
        (CLOSES + 100 * MINUTE, True, False, Phase.CLOSED),
    ],
)
def test_the_window_holds_to_the_minute(now, closed, permitted, phase):
    found = window(WindowSettings(OPENS, CLOSES, closed), now, permitted=permitted)
    assert found.phase is phase
    assert found.sentence.endswith("。")
    assert found.is_open == (phase in {Phase.OPEN, Phase.PERMITTED})
