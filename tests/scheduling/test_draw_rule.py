"""The draw against trying everything, what is always true of it, and its words."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.draw import Child, Club, DrawInput, InvalidInput, Stage, Why, draw, left_over, lot_number
from scheduling.draw.problem import build
from scheduling.draw.solver import Face, OutOfEffort, _Model, find, goals, solve_stages
from scheduling.draw.values import EFFORT
from scheduling.draw.words import outcome_sentence, reason_sentence
from tests.scheduling.brute_draw import best, fits

SEED = "5eed"


NAMES = {1: "足球社", 2: "合唱团", 3: "书法社"}


def child(ticket: str, *wishes: int, grade: int = 3, class_id: int | None = None, **more) -> Child:
    return Child(ticket, grade, grade * 10 + 1 if class_id is None else class_id, wishes, **more)


def result_of(clubs, children, seed: str = SEED):
    return draw(DrawInput(tuple(clubs), tuple(children)), seed)


def places(clubs, children, seed: str = SEED):
    return result_of(clubs, children, seed).by_ticket()


def of(result, ticket: str):
    return next(outcome for outcome in result.outcomes if outcome.ticket == ticket)


@st.composite
def inputs(draw_, children=6, clubs=3, families=True):
    count = draw_(st.integers(1, clubs))
    few = st.integers(0, 3)
    made = [
        Club(
            number,
            draw_(st.integers(0, 4)),
            per_grade=draw_(st.dictionaries(st.integers(1, 2), few, max_size=2)),
            per_class=draw_(st.one_of(st.none(), few, st.dictionaries(st.sampled_from([11, 12, 21]), few, max_size=2))),
            grades=draw_(st.sampled_from([None, None, None, frozenset({1})])),
        )
        for number in range(1, count + 1)
    ]
    ids = list(range(1, count + 1))
    kids = []
    for number in range(draw_(st.integers(0, children))):
        class_id = draw_(st.sampled_from([11, 11, 12, 21]))
        wishes = draw_(st.permutations(ids).flatmap(lambda p: st.integers(0, len(p)).map(lambda n: tuple(p[:n]))))
        together = draw_(st.sampled_from(["", "", "a", "b"])) if families else ""
        priority = draw_(st.sampled_from([False, False, True]))
        kids.append(Child(f"T{number}", class_id // 10, class_id, wishes, priority, together))
    return DrawInput(tuple(made), tuple(kids))


def agrees(given_: DrawInput, seed: str) -> None:
    values, got = best(given_, seed)
    result = draw(given_, seed)
    assert result.by_ticket() == got
    assert result.proven
    reached = {(stage.stage, stage.choice): stage.reached for stage in result.stages}
    assert all(stage.bound == stage.reached for stage in result.stages)
    keys = [(Stage.PRIORITY, 0), (Stage.PLACED, 0), *((Stage.CHOICE, n) for n in range(1, len(values) - 1))]
    assert [reached.get(key, 0) for key in keys] == list(values)


@settings(max_examples=150, deadline=None)
@given(inputs(), st.sampled_from(["0", "1f", "abc"]))
def test_small_draws_are_as_trying_everything_finds(given_, seed):
    agrees(given_, seed)


@settings(max_examples=60, deadline=None)
@given(inputs(families=False), st.sampled_from(["0", "1f", "abc"]))
def test_without_siblings_too(given_, seed):
    agrees(given_, seed)


@pytest.mark.parametrize("number", [2503, 2053, 4801, 7999])
def test_draws_that_once_were_hard(number):
    """Made at random; the first two had a price on "nothing", and a solver that was given a start and answered with it."""
    agrees(random_input(number), f"{number:x}")


def random_input(number: int) -> DrawInput:
    rng = random.Random(number)
    count, kids = rng.randint(2, 4), rng.randint(3, 7)

    def few():
        return rng.randint(0, 3)

    clubs = tuple(
        Club(
            i,
            few(),
            {grade: few() for grade in (1, 2) if rng.random() < 0.3},
            rng.choice([None, None, 1, 2, {11: few()}]),
            rng.choice([None] * 5 + [frozenset({1})]),
        )
        for i in range(count)
    )
    children = []
    for i in range(kids):
        class_id = rng.choice([11, 11, 12, 21])
        wishes = list(range(count))
        rng.shuffle(wishes)
        wishes = wishes[: rng.randint(1, min(3, count))]
        together = (rng.random() < 0.25, rng.choice(["", "", "a", "b", "c"]))
        children.append(Child(f"T{i}", class_id // 10, class_id, tuple(wishes), *together))
    return DrawInput(clubs, tuple(children))


def medium(number: int, kids: int = 60, clubs: int = 7) -> DrawInput:
    """A draw too large to try everything: short of places, quotas, a third of the children with a brother or sister."""
    rng = random.Random(number)
    made = tuple(
        Club(i, rng.randint(3, 11), per_grade={1: 3} if i % 3 == 0 else {}, per_class=2 if i % 3 == 1 else None)
        for i in range(1, clubs + 1)
    )
    children = [
        Child(f"T{i:03d}", i % 3 + 1, i % 6, tuple(rng.sample(range(1, clubs + 1), 4)), rng.random() < 0.2)
        for i in range(kids)
    ]
    for i in range(0, kids // 3, 2):
        wishes = children[i].wishes if i % 4 else tuple(rng.sample(children[i].wishes, 4))
        children[i] = replace(children[i], together=f"f{i}")
        children[i + 1] = replace(children[i + 1], together=f"f{i}", wishes=wishes)
    return DrawInput(made, tuple(children))


def by_solver_alone(given_: DrawInput, seed: str) -> list[int | None]:
    """Settle unit by unit with a question to the solver each, every stage's value kept: no network, no prices."""
    problem = build(given_, seed)
    values = [stage.reached for stage in solve_stages(problem, EFFORT).stages]
    options = [list(range(len(unit.clubs))) for unit in problem.units]
    count = len(problem.units)
    face = Face(options, [False] * count, [False] * len(problem.caps), [None] * count)
    kept = list(zip(goals(problem).values(), values, strict=True))
    settled: list[int | None] = []
    for unit, own in enumerate(options):
        for k in own:
            options[unit], face.placed[unit] = [k], True
            if find(problem, face, range(count), kept, EFFORT) is not None:
                settled.append(k)
                break
        else:
            options[unit], face.placed[unit] = [], False
            settled.append(None)
    return settled


