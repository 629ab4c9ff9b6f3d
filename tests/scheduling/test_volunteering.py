"""What can happen to a volunteer, all of it, and beside whom one may stand."""

from dataclasses import replace
from itertools import product

import pytest

from scheduling.enums import VolunteerMove, VolunteerState
from scheduling.volunteering import TABLE, Helper, Hindrance, Place, Who, check_turn, moves, step

S, M, W = VolunteerState, VolunteerMove, Who
EXPECTED = {
    (None, M.PROPOSE): ({W.PARENT, W.HEAD, W.OFFICE}, S.PROPOSED, set()),
    (S.PROPOSED, M.APPROVE): ({W.OFFICE}, S.APPROVED, set()),
    (S.PROPOSED, M.DECLINE): ({W.OFFICE}, S.DECLINED, {W.OFFICE}),
    (S.PROPOSED, M.WITHDRAW): ({W.PARENT}, S.ENDED, set()),
    (S.APPROVED, M.END): ({W.PARENT, W.OFFICE}, S.ENDED, {W.OFFICE}),
}


@pytest.mark.parametrize(("state", "move"), list(product([None, *S], M)))
def test_every_move_in_every_state(state, move):
    found = step(state, move)
    if (state, move) not in EXPECTED:
        assert found is None
        assert all(move not in moves(state, {who}) for who in Who)
        return
    who, to, reason = EXPECTED[state, move]
    assert (set(found.who), found.to, set(found.reason_of)) == (who, to, reason)
    for one in Who:
        assert (move in moves(state, {one})) == (one in who)


def test_what_ended_stands():
    assert not [state for state, _ in TABLE if state in {S.DECLINED, S.ENDED}]


FIT = Helper(S.APPROVED, trained=True)
FREE = Place(planned=True, over=False, teachers=1, helpers=0)


@pytest.mark.parametrize("state", S)
def test_only_the_approved_and_trained_stand_beside_a_teacher(state):
    flags = [True, False]
    for trained, banned, elsewhere, planned, over in product(flags, repeat=5):
        for teachers, helpers, most in product([0, 1, 2], [0, 1, 2, 3], [0, 2]):
            helper = Helper(state, trained, banned, elsewhere)
            place = Place(planned, over, teachers, helpers)
            fits = state == S.APPROVED and trained and not banned and not elsewhere
            open_to = planned and not over and teachers > 0 and helpers < most
            assert (check_turn(helper, place, most=most) is None) == (fits and open_to)


@pytest.mark.parametrize(
    ("helper", "place", "hindrance"),
    [
        (replace(FIT, banned=True, trained=False), FREE, Hindrance.BANNED),
        (replace(FIT, state=S.PROPOSED), FREE, Hindrance.NOT_APPROVED),
        (replace(FIT, trained=False), FREE, Hindrance.UNTRAINED),
        (FIT, replace(FREE, planned=False), Hindrance.NOT_HELD),
        (FIT, replace(FREE, over=True), Hindrance.OVER),
        (FIT, replace(FREE, teachers=0), Hindrance.ALONE),
        (FIT, replace(FREE, helpers=2), Hindrance.ENOUGH),
        (replace(FIT, elsewhere=True), FREE, Hindrance.ELSEWHERE),
        (FIT, FREE, None),
    ],
)
def test_the_gravest_hindrance_is_named(helper, place, hindrance):
    assert check_turn(helper, place, most=2) == hindrance
