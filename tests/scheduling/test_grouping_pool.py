"""The mixed pool: worked cases of the rule, and the exact search against trying everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.grouping.arrange import arrange
from scheduling.grouping.pool import needed, table
from scheduling.grouping.values import Objectives
from tests.scheduling.brute import brute

EFFORT = 5_000_000


def solve(classes: dict[int, int], cap: int):
    return arrange(tuple(classes.values()), tuple(classes), cap, EFFORT)


def as_groups(classes: dict[int, int], cap: int) -> list[dict[int, int]]:
    numbers = list(classes)
    return [{n: v for n, v in zip(numbers, column, strict=True) if v} for column in solve(classes, cap).columns]


@pytest.mark.parametrize(
    ("classes", "cap", "groups", "numbers"),
    [
        ({1: 4, 2: 4, 3: 4, 4: 3, 5: 3}, 9, [{1: 4, 2: 4, 3: 1}, {3: 3, 4: 3, 5: 3}], (1, 1, 162, 4)),
        ({1: 5, 4: 5, 9: 5}, 8, [{1: 5, 4: 3}, {4: 2, 9: 5}], (1, 1, 113, 8)),
        ({2: 6, 3: 6, 5: 6, 8: 6}, 13, [{2: 6, 3: 6}, {5: 6, 8: 6}], (0, 0, 288, 4)),
        ({1: 12}, 5, [{1: 4}, {1: 4}, {1: 4}], (1, 2, 48, 0)),
        ({1: 3, 2: 2}, 45, [{1: 3, 2: 2}], (0, 0, 25, 1)),
        ({1: 7, 2: 7, 3: 4}, 9, [{1: 7, 2: 2}, {2: 5, 3: 4}], (1, 1, 162, 2)),
    ],
)
def test_worked_cases_come_out_as_printed(classes, cap, groups, numbers):
    answer = solve(classes, cap)
    assert as_groups(classes, cap) == groups
    assert answer.objectives == Objectives(*numbers)
    assert answer.bound == answer.objectives
    assert answer.proven


@st.composite
def small_pools(draw):
    count = draw(st.integers(1, 5))
    sizes = tuple(draw(st.lists(st.integers(1, 6), min_size=count, max_size=count)))
    numbers = tuple(sorted(draw(st.sets(st.integers(1, 12), min_size=count, max_size=count))))
    most = 4 if count <= 3 else 3
    cap = draw(st.integers(-(-sum(sizes) // most), 15))
    return sizes, numbers, cap


@settings(max_examples=60)
@given(small_pools())
def test_search_equals_trying_everything(pool):
    sizes, numbers, cap = pool
    answer = arrange(sizes, numbers, cap, EFFORT)
    least, best = brute(sizes, numbers, cap)
    found = answer.objectives
    assert (found.split_classes, found.extra_pieces, found.squares, found.distance) == least
    assert table(answer.columns) == best
    assert answer.proven


@settings(max_examples=40)
@given(st.lists(st.integers(1, 45), min_size=1, max_size=12), st.sampled_from([1, 2, 5, 8, 15, 30, 45, 60]))
def test_every_pool_is_filled_whole_under_the_cap(sizes, cap):
    answer = arrange(tuple(sizes), tuple(range(1, len(sizes) + 1)), cap, 20_000)
    assert len(answer.columns) == needed(sum(sizes), cap)
    assert [sum(row) for row in table(answer.columns)] == sizes
    assert all(1 <= sum(column) <= cap for column in answer.columns)
    reached, bound = answer.objectives, answer.bound
    assert (bound.split_classes, bound.extra_pieces) <= (reached.split_classes, reached.extra_pieces)


def test_a_stopped_search_says_so_and_still_places_every_child():
    sizes = (22, 21, 20, 19, 18, 17, 16, 15, 14, 13)
    answer = arrange(sizes, tuple(range(1, 11)), 45, 5)
    assert not answer.proven
    assert [sum(row) for row in table(answer.columns)] == list(sizes)
    assert answer.bound.squares <= answer.objectives.squares


def test_thirty_classes_do_not_hang():
    sizes = tuple(30 + n % 16 for n in range(30))
    answer = arrange(sizes, tuple(range(1, 31)), 15, 200_000)
    assert len(answer.columns) == needed(sum(sizes), 15)