@pytest.mark.parametrize("number", range(4))
def test_larger_draws_are_as_the_solver_alone_settles_them(number):
    given_ = medium(number)
    problem = build(given_, SEED)
    got = draw(given_, SEED).by_ticket()
    expected = by_solver_alone(given_, SEED)
    for unit, option in zip(problem.units, expected, strict=True):
        assert {got[one.ticket] for one in unit.children} == {None if option is None else unit.clubs[option]}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_shuffled_input_gives_the_same(number, rng):
    given_ = medium(number, kids=30, clubs=4)
    kids, clubs = list(given_.children), list(given_.clubs)
    rng.shuffle(kids)
    rng.shuffle(clubs)
    first = draw(given_, SEED)
    assert draw(DrawInput(tuple(clubs), tuple(kids)), SEED) == first
    assert fits(given_, first.by_ticket())
    assert first.proven


@settings(max_examples=100, deadline=None)
@given(inputs())
def test_reasons_are_true(given_):
    result = draw(given_, SEED)
    kids = {one.ticket: one for one in given_.children}
    for outcome in result.outcomes:
        one = kids[outcome.ticket]
        assert (outcome.club is None) == (outcome.wish is None)
        if outcome.wish:
            assert one.wishes[outcome.wish - 1] == outcome.club
        else:
            assert [reason.club for reason in outcome.reasons] == list(one.wishes)
        for reason in outcome.reasons:
            assert reason.club != outcome.club
            assert one.wishes[reason.wish - 1] == reason.club
            assert reason.why != Why.UNPROVEN
            if reason.why not in (Why.NOT_ADMITTED, Why.NOT_COMMON):
                assert reason.asked > reason.places
                assert reason.left < reason.needed


