"""The weekly rota: properties, and brute force on small cases."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rota import Code, Kind, Person, StageCode, Wish, WishKind, gap_sentences, part_of, propose, weeks
from tests.scheduling.rotas import (
    FIRST,
    SECOND,
    all_rotas,
    as_map,
    by_force,
    club,
    floater,
    groups_only,
    may,
    schools,
    settled,
    week,
    worth,
)

PAIRS = list(StageCode).index(StageCode.PAIRS)


@settings(max_examples=60, deadline=None)
@given(groups_only(people=3, groups=2, days="123"))
def test_a_rota_of_groups_equals_brute_force_in_every_stage(school):
    people, posts = school
    proposal = propose(people, posts)
    assert worth(people, posts, as_map(proposal), {}) == by_force(people, posts)
    assert proposal.proven


@settings(max_examples=150, deadline=None)
@given(schools())
def test_the_rota_equals_brute_force_with_clubs_floaters_wishes_fixed_turns_and_a_rota_before(school):
    people, posts, fixed, previous = school
    proposal = propose(people, posts, fixed=fixed, previous=previous)
    found = worth(people, posts, as_map(proposal), previous)
    assert found == by_force(people, posts, fixed, previous)
    assert proposal.proven
    assert tuple(stage.value for stage in proposal.stages) == found


@settings(max_examples=60, deadline=None)
@given(schools(), st.randoms(use_true_random=False))
def test_nothing_hard_is_ever_broken_and_the_order_of_the_input_does_not_matter(school, rng):
    people, posts, fixed, previous = school
    proposal = propose(people, posts, fixed=fixed, previous=previous)
    taken, stood = as_map(proposal), settled(people, posts, fixed)
    assert stood.items() <= taken.items()
    for person in people:
        own = [post for post in posts if taken.get(post.key) == person.id]
        for post in own:
            if post.key not in stood:
                others = [other for other in own if other != post]
                assert may(replace(person, most_turns=None), post, others)
        if person.most_turns is not None and not any(post.key in stood for post in own):
            assert len(own) <= person.most_turns
    rng.shuffle(people)
    rng.shuffle(posts)
    assert propose(people, posts, fixed=fixed, previous=previous) == proposal


@settings(max_examples=60, deadline=None)
@given(groups_only(people=3, groups=2, days="123"), st.integers(0, 2), st.integers(1, 3))
def test_a_new_day_off_changes_the_fewest_duties_among_the_best_rotas(school, which, day):
    people, posts = school
    before = as_map(propose(people, posts))
    if which < len(people):
        people[which] = replace(people[which], days_off="".join(sorted({*people[which].days_off, str(day)})))
    after = as_map(propose(people, posts, previous=before))
    best = by_force(people, posts)
    changes = [
        sum(other.get(key) != teacher for key, teacher in before.items())
        for other in all_rotas(people, posts, {})
        if worth(people, posts, other, {}) == best
    ]
    assert sum(after.get(key) != teacher for key, teacher in before.items()) == min(changes)


@settings(max_examples=30, deadline=None)
@given(schools())
def test_the_same_input_with_its_own_rota_changes_nothing(school):
    people, posts, fixed, _ = school
    first = as_map(propose(people, posts, fixed=fixed))
    assert as_map(propose(people, posts, fixed=fixed, previous=first)) == first


def test_turns_are_even_to_within_one_where_days_off_allow():
    people = [Person(n, 1, "5" if n % 3 == 0 else "") for n in range(1, 12)]
    proposal = propose(people, [p for n in range(1, 8) for p in week(n, 1, "12345")])
    (grade,) = proposal.grades
    assert (grade.open, grade.most - grade.fewest) == (0, 1)
    assert proposal.findings == ()
    assert proposal.proven


def test_who_is_there_half_the_week_gets_half_the_turns():
    people = [Person(1, 1), Person(2, 1), Person(3, 1, most_turns=2), Person(4, 1, "345")]
    turns = list(as_map(propose(people, week(1, 1, "12345") + week(2, 1, "12"))).values())
    assert sorted([turns.count(1), turns.count(2)]) == [2, 3]
    assert (turns.count(3), turns.count(4)) == (1, 1)


def test_further_turns_go_to_those_with_fewest_in_the_past():
    people = [Person(1, 1, past_turns=9), Person(2, 1, past_turns=2)]
    assert list(as_map(propose(people, week(1, 1, "123"))).values()).count(2) == 2


def test_a_wish_moves_a_turn_but_never_makes_turns_uneven():
    people = [Person(1, 1, wishes=(Wish(WishKind.AVOID_DAY, 1),)), Person(2, 1)]
    taken = as_map(propose(people, week(1, 1, "12")))
    assert {key[2]: teacher for key, teacher in taken.items()} == {1: 2, 2: 1}
    both = propose(people, week(1, 1, "12") + week(2, 1, "12"))
    assert [f.code for f in both.findings] == [Code.WISH_REFUSED]


def test_one_turn_meets_one_of_two_wishes_for_a_group():
    wishes = (Wish(WishKind.PREFER_GROUP, 1), Wish(WishKind.PREFER_GROUP, 2))
    proposal = propose([Person(1, 1, wishes=wishes), Person(2, 1)], week(1, 1, "1") + week(2, 1, "1"))
    assert [f.code for f in proposal.findings] == [Code.WISH_REFUSED]


def test_whose_club_is_at_that_hour_has_no_group_but_may_have_one_after_it():
    people = [Person(1, 1), Person(2, 1)]
    at_once = propose(people, [*week(1, 1, "1"), *week(2, 1, "1"), club(9, 1, (1,))])
    assert sum(turn.teacher_id is None for turn in at_once.turns) == 1
    after = propose(people, [*week(1, 1, "1", SECOND), *week(2, 1, "1", SECOND), club(9, 1, (1,), FIRST)])
    assert as_map(after)["club", 9, 1, 0] == 1
    assert all(turn.teacher_id for turn in after.turns)


def test_a_helping_teacher_has_the_club_when_the_leading_one_is_off():
    people = [Person(1, 1, "2"), Person(2, 1), Person(3, None)]
    taken = as_map(propose(people, [club(9, 1, (1, 2)), club(9, 2, (1, 3)), floater(None, 2)]))
    assert (taken["club", 9, 1, 0], taken["club", 9, 2, 0]) == (1, 3)
    assert taken["floater", 0, 2, 0] == 2


def test_a_turn_put_by_hand_stays_whatever_the_grade_or_the_day_off():
    people = [Person(1, 1), Person(2, 2, "1")]
    proposal = propose(people, week(7, 1, "12"), fixed={("group", 7, 1, 0): 2})
    assert [(t.teacher_id, t.by_hand) for t in proposal.turns] == [(2, True), (1, False)]


def test_turns_put_by_hand_at_two_places_are_named_and_the_second_is_solved():
    people = [Person(1, 1), Person(2, 1)]
    fixed = {("group", 7, 1, 0): 1, ("group", 8, 1, 0): 1}
    proposal = propose(people, week(7, 1, "1") + week(8, 1, "1"), fixed=fixed)
    assert [(f.code, f.group_id, f.person_id) for f in proposal.findings] == [(Code.FIXED_CLASH, 8, 1)]
    assert [t.teacher_id for t in proposal.turns] == [1, 2]


def test_two_posts_with_one_key_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="same key"):
        propose([], week(1, 1, "1") + week(1, 1, "1"))


def test_a_whole_grade_keeps_the_same_teacher_with_the_same_group():
    people = [Person(n, 1) for n in range(1, 29)]
    (grade,) = propose(people, [p for n in range(1, 11) for p in week(n, 1, "12345")]).grades
    assert (grade.pairs, grade.proven) == (30, True)


def test_a_grade_late_in_the_term_is_proven_with_every_past_different():
    people = [Person(n, 1, past_turns=n, days_off="5" if n % 4 == 0 else "") for n in range(1, 29)]
    posts = [p for n in range(1, 11) for p in week(n, 1, "12345")] + [floater(1, day) for day in range(1, 6)]
    first = propose(people, posts)
    assert first.proven
    people[2] = replace(people[2], days_off="".join(str(t.weekday) for t in first.turns if t.teacher_id == 3))
    second = propose(people, posts, previous=as_map(first))
    assert second.proven
    assert 0 < second.stages[-1].value < 10


def test_grades_that_share_a_floater_are_one_part_and_others_their_own():
    people = [Person(1, 1), Person(2, 2), Person(3, 3)]
    alone = propose(people, week(1, 1, "1") + week(2, 2, "1") + week(3, 3, "1"))
    assert [part.grades for part in alone.parts] == [(1,), (2,), (3,)]
    shared = propose(people, [*week(1, 1, "1"), *week(2, 2, "1"), club(9, 2, (1, 2)), *week(3, 3, "1")])
    assert [part.grades for part in shared.parts] == [(1, 2), (3,)]
    assert {turn.post.kind for turn in shared.turns} == {Kind.GROUP, Kind.CLUB}


def test_a_search_that_ends_early_shows_its_gap_and_still_a_whole_rota():
    people = [Person(n, 1, "12345"[n % 5]) for n in range(1, 15)]
    posts = [p for n in range(1, 7) for p in week(n, 1, "12345")]
    proposal = propose(people, posts, nodes=0)
    assert all(turn.teacher_id for turn in proposal.turns)
    pairs = proposal.stages[PAIRS]
    assert pairs.bound <= propose(people, posts).stages[PAIRS].value <= pairs.value
    assert pairs.proven or "教师与服务班的搭配现为" in gap_sentences(proposal.parts[0])[0]


def test_a_piece_with_too_many_weeks_keeps_its_rota_without_a_bound(monkeypatch):
    monkeypatch.setattr(weeks, "MOST_COLUMNS", 10)
    people = [Person(n, 1) for n in range(1, 6)]
    proposal = propose(people, week(1, 1, "12345") + week(2, 1, "12345"))
    assert all(turn.teacher_id for turn in proposal.turns)
    (part,) = proposal.parts
    assert [stage.code for stage in part.stages if not stage.proven] == [StageCode.PAIRS]
    assert part_of(asdict(part)) == part
    (text,) = gap_sentences(part)
    assert text.startswith("一年级：教师与服务班的搭配现为 ")
    assert text.endswith("，已证明不会少于 0，中间的还没有查完。")
