"""Regrouping after the start (rule 12): who moves, which groups open and close, and why; worked cases."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scheduling.grouping import Child, ClassInput, Flag, GradeInput, InvalidInput, Kind, Settings
from scheduling.grouping.present import Cause, Change, Present, PresentGroup
from scheduling.grouping.regroup import regroup

PLAN = Settings()
ALONE, MIXED = Kind.STANDALONE, Kind.MIXED


def ids(number: int, *numbers: int, grade: int = 3) -> tuple[int, ...]:
    return tuple(grade * 100_000 + number * 1000 + n for n in numbers)


def run(number: int, first: int, last: int) -> tuple[int, ...]:
    return ids(number, *range(first, last + 1))


def make_class(number: int, roll: int, *numbers: int, grade: int = 3) -> ClassInput:
    children = tuple(Child(n, pk) for n, pk in zip(numbers, ids(number, *numbers, grade=grade), strict=True))
    return ClassInput(grade * 100 + number, number, roll, children, room=grade * 100 + number)


def group(pk: int, name: str, kind: Kind, *children: tuple[int, ...], **more) -> PresentGroup:
    more = {"room": 900 + pk, **more}
    return PresentGroup(pk, name, kind, more.pop("grade", 3), tuple(c for part in children for c in part), **more)


def of(classes: list[ClassInput], groups: list[PresentGroup], given: Settings = PLAN, **more):
    return regroup([GradeInput(3, tuple(classes))], given, Present(tuple(groups), **more)).grades[0]


def target(answer, child: int) -> str:
    (change,) = [c for c in answer.children if c.child == child]
    return next(g.name for g in answer.groups if g.key == change.target)


def test_where_nothing_changed_nobody_moves():
    answer = of([make_class(2, 45, *range(1, 31))], [group(1, "三（2）班服务班", ALONE, run(2, 1, 30))])
    assert (answer.moved, answer.opened, answer.closed) == (0, 0, 0)
    assert answer.reasons == ("没有要调整的。",)
    assert not answer.changed


def test_a_group_over_the_cap_gives_up_its_last_by_student_number():
    full = group(1, "三（2）班一组", ALONE, run(2, 1, 46))
    other = group(2, "三（2）班二组", ALONE, run(2, 47, 50))
    answer = of([make_class(2, 60, *range(1, 51))], [full, other])
    assert answer.moved == 1
    assert target(answer, ids(2, 46)[0]) == "三（2）班二组"
    assert answer.reasons[0] == "三（2）班一组46人，超过上限45人，移1人到三（2）班二组。"


def test_only_what_is_over_moves_to_a_new_part():
    answer = of([make_class(2, 60, *range(1, 49))], [group(1, "三（2）班服务班", ALONE, run(2, 1, 48))])
    new = answer.groups[1]
    assert (answer.moved, answer.opened) == (3, 1)
    assert (new.name, new.came, new.room) == ("三（2）班二组", run(2, 46, 48), 302)
    assert "三（2）班现有的组已满，要编入3人，新开1个组：三（2）班二组。" in answer.reasons


def test_a_new_child_joins_the_group_of_its_class_and_is_no_move():
    groups = [
        group(1, "三（1、2）混合班", MIXED, run(1, 1, 9), run(2, 1, 9)),
        group(2, "三（3）混合班", MIXED, run(3, 1, 9)),
    ]
    classes = [make_class(1, 45, *range(1, 11)), make_class(2, 45, *range(1, 10)), make_class(3, 45, *range(1, 10))]
    answer = of(classes, groups)
    assert answer.moved == 0
    assert target(answer, ids(1, 10)[0]) == "三（1、2）混合班"
    assert answer.reasons == ("三（1）班新参加1人，编入三（1、2）混合班。",)


def test_a_group_is_opened_only_when_no_other_has_a_place():
    groups = [group(1, "三（1）混合班", MIXED, run(1, 1, 4)), group(2, "三（2）混合班", MIXED, run(2, 1, 3))]
    given = Settings(cap=4)
    one_place = of([make_class(1, 45, *range(1, 6)), make_class(2, 45, 1, 2, 3)], groups, given)
    assert (one_place.opened, target(one_place, ids(1, 5)[0])) == (0, "三（2）混合班")
    full = of([make_class(1, 45, *range(1, 7)), make_class(2, 45, 1, 2, 3)], groups, given)
    assert (full.moved, full.opened) == (0, 1)
    assert full.groups[2].name == "三（1）混合班二组"


def test_a_child_who_changed_class_stays_in_a_mixed_group_but_not_in_another_classs_own():
    classes = [make_class(1, 45, *range(1, 31)), make_class(2, 45, *range(1, 31)), make_class(3, 45, 1, 2, 3)]
    groups = [
        group(1, "三（1）班服务班", ALONE, run(1, 1, 30), ids(2, 30), class_id=301),
        group(2, "三（2）班服务班", ALONE, run(2, 1, 28), class_id=302),
        group(3, "三（3）混合班", MIXED, run(3, 1, 3), ids(2, 29)),
    ]
    answer = of(classes, groups)
    assert answer.moved == 1
    assert target(answer, ids(2, 30)[0]) == "三（2）班服务班"
    assert target(answer, ids(2, 29)[0]) == "三（3）混合班"
    assert "三（2）班的1人原在三（1）班服务班，独立班只收本班的孩子，移到三（2）班服务班。" in answer.reasons


def test_a_child_who_changed_grade_moves():
    old = group(1, "二（1）混合班", MIXED, ids(5, 1), ids(1, 1, grade=2), grade=2)
    grades = [GradeInput(2, (make_class(1, 45, 1, grade=2),)), GradeInput(3, (make_class(5, 45, 1, 2),))]
    second, third = regroup(grades, PLAN, Present((old, group(2, "三（5）混合班", MIXED, ids(5, 2))))).grades
    assert (second.moved, third.moved) == (0, 1)
    assert third.children[0].cause == Cause.OTHER_GRADE
    assert third.reasons == ("三（5）班的1人原在二（1）混合班，现在是三年级，移到三（5）混合班。",)
    assert second.groups[0].went == ids(5, 1)


def test_a_child_put_by_hand_stays_and_takes_a_place():
    kept = ids(2, 9)
    groups = [
        group(1, "三（1）班服务班", ALONE, run(1, 1, 30), kept, class_id=301),
        group(2, "三（2）混合班", MIXED, ids(2, 1)),
    ]
    classes = [make_class(1, 45, *range(1, 31)), make_class(2, 45, 1, 9)]
    answer = of(classes, groups, Settings(cap=30), kept=frozenset(kept))
    assert target(answer, kept[0]) == "三（1）班服务班"
    assert answer.moved == 1  # the thirty-first of the first class: the cap counts the child put by hand
    assert answer.reasons[-1] == "1名孩子由学校手工编入并写明原因，留在原来的组。"


def test_what_a_person_allowed_over_the_cap_stays_but_nobody_comes_to_it():
    groups = [group(1, "三（1）班服务班", ALONE, run(1, 1, 46))]
    stays = of([make_class(1, 60, *range(1, 47))], groups, allowed_over={1: 46})
    assert (stays.moved, Flag.OVER_CAP_KEPT in stays.groups[0].flags) == (0, True)
    left = of([make_class(1, 60, *range(2, 48))], groups, allowed_over={1: 46})
    assert (left.moved, left.opened) == (0, 1)
    assert left.groups[0].size == 45


def test_a_group_without_children_closes_unless_somebody_new_can_have_it():
    groups = [group(1, "三（1）混合班", MIXED, ids(1, 1, 2)), group(2, "三（2）混合班", MIXED, ids(2, 1))]
    closed = of([make_class(1, 45, 1, 2)], groups)
    assert (closed.closed, closed.groups[1].closed, closed.groups[1].left) == (1, True, ids(2, 1))
    assert closed.reasons == ("三（2）混合班没有孩子了，停班。",)
    taken = of([make_class(1, 45, 1, 2, 3)], groups)
    assert (taken.closed, target(taken, ids(1, 3)[0])) == (0, "三（2）混合班")


def test_a_class_new_in_the_service_is_grouped_by_its_share():
    groups = [group(1, "三（1）混合班", MIXED, ids(1, 1, 2))]
    half = of([make_class(1, 45, 1, 2), make_class(7, 44, *range(1, 23))], groups)
    assert half.groups[1].kind == ALONE
    assert half.groups[1].room == 307
    assert half.reasons[0] == (
        "三（7）班第一次参加，全班44人，参加22人，达到二分之一，独立编班，新参加22人，编入三（7）班服务班。"
    )
    less = of([make_class(1, 45, 1, 2), make_class(7, 44, *range(1, 22))], groups)
    assert [g.size for g in less.groups] == [23]


def test_a_class_keeps_its_kind_until_the_office_accepts_the_other():
    classes = [make_class(1, 44, *range(1, 23)), make_class(2, 44, 1, 2)]
    groups = [group(1, "三（1、2）混合班", MIXED, run(1, 1, 22), ids(2, 1, 2))]
    waits = of(classes, groups)
    assert waits.moved == 0
    assert [(h.now, h.would_be) for h in waits.hints] == [(MIXED, ALONE)]
    assert waits.hints[0].sentence == (
        "三（1）班全班44人，参加22人，达到二分之一，应独立编班；现在混合编班，学校同意以前不变。"
    )
    accepted = of(classes, groups, kinds_accepted=frozenset({301}))
    assert (accepted.moved, accepted.opened, accepted.hints) == (22, 1, ())
    assert accepted.groups[1].kind == ALONE


def test_an_accepted_kind_turns_the_group_where_nobody_has_to_move():
    small = of(
        [make_class(1, 44, 1, 2)],
        [group(1, "三（1）班服务班", ALONE, ids(1, 1, 2), class_id=301)],
        kinds_accepted=frozenset({301}),
    )
    assert (small.moved, small.groups[0].kind) == (0, MIXED)
    large = of(
        [make_class(1, 4, 1, 2)], [group(1, "三（1）混合班", MIXED, ids(1, 1, 2))], kinds_accepted=frozenset({301})
    )
    assert (large.moved, large.groups[0].kind, large.groups[0].class_id) == (0, ALONE, 301)


def test_who_leaves_is_named_and_who_is_new_has_no_source():
    answer = of([make_class(1, 45, 1, 3)], [group(1, "三（1）混合班", MIXED, ids(1, 1, 2))])
    assert [(c.change, c.source, c.target) for c in answer.children] == [
        (Change.STAYS, "g1", "g1"),
        (Change.NEW, None, "g1"),
        (Change.LEAVES, "g1", None),
    ]


def test_nobody_comes_to_a_room_that_is_full():
    groups = [
        group(1, "三（1）混合班", MIXED, ids(1, 1, 2), capacity=2),
        group(2, "三（2）混合班", MIXED, ids(2, 1, 2), capacity=1),
    ]
    answer = of([make_class(1, 45, 1, 2, 3), make_class(2, 45, 1, 2)], groups)
    assert [g.size for g in answer.groups] == [2, 2, 1]
    assert Flag.ROOM_TOO_SMALL in answer.groups[1].flags


def test_a_small_group_and_one_without_a_room_are_flagged():
    lost = group(1, "三（1）混合班", MIXED, ids(1, 1), room=None)
    answer = of([make_class(1, 45, 1)], [lost], replace(PLAN, smallest=5))
    assert answer.groups[0].flags == {Flag.BELOW_MINIMUM, Flag.NEEDS_ROOM}


def test_no_two_groups_share_a_room():
    groups = [group(1, "三（1）班服务班", ALONE, run(1, 1, 30), room=302)]
    answer = of([make_class(1, 45, *range(1, 31)), make_class(2, 45, *range(1, 31))], groups)
    assert answer.groups[1].room is None


def test_where_no_group_of_the_grade_stands_it_is_the_first_grouping():
    classes = [make_class(n, 45, *range(1, 8)) for n in (1, 2)] + [make_class(3, 45, 1, 2, 3, 4)]
    answer = of(classes, [], Settings(cap=9))
    assert [[(p.class_number, p.count) for p in g.parts] for g in answer.groups] == [[(1, 7), (2, 2)], [(2, 5), (3, 4)]]
    assert (answer.objectives.split_classes, answer.objectives.squares, answer.proven) == (1, 162, True)


@pytest.mark.parametrize("own", [Fraction(0), Fraction(2)])
def test_by_class_and_by_grade_are_settings_here_too(own):
    given = Settings(own_share=own, mixed_share=min(own, Fraction(1, 3)))
    answer = of([make_class(1, 45, 1), make_class(2, 45, *range(1, 40))], [], given)
    assert [g.kind for g in answer.groups] == ([ALONE, ALONE] if own == 0 else [MIXED])


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("group_twice", [group(1, "甲", MIXED, ids(1, 1)), group(1, "甲", MIXED, ids(1, 2))]),
        ("child_in_two_groups", [group(1, "甲", MIXED, ids(1, 1)), group(2, "乙", MIXED, ids(1, 1))]),
    ],
)
def test_what_cannot_be_true_is_refused(code, groups):
    with pytest.raises(InvalidInput) as refused:
        of([make_class(1, 45, 1, 2)], groups)
    assert refused.value.code == code
    assert "甲" in refused.value.sentence


def test_a_stopped_search_says_so_and_still_places_every_child():
    classes = [make_class(n, 45, *range(1, 15)) for n in range(1, 7)]
    groups = [group(n, f"混{n}", MIXED, run(n, 1, 8), run(n + 3, 1, 8)) for n in (1, 2, 3)]
    answer = of(classes, groups, Settings(cap=20, effort=3))
    assert not answer.proven
    assert (answer.moved, answer.opened) == (0, 2)
    assert sorted(c for g in answer.groups for c in g.children) == sorted(c.id for k in classes for c in k.children)
    assert all(0 < g.size <= 20 for g in answer.groups)
    assert answer.bound.squares <= answer.objectives.squares
