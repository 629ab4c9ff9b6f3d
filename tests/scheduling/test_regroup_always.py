"""What is always true of regrouping, and regrouping against trying everything."""

from dataclasses import replace
from itertools import permutations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.grouping import Child, ClassInput, GradeInput, Kind, Settings, propose
from scheduling.grouping.placing import limit
from scheduling.grouping.present import Change, Present, PresentGroup
from scheduling.grouping.regroup import regroup
from scheduling.grouping.standing import read
from tests.scheduling.brute_regroup import brute


def class_of(number: int, roll: int, numbers, grade: int = 3) -> ClassInput:
    base = grade * 100_000 + number * 1000
    children = tuple(Child(n, base + n) for n in sorted(numbers))
    return ClassInput(grade * 100 + number, number, roll, children, grade * 100 + number)


@st.composite
def small_grades(draw):
    """A grade of a few children, some of whom sit in one of at most three groups, in whatever way."""
    cap = draw(st.integers(2, 4))
    most = 4 if cap == 2 else 6  # so that two new groups of a kind do, which is what the brute tries
    kinds = draw(st.lists(st.sampled_from([Kind.STANDALONE, Kind.MIXED]), max_size=3))
    owners = {n: draw(st.integers(301, 303)) for n, kind in enumerate(kinds, 1) if kind == Kind.STANDALONE}
    inside: dict[int, list[int]] = {n: [] for n in range(1, len(kinds) + 1)}
    classes, total, kept = [], 0, set()
    for number in range(1, draw(st.integers(1, 3)) + 1):
        taking = draw(st.integers(0, min(4, most - total)))
        total += taking
        c = class_of(number, draw(st.integers(taking, 9)), range(1, taking + 1))
        classes.append(c)
        for child in c.children:
            where = draw(st.integers(0, len(kinds)))
            if where:
                inside[where].append(child.id)
                if draw(st.integers(0, 9)) == 0:
                    kept.add(child.id)
    groups = tuple(
        PresentGroup(
            n,
            f"组{n}",
            kind,
            3,
            tuple(inside[n]),
            class_id=owners.get(n),
            capacity=draw(st.sampled_from([None, None, None, 1, 2])),
        )
        for n, kind in enumerate(kinds, 1)
    )
    allowed = {n: draw(st.integers(1, 5)) for n in inside if draw(st.integers(0, 7)) == 0}
    return tuple(classes), Settings(cap=cap), Present(groups, frozenset(kept), allowed)


@settings(max_examples=150, deadline=None)
@given(small_grades())
def test_regrouping_equals_trying_everything(case):
    classes, given_settings, present = case
    answer = regroup([GradeInput(3, classes)], given_settings, present).grades[0]
    best, table = brute(classes, given_settings, present)
    alone = [g for g in answer.groups if g.kind == Kind.STANDALONE and g.size]
    found = answer.objectives
    assert answer.proven
    assert best == (
        answer.moved,
        answer.opened + answer.closed,
        found.split_classes,
        found.extra_pieces,
        found.squares,
        found.distance,
        sum(g.size**2 for g in alone),
    )
    mixed = [g for g in answer.groups if g.kind == Kind.MIXED]
    own = [{child.id for child in c.children} - present.kept for c in classes]
    assert tuple(tuple(len(ids & set(g.children)) for g in mixed) for ids in own) == (table or ((),) * len(own))


@st.composite
def schools(draw, *, changed_class: bool = True):
    """A term that began with a first grouping, and what became of it."""
    cap = draw(st.sampled_from([5, 8, 20, 45]))
    given_settings = Settings(cap=cap)
    before, after, moved_class = [], [], []
    for grade in range(1, draw(st.integers(1, 2)) + 1):
        old, new = [], []
        for number in range(1, draw(st.integers(1, 5)) + 1):
            taking = draw(st.integers(0, 30))
            roll = draw(st.integers(max(taking, 10), 48))
            gone = draw(st.sets(st.integers(1, 30), max_size=4))
            come = draw(st.sets(st.integers(31, 40), max_size=4))
            old.append(class_of(number, roll, range(1, taking + 1), grade))
            new.append(class_of(number, 48, {*range(1, taking + 1), *come} - gone, grade))
        if changed_class and len(new) > 1 and new[0].children and draw(st.booleans()):
            who = new[0].children[-1]
            moved_class.append(who)
            new[0] = replace(new[0], children=new[0].children[:-1])
            new[1] = replace(new[1], children=(*new[1].children, Child(77, who.id)))
        before.append(GradeInput(grade, tuple(old)))
        after.append(GradeInput(grade, tuple(new)))
    present = present_of(propose(before, given_settings))
    return before, after, given_settings, present


def present_of(proposal) -> Present:
    found = []
    for grade in proposal.grades:
        for g in grade.groups:
            children = tuple(c for part in g.parts for c in part.children)
            own = g.parts[0].class_id if g.kind == Kind.STANDALONE else None
            found.append(
                PresentGroup(len(found) + 1, f"组{len(found) + 1}", g.kind, g.grade, children, g.room, None, own)
            )
    return Present(tuple(found))