def test_priority_comes_first_though_its_wish_is_lower():
    got = places([Club(1, 1)], [child("A", 1), child("B", 1), child("C", 1, priority=True)])
    assert got == {"A": None, "B": None, "C": 1}


def test_more_children_placed_goes_before_first_choices():
    assert places([Club(1, 1), Club(2, 1)], [child("A", 1, 2), child("B", 1)]) == {"A": 2, "B": 1}


@pytest.mark.parametrize("seed", ["0", "1", "2", "3", "4", "5"])
def test_equal_children_are_parted_by_the_lot(seed):
    first = min("ABCD", key=lambda ticket: lot_number(seed, ticket))
    result = result_of([Club(1, 1)], [child(ticket, 1) for ticket in "ABCD"], seed)
    assert [ticket for ticket, club in result.by_ticket().items() if club] == [first]
    assert of(result, first).turn == 1


def test_brothers_and_sisters_get_one_club_or_none():
    kids = [child("A", 1, 2, together="f"), child("B", 2, 1, grade=5, together="f"), child("C", 1), child("D", 2)]
    got = places([Club(1, 2), Club(2, 1)], kids)
    assert got["A"] == got["B"]


def test_lists_that_differ_are_joined_by_the_sum_of_ranks():
    # the elder's list is 1 2 3, the younger's 3 1: 1 has the sum 1, 3 has 2, and 2 isn't common
    kids = [child("A", 1, 2, 3, grade=5, together="f"), child("B", 3, 1, together="f")]
    result = result_of([Club(1, 2), Club(2, 2), Club(3, 2)], kids)
    assert result.by_ticket() == {"A": 1, "B": 1}
    assert of(result, "B").wish == 2
    assert of(result, "B").reasons == ()
    without = result_of([Club(1, 1), Club(2, 2), Club(3, 2)], kids)
    assert without.by_ticket() == {"A": 3, "B": 3}
    assert [(r.club, r.why) for r in of(without, "A").reasons] == [(1, Why.TOO_FEW), (2, Why.NOT_COMMON)]
    assert reason_sentence(of(without, "A").reasons[0], NAMES) == "足球社：兄弟姐妹要一起，需要2个名额，只剩1个。"


def test_with_nothing_in_common_siblings_get_nothing_and_are_told():
    result = result_of([Club(1, 9), Club(2, 9)], [child("A", 1, together="f"), child("B", 2, together="f")])
    assert result.by_ticket() == {"A": None, "B": None}
    assert of(result, "A").reasons[0].why == Why.NOT_COMMON


def test_the_reason_is_the_quota_where_the_club_has_room():
    club = Club(1, 9, per_grade={3: 2}, per_class=1)
    kids = [child("A", 1), child("B", 1), child("C", 1, class_id=32), child("D", 1, class_id=33, priority=True)]
    result = result_of([club], kids)
    lost = {o.ticket: o.reasons[0] for o in result.outcomes if o.club is None}
    assert result.clubs[0].placed == 2
    assert {reason.why for reason in lost.values()} <= {Why.CLASS_FULL, Why.GRADE_FULL}
    assert all(reason.asked > reason.places for reason in lost.values())


def test_words_for_families():
    result = result_of([Club(1, 1), Club(2, 0)], [child("A", 2, 1), child("B", 1), child("C", 1)])
    got, lost = (next(o for o in result.outcomes if (o.club == 1) is one) for one in (True, False))
    assert outcome_sentence(lost, NAMES) == "这次没有分到社团。"
    assert outcome_sentence(got, NAMES).startswith("分到足球社（第")
    words = [reason_sentence(reason, NAMES) for o in result.outcomes for reason in o.reasons]
    assert "合唱团：没有可以抽的名额。" in words
    assert "足球社：有3人报（其中第一志愿2人）、1个名额，抽签没有抽中。" in words


def test_words_do_not_tell_who_comes_first():
    def words(first: bool):
        kids = [child("A", 1), child("B", 1, priority=first), child("C", 1, priority=not first)]
        result = result_of([Club(1, 1)], kids)
        return sorted(reason_sentence(reason, NAMES) for o in result.outcomes for reason in o.reasons)

    assert words(True) == words(False)


