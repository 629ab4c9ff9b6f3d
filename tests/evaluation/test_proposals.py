"""What records may support: never more points for more records, nothing without one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.enums import FactCode, FactKind
from evaluation.proposals import COSTS, KINDS, Asked, Fact, propose

facts = st.builds(
    Fact, st.sampled_from(list(FactCode)), st.integers(1, 30), st.dates(date(2026, 9, 1), date(2026, 9, 30))
)
asked = st.lists(st.tuples(st.integers(1, 100), st.sampled_from(["", *FactKind.values])), min_size=1, max_size=6).map(
    lambda rows: [Asked(n, points, kind) for n, (points, kind) in enumerate(rows)]
)
ON_TIME = [Asked(1, 10, FactKind.ON_TIME)]


def test_every_fact_has_its_kind_and_its_cost():
    assert set(COSTS) == set(KINDS) == set(FactCode)
    # no record of the portal is about families yet: letters, refusals and pressure are for people to judge
    assert set(KINDS.values()) == set(FactKind) - {FactKind.FAMILIES}


@given(asked, st.lists(facts, max_size=20), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(items, found, rng):
    again = [*found, *found[:3]]
    rng.shuffle(again)
    assert propose(items, again) == propose(items, found)


@given(asked, st.lists(facts, max_size=20), facts)
def test_more_facts_never_raise_points_and_bounds_hold(items, found, one_more):
    before, after = propose(items, found), propose(items, [*found, one_more])
    for item in items:
        if item.key in before:
            assert after[item.key].points <= before[item.key].points
        if item.key in after:
            assert 0 <= after[item.key].points <= item.points


@given(asked, st.lists(facts, max_size=20))
def test_without_a_fact_of_its_kind_an_item_has_no_proposal(items, found):
    kinds = {KINDS[fact.code] for fact in found}
    assert set(propose(items, found)) == {item.key for item in items if item.kind in kinds}


@given(asked, st.lists(facts, max_size=20))
def test_a_proposal_is_its_records_and_what_each_takes_off(items, found):
    for key, proposal in propose(items, found).items():
        limit = items[key].points
        assert proposal.points == max(0, limit - sum(cost for _, cost in proposal.costs()))
        assert {fact for fact, _ in proposal.costs()} == {f for f in found if KINDS[f.code] == items[key].kind}


def test_points_are_taken_off_once_a_record_and_praise_takes_none():
    late = [Fact(FactCode.LATE, n) for n in (1, 2)]
    assert propose(ON_TIME, late)[1].points == 6
    assert propose(ON_TIME, [*late, Fact(FactCode.ABSENT, 3), Fact(FactCode.ABSENT, 4)])[1].points == 0
    assert propose([Asked(1, 20, FactKind.COURSE)], [Fact(FactCode.PRAISE, 1)])[1].points == 20


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_breach_is_shown_and_taken_off_once(number):
    found = propose(
        [Asked(1, 10, FactKind.BREACH), Asked(2, 20, FactKind.COURSE)],
        [Fact(FactCode.BREACH, n) for n in range(number)],
    )
    assert set(found) == {1}
    assert found[1].points == 0
    assert [cost for _, cost in found[1].costs()] == [10] + [0] * (number - 1)


def test_what_cannot_be_judged_gets_full_points_and_says_why():
    item = Asked(1, 10, FactKind.CLUB, untouched="没有社团")
    assert propose([item], [])[1].points == 10
    assert propose([item], [])[1].why == "没有社团"
    assert propose([item], [Fact(FactCode.CLUB, 1)])[1].points == 8
