"""The one table of stand-ins and swaps, state by state and move by move, and what comes too late."""

from datetime import timedelta
from itertools import chain, combinations

import pytest

from scheduling.enums import SubstitutionState as S
from scheduling.substituting import TABLE, Move, Times, Who, in_time, moves, needs_reason, step
from tests.cast import NOW

M = Move
OWNER, OTHER, LEADER, OFFICE = Who.OWNER, Who.OTHER, Who.LEADER, Who.OFFICE
DECIDERS = {LEADER, OFFICE}
# Written out by hand a second time, from the requirement: state -> move -> (who, next, asks for a reason).
EXPECTED = {
    None: {M.ASK: ({OWNER, *DECIDERS}, S.ASKED, False), M.PLACE: (DECIDERS, S.CONFIRMED, True)},
    S.ASKED: {
        M.ACCEPT: ({OTHER}, S.ACCEPTED, False),
        M.DECLINE: ({OTHER}, S.DECLINED, False),
        M.PLACE: (DECIDERS, S.CONFIRMED, True),
        M.CANCEL: ({OWNER, *DECIDERS}, S.CANCELLED, False),
    },
    S.ACCEPTED: {
        M.CONFIRM: (DECIDERS, S.CONFIRMED, False),
        M.REFUSE: (DECIDERS, S.REFUSED, True),
        M.DECLINE: ({OTHER}, S.DECLINED, False),
        M.CANCEL: ({OWNER, *DECIDERS}, S.CANCELLED, False),
    },
    S.CONFIRMED: {M.CANCEL: (DECIDERS, S.CANCELLED, True)},
    S.DECLINED: {},
    S.REFUSED: {},
    S.CANCELLED: {},
}
HOUR = timedelta(hours=1)
AHEAD = Times(NOW + HOUR, NOW + 2 * HOUR)
RUNNING = Times(NOW - HOUR, NOW + HOUR)
OVER = Times(NOW - 2 * HOUR, NOW)
PEOPLE = list(chain.from_iterable(combinations(Who, n) for n in range(len(Who) + 1)))


@pytest.mark.parametrize("state", [None, *S])
@pytest.mark.parametrize("move", list(M))
def test_every_state_and_move_is_as_the_requirement_says(state, move):
    wanted = EXPECTED[state].get(move)
    found = step(state, move)
    assert (found and (set(found.who), found.to, needs_reason(state, move))) == wanted


@pytest.mark.parametrize("state", [None, *S])
@pytest.mark.parametrize("people", PEOPLE, ids=lambda people: "+".join(who.name for who in people) or "nobody")
def test_buttons_are_the_table_for_everybody_and_any_two_roles_in_one(state, people):
    shown = moves(state, frozenset(people), AHEAD, NOW)
    assert shown == [move for move in M if move in EXPECTED[state] and EXPECTED[state][move][0] & set(people)]


def test_every_state_can_be_reached_and_only_who_leads_gives_a_duty_away():
    assert {found.to for found in TABLE.values()} == set(S)
    for (state, move), found in TABLE.items():
        if found.to == S.CONFIRMED:
            assert found.who == DECIDERS, (state, move)


def test_nobody_answers_for_the_other():
    assert {key for key, found in TABLE.items() if OTHER in found.who} == {
        (S.ASKED, M.ACCEPT),
        (S.ASKED, M.DECLINE),
        (S.ACCEPTED, M.DECLINE),
    }
    assert all(found.who == {OTHER} for found in TABLE.values() if OTHER in found.who)


@pytest.mark.parametrize(("state", "move"), list(TABLE))
def test_a_stand_in_can_come_until_the_end_and_nothing_confirmed_is_taken_back_once_begun(state, move):
    gives = move in {M.ASK, M.ACCEPT, M.CONFIRM, M.PLACE}
    assert in_time(state, move, AHEAD, NOW)
    assert in_time(state, move, RUNNING, NOW) == (state != S.CONFIRMED)
    assert in_time(state, move, OVER, NOW) == (not gives and state != S.CONFIRMED)


@pytest.mark.parametrize(("state", "move"), list(TABLE))
def test_a_swap_is_settled_before_the_first_of_its_two_begins(state, move):
    running = Times(NOW, NOW + HOUR, swap=True)
    gives = move in {M.ASK, M.ACCEPT, M.CONFIRM, M.PLACE}
    assert in_time(state, move, running, NOW) == (not gives and state != S.CONFIRMED)
    assert in_time(state, move, Times(NOW + HOUR, NOW + HOUR, swap=True), NOW)
