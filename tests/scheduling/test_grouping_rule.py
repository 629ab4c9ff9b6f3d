"""The rule of grouping for whole grades: kinds, parts, rooms, flags, refusals, and what is always true."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.grouping import Child, ClassInput, Flag, GradeInput, InvalidInput, Kind, Settings, propose

PLAN = Settings()


def make_class(number: int, roll: int, taking: int, *, room: int | None = None, off_roll: int = 0) -> ClassInput:
    children = tuple(Child(n, number * 1000 + n, on_roll=n > off_roll) for n in range(1, taking + 1))
    return ClassInput(number, number, roll, children, room if room is not None else 100 + number)


def groups_of(*classes: ClassInput, given: Settings = PLAN):
    return propose([GradeInput(3, classes)], given).grades[0].groups


@pytest.mark.parametrize(
    ("roll", "taking", "kind", "flagged"),
    [
        (44, 22, Kind.STANDALONE, False),
        (45, 23, Kind.STANDALONE, False),
        (45, 22, Kind.MIXED, False),
        (45, 15, Kind.MIXED, False),
        (45, 14, Kind.MIXED, True),
        (44, 1, Kind.MIXED, True),
        (1, 1, Kind.STANDALONE, False),
    ],
)
def test_shares_are_compared_exactly(roll, taking, kind, flagged):
    (group,) = groups_of(make_class(1, roll, taking))
    assert group.kind == kind
    assert (Flag.BELOW_SHARE in group.flags) is flagged


@pytest.mark.parametrize("roll", [0, 44])
def test_a_class_without_children_has_no_group(roll):
    assert groups_of(make_class(1, roll, 0)) == ()


def test_the_sentence_tells_the_numbers():
    (group,) = groups_of(make_class(1, 44, 22))
    assert group.sentence == "全班44人，参加22人，达到二分之一，独立编班"


def test_a_class_over_the_cap_is_split_evenly_by_student_number():
    first, second, third = groups_of(make_class(8, 48, 46), given=Settings(cap=20))
    assert [first.size, second.size, third.size] == [16, 15, 15]
    assert first.parts[0].children == tuple(range(8001, 8017))
    assert third.parts[0].children == tuple(range(8032, 8047))
    assert first.room == 108
    assert second.room is None
    assert Flag.NEEDS_ROOM in second.flags
    assert Flag.CAP_BELOW_CLASS in first.flags
    assert "学号17—31" in second.sentence


def test_own_share_of_zero_gives_every_class_its_group():
    given = Settings(own_share=Fraction(0), mixed_share=Fraction(0))
    assert [g.kind for g in groups_of(make_class(1, 40, 1), make_class(2, 40, 2), given=given)] == [Kind.STANDALONE] * 2


def test_own_share_over_one_pools_the_whole_grade():
    given = Settings(own_share=Fraction(2), cap=45)
    groups = groups_of(*(make_class(n, 45, 45) for n in range(1, 11)), given=given)
    assert [g.kind for g in groups] == [Kind.MIXED] * 10
    assert [g.size for g in groups] == [45] * 10


def test_cap_of_one_gives_each_child_a_group():
    assert [g.size for g in groups_of(make_class(1, 9, 3), given=Settings(cap=1))] == [1, 1, 1]


def test_a_small_group_is_flagged_and_kept():
    (group,) = groups_of(make_class(1, 30, 3), make_class(2, 30, 2), given=Settings(smallest=15))
    assert group.size == 5
    assert group.flags == {Flag.BELOW_MINIMUM, Flag.BELOW_SHARE}


def test_a_child_not_on_the_roll_counts_in_both():
    (group,) = groups_of(make_class(1, 3, 2, off_roll=1))
    assert group.kind == Kind.STANDALONE
    assert group.sentence.startswith("全班4人，参加2人")


def test_mixed_group_takes_the_room_of_the_class_with_most_children():
    (group,) = groups_of(make_class(4, 46, 16), make_class(5, 46, 19))
    assert group.room == 105
    (even,) = groups_of(make_class(4, 46, 16), make_class(5, 46, 16))
    assert even.room == 104


def test_no_room_is_given_twice():
    groups = groups_of(make_class(1, 45, 22, room=7), make_class(2, 45, 22, room=7), make_class(3, 45, 22, room=7))
    assert [g.room for g in groups] == [7, None]
    assert Flag.NEEDS_ROOM in groups[1].flags


@pytest.mark.parametrize(
    ("code", "classes", "given", "named"),
    [
        ("more_than_class", [make_class(4, 2, 3)], PLAN, "3年级4班"),
        ("child_twice", [ClassInput(1, 1, 9, (Child(1, 5), Child(2, 5)))], PLAN, "3年级1班"),
        ("class_twice", [make_class(1, 9, 1), make_class(1, 9, 0)], PLAN, "3年级1班"),
        ("cap_too_small", [], Settings(cap=0), "每班上限"),
        ("smallest_too_small", [], Settings(smallest=0), "开班最少"),
        ("shares_in_wrong_order", [], Settings(own_share=Fraction(1, 4)), "独立编班比例"),
    ],
)
def test_what_cannot_be_grouped_is_refused_by_name(code, classes, given, named):
    with pytest.raises(InvalidInput) as refused:
        propose([GradeInput(3, tuple(classes))], given)
    assert refused.value.code == code
    assert named in refused.value.sentence


@st.composite
def schools(draw):
    grades = []
    for grade in range(1, draw(st.integers(1, 3)) + 1):
        classes = []
        for number in range(1, draw(st.integers(0, 6)) + 1):
            roll = draw(st.integers(0, 48))
            taking = draw(st.integers(0, roll))
            base = grade * 100_000 + number * 1000
            children = tuple(Child(n, base + n) for n in range(1, taking + 1))
            classes.append(ClassInput(base, number, roll, children, base))
        grades.append(GradeInput(grade, tuple(classes)))
    cap = draw(st.sampled_from([3, 8, 20, 45]))
    own = draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(3, 2)]))
    return grades, Settings(cap=cap, own_share=own, mixed_share=min(own, Fraction(1, 3)), effort=100_000)


@settings(max_examples=60)
@given(schools())
def test_each_child_is_in_exactly_one_group_under_the_cap(school):
    grades, given = school
    proposal = propose(grades, given)
    placed = [c for g in proposal.grades for group in g.groups for part in group.parts for c in part.children]
    applied = [child.id for grade in grades for c in grade.classes for child in c.children]
    assert sorted(placed) == sorted(applied)
    for grade in proposal.grades:
        for group in grade.groups:
            assert 1 <= group.size <= given.cap
            assert group.kind == Kind.MIXED or len(group.parts) == 1
            assert (group.room is None) == (Flag.NEEDS_ROOM in group.flags)
    rooms = [group.room for grade in proposal.grades for group in grade.groups if group.room is not None]
    assert len(rooms) == len(set(rooms))


@settings(max_examples=60)
@given(schools(), st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(school, rng):
    grades, given = school
    mixed_up = []
    for grade in grades:
        classes = []
        for c in grade.classes:
            children = list(c.children)
            rng.shuffle(children)
            classes.append(ClassInput(c.id, c.number, c.roll, tuple(children), c.room))
        rng.shuffle(classes)
        mixed_up.append(GradeInput(grade.grade, tuple(classes)))
    rng.shuffle(mixed_up)
    assert propose(mixed_up, given) == propose(grades, given)


@settings(max_examples=40)
@given(schools())
def test_the_number_of_groups_is_the_least_possible(school):
    grades, given = school
    for grade, answer in zip(grades, propose(grades, given).grades, strict=True):
        alone = [
            c
            for c in grade.classes
            if c.children and c.taking_part * given.own_share.denominator >= given.own_share.numerator * c.size
        ]
        pooled = sum(c.taking_part for c in grade.classes if c not in alone)
        expected = sum(-(-c.taking_part // given.cap) for c in alone) + -(-pooled // given.cap)
        assert len(answer.groups) == expected


def test_a_child_added_to_one_grade_changes_no_other():
    one = GradeInput(1, (make_class(1, 40, 13), make_class(2, 40, 30)))
    other_classes = tuple(
        ClassInput(10 + n, n, 44, tuple(Child(k, n * 77_000 + k) for k in range(1, 19))) for n in (1, 2, 3)
    )
    more = GradeInput(1, (make_class(1, 40, 14), make_class(2, 40, 30)))
    other = GradeInput(2, other_classes)
    assert propose([one, other], PLAN).grades[1] == propose([more, other], PLAN).grades[1]
