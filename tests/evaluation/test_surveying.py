"""Adding up: against counting sheet by sheet, in any order, and nothing small is shown or can be subtracted."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.surveying import (
    FEW,
    Asked,
    Choice,
    Said,
    add_up,
    apart,
    bars_of,
    fits,
    key_of,
    mean_of,
    percent_of,
    read,
    shown,
)

OPTIONS = (Choice(7, "甲"), Choice(8, "乙"), Choice(9, "丙"))
STARS = Asked(1, "stars", "满意吗")
ONE = Asked(2, "choice", "去吗", required=False, choices=OPTIONS)
SEVERAL = Asked(3, "choices", "哪些", required=False, choices=OPTIONS)
SCALE = Asked(4, "scale", "推荐吗", required=False)
TEXT = Asked(5, "text", "建议", required=False)
TEACHER = Asked(6, "stars", "这位老师", per_teacher=True)
QUESTIONS = (STARS, ONE, SEVERAL, SCALE, TEXT, TEACHER)

answers = st.fixed_dictionaries(
    {"1": st.integers(1, 5)},
    optional={
        "2": st.sampled_from([7, 8, 9]),
        "3": st.lists(st.sampled_from([7, 8, 9]), min_size=1, unique=True),
        "4": st.integers(0, 10),
        "5": st.text("天地人", min_size=1, max_size=3),
        "6-1": st.integers(1, 5),
        "6-2": st.integers(1, 5),
        "6-31": st.integers(1, 5),
    },
)
sheets = st.lists(st.builds(Said, answers, st.integers(1, 3)), max_size=30)


@given(sheets)
def test_the_numbers_are_those_of_counting_sheet_by_sheet(said):
    for question, row in zip(QUESTIONS[:5], add_up(QUESTIONS, said)[:5], strict=True):
        given_answers = [sheet.answers[str(question.pk)] for sheet in said if str(question.pk) in sheet.answers]
        assert row.answered == len(given_answers)
        assert row.hidden == (len(given_answers) < FEW)
        if row.hidden:
            assert (row.mean, row.bars, row.texts, row.grades) == (None, [], [], [])
            continue
        if question is TEXT:
            assert Counter(row.texts) == Counter(given_answers)
        flat = Counter(one for value in given_answers for one in (value if isinstance(value, list) else [value]))
        names = {choice.text: choice.pk for choice in OPTIONS}
        for bar in row.bars:
            key = names.get(bar.label)
            number = flat[key if key is not None else int(bar.label.removesuffix(" 星"))]
            assert bar.count == number
            assert abs(bar.percent * len(given_answers) - number * 100) * 2 <= len(given_answers)
        if question.kind in ("stars", "scale"):
            assert abs(Fraction(row.mean) - Fraction(sum(given_answers), len(given_answers))) <= Fraction(1, 20)


@given(sheets, st.randoms(use_true_random=False))
def test_the_order_of_the_sheets_changes_nothing(said, rng):
    mixed = list(said)
    rng.shuffle(mixed)
    assert add_up(QUESTIONS, mixed, needed=6) == add_up(QUESTIONS, said, needed=6)


@given(sheets)
def test_no_grade_below_five_is_shown_or_can_be_subtracted(said):
    for question, row in zip(QUESTIONS, add_up(QUESTIONS, said), strict=True):
        assert all(part.answered >= FEW for part in row.grades)
        rest = row.answered - sum(part.answered for part in row.grades)
        assert question.per_teacher or not row.grades or rest == 0 or rest >= FEW


@given(sheets, st.integers(FEW, 12))
def test_a_teacher_is_shown_from_the_set_number_on(said, needed):
    row = add_up([TEACHER], said, needed=needed)[0]
    for part in row.teachers:
        stars = [sheet.answers[f"6-{part.key}"] for sheet in said if f"6-{part.key}" in sheet.answers]
        assert part.answered == len(stars)
        assert part.mean == (mean_of(stars) if len(stars) >= needed else None)
    rest = sum(part.answered for part in row.teachers if part.mean is None)
    assert not row.bars or rest == 0 or rest >= needed, "no single teacher can be had by subtraction"


def test_one_person_who_rates_many_teachers_is_not_had_by_subtraction():
    shown_teacher = [Said({"6-1": 4}) for _ in range(10)]
    one_person = [Said({f"6-{teacher}": 1}) for teacher in range(2, 12)]
    row = add_up([TEACHER], [*shown_teacher, *one_person], needed=10)[0]
    assert (row.mean, row.bars) == (None, []), "the whole less the ten that are shown would be one person's stars"
    assert row.teachers[0].mean == 4


@given(answers)
def test_a_sheet_taken_apart_is_the_same_sheet(said):
    parts = apart(said)
    assert {key: value for part in parts.values() for key, value in part.items()} == said
    assert None in parts
    for teacher, part in parts.items():
        assert all(key.partition("-")[2] == (str(teacher) if teacher else "") for key in part)


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 40)), st.integers(1, 12))
def test_what_is_hidden_is_none_or_enough_to_hide_in(sizes, least):
    may = shown(sizes, least)
    hidden = sum(size for key, size in sizes.items() if key not in may)
    assert all(sizes[key] >= least for key in may)
    assert hidden == 0 or hidden >= least or not may


@pytest.mark.parametrize(
    ("question", "raw", "value", "good"),
    [
        (STARS, ["4"], 4, True),
        (STARS, ["6"], None, False),
        (STARS, ["４"], None, False),
        (STARS, [], None, False),
        (STARS, [" "], None, False),
        (SCALE, ["0"], 0, True),
        (SCALE, ["11"], None, False),
        (SCALE, [], None, True),
        (ONE, ["8"], 8, True),
        (ONE, ["1"], None, False),
        (SEVERAL, ["9", "7"], [7, 9], True),
        (SEVERAL, ["9", "x"], None, False),
        (TEXT, ["  好  "], "好", True),
        (TEXT, ["长" * 501], "长" * 501, False),
    ],
)
def test_what_was_typed_is_read_or_named(question, raw, value, good):
    got, wrong = read(question, raw)
    assert got == value
    assert (not wrong) == good
    if good and got is not None:
        assert fits(question, got)


def test_kinds_are_not_mixed_up():
    for question, value in (
        (STARS, "4"),
        (STARS, [4]),
        (TEXT, 4),
        (SEVERAL, []),
        (SEVERAL, [7, 7]),
        (ONE, [7]),
        (TEXT, ""),
    ):
        assert not fits(question, value)


def test_shares_are_rounded_half_up():
    one_of_each = Asked(1, "choice", "愿意吗？", choices=OPTIONS)
    assert [bar.percent for bar in bars_of(one_of_each, [7, 7, 8])] == [67, 33, 0]
    assert [bar.percent for bar in bars_of(one_of_each, [7] * 7 + [8])] == [88, 13, 0]
    assert [bar.percent for bar in bars_of(one_of_each, [])] == [0, 0, 0]


def test_percent_and_keys():
    assert percent_of([5, 5, 5]) == 100
    assert percent_of([1]) == 20
    assert percent_of([4, 4, 5]) == 87
    assert mean_of([4, 5]) == Decimal("4.5")
    assert (key_of(12), key_of(12, 5)) == ("12", "12-5")


def test_question_1_and_question_12_are_not_mixed_up():
    said = [Said({"12-5": 1, "1-5": 5})] * FEW
    first = add_up([Asked(1, "stars", "", per_teacher=True)], said)[0]
    assert [part.mean for part in first.teachers] == [Decimal("5.0")]