def accepted(answer, present: Present) -> Present:
    """The present groups after an answer was accepted."""
    number = max((g.id for g in present.groups), default=0)
    found = []
    for grade in answer.grades:
        for g in grade.groups:
            if not g.closed:
                number += g.opened
                pk = g.id if g.id is not None else number
                found.append(PresentGroup(pk, g.name, g.kind, g.grade, g.children, g.room, None, g.class_id))
    return Present(tuple(found), present.kept, present.allowed_over)


@settings(max_examples=60, deadline=None)
@given(schools(), st.data())
def test_each_child_is_in_exactly_one_group_within_its_limit(case, data):
    _, after, given_settings, present = case
    everyone = sorted(child.id for g in after for c in g.classes for child in c.children)
    inside = sorted(c for g in present.groups for c in g.children)
    kept = data.draw(st.frozensets(st.sampled_from(inside), max_size=3) if inside else st.just(frozenset()))
    present = replace(present, kept=kept)
    answer = regroup(after, given_settings, present)
    placed = [c for grade in answer.grades for g in grade.groups for c in g.children]
    assert sorted(placed) == everyone
    school = read(after, given_settings, present)
    by_id = {g.id: g for g in present.groups}
    for grade in answer.grades:
        for g in grade.groups:
            most = given_settings.cap if g.id is None else limit(by_id[g.id], school)
            assert g.size <= max(most, len(kept & set(g.children)))
            free = [c for c in g.children if c not in kept]
            assert {school.grade_of[c] for c in free} <= {g.grade}
            assert g.kind == Kind.MIXED or {school.classes[c].id for c in free} <= {g.class_id}
        assert all(c.source == c.target for c in grade.children if c.child in kept and c.change != Change.LEAVES)
    rooms = [g.room for grade in answer.grades for g in grade.groups if g.room is not None and not g.closed]
    assert len(rooms) == len(set(rooms))
    names = [g.name for grade in answer.grades for g in grade.groups]
    assert len(names) == len(set(names))


@settings(max_examples=40, deadline=None)
@given(schools(), st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(case, rng):
    _, after, given_settings, present = case
    mixed_up = []
    for grade in after:
        classes = [replace(c, children=tuple(shuffled(c.children, rng))) for c in grade.classes]
        mixed_up.append(GradeInput(grade.grade, tuple(shuffled(classes, rng))))
    groups = [replace(g, children=tuple(shuffled(g.children, rng))) for g in shuffled(present.groups, rng)]
    other = regroup(shuffled(mixed_up, rng), given_settings, replace(present, groups=tuple(groups)))
    assert other == regroup(after, given_settings, present)


def shuffled(values, rng):
    values = list(values)
    rng.shuffle(values)
    return values


@settings(max_examples=40, deadline=None)
@given(schools())
def test_nothing_changed_means_nothing_moves(case):
    before, _, given_settings, present = case
    answer = regroup(before, given_settings, present)
    assert not answer.changed
    assert (answer.moved, answer.opened, answer.closed) == (0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(schools())
def test_a_second_time_nothing_is_left_to_do(case):
    _, after, given_settings, present = case
    once = regroup(after, given_settings, present)
    again = regroup(after, given_settings, accepted(once, present))
    assert not again.changed


@settings(max_examples=40, deadline=None)
@given(schools())
def test_a_child_added_in_one_grade_changes_no_other(case):
    _, after, given_settings, present = case
    assume(len(after) == 2)
    first = after[0].classes[0]
    more = replace(first, children=(*first.children, Child(99, 999_999)))
    changed = [GradeInput(after[0].grade, (more, *after[0].classes[1:])), after[1]]
    assert regroup(changed, given_settings, present).grades[1] == regroup(after, given_settings, present).grades[1]


@settings(max_examples=60, deadline=None)
@given(schools(changed_class=False))
def test_it_never_moves_more_than_grouping_anew_would(case):
    _, after, given_settings, present = case
    answer = regroup(after, given_settings, present)
    anew = propose(after, given_settings)
    for grade, fresh in zip(answer.grades, anew.grades, strict=True):
        old = [set(g.children) for g in present.groups if g.grade == grade.grade]
        new = [{c for part in g.parts for c in part.children} for g in fresh.groups]
        assume(len(old) <= 6 and len(new) <= 6)
        here = {c for g in new for c in g}
        stay = max(overlap(old, new), overlap(new, old))
        assert grade.moved <= len(set().union(*old) & here) - stay if old else grade.moved == 0


def overlap(fewer: list[set[int]], more: list[set[int]]) -> int:
    """Return how many children can stay when each group is taken for one of the others."""
    if len(fewer) > len(more):
        return 0
    return max(sum(len(a & b) for a, b in zip(fewer, choice, strict=True)) for choice in permutations(more, len(fewer)))