def test_a_grade_that_is_not_admitted_is_told_and_the_next_wish_moves_up():
    result = result_of([Club(1, 1, grades=frozenset({1})), Club(2, 1)], [child("A", 1, 2), child("B", 3, 2)][:1])
    assert of(result, "A").wish == 2
    assert reason_sentence(of(result, "A").reasons[0], NAMES) == "足球社：不收这个年级。"
    assert [(s.stage, s.choice, s.reached) for s in result.stages] == [(Stage.PLACED, 0, 1), (Stage.CHOICE, 1, 1)]


def test_clubs_under_their_size_are_reported_and_kept():
    result = result_of([Club(1, 9, smallest=2), Club(2, 9)], [child("A", 1)])
    assert [club.too_small for club in result.clubs] == [True, False]
    assert result.by_ticket() == {"A": 1}


def test_a_second_draw_is_over_what_is_left():
    club = Club(1, 3, per_grade={3: 2}, per_class=1, smallest=2)
    given_ = DrawInput((club, Club(2, 1)), (child("A", 1, 2), child("B", 2, 1)))
    rest = left_over(given_, draw(given_, SEED))
    assert rest.clubs[0] == Club(1, 2, {3: 1}, {31: 0}, smallest=1)
    assert rest.clubs[1].places == 0
    assert {one.ticket: one.wishes for one in rest.children} == {"A": (2,), "B": (1,)}
    assert draw(rest, SEED).by_ticket() == {"A": None, "B": None}


def test_nothing_to_draw():
    result = draw(DrawInput((), ()), SEED)
    assert result.outcomes == ()
    assert result.proven


def test_a_stopped_search_says_so(monkeypatch):
    def stopped(*_):
        raise OutOfEffort

    kids = [child(f"{letter}{n}", 1, together=letter) for letter in "ABC" for n in (1, 2)]
    assert sum(club is not None for club in places([Club(1, 3)], kids).values()) == 2
    monkeypatch.setattr("scheduling.draw.solver._Model.whole", stopped)
    result = result_of([Club(1, 3)], kids)
    assert not result.proven
    assert (result.stages[0].reached, result.stages[0].bound) == (0, 3)
    assert fits(DrawInput((Club(1, 3),), tuple(kids)), result.by_ticket())


@pytest.mark.parametrize(("columns", "right"), [([1, 0], True), ([0, 1], True), ([1, 1], False), ([0, 0], False)])
def test_the_solvers_word_is_counted_again(columns, right):
    """One place, two children: one of them, and at least one since that was asked for."""
    problem = build(DrawInput((Club(1, 1),), (child("A", 1), child("B", 1))), SEED)
    face = Face([[0], [0]], [False] * 2, [False], [None] * 2)
    assert _Model(problem, face, [({(0, 0): 1, (1, 0): 1}, 1)]).holds(columns) is right


@pytest.mark.parametrize(
    ("code", "clubs", "kids"),
    [
        ("club_twice", [Club(1, 1), Club(1, 2)], []),
        ("negative_places", [Club(1, -1)], []),
        ("negative_places", [Club(1, 1, per_class=-1)], []),
        ("negative_places", [Club(1, 1, per_class={31: -1})], []),
        ("negative_places", [Club(1, 1, per_grade={3: -1})], []),
        ("ticket_twice", [Club(1, 1)], [child("A", 1), child("A")]),
        ("bad_ticket", [], [child("")]),
        ("bad_ticket", [], [child("签")]),
        ("unknown_club", [Club(1, 1)], [child("A", 2)]),
        ("wish_twice", [Club(1, 1)], [child("A", 1, 1)]),
        ("class_in_two_grades", [], [child("A", class_id=7), child("B", grade=4, class_id=7)]),
    ],
)
def test_what_cannot_be_true_is_refused(code, clubs, kids):
    with pytest.raises(InvalidInput) as refused:
        result_of(clubs, kids)
    assert refused.value.code == code


@pytest.mark.parametrize("seed", ["", "AB", "xyz", "12 34", "ab\n"])
def test_a_seed_is_lower_case_hex(seed):
    with pytest.raises(InvalidInput) as refused:
        result_of([], [], seed)
    assert refused.value.code == "bad_seed"
