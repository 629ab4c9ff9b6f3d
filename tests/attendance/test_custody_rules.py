"""The table of moves, every pair of states, and every condition with its refusal (rules, section 7)."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance import custody
from attendance.custody import Facts, State, Who
from attendance.enums import ENDS, CustodyState

ALLOWED = {  # as printed in the plan's table, moves 1-8 and 10-13
    1: {("expected", "group")},
    2: {("expected", "away")},
    3: {(s, "missing") for s in ("expected", "group", "club", "staff", "missing")},
    4: {("missing", s) for s in ("group", "club", "staff")},
    5: {("missing", "away")},
    6: {("group", "club"), ("club", "group")},
    7: {("group", "staff"), ("club", "staff"), ("staff", "group"), ("staff", "club")},
    8: {("group", "group")},
    10: {(s, "fetched") for s in ("group", "club", "staff")},
    11: {("group", "alone"), ("club", "alone")},
    12: {("group", "late"), ("club", "late")},
    13: {("late", "late"), ("late", "fetched"), ("late", "alone")},
}
EVERYBODY = frozenset(Who)
EVERYTHING = Facts(
    who=EVERYBODY,
    word=True,
    guardian_word=True,
    where=True,
    reason=True,
    due_there=True,
    substitution=True,
    may_fetch=True,
    named=True,
    decision=True,
    call_noted=True,
    dismissed=True,
    early_asked=True,
    alone_word=True,
    alone_early=True,
    alone_now=True,
    grace_passed=True,
    reached=True,
    same_day=True,
    to_before=True,
)


def test_states_are_those_of_the_database() -> None:
    assert {state.value for state in State} == set(CustodyState.values)
    assert {state.value for state in custody.ENDS} == {state.value for state in ENDS}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_every_pair_of_states_is_as_the_plan_says(before: State, after: State) -> None:
    move = custody.move_for(before, after)
    number = next((n for n, pairs in ALLOWED.items() if (before, after) in pairs), None)
    if before in custody.ENDS and after not in custody.ENDS:
        number = 14
    assert (move.number if move else None) == number
    verdict = custody.judge(before, after, EVERYTHING)
    assert verdict.ok == (number is not None)
    if number is None:
        assert verdict.code == "no_such_move"
    nobody = custody.judge(before, after, replace(EVERYTHING, who=frozenset()))
    assert not nobody.ok


WHO = {
    1: {Who.SESSION_TEACHER},
    2: {Who.SESSION_TEACHER, Who.HEAD_TEACHER, Who.OFFICE},
    4: {Who.SESSION_TEACHER, Who.RECEIVER},
    5: {Who.HEAD_TEACHER, Who.DUTY_LEADER, Who.OFFICE},
    6: {Who.SESSION_TEACHER},
    8: {Who.SESSION_TEACHER},
    10: {Who.ANSWERING, Who.GATEKEEPER},
    11: {Who.ANSWERING},
    12: {Who.LATE_CARE, Who.DUTY_LEADER},
    13: {Who.LATE_CARE},
}


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("number", WHO)
def test_each_move_is_made_by_those_named_and_nobody_else(number: int, who: Who) -> None:
    reached = who != Who.DUTY_LEADER  # who orders late care only when nobody was reached
    facts = replace(EVERYTHING, who=frozenset({who}), reached=reached)
    verdicts = [custody.judge(a, b, facts) for a, b in ALLOWED[number]]
    assert any(verdict.code != "not_yours" for verdict in verdicts) == (who in WHO[number])


REFUSALS = [
    ("expected", "group", {"looked": False}, "nobody_looked"),
    ("expected", "away", {"word": False}, "no_word"),
    ("missing", "group", {"where": False}, "no_place"),
    ("missing", "staff", {"where": False}, "no_place"),
    ("missing", "away", {"guardian_word": False}, "no_guardian_word"),
    ("missing", "away", {"who": frozenset({Who.SESSION_TEACHER})}, "not_yours"),
    ("missing", "away", {"leave": True, "who": frozenset({Who.SESSION_TEACHER})}, ""),
    ("group", "club", {"due_there": False}, "not_due"),
    ("club", "group", {"due_there": False}, "not_due"),
    ("group", "staff", {"reason": False}, "no_reason"),
    ("group", "staff", {"where": False}, "no_place"),
    ("staff", "group", {"reason": False}, "no_reason"),
    ("group", "group", {"reason": False, "substitution": False}, "no_reason"),
    ("group", "group", {"reason": False}, ""),
    ("group", "group", {"substitution": False}, ""),
    ("group", "fetched", {"banned": True}, "banned"),
    ("late", "fetched", {"banned": True}, "banned"),
    ("group", "fetched", {"named": False}, "nobody_named"),
    ("group", "fetched", {"may_fetch": False, "decision": False}, "not_on_the_list"),
    ("group", "fetched", {"may_fetch": False, "call_noted": False}, "no_call"),
    ("group", "fetched", {"may_fetch": False}, ""),
    ("club", "fetched", {"dismissed": False, "early_asked": False, "decision": False}, "before_dismissal"),
    ("club", "fetched", {"dismissed": False, "early_asked": False, "call_noted": False}, "no_call"),
    ("club", "fetched", {"dismissed": False, "early_asked": False}, ""),
    ("staff", "fetched", {"dismissed": False}, ""),
    ("group", "alone", {"alone_word": False}, "no_word_for_alone"),
    ("group", "alone", {"dismissed": False, "alone_early": False}, "before_dismissal"),
    ("group", "alone", {"dismissed": False}, ""),
    ("group", "late", {"grace_passed": False}, "too_early_for_late_care"),
    ("group", "late", {"where": False}, "no_place"),
    ("group", "late", {"reached": False, "who": frozenset({Who.LATE_CARE})}, "nobody_reached"),
    ("group", "late", {"reached": False, "who": frozenset({Who.DUTY_LEADER})}, ""),
    ("group", "late", {"who": frozenset({Who.DUTY_LEADER})}, "not_yours"),
    ("group", "late", {"who": frozenset({Who.LATE_CARE})}, ""),
    ("late", "late", {"where": False}, "no_place"),
    ("late", "alone", {"alone_now": False}, "no_word_for_alone"),
    ("fetched", "group", {"reason": False}, "no_reason"),
    ("fetched", "group", {"to_before": False}, "not_the_state_before"),
    ("alone", "group", {"same_day": False, "who": frozenset({Who.SAME_PERSON})}, "too_late_to_undo"),
    ("away", "expected", {"same_day": False, "who": frozenset({Who.OFFICE})}, ""),
    ("away", "group", {"is_pass": True, "who": frozenset({Who.SESSION_TEACHER})}, ""),
    ("fetched", "group", {"is_pass": True, "who": frozenset({Who.SESSION_TEACHER})}, "not_yours"),
]


@pytest.mark.parametrize(("before", "after", "changes", "code"), REFUSALS)
def test_each_condition_refuses_with_its_own_code(before: str, after: str, changes: dict, code: str) -> None:
    verdict = custody.judge(before, after, replace(EVERYTHING, **changes))
    assert verdict.code == code
    assert bool(verdict.sentence) == bool(code)


@given(
    st.sampled_from(State),
    st.sampled_from(State),
    st.builds(Facts, who=st.frozensets(st.sampled_from(Who)), banned=st.just(True)),
)
def test_a_banned_person_never_gets_a_child(before: State, after: State, facts: Facts) -> None:
    if after == State.FETCHED:
        assert not custody.judge(before, after, facts).ok


@given(st.lists(st.sampled_from(State)))
def test_a_day_closes_iff_every_child_is_at_an_end(states: list[State]) -> None:
    assert custody.day_may_close(states) == (set(states) <= custody.ENDS)


@given(st.lists(st.tuples(st.sampled_from(State), st.booleans())))
def test_a_session_closes_iff_nobody_is_left_with_its_teacher(children: list[tuple[State, bool]]) -> None:
    left = [s for s, looks in children if s in {"expected", "group", "club", "staff"} or (s == "missing" and looks)]
    assert custody.session_may_end(children) == (not left)
